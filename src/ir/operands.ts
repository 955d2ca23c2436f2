/**
 * What ops ask of their operands: kinds of numbers, axes, a number for each axis. The errors are the
 * user's.
 *
 * @module
 */
import { DTYPES, type Kind } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import type { Aval } from "./aval.ts";

/** Kinds of numbers that an op is defined for. */
export type Kinds = readonly Kind[];
/** Every kind. */
export const ANY: Kinds = ["bool", "uint", "int", "float"];
/** Kinds that count. */
export const NUMBER: Kinds = ["uint", "int", "float"];
/** Kinds whose bits are worked on. */
export const BITS: Kinds = ["bool", "uint", "int"];
/** Floating point alone. */
export const FLOAT: Kinds = ["float"];

/** Throws unless the value has a dtype of one of the kinds. */
export function need(kinds: Kinds, action: string, a: Aval): void {
  if (!kinds.includes(DTYPES[a.dtype].kind)) {
    const names = Object.entries(DTYPES).filter(([, row]) => kinds.includes(row.kind)).map(([n]) =>
      n
    );
    throw new TypeError(
      `Cannot ${action} values of dtype ${a.dtype}: it is defined for ${names.join(", ")}; ` +
        `convert with astype`,
    );
  }
}

/** Throws unless all values have one dtype (the public functions promote before they emit). */
export function alike(action: string, ins: readonly Aval[]): void {
  for (const a of ins) {
    if (a.dtype !== ins[0]!.dtype) {
      throw new TypeError(
        `Cannot ${action} ${ins.map((i) => i.dtype).join(" and ")}: dtypes must agree`,
      );
    }
  }
}

/** Throws unless `axis` is an axis of the value, counted from the front. */
export function needAxis(action: string, a: Aval, axis: number): void {
  const rank = a.shape.length;
  if (!Number.isSafeInteger(axis) || axis < 0 || axis >= rank) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(a.shape)} along axis ${formatValue(axis)}: ` +
        (rank === 0 ? "a scalar has no axis" : `an axis is an integer in 0..${rank - 1}`),
    );
  }
}

/** Throws unless `axes` names axes of the value, each at most once. */
export function needAxes(action: string, a: Aval, axes: readonly number[]): void {
  for (const axis of axes) needAxis(action, a, axis);
  if (new Set(axes).size !== axes.length) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(a.shape)} along axes ${formatValue(axes)}: one is repeated`,
    );
  }
}

/** Throws unless there is one integer of at least `least` for each axis of the value. */
export function needPerAxis(
  action: string,
  a: Aval,
  name: string,
  list: readonly number[],
  least: number,
): void {
  if (
    list.length !== a.shape.length || list.some((n) => !Number.isSafeInteger(n) || n < least)
  ) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(a.shape)} with ${name} ${formatValue(list)}: ` +
        `wanted one integer >= ${least} for each axis`,
    );
  }
}
