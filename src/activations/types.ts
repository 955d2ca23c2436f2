/**
 * What activations are, and the options that several of them share.
 *
 * @module
 */
import type { Tensor, TensorLike } from "../core/mod.ts";

/** A function of one tensor. */
export type Activation = (x: TensorLike) => Tensor;

/** Options of activations along an axis. */
export interface AxisOptions {
  /** The axis; default the last. */
  axis?: number | undefined;
}

/** Options of leaky activations. */
export interface SlopeOptions {
  /** The slope below 0. */
  negativeSlope?: number | undefined;
}

/** Options of exponential activations. */
export interface AlphaOptions {
  /** The distance of the limit at minus infinity; default 1. */
  alpha?: number | undefined;
}
