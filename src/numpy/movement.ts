/**
 * Moving elements without changing them: shapes, orders of axes, reversal, repetition.
 *
 * @module
 */
import {
  checkShape,
  formatShape,
  formatValue,
  listAxes,
  normalizeAxes,
  normalizeAxis,
} from "../base/mod.ts";
import {
  baseInterpreter,
  emit,
  isTensor,
  literalBeside,
  type Tensor,
  type TensorLike,
  toHost,
  toTensor,
} from "../core/mod.ts";
import { axisOption, oneAxis } from "./axes.ts";
import { integer, readOptions } from "./options.ts";
import type { Axis, Options } from "./types.ts";

/** What functions along axes take. */
export interface AxisOptions extends Options {
  /** The axis or axes, counted from either end. */
  axis?: Axis | undefined;
}

/**
 * The same elements under another shape; one size may be -1 and follows from the others.
 *
 * @throws {RangeError} when the element counts differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.reshape([1, 2, 3, 4], [2, -1]).toArray(), [[1, 2], [3, 4]]);
 * ```
 */
export function reshape(x: TensorLike, shape: number | readonly number[]): Tensor {
  return toTensor(x, "reshape").reshape(shape);
}

/** What `transpose` takes. */
export interface TransposeOptions extends Options {
  /** For each axis of the result, the axis of the array that it is. */
  axes?: readonly number[] | null | undefined;
}

/**
 * Axes in another order; reversed when no order is given.
 *
 * @throws {RangeError} when the order does not name each axis once
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.transpose([[1, 2], [3, 4]]).toArray(), [[1, 3], [2, 4]]);
 * assertEquals(np.transpose(np.zeros([2, 3, 4]), [2, 0, 1]).shape, [4, 2, 3]);
 * ```
 */
export function transpose(
  x: TensorLike,
  options?: readonly number[] | null | TransposeOptions,
): Tensor {
  const { axes } = readOptions<TransposeOptions>(options, ["axes"], "transpose", "axes");
  if (axes !== undefined && axes !== null && !Array.isArray(axes)) {
    throw new TypeError(`Cannot transpose by ${formatValue(axes)}: wanted a list of all axes`);
  }
  return toTensor(x, "transpose").transpose(axes);
}

/**
 * Two axes exchanged.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.swapaxes(np.zeros([2, 3, 4]), 0, -1).shape, [4, 3, 2]);
 * ```
 */
export function swapaxes(x: TensorLike, axis1: number, axis2: number): Tensor {
  const t = toTensor(x, "swap axes of");
  const i = normalizeAxis(axis1, t.ndim, "swap");
  const j = normalizeAxis(axis2, t.ndim, "swap");
  return t.transpose(t.shape.map((_, k) => k === i ? j : k === j ? i : k));
}

/**
 * Axes moved to other places; the rest keep their order.
 *
 * @throws {RangeError} when there is no such axis, or sources and destinations differ in number
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.moveaxis(np.zeros([2, 3, 4]), 0, -1).shape, [3, 4, 2]);
 * ```
 */
export function moveaxis(
  x: TensorLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const t = toTensor(x, "move axes of");
  const from = listAxes(source, t.ndim, "move");
  const to = listAxes(destination, t.ndim, "move");
  if (
    from.length !== to.length || new Set(from).size !== from.length ||
    new Set(to).size !== to.length
  ) {
    throw new RangeError(
      `Cannot move axes ${formatValue(source)} to ${formatValue(destination)}: ` +
        `give as many places as axes, each once`,
    );
  }
  const order: number[] = new Array(t.ndim).fill(-1);
  to.forEach((place, i) => order[place] = from[i]!);
  const rest = t.shape.map((_, i) => i).filter((i) => !from.includes(i));
  return t.transpose(order.map((a) => a === -1 ? rest.shift()! : a));
}

/**
 * New axes of size 1 at the places given, as they are counted in the result.
 *
 * @throws {RangeError} when a place lies outside the result, or is named twice
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.expandDims([1, 2], 0).shape, [1, 2]);
 * assertEquals(np.expandDims([1, 2], [0, -1]).shape, [1, 2, 1]);
 * ```
 */
