/**
 * Reading which axis or axes a function goes along.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import type { AxisOptions } from "./movement.ts";
import { readOptions } from "./options.ts";
import type { ReductionOptions } from "./reductions.ts";
import type { Axis } from "./types.ts";

/** Reads "axis or { axis }". */
export function axisOption(arg: Axis | AxisOptions | undefined, action: string): Axis | undefined {
  return readOptions<AxisOptions>(arg, ["axis"], action, "axis").axis;
}

/** Reads "axis or { axis }" where just one axis makes sense. */
export function oneAxis(
  arg: number | null | AxisOptions | undefined,
  otherwise: number | null,
  action: string,
): number | null {
  const axis = axisOption(arg, action);
  if (axis === undefined) return otherwise;
  if (axis === null || typeof axis === "number") return axis;
  throw new TypeError(`Cannot ${action} along axes ${formatValue(axis)}: give one axis`);
}

/** Reads "axis or options" of a reduction. */
export function readReduction<T extends ReductionOptions>(
  arg: unknown,
  allowed: readonly string[],
  action: string,
): T {
  const o = readOptions<T>(arg, allowed, action, "axis");
  if (o.keepdims !== undefined && typeof o.keepdims !== "boolean") {
    throw new TypeError(`Cannot ${action} with keepdims ${o.keepdims}: wanted true or false`);
  }
  return o;
}
