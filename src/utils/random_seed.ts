/**
 * One seed for everything that is random and was given none.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import { PythonRandom } from "../data/random/python_random.ts";
import { setGlobalDataSeed } from "../data/random/seeds.ts";
import { setSeedSource } from "../random/seeds.ts";

/** Seeds are `random.randint(1, 10**9)` of Python, which is what Keras draws. */
const SEEDS = 1e9;

/**
 * Makes the rest of a program repeatable: initializers, dropout layers and shuffles that are made
 * from now on and given no seed get theirs, in the order in which they are made, from a stream that
 * `seed` starts. It is the stream of Keras, so that models start from the same weights there and here.
 *
 * @param seed an integer in 0..2^32-1
 * @throws {TypeError} when it is not an integer
 * @throws {RangeError} when it is outside
 *
 * @example
 * ```ts
 * import { initializers, utils } from "glissade";
 * import { assertEquals } from "@std/assert";
 * utils.setRandomSeed(812);
 * const first = initializers.glorotUniform()([2, 2]);
 * assertEquals(first.toArray(), initializers.glorotUniform({ seed: 33636388 })([2, 2]).toArray());
 * ```
 */
export function setRandomSeed(seed: number): void {
  if (!Number.isInteger(seed)) {
    throw new TypeError(`Cannot set the random seed to ${formatValue(seed)}: a seed is an integer`);
  }
  if (seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`Cannot set the random seed to ${seed}: it must be in 0..4294967295`);
  }
  const draws = new PythonRandom(seed);
  setSeedSource(() => {
    for (;;) {
      const r = draws.bits32() >>> 2; // 30 bits, as many as 10**9 has
      if (r < SEEDS) return r + 1;
    }
  });
  setGlobalDataSeed(seed);
}
