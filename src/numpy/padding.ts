/**
 * Padding in all of NumPy's modes but those given by a function. Axes are padded one after the other,
 * so that later ones see what earlier ones added.
 *
 * @module
 */
import { convertNumber, formatShape, formatValue, isFloat } from "../base/mod.ts";
import {
  cast,
  emit,
  isTensor,
  literalBeside,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { integer, readOptions } from "./options.ts";
import { window } from "./parts.ts";
import { linspace } from "./ranges.ts";
import type { Options } from "./types.ts";

/** How `pad` makes what it adds. */
export type PadMode =
  | "constant"
  | "edge"
  | "empty"
  | "linearRamp"
  | "maximum"
  | "mean"
  | "median"
  | "minimum"
  | "reflect"
  | "symmetric"
  | "wrap";

/** One number for all sides, a pair [before, after] for all axes, or a pair for each axis. */
export type PerSide = number | readonly number[] | readonly (readonly number[])[];

/** What `pad` takes. */
export interface PadOptions extends Options {
  /** Default "constant". */
  mode?: PadMode | undefined;
  /** Mode "constant": what to add; default 0. */
  constantValues?: PerSide | undefined;
  /** Mode "linearRamp": the outermost values; default 0. */
  endValues?: PerSide | undefined;
  /** Modes "maximum", "mean", "median", "minimum": how many elements at the edge count; default all. */
  statLength?: PerSide | null | undefined;
  /** Modes "reflect" and "symmetric": "odd" mirrors values through the edge too; default "even". */
  reflectType?: "even" | "odd" | undefined;
}

const OPTIONS: Readonly<Record<PadMode, readonly string[]>> = {
  constant: ["constantValues"],
  edge: [],
  empty: [],
  linearRamp: ["endValues"],
  maximum: ["statLength"],
  mean: ["statLength"],
  median: ["statLength"],
  minimum: ["statLength"],
  reflect: ["reflectType"],
  symmetric: ["reflectType"],
  wrap: [],
};
const ALL = ["mode", "constantValues", "endValues", "statLength", "reflectType"];

/**
 * The array with elements added before and after each axis. `width` is a number for all sides, a pair
 * `[before, after]` for all axes, or a pair for each axis. What is added depends on `mode`: a constant
 * (default 0), the edge, the elements mirrored ("reflect" without the edge, "symmetric" with it) or
 * repeated ("wrap"), a ramp ("linearRamp"), or a statistic of the axis.
 *
 * @throws {RangeError} when a width is negative or does not fit the axes
 * @throws {TypeError} for an unknown mode, or an option that the mode does not have
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.pad([1, 2, 3], [2, 1]).toArray(), [0, 0, 1, 2, 3, 0]);
 * assertEquals(np.pad([1, 2, 3], 2, { mode: "reflect" }).toArray(), [3, 2, 1, 2, 3, 2, 1]);
 * ```
 */
export function pad(x: TensorLike, width: PerSide, options?: PadMode | PadOptions): Tensor {
  const o = readOptions<PadOptions>(options, ALL, "pad", "mode");
  const mode = ((o.mode as string) === "linear_ramp" ? "linearRamp" : o.mode) ?? "constant";
  if (typeof mode !== "string" || !Object.hasOwn(OPTIONS, mode)) {
    throw new TypeError(
      `Cannot pad with mode ${formatValue(mode)}: the modes are ${Object.keys(OPTIONS).join(", ")}`,
    );
  }
  for (const key of Object.keys(o)) {
    if (key !== "mode" && !OPTIONS[mode].includes(key)) {
      throw new TypeError(
        `Cannot pad with the option "${key}": the mode "${mode}" does not have it`,
      );
    }
  }
  const t = toTensor(x, "pad");
  const widths = perSide(width, t, "width").map((w) =>
    w.map((n) => integer(n, "width", "pad", 0)) as [number, number]
  );
  if (mode === "constant" || mode === "empty") {
    return constant(t, widths, perSide(o.constantValues ?? 0, t, "constant values"));
  }
  widths.forEach(([before, after], axis) => {
    if (t.shape[axis] === 0 && before + after > 0) {
      throw new RangeError(
        `Cannot pad axis ${axis} of ${formatShape(t.shape)} with mode "${mode}": ` +
          `it has no element; use the mode "constant"`,
      );
    }
  });
  const lengths = perSide(o.statLength ?? Infinity, t, "stat length");
  const ends = perSide(o.endValues ?? 0, t, "end values");
  return widths.reduce((out, [before, after], axis) => {
    if (before === 0 && after === 0) return out;
    const side = (n: number, high: boolean): Tensor[] => {
      if (n === 0) return [];
      switch (mode) {
        case "edge":
          return [statistic(out, axis, n, "mean", 1, high)];
        case "linearRamp":
          return [ramp(out, axis, n, ends[axis]![high ? 1 : 0]!, high)];
        case "reflect":
        case "symmetric":
          return mirror(out, axis, n, mode === "reflect", o.reflectType ?? "even", high);
        case "wrap":
          return wrap(out, axis, n, high);
        default:
          return [statistic(out, axis, n, mode, lengths[axis]![high ? 1 : 0]!, high)];
      }
    };
    return emit("concatenate", [...side(before, false), out, ...side(after, true)], { axis });
  }, t);
}

function perSide(given: PerSide, x: Tensor, what: string): [number, number][] {
  const fail = (): never => {
    throw new (isTensor(given) ? TypeError : RangeError)(
      `Cannot pad ${formatShape(x.shape)} with ${what} ${formatValue(given)}: wanted a number, ` +
        `a pair [before, after], or a pair for each of the ${x.ndim} axes`,
    );
  };
  const two = (v: unknown): [number, number] => {
    const list = Array.isArray(v) ? v : [v];
    if (list.length < 1 || list.length > 2 || list.some((n) => typeof n !== "number")) fail();
    return [list[0], list[list.length - 1]];
  };
  if (typeof given === "number") return x.shape.map(() => [given, given]);
  if (!Array.isArray(given) || given.length === 0) return fail();
  if (!given.some(Array.isArray)) return x.shape.map(() => two(given));
  if (given.length === 1) return x.shape.map(() => two(given[0]));
  if (given.length !== x.ndim) fail();
  return given.map(two);
}

function constant(
  x: Tensor,
  widths: readonly [number, number][],
  values: readonly [number, number][],
): Tensor {
  const fill = (v: number): Tensor => literalBeside(x, [convertNumber(v, x.dtype)], [], x.dtype);
  const zero = x.shape.map(() => 0);
  if (widths.every((w) => w[0] === 0 && w[1] === 0)) return x;
  const first = values[0]?.[0] ?? 0;
  if (values.every((v) => v[0] === first && v[1] === first)) {
    return emit("pad", [x, fill(first)], {
      low: widths.map((w) => w[0]),
      high: widths.map((w) => w[1]),
      inner: zero,
    });
  }
  return widths.reduce((out, [before, after], axis) => {
    const at = (n: number) => zero.map((_, i) => i === axis ? n : 0);
    const low = emit("pad", [out, fill(values[axis]![0])], {
      low: at(before),
      high: zero,
      inner: zero,
    });
    return emit("pad", [low, fill(values[axis]![1])], { low: zero, high: at(after), inner: zero });
  }, x);
}

/** The first or last `size` entries along an axis. */
function end(x: Tensor, axis: number, size: number, high: boolean): Tensor {
  return window(x, axis, high ? x.shape[axis]! - size : 0, size);
}

function statistic(
  x: Tensor,
  axis: number,
  n: number,
  mode: "maximum" | "mean" | "median" | "minimum",
  length: number,
  high: boolean,
): Tensor {
  const size = Math.min(length, x.shape[axis]!);
  if (!(size >= 1)) {
    throw new RangeError(`Cannot pad with stat length ${length}: wanted an integer >= 1`);
  }
  const part = end(x, axis, integer(size, "stat length", "pad", 1), high);
  const options = { axis, keepdims: true };
  let value = part;
  if (size > 1) {
    if (mode === "maximum") value = part.max(options);
    else if (mode === "minimum") value = part.min(options);
    else {
      const middle = mode === "mean" ? part.mean(options) : median(part, axis);
      value = isFloat(x.dtype) ? middle : cast(middle.round(), x.dtype);
    }
  }
  return value.broadcastTo(x.shape.map((s, i) => i === axis ? n : s));
}

function median(x: Tensor, axis: number): Tensor {
  const n = x.shape[axis]!;
  const sorted = emit("sort", [x], { axis });
  const half = Math.floor((n - 1) / 2);
  const middle = window(sorted, axis, half, n % 2 === 0 ? 2 : 1);
  // NaN sorts last and must win
  const last = window(sorted, axis, n - 1, 1);
  const value = middle.mean({ axis, keepdims: true });
  return emit("where", [last.isnan(), cast(last, value.dtype), value]);
}

function ramp(x: Tensor, axis: number, n: number, outermost: number, high: boolean): Tensor {
  const edge = end(x, axis, 1, high);
  const steps = linspace(0, 1, {
    num: n,
    endpoint: false,
    dtype: x.dtype === "float64" ? x.dtype : "float32",
  })
    .reshape(x.shape.map((_, i) => i === axis ? n : 1));
  const values = edge.sub(outermost).mul(steps).add(outermost);
  const placed = high ? emit("flip", [values], { axes: [axis] }) : values;
  return isFloat(x.dtype) ? cast(placed, x.dtype) : cast(placed.floor(), x.dtype);
}

/** Mirrored pieces, each the image of the one before in its own outer edge, until `n` are there. */
function mirror(
  x: Tensor,
  axis: number,
  n: number,
  withoutEdge: boolean,
  type: string,
  high: boolean,
): Tensor[] {
  if (type !== "even" && type !== "odd") {
    throw new TypeError(
      `Cannot pad with reflectType ${formatValue(type)}: wanted "even" or "odd"`,
    );
  }
  const size = x.shape[axis]!;
  if (size === 1 && withoutEdge) return [statistic(x, axis, n, "mean", 1, high)];
  const pieces: Tensor[] = [];
  let whole = x;
  for (let left = n; left > 0;) {
    const flipped = emit("flip", [whole], { axes: [axis] });
    whole = type === "odd" ? end(whole, axis, 1, high).mul(2).sub(flipped) : flipped;
    const fresh = withoutEdge ? end(whole, axis, size - 1, high) : whole;
    const take = Math.min(left, fresh.shape[axis]!);
    pieces.push(end(fresh, axis, take, !high));
    left -= take;
  }
  return high ? pieces : pieces.reverse();
}

function wrap(x: Tensor, axis: number, n: number, high: boolean): Tensor[] {
  const size = x.shape[axis]!;
  const whole = Math.floor(n / size);
  const pieces: Tensor[] = new Array(whole).fill(x);
  if (n % size === 0) return pieces;
  const part = end(x, axis, n % size, !high);
  return high ? [...pieces, part] : [part, ...pieces];
}
