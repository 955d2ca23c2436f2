/**
 * The options that most draws share.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";

/** What every draw of floating-point numbers takes. */
export interface DrawOptions {
  /** The shape of the result; default a scalar. */
  shape?: readonly number[] | number | undefined;
  /** "float32" (the default) or "float64". */
  dtype?: DType | undefined;
}

/** Options of the draws of integers that have parameters. */
export interface CountOptions {
  /** The shape of the result; default that of the parameters. */
  shape?: readonly number[] | number | undefined;
  /** The dtype of the result; default "int32". */
  dtype?: DType | undefined;
}
