/**
 * A numerical check of gradients, after JAX's check_grads.
 *
 * @module
 */
import { isFloat } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { flatten, unflatten } from "../base/tree.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { valueAndGrad } from "./grad.ts";
import type { Args } from "./types.ts";

/** How to check. */
export interface CheckGradsOptions {
  /** How many derivatives: 2 checks the gradient of the gradient as well; default 1. */
  order?: number | undefined;
  /** Absolute tolerance per unit of size; default 1e-5 for float64 arguments, 2e-3 for float32. */
  atol?: number | undefined;
  /** Relative tolerance; default as atol. */
  rtol?: number | undefined;
  /** Step of the central difference; default 1e-4 (1e-2 for float32). */
  eps?: number | undefined;
}

/** Numbers in [-1, 1] that depend on nothing: a fixed sequence. */
function* directions(): Generator<number, never> {
  let s = 0x9E3779B9;
  while (true) {
    s = Math.imul(s ^ (s >>> 15), 0x2C1B3C6D) + 0x6D2B79F5 | 0;
    yield (s >>> 0) / 2 ** 31 - 1;
  }
}

const flat = (x: unknown): Tensor[] => flatten<TensorLike>(x)[0].map((t) => toTensor(t));

/** sum(a * b) over a list of tensors, in double precision on the host. */
function inner(a: readonly Tensor[], b: readonly Float64Array[]): number {
  let sum = 0;
  a.forEach((t, k) => t.data().forEach((v, i) => sum += v * b[k]![i]!));
  return sum;
}

/**
 * Checks the gradients of `f` at `args` against central differences along one fixed direction, to
 * the order asked for.
 *
 * @param f a function of trees of floating-point tensors that returns such a tree
 * @param args its arguments, as a list
 * @throws {Error} when a gradient disagrees; the message has both numbers and the order
 *
 * @example
 * ```ts
 * import { checkGrads, np, stopGradient, type Tensor } from "glissade";
 * import { assertThrows } from "@std/assert";
 * const x = np.array([0.5, 1], { dtype: "float64" });
 * checkGrads((x) => np.sin(x), [x], { order: 2 });
 * const wrong = (x: Tensor) => x.mul(stopGradient(x));
 * assertThrows(() => checkGrads(wrong, [x]), Error, "disagrees");
 * ```
 */
export function checkGrads(
  f: (...args: Tensor[]) => unknown,
  args: readonly TensorLike[],
  options?: CheckGradsOptions,
): void;
/** For functions of typed arguments, as trees. */
export function checkGrads<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  args: Args<A>,
  options?: CheckGradsOptions,
): void;
export function checkGrads(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  options: CheckGradsOptions = {},
): void {
  const order = options.order ?? 1;
  if (!Number.isSafeInteger(order) || order < 1) {
    throw new RangeError(`Cannot check gradients to order ${formatValue(order)}: give 1, 2, ...`);
  }
  checkOrder(f, args, options, order, 1);
}

function checkOrder(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  options: CheckGradsOptions,
  orders: number,
  order: number,
): void {
  const [leaves, structure] = flatten<TensorLike>(args);
  const xs = leaves.map((x) => toTensor(x));
  const single = xs.some((x) => x.dtype === "float32");
  const eps = options.eps ?? (single ? 1e-2 : 1e-4);
  const call = (list: readonly unknown[]): unknown =>
    (f as (...a: unknown[]) => unknown)(...(unflatten(structure, list) as unknown[]));
  const random = directions();
  const draw = (t: Tensor): Float64Array =>
    Float64Array.from({ length: t.size }, () => random.next().value);
  const vs = xs.map(draw);
  const outputs = flat(call(xs)).filter((t) => isFloat(t.dtype));
  const cs = outputs.map(draw);

  const along = (sign: number): number =>
    inner(
      flat(call(xs.map((x, k) => {
        const moved = x.data().map((v, i) => v + sign * eps * vs[k]![i]!);
        return toTensor(moved).reshape(x.shape);
      }))).filter((t) => isFloat(t.dtype)),
      cs,
    );
  const numeric = (along(1) - along(-1)) / (2 * eps);

  const weigh = (...tensors: Tensor[]): Tensor => {
    const parts = flat(call(tensors)).filter((t) => isFloat(t.dtype)).map((t, k) =>
      t.mul(toTensor(cs[k]!).reshape(t.shape).astype(t.dtype)).sum()
    );
    return parts.reduce((a, b) => a.add(b));
  };
  const pull = valueAndGrad((list: Tensor[]) => weigh(...list));
  const gradients = pull(xs)[1] as Tensor[];
  const analytic = inner(gradients, vs);

  const size = Math.max(1, ...xs.map((x) => x.size), ...outputs.map((y) => y.size));
  const atol = (options.atol ?? (single ? 2e-3 : 1e-5)) * size;
  const rtol = options.rtol ?? (single ? 2e-3 : 1e-5);
  if (!(Math.abs(numeric - analytic) <= atol + rtol * Math.abs(numeric))) {
    throw new Error(
      `Gradient of order ${order} disagrees: central difference ${numeric}, rule ${analytic}, ` +
        `allowed ${atol + rtol * Math.abs(numeric)}`,
    );
  }
  if (order < orders) {
    const next = (...tensors: Tensor[]): unknown =>
      valueAndGrad((l: Tensor[]) => weigh(...l))(tensors)[1];
    checkOrder(next as (...a: never[]) => unknown, xs, options, orders, order + 1);
  }
}
