/**
 * Memory that nobody has to dispose of: results lie on a device's heap within a byte budget, and
 * the least recently used pages move into ordinary ArrayBuffers, which the garbage collector frees
 * also while a synchronous loop runs. Finalizers and `dispose` only make it cheaper.
 *
 * @module
 */

import type { DType } from "../base/dtype.ts";
import { DonatedError } from "../base/errors.ts";
import { Allocator, GONE } from "./allocator.ts";
import { PAGE, type Region } from "./pages.ts";
import { Storage } from "./storage.ts";
import { numberAt } from "./wasm_region.ts";

export { ALIGNMENT } from "./allocator.ts";
export { PAGE, type Region } from "./pages.ts";
export type { Storage } from "./storage.ts";
export { wasmRegion } from "./wasm_region.ts";

/** What a heap holds now. */
export interface HeapStats {
  /** Bytes of the pages that results own. */
  readonly heapBytes: number;
  /** Runs of pages that have moved to the host since the heap was made. */
  readonly hostEvictions: number;
  /** Pages of the region, used or not. */
  readonly pages: number;
  /** Runs of pages that results own. */
  readonly runs: number;
  /** Runs that calls are using. */
  readonly pinned: number;
  /** The byte budget in force. */
  readonly budget: number;
  /** Bytes of the scratch arena. */
  readonly scratchBytes: number;
}

/** The memory of one device. */
export class Heap {
  readonly #allocator: Allocator;

  /** A heap in `region`, in the pages from `firstPage` (at least 1) on. */
  constructor(region: Region, firstPage = 1) {
    this.#allocator = new Allocator(region, firstPage);
  }

  /**
   * The bytes of results that may lie on the heap before the least recently used move out: 64 MiB
   * plus twice the last call's outputs plus what had to come back lately, or what was set here.
   * Infinity switches eviction off, for as long as the region has room; null goes back to the
   * default.
   */
  get budget(): number {
    return this.#allocator.budget.bytes;
  }

  set budget(bytes: number | null) {
    this.#allocator.budget.bytes = bytes;
  }

  /** Tells the size of a call's outputs, from which the default budget follows. */
  noteOutputs(bytes: number): void {
    this.#allocator.budget.noteOutputs(bytes);
  }

  /**
   * Reserves room for a result, with any content, at a multiple of 64 bytes. It is not pinned, so
   * the next reserve may move it out: pin it first.
   *
   * @throws {RangeError} When `bytes` is not a size.
   * @throws {OutOfMemoryError} When the pages in use leave no room; nothing has changed then.
   */
  reserve(bytes: number): Storage {
    checkSize(bytes, "reserve");
    return this.#allocator.allocate(bytes);
  }

  /** Whether memory that nobody has written holds zeros, so that `zeros` may give some. */
  get startsZeroed(): boolean {
    return this.#allocator.region.zeroed === true;
  }

  /**
   * Reserves a result of zeros without a kernel; null where that is no gain, or where the host does
   * not reach the bytes.
   *
   * @throws {RangeError} When `bytes` is not a size.
   * @throws {OutOfMemoryError} When the pages in use leave no room; nothing has changed then.
   */
  zeros(bytes: number): Storage | null {
    checkSize(bytes, "reserve");
    return this.#allocator.zeros(bytes);
  }

  /** Reserves room for the bytes of `source` and copies them in. */
  fromBytes(source: ArrayBufferView): Storage {
    const s = this.reserve(source.byteLength);
    try {
      this.write(s, source);
    } catch (e) {
      this.dispose(s);
      throw e;
    }
    return s;
  }

