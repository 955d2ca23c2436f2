/**
 * Permutations of 0..n-1 that are computed number by number, so that shuffling takes no memory.
 *
 * Formula: Grain's `index_shuffle`: a balanced Feistel network of Simon-like rounds, walked until it
 * meets a number below n. Its block is one bit short where n - 1 is a power of 4 of at least 2^16,
 * and then loses an element; here it is as wide as n - 1.
 *
 * @module
 */

const ROUND_KEYS = 4;

/** Four words from a seed, as the C++ standard defines `std::seed_seq{seed}.generate`. */
function seedWords(seed: number): Uint32Array {
  const n = ROUND_KEYS, p = 1, q = 2;
  const out = new Uint32Array(n).fill(0x8b8b8b8b);
  const mix = (x: number) => (x ^ (x >>> 27)) >>> 0;
  for (let k = 0; k < n; k++) {
    const r1 = Math.imul(1664525, mix(out[k]! ^ out[(k + p) % n]! ^ out[(k + n - 1) % n]!)) >>> 0;
    const added = k === 0 ? 1 : k === 1 ? (k % n) + seed : k % n;
    const r2 = (r1 + added) >>> 0;
    out[(k + p) % n]! += r1;
    out[(k + q) % n]! += r2;
    out[k] = r2;
  }
  for (let k = n; k < 2 * n; k++) {
    const i = k % n;
    const sum = (out[i]! + out[(i + p) % n]! + out[(i + n - 1) % n]!) >>> 0;
    const r3 = Math.imul(1566083941, mix(sum)) >>> 0;
    const r4 = (r3 - i) >>> 0;
    out[(i + p) % n]! ^= r3;
    out[(i + q) % n]! ^= r4;
    out[i] = r4;
  }
  return out;
}

/**
 * The permutation of 0..n-1 of a seed in 0..2^32-1, as a function of a number.
 *
 * @param n how many numbers, at most 2^53
 */
export function indexPermutation(n: number, seed: number): (i: number) => number {
  if (n <= 1) return (i) => i;
  const max = n - 1;
  let bits = 16;
  while (2 ** bits <= max) bits += 2;
  const word = bits / 2;
  const size = 2 ** word;
  const mask = size - 1;
  const keys = seedWords(seed).map((k) => k & mask);
  const [k0, k1, k2, k3] = [keys[0]!, keys[1]!, keys[2]!, keys[3]!];
  const rotated = (x: number, by: number) => ((x << by) | (x >>> (word - by))) & mask;
  const eight = 8 % word;
  const round = (x: number) => (rotated(x, 1) & rotated(x, eight)) ^ rotated(x, 2);
  if (bits <= 30) {
    // the same below in words of 32 bits, which are several times as fast
    return (i) => {
      do {
        let left = i >>> word, right = i & mask;
        left ^= round(right) ^ k0;
        right ^= round(left) ^ k1;
        left ^= round(right) ^ k2;
        right ^= round(left) ^ k3;
        i = left << word | right;
      } while (i > max);
      return i;
    };
  }
  return (i) => {
    do {
      let left = Math.floor(i / size), right = i % size;
      left ^= round(right) ^ k0;
      right ^= round(left) ^ k1;
      left ^= round(right) ^ k2;
      right ^= round(left) ^ k3;
      i = left * size + right;
    } while (i > max);
    return i;
  };
}
