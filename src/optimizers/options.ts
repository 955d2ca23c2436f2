/**
 * The options that all optimizers share, checked when the optimizer is made.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import type { OptimizerOptions } from "./types.ts";

const COMMON = [
  "learningRate",
  "weightDecay",
  "clipnorm",
  "globalClipnorm",
  "clipvalue",
  "useEma",
  "emaMomentum",
  "emaOverwriteFrequency",
  "lossScaleFactor",
  "gradientAccumulationSteps",
  "excludeFromWeightDecay",
  "name",
];

/** The common options with null in place of what was not given. */
export interface Settings {
  readonly weightDecay: number | null;
  readonly clipnorm: number | null;
  readonly globalClipnorm: number | null;
  readonly clipvalue: number | null;
  readonly useEma: boolean;
  readonly emaMomentum: number;
  readonly emaOverwriteFrequency: number | null;
  readonly lossScaleFactor: number | null;
  readonly gradientAccumulationSteps: number | null;
}

/** Checks that an option is a number from `low` to `high`, and returns it. */
export function ranged(
  x: unknown,
  option: string,
  kind: string,
  low: number,
  high = Number.MAX_VALUE,
): number {
  if (typeof x !== "number") {
    throw new TypeError(`Cannot make ${kind} with ${option} ${formatValue(x)}: wanted a number`);
  }
  if (!(x >= low && x <= high)) {
    const range = high === Number.MAX_VALUE ? `finite and at least ${low}` : `in ${low}..${high}`;
    throw new RangeError(`Cannot make ${kind} with ${option} ${x}: it must be ${range}`);
  }
  return x;
}

function whole(x: unknown, option: string, kind: string, least: number): number | null {
  if (x === undefined || x === null) return null;
  if (Number.isSafeInteger(x) && (x as number) >= least) return x as number;
  throw new RangeError(
    `Cannot make ${kind} with ${option} ${formatValue(x)}: wanted an integer, at least ${least}`,
  );
}

function positive(x: unknown, option: string, kind: string): number | null {
  if (x === undefined || x === null) return null;
  if (ranged(x, option, kind, 0) > 0) return x as number;
  throw new RangeError(
    `Cannot make ${kind} with ${option} 0: it must be positive; leave it out to have none`,
  );
}

/** Throws unless options are a record. */
export function checkRecord<T extends OptimizerOptions>(options: T, kind: string): T {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return options;
  throw new TypeError(
    `Cannot make ${kind} of ${formatValue(options)}: wanted options, as { learningRate: 0.001 }`,
  );
}

/** Checks the common options; `own` are those that the class adds. */
export function readSettings(
  options: OptimizerOptions,
  own: readonly string[],
  kind: string,
): Settings {
  checkRecord(options, kind);
  checkOptions(options, [...COMMON, ...own], `make ${kind}`);
  const clips = (["clipnorm", "globalClipnorm", "clipvalue"] as const)
    .filter((name) => (options[name] ?? null) !== null);
  if (clips.length > 1) {
    throw new RangeError(
      `Cannot make ${kind} with both ${clips.join(" and ")}: gradients are clipped one way`,
    );
  }
  const decay = options.weightDecay ?? null;
  return {
    weightDecay: decay === null ? null : ranged(decay, "weightDecay", kind, 0),
    clipnorm: positive(options.clipnorm, "clipnorm", kind),
    globalClipnorm: positive(options.globalClipnorm, "globalClipnorm", kind),
    clipvalue: positive(options.clipvalue, "clipvalue", kind),
    useEma: options.useEma ?? false,
    emaMomentum: ranged(options.emaMomentum ?? 0.99, "emaMomentum", kind, 0, 1),
    emaOverwriteFrequency: whole(options.emaOverwriteFrequency, "emaOverwriteFrequency", kind, 1),
    lossScaleFactor: positive(options.lossScaleFactor, "lossScaleFactor", kind),
    gradientAccumulationSteps: whole(
      options.gradientAccumulationSteps,
      "gradientAccumulationSteps",
      kind,
      2,
    ),
  };
}