  /**
   * A storage of a caller's own bytes, for one call that reads them: `pin` copies them onto the
   * heap. The caller must not change them before that, or before the call has returned.
   */
  borrow(source: ArrayBufferView<ArrayBuffer>): Storage {
    return this.#allocator.borrow(
      new Uint8Array(source.buffer, source.byteOffset, source.byteLength),
    );
  }

  /**
   * Brings a storage's bytes onto the heap if they are not there, keeps them in place until the
   * matching `unpin`, and returns their address. Pins count.
   *
   * @throws {DonatedError} When the bytes were donated.
   * @throws {OutOfMemoryError} When there is no room to bring them in.
   */
  pin(s: Storage): number {
    if (s.disposed || s.donatedTo !== null) refuse(s);
    if (s.block.address < 0) this.#allocator.bringIn(s);
    const block = s.block;
    this.#allocator.pin(block.run);
    s.pins++;
    return block.address + s.offset;
  }

  /**
   * Throws when a storage has no bytes any more, so that it cannot be used.
   *
   * @throws {DonatedError} When the bytes were donated.
   */
  check(s: Storage): void {
    if (s.disposed || s.donatedTo !== null) refuse(s);
  }

  /** Undoes one `pin`. Works on a storage that has been disposed of or donated since. */
  unpin(s: Storage): void {
    if (s.pins === 0) {
      throw new Error("Cannot unpin a storage: it is not pinned: unpin once for every pin");
    }
    const run = s.block.run;
    if (--s.pins === 0 && s.disposed) s.block = GONE;
    this.#allocator.unpin(run);
  }

  /** Overwrites the bytes of a storage, wherever they lie. */
  write(s: Storage, source: ArrayBufferView): void {
    if (s.disposed || s.donatedTo !== null) refuse(s);
    if (source.byteLength !== s.bytes) {
      throw new RangeError(
        `Cannot write ${source.byteLength} bytes into a storage of ${s.bytes}: ` +
          "the sizes must match: reserve as many bytes as are written",
      );
    }
    const { address, host } = s.block;
    if (host === null) this.#allocator.region.write(address + s.offset, bytesOf(source));
    else host.set(bytesOf(source), s.offset);
  }

  /**
   * A fresh ordinary copy of a storage's bytes. Bytes on the host are not brought in.
   *
   * @throws {DonatedError} When the bytes were donated.
   */
  read(s: Storage): Uint8Array<ArrayBuffer> {
    if (s.disposed || s.donatedTo !== null) refuse(s);
    const { address, host, run } = s.block;
    if (host !== null) return host.slice(s.offset, s.offset + s.bytes);
    this.#allocator.ledger.touch(run);
    return this.#allocator.copyOut(address + s.offset, s.bytes);
  }

  /**
   * The element of type `dtype` at `index` of a storage, as a number (a bool as 0 or 1).
   *
   * @throws {RangeError} When the storage has no such element.
   * @throws {DonatedError} When the bytes were donated.
   */
  readNumber(s: Storage, dtype: DType, index = 0): number {
    if (s.disposed || s.donatedTo !== null) refuse(s);
    const width = dtype === "float64" ? 8 : dtype === "bool" || dtype === "uint8" ? 1 : 4;
    if (!Number.isSafeInteger(index) || index < 0 || (index + 1) * width > s.bytes) {
      throw new RangeError(
        `Cannot read element ${index} of ${s.bytes} bytes of ${dtype}: ` +
          `it is an integer from 0 to below ${Math.floor(s.bytes / width)}: check the shape`,
      );
    }
    const { address, host, run } = s.block;
    const at = s.offset + index * width;
    if (host !== null) return numberAt(new DataView(host.buffer, host.byteOffset), at, dtype);
    this.#allocator.ledger.touch(run);
    return this.#allocator.region.number(address + at, dtype);
  }

  /** An ordinary copy of the bytes at an address. */
  readAt(address: number, bytes: number): Uint8Array<ArrayBuffer> {
    return this.#allocator.copyOut(address, bytes);
  }

  /** Overwrites the bytes from an address on. */
  writeAt(address: number, source: ArrayBufferView): void {
    this.#allocator.region.write(address, bytesOf(source));
  }

  /** The element of type `dtype` that lies at an address, as a number (a bool as 0 or 1). */
  numberAt(address: number, dtype: DType): number {
    return this.#allocator.region.number(address, dtype);
  }

  /** Copies bytes from one address to another. */
  copy(from: number, to: number, bytes: number): void {
    this.#allocator.region.copy(from, to, bytes);
  }

  /**
   * Frees a storage's bytes at once, or after its last pin. Doing it again does nothing. A call
   * that consumed a donated storage without reusing it names itself in `donatedTo`.
   */
  dispose(s: Storage, donatedTo: string | null = null): void {
    if (s.disposed || s.donatedTo !== null) return;
    this.#allocator.free(s);
    end(s, donatedTo);
  }

  /**
   * Hands the bytes of a donated storage on to a new one, at the same address. The old one can
   * only be unpinned from now on; using it otherwise is an error that names `donatedTo`.
   */
  adopt(from: Storage, donatedTo = "an earlier call"): Storage {
    if (from.disposed || from.donatedTo !== null) refuse(from);
    const to = new Storage(from.block, from.offset, from.bytes);
    to.lease = from.lease;
    from.lease = null;
    end(from, donatedTo);
    return to;
  }

  /**
   * Leases the scratch arena, with any content, until `releaseScratch`, and returns its address.
   * A lease within a lease gets pages of its own.
   *
   * @throws {OutOfMemoryError} When there is no room; nothing has changed then.
   */
  scratch(bytes: number): number {
    checkSize(bytes, "lease scratch of");
    return this.#allocator.scratch.lease(bytes);
  }

  /** Ends the innermost lease of scratch. */
  releaseScratch(): void {
    this.#allocator.scratch.release();
  }

  /**
   * Registers a function that gives back what can be made anew, and says whether there was any. It
   * is called where there is no other way to make room.
   */
  onPressure(free: () => boolean): void {
    this.#allocator.caches.push(free);
  }

  /** What the heap holds now. */
  stats(): HeapStats {
    const { ledger, used, evictions, pages, scratch } = this.#allocator;
    let pinned = 0;
    for (let run = ledger.oldest; run !== null; run = run.newer) {
      if (run.pins > 0) pinned++;
    }
    return {
      heapBytes: used * PAGE,
      hostEvictions: evictions,
      pages,
      runs: ledger.size,
      pinned,
      budget: this.budget,
      scratchBytes: scratch.bytes,
    };
  }
}

function checkSize(bytes: number, action: string): void {
  if (Number.isSafeInteger(bytes) && bytes >= 0) return;
  throw new RangeError(
    `Cannot ${action} ${bytes} bytes: a size is an integer from 0 to 2^53 - 1: check the shape`,
  );
}

// A pinned storage keeps its block, by which the pins are undone.
function end(s: Storage, donatedTo: string | null): void {
  s.disposed = true;
  s.donatedTo = donatedTo;
  if (s.pins === 0) s.block = GONE;
}

function refuse(s: Storage): never {
  if (s.donatedTo !== null) {
    throw new DonatedError(
      `Cannot use a tensor that was donated to ${s.donatedTo}: its memory holds a result now: ` +
        "use what the call returned, or do not donate the argument",
    );
  }
  throw new Error(
    "Cannot use a disposed tensor: its memory is free: dispose of it after its last use",
  );
}

function bytesOf(source: ArrayBufferView): Uint8Array {
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}
