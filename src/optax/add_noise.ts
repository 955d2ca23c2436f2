/**
 * Noise on gradients, less with every step.
 *
 * @module
 */
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import * as random from "../random/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { chain } from "./chain.ts";
import { optionsOf, scalar } from "./check.ts";
import { perDType, safeIncrement, zeroCount } from "./counting.ts";
import { floatLeavesOf, memberTensor, rebuilt } from "./leaves.ts";
import { byLearningRate } from "./scale.ts";
import type { CountState, GradientTransformation, Scalar, ScalarOrSchedule } from "./types.ts";

/** The state of {@link addNoise}. */
export type AddNoiseState = CountState & {
  /** The key of the next noise. */
  rngKey: Tensor;
};

/**
 * Adds normal noise of variance `eta / t^gamma` to update number t (Neelakantan and others, 2015).
 *
 * @param key an integer or a key, as of `random.key(0)`
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * const tx = optax.addNoise(0.01, 0.55, 0);
 * const state = tx.init(null);
 * const [a] = tx.update([np.zeros([3])], state);
 * const [b] = tx.update([np.zeros([3])], state);
 * assertNotEquals(a[0]!.toArray(), [0, 0, 0]);
 * assertEquals(a[0]!.toArray(), b[0]!.toArray());
 * ```
 */
export function addNoise(
  eta: Scalar,
  gamma: Scalar,
  key: TensorLike,
): GradientTransformation<AddNoiseState> {
  return noiseAs("addNoise", eta, gamma, key);
}

function noiseAs(
  kind: string,
  eta: Scalar,
  gamma: Scalar,
  key: TensorLike,
): GradientTransformation<AddNoiseState> {
  const variance = scalar(eta, "eta", kind, 0);
  const power = scalar(gamma, "gamma", kind);
  const first = typeof key === "number" ? random.key(key) : toTensor(key, `make ${kind} with key`);
  const action = `update with ${kind}`;
  return {
    init: () => ({ count: zeroCount(), rngKey: first }),
    update<U>(updates: U, state: AddNoiseState): [Gradients<U>, AddNoiseState] {
      const g = floatLeavesOf(updates, "grads", action);
      const count = safeIncrement(memberTensor(state, "count", action));
      const keys = random.split(memberTensor(state, "rngKey", action));
      const each = random.split(keys.at(1), Math.max(1, g.tensors.length));
      const deviation = perDType((d) =>
        count.astype(d).pow(power).reciprocal().mul(variance).sqrt()
      );
      const noisy = g.tensors.map((t, i) => {
        const dtype = t.dtype as "float32" | "float64";
        const noise = random.normal(each.at(i), t.shape, { dtype });
        return t.add(noise.mul(deviation(dtype)).astype(dtype));
      });
      return [rebuilt(g, noisy) as Gradients<U>, { count, rngKey: keys.at(0) }];
    },
  };
}

/** Options of {@link noisySgd}. */
export interface NoisySgdOptions {
  /** The variance of the first noise; default 0.01. */
  eta?: Scalar | undefined;
  /** How fast the variance shrinks; default 0.55. */
  gamma?: Scalar | undefined;
  /** An integer or a key; default 0. */
  key?: TensorLike | undefined;
}

/**
 * Stochastic gradient descent with noise (see {@link addNoise}).
 *
 * @throws {TypeError | RangeError} when an argument is of the wrong kind or out of its range
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.noisySgd(0.5, { eta: 0 });
 * assertEquals(tx.update(np.array([4]), tx.init(null))[0].toArray(), [-2]);
 * ```
 */
export function noisySgd(
  learningRate: ScalarOrSchedule,
  options: NoisySgdOptions = {},
): GradientTransformation<[AddNoiseState, CountState | null]> {
  const { eta = 0.01, gamma = 0.55, key = 0 } = optionsOf(
    options,
    ["eta", "gamma", "key"],
    "noisySgd",
  );
  return chain(noiseAs("noisySgd", eta, gamma, key), byLearningRate(learningRate, "noisySgd"));
}
