/**
 * Differences of neighbours, and what is made of them: slopes, areas, angles without jumps.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxes, normalizeAxis } from "../base/mod.ts";
import { cast, emit, promoted, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { float, select, together } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import { window } from "./parts.ts";
import type { Axis, Options } from "./types.ts";

/** What `diff` takes. */
export interface DiffOptions extends Options {
  /** How often differences are taken; default 1. */
  n?: number | undefined;
  /** The axis to go along; default the last. */
  axis?: number | undefined;
  /** What is put before the elements first; a number counts as one entry. */
  prepend?: TensorLike | undefined;
  /** What is put behind them first. */
  append?: TensorLike | undefined;
}

/** Each element of an axis but the first minus the one before. */
function step(t: Tensor, axis: number): Tensor {
  const n = t.shape[axis]!;
  const [next, before] = [window(t, axis, 1, n - 1), window(t, axis, 0, n - 1)];
  return t.dtype === "bool" ? next.ne(before) : next.sub(before);
}

/**
 * The differences of neighbours along an axis.
 *
 * @throws {RangeError} for a scalar, or a negative `n`
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.diff([1, 4, 9]).toArray(), [3, 5]);
 * assertEquals(np.diff([1, 4, 9], { n: 2 }).toArray(), [2]);
 * ```
 */
export function diff(x: TensorLike, options?: number | DiffOptions): Tensor {
  const action = "take differences of";
  const o = readOptions<DiffOptions>(options, ["n", "axis", "prepend", "append"], action, "n");
  let t = toTensor(x, action);
  if (t.ndim === 0) throw new RangeError(`Cannot ${action} a scalar: it has no axis`);
  const axis = normalizeAxis(o.axis ?? -1, t.ndim, action);
  const times = integer(o.n ?? 1, "n", action, 0);
  if (times === 0) return t;
  const end = (y: TensorLike): Tensor => {
    const e = promoted(t, y, action)[1];
    return e.ndim === 0 ? e.broadcastTo(t.shape.map((n, i) => i === axis ? 1 : n)) : e;
  };
  const parts = [o.prepend, null, o.append].flatMap((y) =>
    y === undefined ? [] : [y === null ? t : end(y)]
  );
  if (parts.length > 1) t = emit("concatenate", together(parts, action), { axis });
  for (let i = 0; i < times; i++) {
    if (t.shape[axis] === 0) return t;
    t = step(t, axis);
  }
  return t;
}

/** What `ediff1d` takes. */
export interface Ediff1dOptions extends Options {
  /** What is put behind the differences. */
  toEnd?: TensorLike | undefined;
  /** What is put before them. */
  toBegin?: TensorLike | undefined;
}

/**
 * The differences of neighbours in the flattened array.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ediff1d([1, 4, 9], { toBegin: 0 }).toArray(), [0, 3, 5]);
 * ```
 */
export function ediff1d(x: TensorLike, options?: Ediff1dOptions): Tensor {
  const action = "take differences of";
  const { toEnd, toBegin } = readOptions<Ediff1dOptions>(options, ["toEnd", "toBegin"], action);
  const t = toTensor(x, action).reshape([-1]);
  const middle = t.size === 0 ? t : step(t, 0);
  const end = (y: TensorLike | undefined): Tensor[] =>
    y === undefined ? [] : [cast(toTensor(y, action), middle.dtype).reshape([-1])];
  const parts = [...end(toBegin), middle, ...end(toEnd)];
  return parts.length === 1 ? middle : emit("concatenate", parts, { axis: 0 });
}

/** What `gradient` takes. */
export interface GradientOptions extends Options {
  /**
   * The distance of neighbours: a number for all axes, or for each axis a number or a vector of
   * coordinates; default 1.
   */
  spacing?: number | readonly TensorLike[] | Tensor | undefined;
  /** The axes to go along; default all. */
  axis?: Axis | undefined;
}

/**
 * Slopes along axes by central differences, one-sided at the ends: one array for each axis, or the one
 * array when there is one axis.
 *
 * @throws {RangeError} when an axis has fewer than two elements, or there is not one spacing for each
 * @example
 * ```ts
 * import { np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals((np.gradient([1, 4, 9]) as Tensor).toArray(), [3, 4, 5]);
 * ```
 */
export function gradient(x: TensorLike, options?: number | GradientOptions): Tensor | Tensor[] {
  const action = "take slopes of";
  const o = readOptions<GradientOptions>(options, ["spacing", "axis"], action, "spacing");
  const t = float(x, action);
  const axes = o.axis === undefined || o.axis === null
    ? t.shape.map((_, i) => i)
    : Array.isArray(o.axis)
    ? o.axis.map((a) => normalizeAxis(a, t.ndim, action))
    : normalizeAxes(o.axis as number, t.ndim, action);
  const { spacing = 1 } = o;
  const steps: TensorLike[] = typeof spacing === "number"
    ? axes.map(() => spacing)
    : Array.isArray(spacing) && (axes.length > 1 || typeof spacing[0] !== "number")
    ? [...spacing]
    : axes.length === 1
    ? [spacing as TensorLike]
    : [];
  if (steps.length !== axes.length) {
    throw new RangeError(
      `Cannot ${action} ${axes.length} axes with spacing ${
        formatValue(spacing)
      }: wanted a number, or one for each axis`,
    );
  }
  const slopes = axes.map((axis, k) => slope(t, axis, steps[k]!, action));
  return slopes.length === 1 ? slopes[0]! : slopes;
}

