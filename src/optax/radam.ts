/**
 * Adam that starts as momentum until its mean of squares can be trusted.
 *
 * @module
 */
import { emit, literal } from "../core/mod.ts";
import type { AdamOptions, ScaleByAdamState } from "./adam.ts";
import { chain } from "./chain.ts";
import { optionsOf, rest, scalar } from "./check.ts";
import { correction, perDType, safeIncrement } from "./counting.ts";
import { leafwise } from "./leafwise.ts";
import { moment, rootOf, zeros } from "./moments.ts";
import { byLearningRate } from "./scale.ts";
import type { CountState, GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/** Options of {@link scaleByRadam} and {@link radam}. */
export interface RadamOptions extends Omit<AdamOptions, "muDtype"> {
  /** The length of memory of squares from which they are used; default 5. */
  threshold?: Scalar | undefined;
}

const NAMES = ["b1", "b2", "eps", "epsRoot", "threshold", "nesterov"] as const;

/**
 * As `scaleByAdam`, rectified: while few squares were seen, the mean of gradients alone.
 *
 * @throws {TypeError | RangeError} when an option is unknown or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.scaleByRadam();
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), 3, 1e-5);
 * ```
 */
export function scaleByRadam(
  options: RadamOptions = {},
): GradientTransformation<ScaleByAdamState> {
  return radamAs("scaleByRadam", optionsOf(options, NAMES, "scaleByRadam"));
}

function radamAs(kind: string, options: RadamOptions): GradientTransformation<ScaleByAdamState> {
  const b1 = scalar(options.b1 ?? 0.9, "b1", kind, 0, 1);
  const b2 = scalar(options.b2 ?? 0.999, "b2", kind, 0, 1);
  const eps = scalar(options.eps ?? 1e-8, "eps", kind, 0);
  const epsRoot = scalar(options.epsRoot ?? 0, "epsRoot", kind, 0);
  const threshold = scalar(options.threshold ?? 5, "threshold", kind);
  const nesterov = options.nesterov ?? false;
  return leafwise<ScaleByAdamState, "mu" | "nu">({
    kind,
    counted: true,
    slots: { mu: zeros(), nu: zeros() },
    rule: ({ count }) => {
      const [first, second] = [correction(b1, count), correction(b2, count)];
      const ahead = nesterov ? correction(b1, safeIncrement(count)) : null;
      const rectifier = perDType((d) => {
        // as many digits are lost here as float32 has, whence float64 for all
        const base = typeof b2 === "number" ? literal(b2, "float64") : b2.astype("float64");
        const t = count.astype("float64");
        const power = base.pow(t);
        const full = literal(2, "float64").div(base.neg().add(1)).sub(1);
        const length = full.sub(t.mul(2).mul(power).div(power.neg().add(1)));
        const above = length.sub(4).mul(length.sub(2)).mul(full);
        const below = full.sub(4).mul(full.sub(2)).mul(length);
        return { r: above.div(below).sqrt().astype(d), trusted: length.ge(threshold) };
      });
      return (g, slots) => {
        const d = g.dtype;
        const mu = moment(g, slots.mu, b1);
        const nu = moment(g.mul(g), slots.nu, b2);
        const mean = ahead === null
          ? mu.mul(first(d))
          : mu.mul(ahead(d)).mul(b1).add(g.mul(first(d)).mul(rest(b1)));
        const { r, trusted } = rectifier(d);
        const scaled = r.mul(mean).div(rootOf(nu.mul(second(d)), epsRoot).add(eps));
        return [emit("where", [trusted, scaled, mean]), { mu, nu }];
      };
    },
  });
}

/**
 * Rectified Adam (Liu and others, 2020).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const tx = optax.radam(0.1);
 * const [updates] = tx.update(np.array(3), tx.init(np.array(0)));
 * assertAlmostEquals(updates.item(), -0.3, 1e-6);
 * ```
 */
export function radam(
  learningRate: ScalarOrSchedule,
  options: RadamOptions = {},
): GradientTransformation<[ScaleByAdamState, CountState | null]> {
  optionsOf(options, NAMES, "radam");
  return chain(radamAs("radam", options), byLearningRate(learningRate, "radam"));
}
