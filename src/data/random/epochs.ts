/**
 * Epochs: the random stream of a stage and the number of passes that were started over it. A pass
 * has its number from here, so that every loop over a dataset is another epoch, as in tf.data.
 *
 * @module
 */
import { Philox, philox4x32 } from "./philox.ts";

/** The key and the counter words of a Philox stream. */
export type Key = readonly [number, number, number, number];

/** One pass: the stream of its stage, and how many passes were before it. */
export interface Pass {
  readonly key: Key;
  readonly number: number;
}

/** What a stage with randomness has for life. */
export class Epochs {
  /** The seeds of the stage's stream. */
  readonly key: Key;
  /** How many passes were started; it only grows. */
  started = 0;

  constructor(key: Key) {
    this.key = key;
  }
}

/** The stream of a key from its start. */
export function streamOf(key: Key): Philox {
  return new Philox(key[0], key[1], key[2], key[3]);
}

/** The stream of a reshuffled pass: its two seeds are drawn from the stage's own stream. */
export function passStream(pass: Pass): Philox {
  const seeds = streamOf(pass.key);
  seeds.seek(2 * pass.number);
  return new Philox(seeds.next(), 0, seeds.next(), 0);
}

const block = new Uint32Array(4);

/**
 * Two random words for one record, from the stage's seed, the epoch and the record's number alone:
 * a key for `random`.
 */
export function recordKey(pass: Pass, index: number): Uint32Array {
  const [a, b, c, d] = pass.key;
  philox4x32([0, 0, c, d], a, b, block);
  const key0 = (block[0]! ^ pass.number) >>> 0;
  const key1 = (block[1]! ^ Math.floor(pass.number / 2 ** 32)) >>> 0;
  philox4x32([index >>> 0, Math.floor(index / 2 ** 32), 0x7265636f, 0x6b6579], key0, key1, block);
  return block.slice(0, 2);
}
