/**
 * What options and axes are to functions of arrays.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";

/** Any options object. */
export type Options = object;

/** Options that make a new array. */
export interface DTypeOptions extends Options {
  /** The element type of the result. */
  dtype?: DType | undefined;
}

/** One axis, several, or all of them (null). */
export type Axis = number | readonly number[] | null;
