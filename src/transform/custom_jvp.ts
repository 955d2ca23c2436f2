/**
 * customJvp: a function whose derivative is written by the user, for both modes.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { flatten, unflatten } from "../base/tree.ts";
import { isTensor, type Tensor } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { checkNondiff, customFunction, type Fn, split } from "./custom.ts";
import type { CustomOptions } from "./custom_vjp.ts";
import { labelOf } from "./leaves.ts";
import { partners } from "./primals.ts";
import type { Args, Gradients, Leaf } from "./types.ts";

const NAMES = { rule: "the rule", pair: "[value, tangent]" };

/** A tree of tangents, with null in the place of what has none: integers and settings. */
function tangentsLike(args: readonly unknown[], tangents: readonly Tensor[]): unknown[] {
  let next = 0;
  return args.map((arg) => {
    const [leaves, structure] = flatten(arg);
    return unflatten(
      structure,
      leaves.map((x) => {
        if (!isTensor(x)) return null;
        const t = tangents[next++]!;
        return isFloat(x.dtype) ? t : null;
      }),
    );
  });
}

/**
 * A function that computes as `f` and whose derivative is what `rule` says. It serves forward mode as
 * it is and reverse mode transposed, so the tangent that it returns must be linear in the tangents.
 *
 * Where the rule runs in the place of `f`, `f` is asked once per kind of arguments what shapes and
 * dtypes it returns, as by `evalShape`; those of the value must be equal.
 *
 * Higher derivatives are those of the rule. No derivative flows to what the functions close over.
 *
 * @param f a function of trees of tensors that returns such a tree; strings, booleans and functions
 * among the arguments are settings
 * @param rule takes the list of arguments and a list of their tangents (null for integers and
 * settings), returns `[value, tangent]`
 * @param options `nondiffArgnums`: arguments that the rule gets first and that are not in the lists
 * @throws {TypeError} when differentiated, if the rule does not return a pair, its value is of another
 * structure, shape or dtype than that of `f`, or the tangent does not fit the value
 *
 * @example
 * ```ts
 * import { customJvp, grad, jvp, np, type Tensor } from "glissade";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * // log(1 + e^x), stable in value and slope
 * const softplus = customJvp(
 *   (x: Tensor) => np.logaddexp(x, 0),
 *   ([x], [dx]) => [np.logaddexp(x!, 0), x!.sigmoid().mul(dx!)],
 * );
 * assertEquals(grad(softplus)(200).item(), 1);
 * assertAlmostEquals(jvp(softplus, [0], [2])[1].item(), 1, 1e-6);
 * ```
 */
export function customJvp<R>(
  f: (...args: Tensor[]) => R,
  rule: (primals: Tensor[], tangents: Tensor[]) => readonly [R, R],
  options?: { nondiffArgnums?: undefined },
): (...args: Leaf[]) => Gradients<R>;
/** For functions of typed arguments. */
export function customJvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [R, R],
  options?: { nondiffArgnums?: undefined },
): (...args: Args<A>) => Gradients<R>;
/** With arguments that are never differentiated: `rule(...nondiff, primals, tangents)`. */
export function customJvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  rule: (...args: never[]) => readonly [R, R],
  options: { nondiffArgnums: readonly number[] },
): (...args: Args<A>) => Gradients<R>;
export function customJvp(
  f: (...args: never[]) => unknown,
  rule: (...args: never[]) => unknown,
  options: CustomOptions = {},
): (...args: never[]) => unknown {
  checkCall(f, options, ["nondiffArgnums"], "make customJvp of");
  checkCall(rule, {}, [], "make customJvp with the rule");
  const label = labelOf(f, "customJvp");
  const nondiff = checkNondiff(options.nondiffArgnums ?? [], label);
  return customFunction(label, f as Fn, nondiff, (shape, accept) => ({
    forward: (ins, tangents) => {
      const args = shape.rebuild(ins);
      const { diff, rest } = split(args, nondiff);
      const pair = (rule as Fn)(...rest, diff, split(tangentsLike(args, tangents), nondiff).diff);
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(
          `Cannot accept ${
            Array.isArray(pair) ? `${pair.length} values` : formatValue(pair)
          } from the rule of ${label}: it must return a pair [value, tangent]`,
        );
      }
      const out = accept(ins, pair[0], NAMES);
      return {
        outs: out.tensors,
        tangents: partners(pair[1], out, "tangents", "value", ` from the rule of ${label}`),
      };
    },
  })) as (...args: never[]) => unknown;
}
