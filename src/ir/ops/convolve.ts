/**
 * Ops of sliding windows, from which convolutions and pooling are composed. Arrays are
 * [batch, ...spatial, channels]; sizes, strides and dilations have one entry per spatial axis.
 *
 * @module
 */
import { formatShape, formatValue } from "../../base/errors.ts";
import { sameShape } from "../../base/shape.ts";
import { type Aval, makeAval } from "../aval.ts";
import { folded } from "../batching.ts";
import { def, flat, one, reshaped } from "../def.ts";
import { need, NUMBER } from "../operands.ts";
import { linear } from "../forward.ts";

/** Windows over the spatial axes. */
export interface WindowParams {
  /** Cells of a window. */
  readonly size: readonly number[];
  /** Cells from one window to the next. */
  readonly strides: readonly number[];
  /** Cells from one cell of a window to the next. */
  readonly dilation: readonly number[];
}

/** Windows to be added up into an array with the spatial sizes `shape`. */
export interface UnwindowParams {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
}

/** How many windows fit on an axis of n cells; none when it is shorter than a window. */
export function windowCount(n: number, size: number, stride: number, dilation: number): number {
  const span = (size - 1) * dilation + 1;
  return n < span ? 0 : Math.floor((n - span) / stride) + 1;
}

function needSizes(action: string, name: string, list: readonly number[], rank: number): void {
  if (list.length !== rank || list.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw new RangeError(
      `Cannot ${action} with ${name} ${formatValue(list)}: ` +
        `wanted one integer >= 1 for each of ${rank} spatial axes`,
    );
  }
}

/** How many windows there are along each spatial axis of x. */
function counts(action: string, x: Aval, { size, strides, dilation }: WindowParams): number[] {
  const rank = x.shape.length - 2;
  if (rank < 0) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(x.shape)}: wanted a batch axis, spatial axes and channels`,
    );
  }
  needSizes(action, "size", size, rank);
  needSizes(action, "strides", strides, rank);
  needSizes(action, "dilation", dilation, rank);
  return size.map((k, i) => {
    const n = x.shape[i + 1]!;
    const count = windowCount(n, k, strides[i]!, dilation[i]!);
    if (count === 0) {
      throw new RangeError(
        `Cannot ${action} ${formatShape(x.shape)} with size ${formatShape(size)} and dilation ` +
          `${formatShape(dilation)}: a window is larger than axis ${i + 1} of size ${n}; pad it`,
      );
    }
    return count;
  });
}

const ends = (x: Aval): [number, number] => [x.shape[0]!, x.shape[x.shape.length - 1]!];

export const convolve = {
  /** Every window: [batch, ...counts, ...size, channels]. */
  windows: def<WindowParams>({
    class: "movement",
    avals: ([x], p) => {
      const count = counts("take windows of", x!, p);
      const [batch, channels] = ends(x!);
      return [reshaped(x!, [batch, ...count, ...p.size, channels])];
    },
    vjp: one((g, [x], _out, { strides, dilation }) => [
      g.emit("unwindows", [], { shape: x!.shape.slice(1, -1), strides, dilation })[0]!,
    ]),
    jvp: linear,
    batch: folded,
  }),
  /** The transpose of `windows`: every window added where it was taken from. */
  unwindows: def<UnwindowParams>({
    class: "movement",
    avals: ([g], { shape, strides, dilation }) => {
      const action = "add up windows of";
      need(NUMBER, action, g!);
      const rank = shape.length;
      needSizes(action, "shape", shape, rank);
      if (g!.shape.length !== 2 * rank + 2) {
        throw new RangeError(
          `Cannot ${action} ${formatShape(g!.shape)} into ${formatShape(shape)}: wanted a batch ` +
            `axis, ${rank} counts, ${rank} sizes and channels`,
        );
      }
      const [batch, channels] = ends(g!);
      const size = g!.shape.slice(1 + rank, 1 + 2 * rank);
      const whole = makeAval([batch, ...shape, channels], g!.dtype);
      const want = counts(action, whole, { size, strides, dilation });
      if (!sameShape(want, g!.shape.slice(1, 1 + rank))) {
        throw new RangeError(
          `Cannot ${action} ${formatShape(g!.shape)} into ${formatShape(shape)}: there must be ` +
            `${formatShape(want)} of them`,
        );
      }
      return [whole];
    },
    vjp: one((g, [x], _out, { shape, strides, dilation }) => {
      const size = x!.shape.slice(1 + shape.length, 1 + 2 * shape.length);
      return [g.emit("windows", [], { size, strides, dilation })[0]!];
    }),
    jvp: linear,
    batch: folded,
  }),
  /**
   * Where the first greatest element of each window lies, per channel: its position among the cells
   * of x in row-major order, int32, [batch, ...counts, channels].
   */
  windowArgmax: def<WindowParams>({
    class: "reduce",
    avals: ([x], p) => {
      const count = counts("find the greatest in windows of", x!, p);
      const [batch, channels] = ends(x!);
      return [makeAval([batch, ...count, channels], "int32")];
    },
    vjp: flat,
    batch: folded,
  }),
};
