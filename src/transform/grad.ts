/**
 * Reverse-mode differentiation of functions.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { flatten, unflatten } from "../base/tree.ts";
import {
  current,
  emit,
  isTensor,
  literal,
  Tape,
  type Tensor,
  type TensorLike,
  toTensor,
  within,
} from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { fresh, positions, primalsOf, withTensors } from "./primals.ts";
import type { Args, Gradients } from "./types.ts";

/** Which arguments to differentiate, and whether the function returns more than the loss. */
export interface GradOptions {
  /** The position of the argument, or several; default 0. Negative counts from the end. */
  argnums?: number | readonly number[] | undefined;
  /** Whether the function returns `[loss, aux]`; aux is passed through. */
  hasAux?: boolean | undefined;
}

function lossOf(y: unknown, hasAux: boolean): { loss: Tensor; aux: unknown } {
  let aux: unknown = null;
  let loss = y;
  if (hasAux) {
    if (!Array.isArray(y)) {
      throw new TypeError(
        `Cannot differentiate with hasAux: the function returned ${formatValue(y)}; ` +
          `it must return a pair [loss, aux]`,
      );
    }
    if (y.length !== 2) {
      throw new TypeError(
        `Cannot differentiate with hasAux: the function returned ${y.length} values; ` +
          `it must return a pair [loss, aux]: put the others together, as ` +
          `return [loss, [nonTrainableVariables, metricVariables]]`,
      );
    }
    [loss, aux] = y;
  } else if (Array.isArray(y)) {
    throw new TypeError(
      `Cannot differentiate a function that returned ${y.length} values: it must return a scalar ` +
        `loss; to return more, return [loss, aux] and pass { hasAux: true }`,
    );
  }
  if (loss instanceof Promise) {
    throw new TypeError("Cannot differentiate an async function: it must return a tensor at once");
  }
  if (!isTensor(loss)) {
    throw new TypeError(
      `Cannot differentiate a function whose loss is ${
        formatValue(loss)
      }: it must be a scalar tensor`,
    );
  }
  if (loss.shape.length !== 0) {
    throw new TypeError(
      `Cannot differentiate a function whose loss has shape ${formatShape(loss.shape)}: ` +
        `gradients are of scalars; reduce it with sum() or mean()` +
        (loss.size === 1 ? ", or take the one element with reshape([])" : ""),
    );
  }
  if (!isFloat(loss.dtype)) {
    throw new TypeError(
      `Cannot differentiate a function whose loss has dtype ${loss.dtype}: it must be floating point`,
    );
  }
  return { loss, aux };
}

/** Runs f on fresh handles under a tape; the value, aux and one gradient tree per position. */
function differentiate(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  options: GradOptions,
): { loss: Tensor; aux: unknown; gradients: unknown[] } {
  const at = positions(options.argnums, args.length);
  const tape = new Tape(current());
  const given = args.map((x, k) => at.includes(k) ? null : withTensors(x));
  const { structure, tensors } = primalsOf(at.map((k) => args[k]), (i) => `args[${at[i]}]`);
  const handles = fresh(tensors);
  for (const x of handles) tape.watch(x);
  (unflatten(structure, handles) as unknown[]).forEach((tree, i) => given[at[i]!] = tree);
  const returned = within(tape, () => (f as (...a: unknown[]) => unknown)(...given));
  const { loss, aux } = lossOf(returned, options.hasAux === true);
  const pulled = tape.pull([loss], [literal(1, loss.dtype)], handles)
    .map((g, i) => g ?? handles[i]!.zeros());
  const gradients = unflatten(structure, pulled) as unknown[];
  return { loss, aux, gradients };
}

/**
 * A function that returns the value of `f` and its gradient.
 *
 * @param f a function of trees of tensors whose result is a scalar floating-point tensor, or with
 * `hasAux` a pair `[loss, aux]`
 * @param options `argnums`: which argument(s) to differentiate (default the first); `hasAux`
 * @returns a function with the same arguments that returns `[loss, gradient]`, or
 * `[[loss, aux], gradient]`. The gradient has the structure of the argument; for several argnums it is
 * a list of them. Unused inputs get zeros
 * @throws {TypeError} at the call, when the loss is no scalar, an input is not floating point, or
 * with `hasAux` the function does not return a pair
 *
 * @example
 * ```ts
 * import { np, valueAndGrad } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = valueAndGrad((w) => w.mul(w).sum());
 * const [value, gradient] = f(np.array([1, 2, 3]));
 * assertEquals(value.item(), 14);
 * assertEquals(gradient.toArray(), [2, 4, 6]);
 * ```
 */
