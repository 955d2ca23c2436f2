/**
 * Memory that is the same from call to call, so that graphs may name it: it only ever grows, and then
 * its address changes.
 *
 * @module
 */
import type { Heap, Storage } from "../heap.ts";

/** Places begin at multiples of so many bytes. */
const ALIGN = 256;

/** A place for `bytes` bytes, rounded up to where the next one may begin. */
export const aligned = (bytes: number): number => Math.max(1, Math.ceil(bytes / ALIGN)) * ALIGN;

/** A block of a heap that is kept in place. */
export class Lasting {
  readonly #heap: Heap;
  #storage: Storage | null = null;

  /** Where it lies; 0 as long as nothing was reserved. */
  address = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Bytes that it has. */
  get bytes(): number {
    return this.#storage?.bytes ?? 0;
  }

  /**
   * Makes it at least so long; what it held is lost. Work that was asked for before may still use the
   * old place, for memory is used again in the order of the stream.
   *
   * @throws {OutOfMemoryError} When there is no room; nothing has changed then.
   */
  reserve(bytes: number): void {
    if (bytes <= this.bytes) return;
    const heap = this.#heap;
    const storage = heap.reserve(Math.max(aligned(bytes), 2 * this.bytes));
    const address = heap.pin(storage);
    this.free();
    this.#storage = storage;
    this.address = address;
  }

  /** Gives the memory back; work that was asked for before may still use it. */
  free(): void {
    const old = this.#storage;
    if (old === null) return;
    this.#storage = null;
    this.address = 0;
    this.#heap.unpin(old);
    this.#heap.dispose(old);
  }
}