export function expandDims(x: TensorLike, axis: number | readonly number[] | AxisOptions): Tensor {
  const where = axisOption(axis, "expand dims");
  if (where === undefined || where === null) {
    throw new TypeError("Cannot expand dims without an axis: give one, as np.expandDims(x, 0)");
  }
  const t = toTensor(x, "expand dims of");
  const rank = t.ndim + (typeof where === "number" ? 1 : where.length);
  const places = normalizeAxes(where, rank, "expand dims");
  const sizes = [...t.shape];
  return t.reshape(Array.from({ length: rank }, (_, i) => places.includes(i) ? 1 : sizes.shift()!));
}

/**
 * Without its axes of size 1, or without those named.
 *
 * @throws {RangeError} when a named axis has another size
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.squeeze([[[1], [2]]]).shape, [2]);
 * assertEquals(np.squeeze([[[1], [2]]], { axis: 0 }).shape, [2, 1]);
 * ```
 */
export function squeeze(x: TensorLike, options?: Axis | AxisOptions): Tensor {
  const axis = axisOption(options, "squeeze");
  const t = toTensor(x, "squeeze");
  const gone = axis === undefined || axis === null
    ? t.shape.map((_, i) => i).filter((i) => t.shape[i] === 1)
    : normalizeAxes(axis, t.ndim, "squeeze");
  for (const i of gone) {
    if (t.shape[i] !== 1) {
      throw new RangeError(
        `Cannot squeeze ${formatShape(t.shape)} over axis ${i}: its size is ${
          t.shape[i]
        }, not 1; pick an entry with slice`,
      );
    }
  }
  return t.reshape(t.shape.filter((_, i) => !gone.includes(i)));
}

/**
 * The array repeated along axes of size 1, and along new leading axes, to fill a shape.
 *
 * @throws {RangeError} when a size neither agrees nor is 1
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.broadcastTo([1, 2], [2, 2]).toArray(), [[1, 2], [1, 2]]);
 * ```
 */
export function broadcastTo(x: TensorLike, shape: number | readonly number[]): Tensor {
  return toTensor(x, "broadcast").broadcastTo(checkShape(shape, "broadcast"));
}

/**
 * The order of elements reversed, along all axes or those named.
 *
 * @throws {RangeError} when there is no such axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.flip([1, 2, 3]).toArray(), [3, 2, 1]);
 * assertEquals(np.flip([[1, 2], [3, 4]], 1).toArray(), [[2, 1], [4, 3]]);
 * ```
 */
export function flip(x: TensorLike, options?: Axis | AxisOptions): Tensor {
  const axis = axisOption(options, "flip");
  const t = toTensor(x, "flip");
  const axes = normalizeAxes(axis, t.ndim, "flip");
  return axes.length === 0 ? t : emit("flip", [t], { axes });
}

/**
 * Elements shifted along axes; what leaves at one end enters at the other. Without an axis the
 * flattened array is rolled.
 *
 * @throws {RangeError} when there is no such axis, or shifts and axes differ in number
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.roll([1, 2, 3], 1).toArray(), [3, 1, 2]);
 * assertEquals(np.roll([[1, 2], [3, 4]], 1, { axis: 0 }).toArray(), [[3, 4], [1, 2]]);
 * ```
 */
export function roll(
  x: TensorLike,
  shift: number | readonly number[],
  options?: Axis | AxisOptions,
): Tensor {
  const axis = axisOption(options, "roll");
  const t = toTensor(x, "roll");
  if (axis === undefined || axis === null) {
    if (typeof shift !== "number") {
      throw new TypeError(
        `Cannot roll by ${formatValue(shift)} without axes: give an axis for each shift`,
      );
    }
    return rollOne(t.reshape([-1]), shift, 0).reshape(t.shape);
  }
  const axes = listAxes(axis, t.ndim, "roll");
  const shifts = typeof shift === "number" ? axes.map(() => shift) : [...shift];
  if (axes.length === 1 && shifts.length > 1) {
    while (axes.length < shifts.length) axes.push(axes[0]!);
  }
  if (axes.length !== shifts.length) {
    throw new RangeError(
      `Cannot roll by ${formatValue(shift)} along axes ${formatValue(axis)}: ` +
        `give as many shifts as axes`,
    );
  }
  return axes.reduce((out, a, i) => rollOne(out, shifts[i]!, a), t);
}

