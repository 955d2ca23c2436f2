/**
 * Products of vectors, matrices and stacks of them.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxis, sizeOf } from "../base/mod.ts";
import { matmul as multiply, type Tensor, type TensorLike } from "../core/mod.ts";
import { toTensor } from "../core/mod.ts";
import { product } from "./contraction.ts";
import { together } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import type { Options } from "./types.ts";

/**
 * The matrix product of the last two axes; leading axes broadcast. A vector counts as a row on the
 * left and as a column on the right, and loses that axis again.
 *
 * @throws {RangeError} when inner sizes differ, or for scalars
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.matmul([[1, 2], [3, 4]], [10, 1]).toArray(), [12, 34]);
 * ```
 */
export function matmul(a: TensorLike, b: TensorLike): Tensor {
  return multiply(toTensor(a, "matmul"), toTensor(b, "matmul"));
}

/**
 * NumPy's dot: the product with a scalar, the inner product of vectors, the matrix product; in general
 * the last axis of `a` against the last but one of `b`, other axes side by side.
 *
 * @throws {RangeError} when inner sizes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.dot([1, 2], [3, 4]).item(), 11);
 * ```
 */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = [toTensor(a, "dot"), toTensor(b, "dot")];
  if (x.ndim === 0 || y.ndim === 0) return x.mul(y);
  if (y.ndim <= 2) return multiply(x, y);
  return contract(x, y, [x.ndim - 1], [y.ndim - 2], "dot");
}

/**
 * The sum of products over the last axes of both; other axes side by side.
 *
 * @throws {RangeError} when the last sizes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.inner([[1, 2], [3, 4]], [1, 10]).toArray(), [21, 43]);
 * ```
 */
export function inner(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = [toTensor(a, "inner"), toTensor(b, "inner")];
  if (x.ndim === 0 || y.ndim === 0) return x.mul(y);
  return contract(x, y, [x.ndim - 1], [y.ndim - 1], "take the inner product of");
}

/**
 * The products of each element of `a` with each of `b`, both flattened: shape [size of a, size of b].
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.outer([1, 2], [3, 4]).toArray(), [[3, 4], [6, 8]]);
 * ```
 */
export function outer(a: TensorLike, b: TensorLike): Tensor {
  return toTensor(a, "outer").reshape([-1, 1]).mul(toTensor(b, "outer").reshape([1, -1]));
}

/**
 * The inner product of both arrays flattened.
 *
 * @throws {RangeError} when the element counts differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.vdot([[1, 2], [3, 4]], [[1, 1], [1, 1]]).item(), 10);
 * ```
 */
export function vdot(a: TensorLike, b: TensorLike): Tensor {
  return multiply(toTensor(a, "vdot").reshape([-1]), toTensor(b, "vdot").reshape([-1]));
}

/** Which axes `tensordot` sums over: how many, or a list for each operand. */
export type ContractedAxes =
  | number
  | readonly [number | readonly number[], number | readonly number[]];

/** What `tensordot` takes. */
export interface TensordotOptions extends Options {
  /** The last n axes of `a` with the first n of `b`, or a pair of lists; default 2. */
  axes?: ContractedAxes | undefined;
}

/**
 * The sum of products over pairs of axes; the remaining axes of `a`, then those of `b`.
 *
 * @throws {RangeError} when paired sizes differ, or there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.tensordot(np.ones([2, 3]), np.ones([3, 4]), 1).shape, [2, 4]);
 * assertEquals(np.tensordot([[1, 2]], [[3, 4]], { axes: [[1], [1]] }).toArray(), [[11]]);
 * ```
 */
export function tensordot(
  a: TensorLike,
  b: TensorLike,
  options?: ContractedAxes | TensordotOptions,
): Tensor {
  const action = "tensordot";
  const { axes = 2 } = readOptions<TensordotOptions>(options, ["axes"], action, "axes");
  const [x, y] = [toTensor(a, action), toTensor(b, action)];
  if (typeof axes === "number") {
    const n = integer(axes, "axes", action, 0);
    if (n > Math.min(x.ndim, y.ndim)) {
      throw new RangeError(
        `Cannot tensordot ${formatShape(x.shape)} with ${
          formatShape(y.shape)
        } over ${n} axes: they have ${x.ndim} and ${y.ndim}`,
      );
    }
    const first = Array.from({ length: n }, (_, i) => i);
    return contract(x, y, first.map((i) => x.ndim - n + i), first, action);
  }
  if (!Array.isArray(axes) || axes.length !== 2) {
    throw new TypeError(
      `Cannot tensordot over axes ${
        formatValue(axes)
      }: wanted a count, or a list of axes for each operand`,
    );
  }
  const list = (k: number | readonly number[]): readonly number[] =>
    typeof k === "number" ? [k] : k;
  return contract(x, y, list(axes[0]!), list(axes[1]!), action);
}

/** Sums over the paired axes with one product of two matrices. */
function contract(
  a: Tensor,
  b: Tensor,
  axesA: readonly number[],
  axesB: readonly number[],
  action: string,
): Tensor {
  const gone = [
    axesA.map((k) => normalizeAxis(k, a.ndim, action)),
    axesB.map((k) => normalizeAxis(k, b.ndim, action)),
  ] as const;
  const sizes = [gone[0].map((k) => a.shape[k]!), gone[1].map((k) => b.shape[k]!)] as const;
  if (
    String(sizes[0]) !== String(sizes[1]) || gone.some((g) => new Set(g).size !== g.length)
  ) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(a.shape)} and ${formatShape(b.shape)} over axes [${
        gone[0]
      }] ` +
        `and [${gone[1]}]: their sizes must be equal in pairs, each axis named once`,
    );
  }
  const [x, y] = together([a, b], action) as [Tensor, Tensor];
  const free = [x, y].map((t, side) =>
    t.shape.map((_, i) => i).filter((i) => !gone[side]!.includes(i))
  );
  const shapes = [free[0]!.map((i) => x.shape[i]!), free[1]!.map((i) => y.shape[i]!)] as const;
  const k = sizeOf(sizes[0]);
  const left = x.transpose([...free[0]!, ...gone[0]]).reshape([sizeOf(shapes[0]), k]);
  const right = y.transpose([...gone[1], ...free[1]!]).reshape([k, sizeOf(shapes[1])]);
  return product(left, right, false, false).reshape([...shapes[0], ...shapes[1]]);
}
