/**
 * jit: a function recorded once per kind of arguments, compiled, and replayed.
 *
 * @module
 */
import type { Precision } from "../base/flags.ts";
import type { Explanation } from "../compile/explain.ts";
import type { Tensor } from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { Compiled } from "./compiled.ts";
import type { Args, Leaf } from "./types.ts";

/** Options of {@link jit}. */
export interface JitOptions {
  /**
   * Positions of arguments whose memory the call may take over: their tensors cannot be read
   * afterwards. Give the state of a training loop here, and keep only what the call returns.
   */
  donate?: number | readonly number[] | undefined;
  /**
   * Positions of arguments that are settings, not tensors: strings, booleans, numbers, null, or
   * functions and class instances (by identity). Each new value compiles anew.
   */
  staticArgs?: number | readonly number[] | undefined;
  /**
   * The device to run on, as "cuda:0". Host arrays and numbers go there; tensors of another device
   * are an error that says how to move them. Without it a call runs where its tensors lie, and
   * where none has a place of its own, on the device of `config({ device })`.
   */
  device?: string | undefined;
  /** How its float32 matrix products may round, instead of `config({ precision })`. */
  precision?: Precision | undefined;
}

/** A jitted function. */
export type Jitted<F> = F & {
  /** How many programs have been compiled for it. */
  readonly compiles: number;
  /**
   * Tells what the function is compiled to for such arguments: the recorded program, the plan, the
   * kernels with their arithmetic and memory traffic, and what was fused and what was not and why.
   * Compiles where that has not been done, runs nothing, and takes no donated memory.
   */
  readonly explain: F extends (...args: infer A) => unknown ? (...args: A) => Explanation : never;
};

/**
 * Compiles a function over trees of tensors. The first call with each kind of arguments (tree
 * structure, shapes, dtypes, static arguments, device) records what the function does to tensors and
 * compiles the record; later calls replay it without running the function. Side effects therefore
 * happen once. Under `grad` or another `jit` the function is simply called.
 *
 * @param f a function of trees of tensors (arrays, plain objects) that returns such a tree; it must
 * not read values (`item()`, `data()`) nor be async
 * @param options `donate`, `staticArgs`, `device`, `precision`: see {@link JitOptions}
 * @throws {TypeError} at a call, when a leaf of the arguments is no tensor-like or number, or the function is
 * async or returns something else than tensors; when tensors lie on several devices
 * @throws {NativeLibraryError} at a call, when the device is not there
 *
 * @example
 * ```ts
 * import { jit, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = jit((x, y) => x.matmul(y).sum());
 * assertEquals(f(np.ones([2, 3]), np.ones([3, 4])).item(), 24);
 * assertEquals(f.compiles, 1);
 * const { flops, kernels } = f.explain(np.ones([2, 3]), np.ones([3, 4]));
 * assertEquals([flops, kernels.length], [2 * 2 * 3 * 4 + 8, 2]); // the product, and a sum of 8
 * ```
 */
export function jit<R>(
  f: (...args: Tensor[]) => R,
  options?: Omit<JitOptions, "staticArgs"> & { staticArgs?: undefined },
): Jitted<(...args: Leaf[]) => R>;
/** For functions of typed arguments. */
export function jit<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: JitOptions,
): Jitted<(...args: Args<A>) => R>;
export function jit(
  f: (...args: never[]) => unknown,
  options: JitOptions = {},
): Jitted<(...args: never[]) => unknown> {
  checkCall(f, options, ["donate", "staticArgs", "device", "precision"], "jit");
  const compiled = new Compiled(f as (...args: unknown[]) => unknown, options);
  const run = (...args: unknown[]): unknown => compiled.call(args);
  Object.defineProperty(run, "name", { value: f.name });
  Object.defineProperty(run, "compiles", { get: () => compiled.compiles });
  Object.defineProperty(run, "explain", {
    value: (...args: unknown[]) => compiled.explain(args),
  });
  return run as unknown as Jitted<(...args: never[]) => unknown>;
}
