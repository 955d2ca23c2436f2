/**
 * Seeds for what was given none. They are fresh, until `utils.setRandomSeed` puts a stream in force.
 *
 * @module
 */
import { formatValue, HostArray } from "../base/mod.ts";
import { type Tensor, toTensor } from "../core/mod.ts";

/** Seeds reach from 1 to here, as Keras draws them. */
const LARGEST = 1e9;

let source: (() => number) | null = null;

/** Draws missing seeds from `draw`; null goes back to fresh ones. */
export function setSeedSource(draw: (() => number) | null): void {
  source = draw;
}

/** A seed in 1..10^9. */
export function nextSeed(): number {
  if (source !== null) return source();
  return 1 + crypto.getRandomValues(new Uint32Array(1))[0]! % LARGEST;
}

/** A user's seed, checked, or the next one in its place. */
export function seedOr(seed: number | undefined | null, action: string): number {
  if (seed === undefined || seed === null) return nextSeed();
  if (!Number.isInteger(seed)) {
    throw new TypeError(
      `Cannot ${action} with the seed ${formatValue(seed)}: a seed is an integer`,
    );
  }
  if (seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`Cannot ${action} with the seed ${seed}: it must be in 0..4294967295`);
  }
  return seed;
}

/** The raw key of two words. */
export function rawKey(k0: number, k1: number): Tensor {
  return toTensor(new HostArray(Uint32Array.of(k0, k1), [2], "uint32"));
}
