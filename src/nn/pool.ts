/**
 * Pooling: the greatest or the mean of each window, channel by channel.
 *
 * @module
 */
import { type DType, formatShape, isFloat, sizeOf } from "../base/mod.ts";
import { emit, literalBeside, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { float } from "../numpy/operands.ts";
import { readOptions } from "../numpy/options.ts";
import type { Padding, PerAxis } from "./types.ts";
import { padSpatial, perAxis, placeWindows, type Windows, windowsOf } from "./window.ts";

/** What `maxPool` and `averagePool` take. */
export interface PoolOptions {
  /** Cells from one window to the next; default the size of a window, so that they lie side by side. */
  strides?: PerAxis | undefined;
  /** What lies around the input and does not count; default "valid", nothing. */
  padding?: Exclude<Padding, "causal"> | undefined;
}

function place(
  x: Tensor,
  windowShape: PerAxis,
  options: PoolOptions | undefined,
  action: string,
): Windows {
  const o = readOptions<PoolOptions>(options, ["strides", "padding"], action);
  const rank = x.ndim - 2;
  if (rank < 1) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(x.shape)}: wanted [batch, ...spatial, channels]`,
    );
  }
  const size = perAxis(windowShape, rank, "windows of", action);
  return placeWindows(x, size, { padding: o.padding, strides: o.strides ?? size }, action);
}

/** What is never greater than anything. */
function least(dtype: DType): number {
  return isFloat(dtype) ? -Infinity : dtype === "int32" ? -(2 ** 31) : 0;
}

/**
 * The greatest element of each window: [batch, ...spatial, channels] to
 * [batch, ...positions, channels]. The gradient goes to one element of each window, the first of the
 * greatest, as in JAX.
 *
 * @param windowShape the size of a window along all spatial axes, or along each
 * @throws {RangeError} when there is no spatial axis, or a window is larger than the padded input
 * @throws {TypeError} for an unknown option, or sizes that are no integers
 * @example
 * ```ts
 * import { grad, nn, np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([[[1], [3], [2], [2]]]);
 * assertEquals(nn.maxPool(x, 2).flatten().toArray(), [3, 2]);
 * const g = grad((x: Tensor) => nn.maxPool(x, 2).sum());
 * assertEquals(g(x).flatten().toArray(), [0, 1, 1, 0]);
 * ```
 */
export function maxPool(x: TensorLike, windowShape: PerAxis, options?: PoolOptions): Tensor {
  const t = toTensor(x, "maxPool");
  const places = place(t, windowShape, options, "maxPool");
  const padded = padSpatial(t, places.pads, least(t.dtype));
  const { size, strides, dilation } = places;
  const winner = emit("windowArgmax", [padded], { size, strides, dilation });
  // one axis of cells: where the gradient goes is then a scatter along it
  const line = (y: Tensor): Tensor => {
    const cells = sizeOf(y.shape.slice(1, -1));
    return y.reshape([y.shape[0]!, cells, y.shape[y.ndim - 1]!]);
  };
  return emit("takeAlong", [line(padded), line(winner)], { axis: 1, outside: "zero" })
    .reshape(winner.shape);
}

/**
 * The mean of each window: [batch, ...spatial, channels] to [batch, ...positions, channels]. What
 * padding added is not counted, as in Keras. Integers become float32.
 *
 * @param windowShape the size of a window along all spatial axes, or along each
 * @throws {RangeError} when there is no spatial axis, or a window is larger than the padded input
 * @throws {TypeError} for an unknown option, or sizes that are no integers
 * @example
 * ```ts
 * import { nn, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.array([[[1], [3], [5]]]);
 * assertEquals(nn.averagePool(x, 2).flatten().toArray(), [2]);
 * assertEquals(nn.averagePool(x, 2, { padding: "same" }).flatten().toArray(), [2, 5]);
 * ```
 */
export function averagePool(x: TensorLike, windowShape: PerAxis, options?: PoolOptions): Tensor {
  const t = float(x, "averagePool");
  const places = place(t, windowShape, options, "averagePool");
  const rank = places.size.length;
  const total = windowsOf(padSpatial(t, places.pads), places)
    .sum({ axis: places.size.map((_, i) => 1 + rank + i) });
  return divideByCells(total, t.shape.slice(1, -1), places);
}

/** Divides by how many cells of each window are real. */
function divideByCells(total: Tensor, spatial: readonly number[], w: Windows): Tensor {
  let same = 1;
  let varying: Tensor | null = null;
  spatial.forEach((n, i) => {
    const real = Array.from({ length: w.counts[i]! }, (_, at) => {
      const start = at * w.strides[i]! - w.pads[i]![0];
      // a window that lies in the padding alone has a total of 0
      return Math.max(1, Math.min(start + w.size[i]!, n) - Math.max(start, 0));
    });
    if (real.every((r) => r === real[0])) {
      same *= real[0]!;
      return;
    }
    const shape = [real.length, ...new Array<number>(spatial.length - i).fill(1)];
    const line = literalBeside(total, real, shape, total.dtype, total.aval.weak);
    varying = varying === null ? line : (varying as Tensor).mul(line);
  });
  return total.div(varying === null ? same : (varying as Tensor).mul(same));
}
