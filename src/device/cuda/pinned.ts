/**
 * Page-locked memory of the host, which the device reads and writes by itself, beside the program.
 *
 * @module
 */
import { bytesAt } from "../../../ffi/mod.ts";
import type { Gpu } from "./driver.ts";

/** A piece of it, with an event that tells when the last copy from or to it is done. */
export class Pinned {
  readonly #gpu: Gpu;
  readonly address: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #event: bigint;
  #copying = false;
  #freed = false;

  constructor(gpu: Gpu, bytes: number) {
    this.#gpu = gpu;
    this.address = gpu.hostAddress(bytes);
    try {
      this.bytes = bytesAt(this.address, bytes);
      this.#event = gpu.event();
    } catch (e) {
      gpu.driver.symbols.cuMemFreeHost(this.address);
      throw e;
    }
  }

  /** Notes that a copy was asked for on a stream; gives the event of its end. */
  copied(stream: bigint): bigint {
    this.#gpu.call("cuEventRecord", this.#event, stream);
    this.#copying = true;
    return this.#event;
  }

  /** Waits until the last copy is done. */
  wait(): void {
    if (!this.#copying) return;
    this.#gpu.call("cuEventSynchronize", this.#event);
    this.#copying = false;
  }

  /** Gives the memory back, when no copy needs it any more. */
  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    const { symbols } = this.#gpu.driver;
    if (this.#copying) symbols.cuEventSynchronize(this.#event);
    symbols.cuEventDestroy_v2(this.#event);
    symbols.cuMemFreeHost(this.address);
  }
}

/** Makes several pieces, or none when one cannot be made. */
export function pinnedPieces(gpu: Gpu, count: number, bytes: number): Pinned[] {
  const made: Pinned[] = [];
  try {
    for (let i = 0; i < count; i++) made.push(new Pinned(gpu, bytes));
  } catch (e) {
    for (const piece of made) piece.free();
    throw e;
  }
  return made;
}
