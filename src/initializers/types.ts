/**
 * What initializers are, and the options that they and their factories share.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import type { Tensor } from "../core/mod.ts";

/** Options of a call of an {@link Initializer}. */
export interface InitializerOptions {
  /** The element type; default "float32". */
  dtype?: DType | undefined;
}

/** A function from a shape to the first value of a weight of that shape. */
export type Initializer = (shape: readonly number[], options?: InitializerOptions) => Tensor;

/** What every random initializer takes. */
export interface SeedOptions {
  /**
   * An integer in 0..2^32-1. Without one, a fresh seed (or the next of `utils.setRandomSeed`) is
   * fixed when the initializer is made: it gives the same numbers for a shape each time.
   */
  seed?: number | undefined;
}
