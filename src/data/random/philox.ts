/**
 * Philox4x32-10, the counter-based random generator of tf.data's shuffle.
 *
 * Formula: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 *
 * @module
 */

import { ABREAST, MOST_WORDS, MULTIPLIERS, philoxKernel, ROUNDS, WEYL } from "./philox_kernel.ts";

const [M0, M1] = MULTIPLIERS;
const [W0, W1] = WEYL;
const WORDS = 4 * ABREAST;
/** Words that this thread makes before a kernel is worth the 2 ms that making it takes. */
const WORTH = 1 << 18;

let asked = 0;

/** The upper 32 bits of a product of unsigned 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const al = a & 0xffff, ah = a >>> 16, bl = b & 0xffff, bh = b >>> 16;
  // no sum passes 2^32, so words of 32 bits hold them all
  const low = Math.imul(al, bl);
  const middle = Math.imul(ah, bl) + (low >>> 16) | 0;
  const carry = Math.imul(al, bh) + (middle & 0xffff) | 0;
  return Math.imul(ah, bh) + (middle >>> 16) + (carry >>> 16) | 0;
}

/** One block: four random words from a counter of four words and a key of two, written to `out[at]`. */
export function philox4x32(
  counter: ArrayLike<number>,
  key0: number,
  key1: number,
  out: Uint32Array,
  at = 0,
): void {
  let c0 = counter[0]! | 0, c1 = counter[1]! | 0, c2 = counter[2]! | 0, c3 = counter[3]! | 0;
  key0 |= 0;
  key1 |= 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(M0, c0), high1 = mulHigh(M1, c2);
    const low0 = Math.imul(M0, c0), low1 = Math.imul(M1, c2);
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
    key0 = key0 + W0 | 0;
    key1 = key1 + W1 | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/** A stream of 32-bit numbers from two 64-bit seeds, each given as a low and a high word. */
export class Philox {
  readonly #counter: Uint32Array;
  readonly #key0: number;
  readonly #key1: number;
  readonly #block = new Uint32Array(4);
  #used = 4;

  constructor(seedLow: number, seedHigh: number, seed2Low: number, seed2High: number) {
    this.#key0 = seedLow >>> 0;
    this.#key1 = seedHigh >>> 0;
    this.#counter = new Uint32Array([0, 0, seed2Low, seed2High]);
  }

  /** Goes to the number that comes after `count` numbers from the start. */
  seek(count: number): void {
    const blocks = Math.floor(count / 4);
    this.#counter[0] = blocks % 2 ** 32;
    this.#counter[1] = Math.floor(blocks / 2 ** 32);
    this.#used = 4;
    for (let i = blocks * 4; i < count; i++) this.next();
  }

  /** The next number, uniform in 0..2^32-1. */
  next(): number {
    if (this.#used === 4) {
      this.#more(this.#block, 0);
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  /** Puts the next `count` numbers into `out`. */
  fill(out: Uint32Array, count: number): void {
    let i = 0;
    while (i < count && this.#used < 4) out[i++] = this.#block[this.#used++]!;
    if (count - i >= WORDS && (asked += count - i) >= WORTH) i = this.#fours(out, i, count);
    for (; i + 4 <= count; i += 4) this.#more(out, i);
    while (i < count) out[i++] = this.next();
  }

  /** Puts blocks where as many as the kernel makes fit; gives where the next one goes. */
  #fours(out: Uint32Array, i: number, count: number): number {
    const { words, fours } = philoxKernel();
    const counter = this.#counter;
    while (count - i >= WORDS) {
      const times = Math.floor(Math.min(count - i, MOST_WORDS) / WORDS);
      const [low, high] = [counter[0]!, counter[1]!];
      fours(low, high, counter[2]!, counter[3]!, this.#key0, this.#key1, times);
      counter[0] = low + times * ABREAST;
      if (counter[0] < low) counter[1] = high + 1;
      out.set(words.subarray(0, times * WORDS), i);
      i += times * WORDS;
    }
    return i;
  }

  #more(out: Uint32Array, at: number): void {
    philox4x32(this.#counter, this.#key0, this.#key1, out, at);
    const low = this.#counter[0]! + 1;
    this.#counter[0] = low;
    if (low > 0xffffffff) this.#counter[1]!++;
  }
}