export function valueAndGrad(
  f: (...args: Tensor[]) => Tensor,
  options?: { argnums?: number | undefined; hasAux?: false | undefined },
): (...args: TensorLike[]) => [Tensor, Tensor];
/** For functions of typed arguments: the gradient has the structure of the argument. */
export function valueAndGrad<A extends readonly unknown[], N extends number = 0>(
  f: (...args: A) => Tensor,
  options?: { argnums?: N | undefined; hasAux?: false | undefined },
): (...args: Args<A>) => [Tensor, Gradients<A[N]>];
/** With `hasAux`: the function returns `[loss, aux]`. */
export function valueAndGrad<A extends readonly unknown[], X, N extends number = 0>(
  f: (...args: A) => readonly [Tensor, X],
  options: { argnums?: N | undefined; hasAux: true },
): (...args: Args<A>) => [[Tensor, X], Gradients<A[N]>];
/** With several argnums: a list of gradients. */
export function valueAndGrad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  options: { argnums: readonly number[]; hasAux?: false | undefined },
): (...args: Args<A>) => [Tensor, Gradients<A[number]>[]];
/** With several argnums and `hasAux`. */
export function valueAndGrad<A extends readonly unknown[], X>(
  f: (...args: A) => readonly [Tensor, X],
  options: { argnums: readonly number[]; hasAux: true },
): (...args: Args<A>) => [[Tensor, X], Gradients<A[number]>[]];
export function valueAndGrad(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: never[]) => unknown {
  checkCall(f, options, ["argnums", "hasAux"], "differentiate");
  const run = (...args: unknown[]): unknown => {
    const { loss, aux, gradients } = differentiate(f, args, options);
    const g = Array.isArray(options.argnums) ? gradients : gradients[0];
    return options.hasAux ? [[loss, aux], g] : [loss, g];
  };
  Object.defineProperty(run, "name", { value: f.name });
  return run as (...args: never[]) => unknown;
}

/**
 * A function that returns the gradient of `f`: as {@link valueAndGrad}, without the value. With
 * `hasAux` it returns `[gradient, aux]`.
 *
 * @throws {TypeError} as valueAndGrad
 *
 * @example
 * ```ts
 * import { grad, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const cube = (x: ReturnType<typeof np.array>) => x.mul(x).mul(x);
 * assertEquals(grad(cube)(2).item(), 12);
 * assertEquals(grad(grad(cube))(2).item(), 12);
 * ```
 */
export function grad(
  f: (...args: Tensor[]) => Tensor,
  options?: { argnums?: number | undefined; hasAux?: false | undefined },
): (...args: TensorLike[]) => Tensor;
/** For functions of typed arguments: the gradient has the structure of the argument. */
export function grad<A extends readonly unknown[], N extends number = 0>(
  f: (...args: A) => Tensor,
  options?: { argnums?: N | undefined; hasAux?: false | undefined },
): (...args: Args<A>) => Gradients<A[N]>;
/** With `hasAux`: the function returns `[loss, aux]`. */
export function grad<A extends readonly unknown[], X, N extends number = 0>(
  f: (...args: A) => readonly [Tensor, X],
  options: { argnums?: N | undefined; hasAux: true },
): (...args: Args<A>) => [Gradients<A[N]>, X];
/** With several argnums: a list of gradients. */
export function grad<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  options: { argnums: readonly number[]; hasAux?: false | undefined },
): (...args: Args<A>) => Gradients<A[number]>[];
/** With several argnums and `hasAux`. */
export function grad<A extends readonly unknown[], X>(
  f: (...args: A) => readonly [Tensor, X],
  options: { argnums: readonly number[]; hasAux: true },
): (...args: Args<A>) => [Gradients<A[number]>[], X];
export function grad(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: never[]) => unknown {
  checkCall(f, options, ["argnums", "hasAux"], "differentiate");
  const run = (...args: unknown[]): unknown => {
    const { aux, gradients } = differentiate(f, args, options);
    const g = Array.isArray(options.argnums) ? gradients : gradients[0];
    return options.hasAux ? [g, aux] : g;
  };
  Object.defineProperty(run, "name", { value: f.name });
  return run as (...args: never[]) => unknown;
}

/**
 * The same values, through which no gradient flows: they count as constants. Takes a tree.
 *
 * @example
 * ```ts
 * import { grad, stopGradient } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(grad((x) => x.mul(stopGradient(x)))(3).item(), 3);
 * ```
 */
export function stopGradient<T>(x: T): Gradients<T> {
  const [leaves, structure] = flatten<TensorLike>(x);
  return unflatten(structure, leaves.map((leaf) => emit("stop", [toTensor(leaf)]))) as Gradients<T>;
}