function rollOne(x: Tensor, shift: number, axis: number): Tensor {
  const n = x.shape[axis]!;
  const by = n === 0 ? 0 : ((integer(shift, "shift", "roll") % n) + n) % n;
  if (by === 0) return x;
  // the start is a run-time input: a loop over shifts compiles once
  return emit("dynamicSlice", [
    emit("concatenate", [x, x], { axis }),
    literalBeside(x, x.shape.map((_, i) => i === axis ? n - by : 0), [x.ndim], "int32"),
  ], { size: x.shape });
}

/**
 * Copies of the whole array side by side, `reps` of them (along the last axis, or one count per
 * axis).
 *
 * @throws {RangeError} when a count is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.tile([1, 2], 2).toArray(), [1, 2, 1, 2]);
 * assertEquals(np.tile([1, 2], [2, 1]).toArray(), [[1, 2], [1, 2]]);
 * ```
 */
export function tile(x: TensorLike, reps: number | readonly number[]): Tensor {
  const t = toTensor(x, "tile");
  const counts = checkShape(reps, "tile");
  const rank = Math.max(t.ndim, counts.length);
  const shape = [...new Array<number>(rank - t.ndim).fill(1), ...t.shape];
  const times = [...new Array<number>(rank - counts.length).fill(1), ...counts];
  const spread = shape.flatMap((n) => [1, n]);
  const filled = shape.flatMap((n, i) => [times[i]!, n]);
  return t.reshape(spread).broadcastTo(filled).reshape(shape.map((n, i) => n * times[i]!));
}

/**
 * Each element `repeats` times in a row, or as many times as its own count says. Without an axis the
 * array is flattened first.
 *
 * @throws {RangeError} when a count is negative, or counts and elements differ in number
 * @throws {ConcretizationError} when the counts are a traced tensor: they decide the shape
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.repeat([1, 2], 2).toArray(), [1, 1, 2, 2]);
 * assertEquals(np.repeat([1, 2], [0, 3]).toArray(), [2, 2, 2]);
 * ```
 */
export function repeat(
  x: TensorLike,
  repeats: TensorLike,
  options?: number | null | AxisOptions,
): Tensor {
  const axis = oneAxis(options, null, "repeat");
  const given = toTensor(x, "repeat");
  const t = axis === null ? given.reshape([-1]) : given;
  const along = axis === null ? 0 : normalizeAxis(axis, t.ndim, "repeat");
  const n = t.shape[along]!;
  const counts = isTensor(repeats) ? repeats.data() : toHost(
    repeats as Parameters<typeof toHost>[0],
    "repeat by",
  ).values;
  for (const c of counts) integer(c, "count", "repeat", 0);
  if (counts.length === 1) {
    const [head, tail] = [t.shape.slice(0, along), t.shape.slice(along + 1)];
    const r = counts[0]!;
    return t.reshape([...head, n, 1, ...tail]).broadcastTo([...head, n, r, ...tail])
      .reshape([...head, n * r, ...tail]);
  }
  if (counts.length !== n) {
    throw new RangeError(
      `Cannot repeat axis ${along} of size ${n} by ${counts.length} counts: ` +
        `give one count, or one per entry`,
    );
  }
  const sources = Int32Array.from(Array.from(counts).flatMap((c, i) => new Array(c).fill(i)));
  const index = baseInterpreter().upload(sources, [sources.length], "int32");
  return emit("take", [t, index], { axis: along, outside: "fill" });
}

// names of the array API, and of older NumPy
export { transpose as permuteDims };
