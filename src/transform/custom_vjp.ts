/**
 * customVjp: a function whose reverse-mode derivative is written by the user.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference } from "../base/structure.ts";
import { flatten, paths, structure as structureOf, unflatten } from "../base/tree.ts";
import { isLeaf, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { checkNondiff, customFunction, type Fn, type Shape, split, takeApart } from "./custom.ts";
import { badLeaf, labelOf } from "./leaves.ts";
import type { Args, Gradients, Leaf } from "./types.ts";

/** Options of {@link customVjp} and `customJvp`. */
export interface CustomOptions {
  /** Positions of arguments that are never differentiated; the rule gets them first. */
  nondiffArgnums?: readonly number[] | undefined;
}

const NAMES = { rule: "fwd", pair: "[value, residuals]" };

/** The gradient of each tensor of the arguments, from one tree (or null) per argument. */
function gradientsOf(
  given: unknown,
  args: readonly unknown[],
  tensors: readonly Tensor[],
  shape: Shape,
  nondiff: ReadonlySet<number>,
  label: string,
): Tensor[] {
  const zeros = tensors.map((t) => t.zeros());
  const wanted = args.length - nondiff.size;
  if (!Array.isArray(given) || given.length !== wanted) {
    const got = Array.isArray(given) ? `${given.length} gradients` : formatValue(given);
    throw new TypeError(
      `Cannot accept ${got} from bwd of ${label}: wanted a list of ${wanted}, one per ` +
        `differentiated argument (null for zero)`,
    );
  }
  let at = 0;
  args.forEach((arg, k) => {
    if (nondiff.has(k)) return;
    const tree = given[at++];
    const path = `gradients[${at - 1}]`;
    if (tree === null || tree === undefined) return;
    const [leaves, structure] = flatten<TensorLike>(tree);
    const own = structureOf(arg);
    if (structure.key !== own.key) {
      throw new TypeError(
        `Cannot accept ${path} from bwd of ${label}: it must have the structure of its argument, ` +
          `but ${explainDifference(structure, own)}`,
      );
    }
    let next = shape.starts[k]!;
    flatten(arg)[0].forEach((x, i) => {
      if (!isLeaf(x) || typeof x === "boolean") return;
      const g = leaves[i]!;
      const like = tensors[next]!;
      if (!isLeaf(g)) badLeaf(tree, i, `return from bwd of ${label}`, path);
      const t = toTensor(g);
      if (!sameShape(t.shape, like.shape)) {
        throw new TypeError(
          `Cannot accept ${t.dtype}${formatShape(t.shape)} as ${
            paths(tree, path)[i]
          } from bwd, the ` +
            `backward rule of ${label}: it must be ${like.dtype}${formatShape(like.shape)}, as ` +
            `argument ${k} of the function is`,
        );
      }
      zeros[next++] = t.astype(like.dtype);
    });
  });
  return zeros;
}

/**
 * A function that computes as `f` and whose gradient is what `bwd` says: for gradients that are known
 * in a better form, that shall be clipped or reversed, or of functions that have none.
 *
 * Where `fwd` runs in the place of `f`, `f` is asked once per kind of arguments what shapes and dtypes
 * it returns, as by `evalShape`; those of the value must be equal.
 *
 * It has no forward-mode derivative of its own (`customJvp` serves both modes). Higher derivatives are
 * those of `fwd` and `bwd`. No gradient flows to what the functions close over.
 *
 * @param f a function of trees of tensors that returns such a tree; strings, booleans and functions
 * among the arguments are settings
 * @param fwd takes the arguments of `f`, returns `[value, residuals]`: what `bwd` needs, as a tree
 * @param bwd takes the residuals and a cotangent like the value, returns a list with one gradient per
 * argument, each a tree like it, or null for zero
 * @param options `nondiffArgnums`: arguments that `bwd` gets before the residuals, and returns nothing
 * for
 * @throws {TypeError} when differentiated, if `fwd` does not return a pair, its value is of another
 * structure, shape or dtype than that of `f`, gradients do not fit the arguments, or the mode is forward
 *
 * @example
 * ```ts
 * import { customVjp, grad, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * // the value goes through; the gradient is reversed
 * const reverse = customVjp(
 *   (x: Tensor) => x,
 *   (x: Tensor) => [x, null],
 *   (_residuals: null, g: Tensor) => [g.neg()],
 * );
 * assertEquals(reverse(3).item(), 3);
 * assertEquals(grad((x) => reverse(x).mul(2))(3).item(), -2);
 * ```
 */
export function customVjp<R, S>(
  f: (...args: Tensor[]) => R,
  fwd: (...args: Tensor[]) => readonly [R, S],
  bwd: (residuals: S, cotangent: Gradients<R>) => readonly unknown[],
  options?: { nondiffArgnums?: undefined },
): (...args: Leaf[]) => Gradients<R>;
/** For functions of typed arguments. */
export function customVjp<A extends readonly unknown[], R, S>(
  f: (...args: A) => R,
  fwd: (...args: A) => readonly [R, S],
  bwd: (residuals: S, cotangent: Gradients<R>) => readonly unknown[],
  options?: { nondiffArgnums?: undefined },
): (...args: Args<A>) => Gradients<R>;
/** With arguments that are never differentiated: `bwd(...nondiff, residuals, cotangent)`. */
export function customVjp<A extends readonly unknown[], R, S>(
  f: (...args: A) => R,
  fwd: (...args: A) => readonly [R, S],
  bwd: (...args: never[]) => readonly unknown[],
  options: { nondiffArgnums: readonly number[] },
): (...args: Args<A>) => Gradients<R>;
export function customVjp(
  f: (...args: never[]) => unknown,
  fwd: (...args: never[]) => unknown,
  bwd: (...args: never[]) => unknown,
  options: CustomOptions = {},
): (...args: never[]) => unknown {
  checkCall(f, options, ["nondiffArgnums"], "make customVjp of");
  checkCall(fwd, {}, [], "make customVjp with fwd");
  checkCall(bwd, {}, [], "make customVjp with bwd");
  const label = labelOf(f, "customVjp");
  const nondiff = checkNondiff(options.nondiffArgnums ?? [], label);
  return customFunction(label, f as Fn, nondiff, (shape, accept) => ({
    reverse: (ins) => {
      const args = shape.rebuild(ins);
      const pair = (fwd as Fn)(...args);
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(
          `Cannot accept ${
            Array.isArray(pair) ? `${pair.length} values` : formatValue(pair)
          } from fwd of ${label}: it must return a pair [value, residuals]`,
        );
      }
      const out = accept(ins, pair[0], NAMES);
      const kept = takeApart([pair[1]]);
      return {
        outs: out.tensors,
        residuals: kept.tensors,
        pull: (residuals, cotangents) => {
          const given = (bwd as Fn)(
            ...split(args, nondiff).rest,
            kept.shape.rebuild(residuals)[0],
            unflatten(out.structure, cotangents),
          );
          return gradientsOf(given, args, ins, shape, nondiff, label);
        },
      };
    },
  })) as (...args: never[]) => unknown;
}
