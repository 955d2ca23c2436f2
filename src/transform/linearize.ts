/**
 * linearize: the value of a function, and its derivative there as a function of directions.
 *
 * @module
 */
import { unflatten } from "../base/tree.ts";
import { pushAlong, type Tensor } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { partners } from "./primals.ts";
import type { Args, Gradients, Leaf } from "./types.ts";
import { type AuxOptions, taped } from "./vjp.ts";

/**
 * The value of `f` at `primals`, and the linear function that takes tangents of the arguments to the
 * tangent of the value. `f` runs once; what its derivative needs is kept, so that many directions cost
 * less than as many calls of `jvp`.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @param primals its arguments, as a list; all leaves are floating point
 * @returns `[value, push]`, with `hasAux` `[value, push, aux]`; `push(...tangents)` returns a tree like
 * the value
 * @throws {TypeError} when a primal is not floating point, or a tangent does not fit its primal
 *
 * @example
 * ```ts
 * import { linearize, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [y, push] = linearize((x) => x.mul(x).sum(), [np.array([1, 2])]);
 * assertEquals(y.item(), 5);
 * assertEquals([push(np.array([1, 0])).item(), push(np.array([0, 1])).item()], [2, 4]);
 * ```
 */
export function linearize<R>(
  f: (...args: Tensor[]) => R,
  primals: readonly Leaf[],
  options?: { hasAux?: false | undefined },
): [Gradients<R>, (...tangents: Leaf[]) => Gradients<R>];
/** For functions of typed arguments. */
export function linearize<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: Args<A>,
  options?: { hasAux?: false | undefined },
): [Gradients<R>, (...tangents: Args<A>) => Gradients<R>];
/** With `hasAux`. */
export function linearize<A extends readonly unknown[], R, X>(
  f: (...args: A) => readonly [R, X],
  primals: Args<A>,
  options: { hasAux: true },
): [Gradients<R>, (...tangents: Args<A>) => Gradients<R>, X];
export function linearize(
  f: (...args: never[]) => unknown,
  primals: readonly unknown[],
  options: AuxOptions = {},
): unknown {
  checkCall(f, options, ["hasAux"], "linearize");
  const { tape, handles, primals: flat, out, aux } = taped(
    f as (...args: unknown[]) => unknown,
    primals,
    options.hasAux === true,
  );
  const push = (...tangents: unknown[]): unknown => {
    const directions = partners(tangents, flat, "tangents", "primal");
    const moved = pushAlong(tape, handles, directions, out.tensors);
    return unflatten(out.structure, moved.map((t, i) => t ?? out.tensors[i]!.zeros()));
  };
  const value = unflatten(out.structure, out.tensors);
  return options.hasAux ? [value, push, aux] : [value, push];
}
