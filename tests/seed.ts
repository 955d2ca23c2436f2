/**
 * The seed of every property test: fixed, so that a run which passed passes again and a failure
 * is the fault of what changed; GLISSADE_TEST_SEED gives another, to look where no run has looked.
 *
 * @module
 */
const given = Deno.env.get("GLISSADE_TEST_SEED");

export const seed = given === undefined ? 1 : Number(given);
if (!Number.isSafeInteger(seed)) {
  throw new RangeError(`Cannot use GLISSADE_TEST_SEED=${given}: an integer is wanted`);
}
