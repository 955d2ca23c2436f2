/**
 * Initializers whose spread follows from the size of the layer, so that signals keep theirs.
 *
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
 * (2010); He et al., "Delving Deep into Rectifiers" (2015); LeCun et al., "Efficient BackProp" (1998).
 *
 * @module
 */
import { formatValue, sizeOf } from "../base/mod.ts";
import { normal } from "../random/normal.ts";
import { uniform } from "../random/uniform.ts";
import { checkFactory, finite, randomInitializer, withinTwo } from "./initializer.ts";
import type { Initializer, SeedOptions } from "./types.ts";

/** What the spread is measured by. */
const MODES = ["fanIn", "fanOut", "fanAvg"] as const;
const DISTRIBUTIONS = ["truncatedNormal", "untruncatedNormal", "uniform"] as const;
/** The standard deviation of a standard normal number cut at two. */
const CUT = 0.87962566103423978;

/** Options of {@link varianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** Positive; default 1. */
  scale?: number | undefined;
  /** Inputs of a unit, outputs, or their mean; default "fanIn". Keras' spelling serves as well. */
  mode?: "fanIn" | "fanOut" | "fanAvg" | "fan_in" | "fan_out" | "fan_avg" | undefined;
  /** Default "truncatedNormal" (cut at two standard deviations). */
  distribution?:
    | "truncatedNormal"
    | "untruncatedNormal"
    | "uniform"
    | "truncated_normal"
    | "untruncated_normal"
    | "normal";
}

/** Inputs and outputs of a unit whose weights have this shape. */
function fans(shape: readonly number[]): [number, number] {
  if (shape.length === 0) return [1, 1];
  if (shape.length === 1) return [shape[0]!, shape[0]!];
  const field = sizeOf(shape.slice(0, -2));
  return [shape.at(-2)! * field, shape.at(-1)! * field];
}

/** Finds an option among its values, in either spelling. */
function choice<T extends string>(
  x: unknown,
  among: readonly T[],
  option: string,
  name: string,
): T {
  const camel = typeof x === "string" ? x.replace(/_([a-z])/g, (_, c) => c.toUpperCase()) : x;
  const found = among.find((value) => value === camel);
  if (found !== undefined) return found;
  throw new (typeof x === "string" ? RangeError : TypeError)(
    `Cannot make ${name} with ${option} ${formatValue(x)}: wanted one of ${among.join(", ")}`,
  );
}

function scaling(name: string, options: VarianceScalingOptions): Initializer {
  const scale = finite(options.scale ?? 1, "scale", name);
  if (scale <= 0) {
    throw new RangeError(`Cannot make ${name} with scale ${scale}: it must be positive`);
  }
  const mode = choice(options.mode ?? "fanIn", MODES, "mode", name);
  const wanted = options.distribution === "normal" ? "truncatedNormal" : options.distribution;
  const distribution = choice(wanted ?? "truncatedNormal", DISTRIBUTIONS, "distribution", name);
  const spread = (shape: readonly number[]): number => {
    const [fanIn, fanOut] = fans(shape);
    const n = mode === "fanIn" ? fanIn : mode === "fanOut" ? fanOut : (fanIn + fanOut) / 2;
    const variance = scale / Math.max(1, n);
    if (distribution === "uniform") return Math.sqrt(3 * variance);
    return distribution === "truncatedNormal" ? Math.sqrt(variance) / CUT : Math.sqrt(variance);
  };
  return randomInitializer(name, options, (key, shape, dtype, by) => {
    if (distribution === "uniform") {
      return uniform(key, { shape, dtype, minval: by.neg(), maxval: by });
    }
    return distribution === "truncatedNormal"
      ? withinTwo(key, shape, dtype).mul(by)
      : normal(key, { shape, dtype }).mul(by);
  }, spread);
}

/**
 * Numbers whose variance is `scale` divided by the inputs of a unit, its outputs, or their mean.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = initializers.varianceScaling({ scale: 2, mode: "fanOut", seed: 1 })([50, 200]);
 * assertAlmostEquals(x.var().item(), 2 / 200, 1e-3);
 * ```
 */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  checkFactory("varianceScaling", options, ["scale", "mode", "distribution", "seed"]);
  return scaling("varianceScaling", options);
}

function preset(
  name: string,
  options: SeedOptions,
  fixed: Omit<VarianceScalingOptions, "seed">,
): Initializer {
  checkFactory(name, options, ["seed"]);
  return scaling(name, { ...fixed, seed: options.seed });
}

/**
 * Uniform within ±sqrt(6 / (inputs + outputs)): the default of dense layers.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const kernel = initializers.glorotUniform({ seed: 1337 })([784, 64]);
 * assertAlmostEquals(kernel.at(0, 0).item(), 0.0419516, 1e-7);
 * ```
 */
export function glorotUniform(options: SeedOptions = {}): Initializer {
  return preset("glorotUniform", options, { mode: "fanAvg", distribution: "uniform" });
}

/**
 * Truncated normal of variance 2 / (inputs + outputs).
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = initializers.glorotNormal({ seed: 1 })([100, 100]);
 * assertAlmostEquals(x.var().item(), 0.01, 5e-4);
 * ```
 */
export function glorotNormal(options: SeedOptions = {}): Initializer {
  return preset("glorotNormal", options, { mode: "fanAvg" });
}

/**
 * Uniform within ±sqrt(6 / inputs), for layers before a relu.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assert } from "@std/assert";
 * const x = initializers.heUniform({ seed: 1 })([6, 50]);
 * assert(x.abs().max().item() <= 1);
 * ```
 */
export function heUniform(options: SeedOptions = {}): Initializer {
  return preset("heUniform", options, { scale: 2, distribution: "uniform" });
}

/**
 * Truncated normal of variance 2 / inputs, for layers before a relu.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = initializers.heNormal({ seed: 1 })([100, 100]);
 * assertAlmostEquals(x.var().item(), 0.02, 1e-3);
 * ```
 */
export function heNormal(options: SeedOptions = {}): Initializer {
  return preset("heNormal", options, { scale: 2 });
}

/**
 * Uniform within ±sqrt(3 / inputs).
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assert } from "@std/assert";
 * const x = initializers.lecunUniform({ seed: 1 })([3, 50]);
 * assert(x.abs().max().item() <= 1);
 * ```
 */
export function lecunUniform(options: SeedOptions = {}): Initializer {
  return preset("lecunUniform", options, { distribution: "uniform" });
}

/**
 * Truncated normal of variance 1 / inputs.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const x = initializers.lecunNormal({ seed: 1 })([100, 100]);
 * assertAlmostEquals(x.var().item(), 0.01, 5e-4);
 * ```
 */
export function lecunNormal(options: SeedOptions = {}): Initializer {
  return preset("lecunNormal", options, {});
}
