/**
 * Convolution over any number of spatial axes, as products of matrices.
 *
 * @module
 */
import { formatShape, sizeOf } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { floats } from "../numpy/operands.ts";
import { integer, readOptions } from "../numpy/options.ts";
import type { Padding, PerAxis } from "./types.ts";
import { padSpatial, placeWindows, windowsOf } from "./window.ts";

/** What `conv` takes. */
export interface ConvOptions {
  /** Cells from one window to the next; default 1. */
  strides?: PerAxis | undefined;
  /** What lies around the input; default "valid", nothing. */
  padding?: Padding | undefined;
  /** Cells of the input from one cell of the kernel to the next; default 1. */
  dilation?: PerAxis | undefined;
  /** Into how many groups the channels fall that do not see each other; default 1. */
  groups?: number | undefined;
}

/**
 * Convolution, as neural networks call it: the kernel is not flipped (cross-correlation). One, two,
 * three or more spatial axes, channels last: x [batch, ...spatial, channels] and kernel
 * [...window, channels / groups, features] give [batch, ...positions, features].
 *
 * @throws {RangeError} when the shapes do not fit, or the kernel is larger than the padded input
 * @throws {TypeError} for an unknown option, or sizes that are no integers
 * @example
 * ```ts
 * import { nn, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.reshape(np.arange(5), [1, 5, 1]);
 * const difference = np.reshape(np.array([-1, 1]), [2, 1, 1]);
 * assertEquals(nn.conv(x, difference).flatten().toArray(), [1, 1, 1, 1]);
 * assertEquals(nn.conv(x, difference, { strides: 3 }).flatten().toArray(), [1, 1]);
 * assertEquals(nn.conv(np.ones([2, 28, 28, 3]), np.ones([3, 3, 3, 8])).shape, [2, 26, 26, 8]);
 * ```
 */
export function conv(x: TensorLike, kernel: TensorLike, options?: ConvOptions): Tensor {
  const action = "convolve";
  const o = readOptions<ConvOptions>(
    options,
    ["strides", "padding", "dilation", "groups"],
    action,
  );
  const [t, k] = floats(x, kernel, action);
  const rank = k.ndim - 2;
  const pair = `${formatShape(t.shape)} with a kernel ${formatShape(k.shape)}`;
  if (rank < 1 || t.ndim !== k.ndim) {
    throw new RangeError(
      `Cannot ${action} ${pair}: wanted [batch, ...spatial, channels] and ` +
        `[...window, channels, features] of as many spatial axes`,
    );
  }
  const groups = integer(o.groups ?? 1, "groups", action, 1);
  const [channels, inputs, features] = [t.shape[rank + 1]!, k.shape[rank]!, k.shape[rank + 1]!];
  if (inputs * groups !== channels) {
    throw new RangeError(
      `Cannot ${action} ${pair}: it takes ${inputs} channels in each of ${groups} groups, and the ` +
        `input has ${channels}`,
    );
  }
  if (features % groups !== 0) {
    throw new RangeError(
      `Cannot ${action} ${pair} in ${groups} groups: its ${features} features must be a multiple`,
    );
  }
  const size = k.shape.slice(0, rank);
  if (size.includes(0)) {
    throw new RangeError(`Cannot ${action} ${pair}: the kernel is empty`);
  }
  const places = placeWindows(t, size, o, action, true);
  const windows = windowsOf(padSpatial(t, places.pads), places);
  const lead = [t.shape[0]!, ...places.counts];
  if (groups > 1 && inputs === 1) return depthwise(windows, k, lead);
  const rows = sizeOf(lead);
  const cells = sizeOf(size);
  if (groups === 1) {
    const columns = windows.reshape([rows, cells * channels]);
    return dot(columns, k.reshape([cells * channels, features])).reshape([...lead, features]);
  }
  const columns = windows.reshape([rows, cells, groups, inputs]).transpose([2, 0, 1, 3])
    .reshape([groups, rows, cells * inputs]);
  const share = features / groups;
  const weights = k.reshape([cells, inputs, groups, share]).transpose([2, 0, 1, 3])
    .reshape([groups, cells * inputs, share]);
  return dot(columns, weights).transpose([1, 0, 2]).reshape([...lead, features]);
}

const dot = (a: Tensor, b: Tensor): Tensor => emit("dot", [a, b], { ta: false, tb: false });

/** Every channel by itself: too thin for products of matrices. */
function depthwise(windows: Tensor, k: Tensor, lead: readonly number[]): Tensor {
  const rank = lead.length - 1;
  const size = k.shape.slice(0, rank);
  const channels = windows.shape[windows.ndim - 1]!;
  const features = k.shape[rank + 1]!;
  const each = windows.reshape([...windows.shape, 1]).mul(
    k.reshape([...size, channels, features / channels]),
  );
  return each.sum({ axis: size.map((_, i) => lead.length + i) }).reshape([...lead, features]);
}
