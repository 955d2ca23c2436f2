/**
 * The staging block: what calls get from the host goes to one fixed place of the device in one copy.
 * Small inputs are copied in the order of the stream; large ones while the step before still runs,
 * by a stream of their own and to two places by turns.
 *
 * @module
 */
import type { Heap } from "../heap.ts";
import type { Gpu } from "./driver.ts";
import { aligned, Lasting } from "./lasting.ts";
import { type Pinned, pinnedPieces } from "./pinned.ts";

/** Bytes up to which a copy is not worth an order of its own. */
const SMALL = 1 << 16;
/** Calls that may be ahead of the device: with small inputs, with large ones. */
const SMALL_AHEAD = 16;
const LARGE_AHEAD = 3;

/** The most bytes that a call may stage, and that share of the device's memory. */
const MOST = 64 << 20;
const SHARE = 1 / 64;

/** A ring of host memory and the device's blocks that it is copied to. */
class Bank {
  readonly #gpu: Gpu;
  readonly #ahead: number;
  readonly #heap: Heap;
  #blocks: readonly Lasting[];
  /** When the last call that read a block was done; there where copies run ahead. */
  #done: bigint[] = [];
  readonly #used: boolean[] = [];
  #ring: Pinned[] = [];
  #turn = 0;
  /** Bytes of each. */
  bytes = 0;

  constructor(gpu: Gpu, heap: Heap, ahead: number, blocks: number) {
    this.#gpu = gpu;
    this.#ahead = ahead;
    this.#heap = heap;
    this.#blocks = Array.from({ length: blocks }, () => new Lasting(heap));
  }

  get #runsAhead(): boolean {
    return this.#blocks.length > 1;
  }

  /** Makes room for so many bytes, or leaves all as it is; what was written before is lost. */
  reserve(bytes: number): void {
    if (bytes <= this.bytes) return;
    const wanted = Math.max(aligned(bytes), Math.min(2 * this.bytes, this.bytes + (16 << 20)));
    const ring = pinnedPieces(this.#gpu, this.#ahead, wanted);
    const blocks = this.#blocks.map(() => new Lasting(this.#heap));
    try {
      for (const block of blocks) block.reserve(wanted);
      if (this.#runsAhead) {
        while (this.#done.length < blocks.length) this.#done.push(this.#gpu.event());
        // the new blocks may have been another's, whose work is on the main stream
        this.#gpu.order(this.#gpu.copyStream, this.#gpu.stream);
      }
    } catch (e) {
      for (const piece of ring) piece.free();
      for (const block of blocks) block.free();
      throw e;
    }
    this.free();
    this.#ring = ring;
    this.#blocks = blocks;
    this.bytes = wanted;
  }

  /** Gives the host's memory back, when it has been read; false where there was none. */
  freeRing(): boolean {
    if (this.#ring.length === 0) return false;
    this.bytes = 0;
    for (const piece of this.#ring.splice(0)) piece.free();
    return true;
  }

  /** Gives all memory back, when nothing is on its way to it; false where there was none. */
  free(): boolean {
    let any = this.freeRing();
    for (const block of this.#blocks) {
      any ||= block.bytes > 0;
      block.free();
    }
    return any;
  }

  /** The host memory of the next call, when no copy reads it any more. */
  get host(): Uint8Array<ArrayBuffer> {
    const piece = this.#ring[this.#turn % this.#ahead]!;
    piece.wait();
    return piece.bytes;
  }

  /** Where it will lie on the device. */
  get address(): number {
    return this.#blocks[this.#turn % this.#blocks.length]!.address;
  }

  /** Copies the first bytes of the host memory; what is launched from now on finds them. */
  send(bytes: number): void {
    const gpu = this.#gpu;
    const which = this.#turn % this.#blocks.length;
    const piece = this.#ring[this.#turn % this.#ahead]!;
    const stream = this.#runsAhead ? gpu.copyStream : gpu.stream;
    if (this.#runsAhead && this.#used[which]) {
      gpu.call("cuStreamWaitEvent", stream, this.#done[which]!, 0);
    }
    const code = gpu.driver.copyIn(BigInt(this.address), piece.address, BigInt(bytes), stream);
    gpu.check(code, "cuMemcpyHtoDAsync_v2", `copy ${bytes} bytes of inputs`);
    const event = piece.copied(stream);
    if (this.#runsAhead) gpu.call("cuStreamWaitEvent", gpu.stream, event, 0);
  }

  /** Notes that all that reads the block has been launched. */
  finish(): void {
    const which = this.#turn % this.#blocks.length;
    this.#turn++;
    if (!this.#runsAhead) return;
    this.#used[which] = true;
    this.#gpu.call("cuEventRecord", this.#done[which]!, this.#gpu.stream);
  }
}

/** The staging blocks of a device; calls use them one after the other. */
export class Stage {
  readonly #small: Bank;
  readonly #large: Bank;
  /** The most bytes that a call may bring. */
  readonly limit: number;
  /** Whether a call is being prepared or run, which needs what there is. */
  isOpen = false;

  constructor(gpu: Gpu, heap: Heap) {
    this.limit = Math.min(MOST, gpu.traits.memory * SHARE);
    const banks = [
      this.#small = new Bank(gpu, heap, SMALL_AHEAD, 1),
      this.#large = new Bank(gpu, heap, LARGE_AHEAD, 2),
    ];
    const freeAll = (free: (bank: Bank) => boolean): boolean => {
      if (this.isOpen || gpu.isCapturing) return false;
      return banks.map(free).some((any) => any);
    };
    // the heap itself may be at work when the driver finds no memory
    gpu.onPressure(() => freeAll((bank) => bank.freeRing()));
    heap.onPressure(() => freeAll((bank) => bank.free()));
  }

  /** Where a call with so many bytes is to put them. */
  bankFor(bytes: number): Bank {
    const bank = bytes > SMALL ? this.#large : this.#small;
    bank.reserve(Math.max(bytes, SMALL));
    return bank;
  }
}

export type { Bank };
