/**
 * The arguments of launches: one block of addresses for all of them, because the driver copies what
 * it holds before a launch returns.
 *
 * @module
 */
import { addressOf } from "../../../ffi/mod.ts";

const TWO_32 = 2 ** 32;

/** Values of arguments, each an address, and behind them the addresses of the values. */
export class ArgumentBlock {
  #words = new Uint32Array(0);
  #count = 0;

  /** What a launch is given: where the addresses of the values lie. */
  parameters = 0n;

  /** Makes room for so many arguments. */
  reserve(count: number): void {
    if (count <= this.#count) return;
    const block = new BigUint64Array(2 * count);
    const base = addressOf(block);
    for (let i = 0; i < count; i++) block[count + i] = base + BigInt(8 * i);
    this.#words = new Uint32Array(block.buffer);
    this.#count = count;
    this.parameters = base + BigInt(8 * count);
  }

  /** Writes one value; in halves, which makes no bigint. */
  set(index: number, address: number): void {
    this.#words[2 * index] = address;
    this.#words[2 * index + 1] = address / TWO_32;
  }
}
