/**
 * Bytes between the host and the device, in the order of the stream: what is written has been read
 * when the call returns, and a reader waits for what was asked for before.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import { DTYPES } from "../../base/dtype.ts";
import { numberAt } from "../wasm_region.ts";
import type { Gpu } from "./driver.ts";
import { type Pinned, pinnedPieces } from "./pinned.ts";

/** Bytes of a piece of page-locked memory, and how many there are for each direction. */
const PIECE = 1 << 20;
const WRITERS = 4;
const READERS = 2;

/** Copies by way of page-locked memory, large ones piece by piece. */
export class Transfer {
  readonly #gpu: Gpu;
  #writers: Pinned[] = [];
  #readers: Pinned[] = [];
  /** The piece that writes go through now, and how much of it is taken. */
  #at = 0;
  #top = 0;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Copies ordinary memory to the device. */
  write(address: number, from: Uint8Array): void {
    const gpu = this.#gpu;
    gpu.use();
    if (this.#writers.length === 0) this.#writers = pinnedPieces(gpu, WRITERS, PIECE);
    for (let done = 0; done < from.length;) {
      if (this.#top === PIECE) this.#turn();
      const piece = this.#writers[this.#at]!;
      const count = Math.min(from.length - done, PIECE - this.#top);
      piece.bytes.set(from.subarray(done, done + count), this.#top);
      const code = gpu.driver.copyIn(
        BigInt(address + done),
        piece.address + BigInt(this.#top),
        BigInt(count),
        gpu.stream,
      );
      gpu.check(code, "cuMemcpyHtoDAsync_v2", `copy ${from.length} bytes`);
      this.#top = Math.min(PIECE, Math.ceil((this.#top + count) / 64) * 64);
      done += count;
    }
  }

  /** Goes on to the next piece, when the device has read it. */
  #turn(): void {
    this.#writers[this.#at]!.copied(this.#gpu.stream);
    this.#at = (this.#at + 1) % WRITERS;
    this.#writers[this.#at]!.wait();
    this.#top = 0;
  }

  /** Copies from the device into ordinary memory. */
  read(address: number, to: Uint8Array): void {
    if (to.length === 0) return;
    const readers = this.#reading();
    const count = Math.ceil(to.length / PIECE);
    for (let i = 0; i <= count; i++) {
      if (i < count) {
        const start = i * PIECE;
        this.#fetch(readers[i % READERS]!, address + start, Math.min(PIECE, to.length - start));
      }
      if (i === 0) continue;
      const piece = readers[(i - 1) % READERS]!;
      const start = (i - 1) * PIECE;
      piece.wait();
      to.set(piece.bytes.subarray(0, Math.min(PIECE, to.length - start)), start);
    }
  }

  /** One element of the device's memory. */
  number(address: number, dtype: DType): number {
    const piece = this.#reading()[0]!;
    this.#fetch(piece, address, DTYPES[dtype].bytes);
    piece.wait();
    return numberAt(new DataView(piece.bytes.buffer, piece.bytes.byteOffset), 0, dtype);
  }

  /** Copies within the device. */
  copy(from: number, to: number, bytes: number): void {
    if (bytes === 0 || from === to) return;
    const gpu = this.#gpu;
    gpu.use();
    gpu.call("cuMemcpyDtoDAsync_v2", BigInt(to), BigInt(from), BigInt(bytes), gpu.stream);
  }

  #reading(): readonly Pinned[] {
    this.#gpu.use();
    if (this.#readers.length === 0) this.#readers = pinnedPieces(this.#gpu, READERS, PIECE);
    return this.#readers;
  }

  #fetch(piece: Pinned, address: number, bytes: number): void {
    const gpu = this.#gpu;
    const code = gpu.driver.copyOut(piece.address, BigInt(address), BigInt(bytes), gpu.stream);
    gpu.check(code, "cuMemcpyDtoHAsync_v2", `read ${bytes} bytes`);
    piece.copied(gpu.stream);
  }
}
