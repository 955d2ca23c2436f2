/**
 * checkpoint: memory for time in reverse-mode derivatives.
 *
 * @module
 */
import { type Structure, unflatten } from "../base/tree.ts";
import { remat, type Tensor } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { type Fn, takeApart } from "./custom.ts";
import { flatResult, labelOf } from "./leaves.ts";
import type { Args, Gradients, Leaf } from "./types.ts";

/**
 * The same function, whose intermediate values a gradient does not keep: it computes them again from
 * the arguments (and from what the function closes over) when it needs them. Values and gradients are
 * the same; the memory of a chain of such parts is that of their arguments and of one part.
 *
 * @param f a function of trees of tensors that returns such a tree; strings, booleans and functions
 * among the arguments are settings
 * @throws {TypeError} at the call, when the function is async or returns something else than tensors
 *
 * @example
 * ```ts
 * import { checkpoint, grad, np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const part = (x: Tensor) => x.sin().sin().sin();
 * const plain = (x: Tensor) => part(part(x)).sum();
 * const lean = (x: Tensor) => checkpoint(part)(checkpoint(part)(x)).sum();
 * const x = np.array([0.5, 1]);
 * assertEquals(grad(lean)(x).toArray(), grad(plain)(x).toArray());
 * ```
 */
export function checkpoint<R>(f: (...args: Tensor[]) => R): (...args: Leaf[]) => Gradients<R>;
/** For functions of typed arguments. */
export function checkpoint<A extends readonly unknown[], R>(
  f: (...args: A) => R,
): (...args: Args<A>) => Gradients<R>;
export function checkpoint(f: (...args: never[]) => unknown): (...args: never[]) => unknown {
  checkCall(f, {}, [], "checkpoint");
  const label = labelOf(f, "checkpoint");
  const run = (...args: unknown[]): unknown => {
    const { tensors, shape } = takeApart(args);
    let structure: Structure | null = null;
    const outs = remat(() => {
      const out = flatResult((f as Fn)(...shape.rebuild(tensors)), "checkpoint", label);
      structure = out.structure;
      return [...out.tensors];
    });
    return unflatten(structure!, outs);
  };
  Object.defineProperty(run, "name", { value: f.name });
  return run as (...args: never[]) => unknown;
}
