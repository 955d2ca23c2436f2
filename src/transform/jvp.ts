/**
 * jvp: the value of a function and how fast it changes in one direction, in one run.
 *
 * @module
 */
import { unflatten } from "../base/tree.ts";
import { current, Forward, type Tensor, within } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { flatResult, labelOf, splitAux } from "./leaves.ts";
import { fresh, partners, primalsOf } from "./primals.ts";
import type { Args, Gradients, Leaf } from "./types.ts";
import type { AuxOptions } from "./vjp.ts";

type Fn = (...args: unknown[]) => unknown;

/**
 * The value of `f` at `primals` and its directional derivative along `tangents`: a Jacobian-vector
 * product, in forward mode. It costs about as much as two runs of `f` and keeps no intermediate
 * values.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @param primals its arguments, as a list; all leaves are floating point
 * @param tangents a direction: a list like `primals`
 * @returns `[value, tangent]`, with `hasAux` `[value, tangent, aux]`; the tangent of an integer
 * output is zeros
 * @throws {TypeError} when a primal is not floating point, or a tangent does not fit its primal
 *
 * @example
 * ```ts
 * import { jvp, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [y, dy] = jvp((x) => x.mul(x), [np.array([1, 2])], [np.array([1, 10])]);
 * assertEquals([y.toArray(), dy.toArray()], [[1, 4], [2, 40]]);
 * ```
 */
export function jvp<R>(
  f: (...args: Tensor[]) => R,
  primals: readonly Leaf[],
  tangents: readonly Leaf[],
  options?: { hasAux?: false | undefined },
): [Gradients<R>, Gradients<R>];
/** For functions of typed arguments. */
export function jvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: Args<A>,
  tangents: Args<A>,
  options?: { hasAux?: false | undefined },
): [Gradients<R>, Gradients<R>];
/** With `hasAux`. */
export function jvp<A extends readonly unknown[], R, X>(
  f: (...args: A) => readonly [R, X],
  primals: Args<A>,
  tangents: Args<A>,
  options: { hasAux: true },
): [Gradients<R>, Gradients<R>, X];
export function jvp(
  f: (...args: never[]) => unknown,
  primals: readonly unknown[],
  tangents: readonly unknown[],
  options: AuxOptions = {},
): unknown {
  checkCall(f, options, ["hasAux"], "take the jvp of");
  const flat = primalsOf(primals, (k) => `primals[${k}]`);
  const directions = partners(tangents, flat, "tangents", "primal");
  const forward = new Forward(current());
  const handles = fresh(flat.tensors);
  handles.forEach((x, i) => forward.watch(x, directions[i]!));
  const { out, aux } = within(forward, () => {
    const returned = (f as Fn)(...unflatten(flat.structure, handles) as unknown[]);
    const { value, aux } = splitAux(returned, options.hasAux === true, "differentiate");
    return { out: flatResult(value, "differentiate", labelOf(f, "the function")), aux };
  });
  const moved = out.tensors.map((y) => forward.tangent(y) ?? y.zeros());
  const both = [unflatten(out.structure, out.tensors), unflatten(out.structure, moved)];
  return options.hasAux ? [...both, aux] : both;
}
