/**
 * Which random stream a shuffling stage gets, from its own seed and the global one, as tf.data
 * decides it.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import type { Key } from "./epochs.ts";
import { PythonRandom } from "./python_random.ts";

/** TensorFlow's stand-in for the global seed where only the operation has one. */
const DEFAULT_GLOBAL = 87654321;
const MODULUS = 2 ** 31 - 1;

let global: { readonly seed: number; readonly draws: PythonRandom } | null = null;

/**
 * Sets the seed that pipeline stages made from now on derive theirs from; null takes it away. The
 * hook of `utils.setRandomSeed`.
 */
export function setGlobalDataSeed(seed: number | null): void {
  global = seed === null
    ? null
    : { seed: checkSeed(seed, "set the random seed to"), draws: new PythonRandom(seed) };
}

/** Checks that a seed is an integer. */
export function checkSeed(seed: unknown, action: string): number {
  if (Number.isSafeInteger(seed)) return seed as number;
  throw new TypeError(`Cannot ${action} ${formatValue(seed)}: a seed is an integer`);
}

/**
 * The random stream of a stage made now. Seeds are taken modulo 2^31 - 1; with no seed at all, it is
 * unlike that of any other stage.
 */
export function stageKey(seed: number | undefined): Key {
  let pair: [number, number] | null = null;
  if (global !== null) pair = [truncate(global.seed), truncate(seed ?? global.draws.int31())];
  else if (seed !== undefined) pair = [DEFAULT_GLOBAL, truncate(seed)];
  if (pair === null) {
    const [a, b, c, d] = crypto.getRandomValues(new Uint32Array(4));
    return [a!, b!, c!, d!];
  }
  const [first, second] = pair[0] === 0 && pair[1] === 0 ? [0, MODULUS] : pair;
  return [first, 0, second, 0];
}

/** The remainder as Python takes it, never negative. */
function truncate(seed: number): number {
  return ((seed % MODULUS) + MODULUS) % MODULUS;
}
