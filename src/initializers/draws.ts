/**
 * Initializers whose spread is given.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import type { Tensor } from "../core/mod.ts";
import { normal } from "../random/normal.ts";
import { uniform } from "../random/uniform.ts";
import { checkFactory, finite, randomInitializer, withinTwo } from "./initializer.ts";
import type { Initializer, SeedOptions } from "./types.ts";

/** Options of {@link randomUniform}. */
export interface RandomUniformOptions extends SeedOptions {
  /** The least value; default -0.05. */
  minval?: number | undefined;
  /** The bound above; default 0.05. */
  maxval?: number | undefined;
}

/**
 * Uniform numbers in `[minval, maxval)`.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assert } from "@std/assert";
 * const x = initializers.randomUniform({ minval: 0, maxval: 2, seed: 1 })([100]);
 * assert(x.min().item() >= 0 && x.max().item() < 2);
 * ```
 */
export function randomUniform(options: RandomUniformOptions = {}): Initializer {
  const name = "randomUniform";
  checkFactory(name, options, ["minval", "maxval", "seed"]);
  const minval = finite(options.minval ?? -0.05, "minval", name);
  const maxval = finite(options.maxval ?? 0.05, "maxval", name);
  return randomInitializer(
    name,
    options,
    (key, shape, dtype) => uniform(key, { shape, dtype, minval, maxval }),
  );
}

/** Options of {@link randomNormal} and {@link truncatedNormal}. */
export interface NormalOptions extends SeedOptions {
  /** The mean; default 0. */
  mean?: number | undefined;
  /** The standard deviation (before any cut); default 0.05. */
  stddev?: number | undefined;
}

type Draw = (key: Tensor, shape: number[], dtype: DType) => Tensor;

function scaled(name: string, options: NormalOptions, draw: Draw): Initializer {
  checkFactory(name, options, ["mean", "stddev", "seed"]);
  const mean = finite(options.mean ?? 0, "mean", name);
  const stddev = finite(options.stddev ?? 0.05, "stddev", name);
  return randomInitializer(
    name,
    options,
    (key, shape, dtype) => draw(key, shape, dtype).mul(stddev).add(mean),
  );
}

/**
 * Normal numbers.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = initializers.randomNormal({ mean: 1, stddev: 0.1, seed: 1 })([1000]);
 * assertAlmostEquals(x.mean().item(), 1, 0.02);
 * ```
 */
export function randomNormal(options: NormalOptions = {}): Initializer {
  return scaled(
    "randomNormal",
    options,
    (key, shape, dtype) => normal(key, { shape, dtype }),
  );
}

/**
 * Normal numbers, none of them farther than two standard deviations from the mean.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assert } from "@std/assert";
 * const x = initializers.truncatedNormal({ stddev: 1, seed: 1 })([1000]);
 * assert(x.abs().max().item() <= 2);
 * ```
 */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  return scaled("truncatedNormal", options, withinTwo);
}