function slope(t: Tensor, axis: number, spacing: TensorLike, action: string): Tensor {
  const n = t.shape[axis]!;
  if (n < 2) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)} along axis ${axis}: it needs at least two elements`,
    );
  }
  const part = (s: Tensor, from: number, size: number): Tensor => window(s, axis, from, size);
  const join = (first: Tensor, inner: Tensor, last: Tensor): Tensor =>
    emit("concatenate", n > 2 ? [first, inner, last] : [first, last], { axis });
  const h = cast(toTensor(spacing, action), t.dtype);
  const rises = part(t, 1, n - 1).sub(part(t, 0, n - 1));
  if (h.ndim === 0) {
    const inner = part(t, 2, n - 2).sub(part(t, 0, n - 2)).mul(0.5);
    return join(part(rises, 0, 1), inner, part(rises, n - 2, 1)).div(h);
  }
  if (h.ndim !== 1 || h.size !== n) {
    throw new RangeError(
      `Cannot ${action} axis ${axis} of size ${n} at coordinates of shape ${
        formatShape(h.shape)
      }: wanted one for each`,
    );
  }
  const distances = step(h, 0).reshape(t.shape.map((_, i) => i === axis ? n - 1 : 1));
  const slopes = rises.div(distances);
  const [before, after] = [part(distances, 0, n - 2), part(distances, 1, n - 2)];
  const inner = part(slopes, 0, n - 2).mul(after).add(part(slopes, 1, n - 2).mul(before)).div(
    before.add(after),
  );
  return join(part(slopes, 0, 1), inner, part(slopes, n - 2, 1));
}

/** What `trapezoid` takes. */
export interface TrapezoidOptions extends Options {
  /** The coordinates of the elements, a vector or an array of their shape. */
  x?: TensorLike | undefined;
  /** The distance of neighbours where there are no coordinates; default 1. */
  dx?: number | undefined;
  /** The axis to go along; default the last. */
  axis?: number | undefined;
}

/**
 * The area below elements joined by straight lines.
 *
 * @throws {RangeError} when coordinates do not fit
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.trapezoid([1, 2, 3]).item(), 4);
 * ```
 */
export function trapezoid(y: TensorLike, options?: TrapezoidOptions): Tensor {
  const action = "take the area below";
  const o = readOptions<TrapezoidOptions>(options, ["x", "dx", "axis"], action);
  const given = float(y, action);
  const axis = normalizeAxis(o.axis ?? -1, given.ndim, action);
  let t = given;
  let widths: Tensor | number = o.dx ?? 1;
  if (o.x !== undefined) {
    const [a, b] = together([given, float(o.x, action)], action) as [Tensor, Tensor];
    t = a;
    if (b.ndim === 1 && b.size !== t.shape[axis]) {
      throw new RangeError(
        `Cannot ${action} ${t.shape[axis]} elements at ${b.size} coordinates: wanted one for each`,
      );
    }
    widths = b.ndim === 1
      ? step(b, 0).reshape(t.shape.map((_, i) => i === axis ? b.size - 1 : 1))
      : step(b, axis);
  }
  const n = t.shape[axis]!;
  if (n === 0) return t.sum({ axis });
  const heights = window(t, axis, 1, n - 1).add(window(t, axis, 0, n - 1));
  return heights.mul(widths).sum({ axis }).mul(0.5);
}

/** What `unwrap` takes. */
export interface UnwrapOptions extends Options {
  /** The least jump that is taken out; default half a period. */
  discont?: number | undefined;
  /** The axis to go along; default the last. */
  axis?: number | undefined;
  /** The period; default 2 pi. */
  period?: number | undefined;
}

/**
 * Angles without jumps: multiples of the period are added so that neighbours differ by half of it at
 * most.
 *
 * @throws {RangeError} when the period is not positive
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.unwrap([0, 3, -3], { period: 4 }).toArray(), [0, -1, -3]);
 * ```
 */
export function unwrap(x: TensorLike, options?: UnwrapOptions): Tensor {
  const action = "unwrap";
  const { discont, axis = -1, period = 2 * Math.PI } = readOptions<UnwrapOptions>(
    options,
    ["discont", "axis", "period"],
    action,
  );
  if (!(period > 0)) {
    throw new RangeError(`Cannot ${action} with period ${period}: wanted a positive one`);
  }
  const t = float(x, action);
  const along = normalizeAxis(axis, t.ndim, action);
  const n = t.shape[along]!;
  if (n < 2) return t;
  const jumps = step(t, along);
  const half = period / 2;
  let near = jumps.add(half).mod(period).sub(half);
  near = select(emit("and", [near.eq(-half), jumps.gt(0)]), half, near);
  const fix = select(jumps.abs().lt(Math.max(discont ?? half, half)), 0, near.sub(jumps));
  const added = emit("cumsum", [fix], { axis: along, reverse: false });
  return emit("concatenate", [window(t, along, 0, 1), window(t, along, 1, n - 1).add(added)], {
    axis: along,
  });
}
