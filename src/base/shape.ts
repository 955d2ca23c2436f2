/**
 * Arithmetic on shapes: pure functions on lists of sizes, with the errors users see.
 *
 * @module
 */
import { formatShape, formatValue } from "./errors.ts";

/** A shape: sizes of the axes, outermost first. */
export type Shape = readonly number[];

/** The number of elements of a shape; 1 for the empty one. */
export function sizeOf(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i]!;
  return n;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let s = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = s;
    s *= shape[i]!;
  }
  return strides;
}

/** What to do about sizes that are tensors: those that jit traces have no value. */
function sizeRemedy(sizes: readonly unknown[]): string {
  const isTensor = (n: unknown) => typeof (n as { item?: unknown } | null)?.item === "function";
  return sizes.some(isTensor)
    ? ", and a tensor is none: read its number with item(); one that jit traces has no value yet: " +
      "name the position of its argument in staticArgs"
    : "";
}

/** Checks that a user's shape is a list of sizes and returns a copy of it. */
export function checkShape(shape: unknown, action: string): number[] {
  if (typeof shape === "number") shape = [shape];
  if (!Array.isArray(shape)) {
    throw new TypeError(
      `Cannot ${action} with shape ${formatValue(shape)}: a shape is a list of sizes, as [2, 3]` +
        sizeRemedy([shape]),
    );
  }
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new RangeError(
        `Cannot ${action} with shape ${formatValue(shape)}: sizes must be integers >= 0` +
          sizeRemedy(shape),
      );
    }
  }
  if (!Number.isSafeInteger(sizeOf(shape))) {
    throw new RangeError(
      `Cannot ${action} with shape ${formatValue(shape)}: its element count is not a safe integer`,
    );
  }
  return [...shape];
}

/** The common shape of operands under NumPy broadcasting, or a RangeError naming them all. */
export function broadcastShapes(action: string, ...shapes: Shape[]): Shape {
  let out = shapes[0]!;
  for (let k = 1; k < shapes.length; k++) {
    const b = shapes[k]!;
    if (sameShape(out, b) || b.length === 0) continue;
    if (out.length === 0) {
      out = b;
      continue;
    }
    const rank = Math.max(out.length, b.length);
    const merged = new Array<number>(rank);
    for (let i = 0; i < rank; i++) {
      const x = out[out.length - rank + i] ?? 1;
      const y = b[b.length - rank + i] ?? 1;
      if (x !== y && x !== 1 && y !== 1) {
        throw new RangeError(
          `Cannot ${action} shapes ${shapes.map(formatShape).join(" and ")}: ` +
            `sizes ${x} and ${y} at axis ${i - rank} must be equal or 1`,
        );
      }
      merged[i] = x === 1 ? y : x;
    }
    out = merged;
  }
  return out;
}

/** Turns an axis counted from either end into one counted from the front. */
export function normalizeAxis(axis: number, rank: number, action: string): number {
  if (!Number.isSafeInteger(axis)) {
    throw new TypeError(`Cannot ${action} over axis ${formatValue(axis)}: an axis is an integer`);
  }
  if (axis < -rank || axis >= rank) {
    throw new RangeError(
      `Cannot ${action} over axis ${axis}: the array has ${rank} axes, ` +
        (rank === 0 ? "so it has no axis to name" : `so it must be in ${-rank}..${rank - 1}`),
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** One axis or a list of them, as a list of axes counted from the front, in the order given. */
export function listAxes(axis: unknown, rank: number, action: string): number[] {
  if (typeof axis !== "number" && !Array.isArray(axis)) {
    throw new TypeError(
      `Cannot ${action} over axis ${formatValue(axis)}: an axis is an integer, several are a list`,
    );
  }
  return (typeof axis === "number" ? [axis] : [...axis])
    .map((a) => normalizeAxis(a, rank, action));
}

/** Normalizes one axis, several, or none (all of them) to a sorted list without repeats. */
export function normalizeAxes(
  axis: number | readonly number[] | null | undefined,
  rank: number,
  action: string,
): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = listAxes(axis, rank, action);
  if (new Set(list).size !== list.length) {
    throw new RangeError(`Cannot ${action} over axes ${formatValue(axis)}: an axis is repeated`);
  }
  return list.sort((a, b) => a - b);
}

/** Fills in the one -1 of a reshape target and checks that the element count is kept. */
export function resolveReshape(from: Shape, target: unknown, action = "reshape"): number[] {
  if (typeof target === "number") target = [target];
  if (!Array.isArray(target) || target.some((n) => !Number.isSafeInteger(n) || n < -1)) {
    throw new TypeError(
      `Cannot ${action} ${formatShape(from)} to ${formatValue(target)}: ` +
        `sizes must be integers >= 0, with at most one -1` +
        sizeRemedy(Array.isArray(target) ? target : [target]),
    );
  }
  const to = [...target] as number[];
  const total = sizeOf(from);
  const wild = to.indexOf(-1);
  if (wild >= 0) {
    if (to.indexOf(-1, wild + 1) >= 0) {
      throw new RangeError(
        `Cannot ${action} ${formatShape(from)} to ${formatShape(to)}: only one size may be -1`,
      );
    }
    const rest = to.reduce((n, s, i) => i === wild ? n : n * s, 1);
    if (rest === 0 ? total !== 0 : total % rest !== 0) {
      throw new RangeError(
        `Cannot ${action} ${formatShape(from)} to ${formatShape(to)}: ` +
          `${total} elements do not divide by ${rest}`,
      );
    }
    to[wild] = rest === 0 ? 0 : total / rest;
  }
  if (sizeOf(to) !== total) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(from)} to ${formatShape(to)}: ` +
        `it has ${total} elements, the new shape ${sizeOf(to)}`,
    );
  }
  return to;
}
