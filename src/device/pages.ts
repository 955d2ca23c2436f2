/**
 * The byte range that a device computes on, and the pool that lends its pages. Neighbouring free
 * pages are one extent again as soon as both are back, so that large results keep finding room.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";

/** Bytes in a page: the unit of the pool, and of WebAssembly's own growth. */
export const PAGE = 65536;

/** A byte range at whose addresses a device computes. Growing never moves an address. */
export interface Region {
  /** Bytes that it has now. */
  readonly size: number;
  /** The most bytes that it can ever have. */
  readonly maximum: number;
  /** Bytes of results that may lie there before the oldest move out, where that is not 64 MiB. */
  readonly budget?: number;
  /** Whether what it grows by lies apart from what it had; a page between them is never lent. */
  readonly apart?: boolean;
  /** Whether bytes that nobody has written are zeros; others have any content. */
  readonly zeroed?: boolean;
  /** How full the memory is that it lies in, for messages; where others may use it too. */
  room?(): string;
  /** Makes it at least `bytes` long in all; false, and nothing changed, if it cannot be. */
  grow(bytes: number): boolean;
  /** The address of the first byte of a page. */
  addressOf(page: number): number;
  /** Copies the bytes from `address` on into ordinary memory. */
  read(address: number, to: Uint8Array): void;
  /** Copies ordinary memory to `address`; it has been read when this returns. */
  write(address: number, from: Uint8Array): void;
  /** Copies bytes from one address to another. */
  copy(from: number, to: number, bytes: number): void;
  /** The element of type `dtype` at `address`, as a number (a bool as 0 or 1). */
  number(address: number, dtype: DType): number;
}

// Free extents are in doubly linked lists by the power of two of their length. The tables are
// indexed by page number, and 0 means none: page 0 is never lent.
const CLASSES = 31;

/** Lends runs of contiguous pages of a region, and grows it when no free extent is long enough. */
export class PagePool {
  readonly #region: Region;
  readonly #heads = new Int32Array(CLASSES);
  /** At the first page of a free extent: its length. */
  #length: Int32Array;
  /** At the last page of a free extent: its first page. */
  #first: Int32Array;
  #next: Int32Array;
  #previous: Int32Array;
  /** Pages that the region has now, lent or not. */
  #end: number;
  readonly #maximum: number;
  #fresh: number;

  /** The most pages that can be lent at once. */
  readonly limit: number;

  /** The pages of `region` from `firstPage` (at least 1) on. */
  constructor(region: Region, firstPage = 1) {
    if (!Number.isSafeInteger(firstPage) || firstPage < 1) {
      throw new RangeError(
        `Cannot lend pages from page ${firstPage} on: the first must be at least 1, ` +
          "because address 0 means none: pass a positive integer",
      );
    }
    this.#region = region;
    this.#maximum = Math.floor(region.maximum / PAGE);
    this.limit = Math.max(0, this.#maximum - firstPage);
    this.#end = Math.max(firstPage, Math.floor(region.size / PAGE));
    this.#fresh = firstPage;
    this.#length = new Int32Array(this.#end + 2);
    this.#first = new Int32Array(this.#end + 2);
    this.#next = new Int32Array(this.#end + 2);
    this.#previous = new Int32Array(this.#end + 2);
    if (this.#end > firstPage) this.#insert(firstPage, this.#end - firstPage);
  }

  /** Pages that the region has grown to. */
  get pages(): number {
    return this.#end;
  }

  /** Pages from this one on have never been lent. */
  get fresh(): number {
    return this.#fresh;
  }

  /** Takes `count` (at least 1) contiguous pages and returns the first one's number, or -1. */
  take(count: number): number {
    let page = this.#find(count);
    if (page < 0 && this.#grow(count)) page = this.#find(count);
    if (page > 0) this.#fresh = Math.max(this.#fresh, page + count);
    return page;
  }

  /** The same of pages that have never been lent, of those that the region has now. */
  takeFresh(count: number): number {
    const first = this.#first[this.#end - 1]!;
    const page = Math.max(first, this.#fresh);
    if (first === 0 || page + count > this.#end) return -1;
    const length = this.#length[first]!;
    this.#remove(first);
    this.#fresh = page + count;
    if (this.#fresh < this.#end) this.#insert(this.#fresh, first + length - this.#fresh);
    if (page > first) this.#insert(first, page - first);
    return page;
  }

  /** Gives back the `count` pages from `page` on, which must be lent. */
  give(page: number, count: number): void {
    let first = page;
    let length = count;
    const after = page + count;
    if (after < this.#end && this.#length[after]! > 0) {
      length += this.#length[after]!;
      this.#remove(after);
    }
    const before = this.#first[page - 1]!;
    if (before > 0) {
      first = before;
      length += this.#length[before]!;
      this.#remove(before);
    }
    this.#insert(first, length);
  }

  #find(count: number): number {
    for (let c = classOf(count); c < CLASSES; c++) {
      for (let first = this.#heads[c]!; first > 0; first = this.#next[first]!) {
        const length = this.#length[first]!;
        if (length < count) continue;
        this.#remove(first);
        if (length > count) this.#insert(first + count, length - count);
        return first;
      }
    }
    return -1;
  }

  #grow(count: number): boolean {
    const gap = this.#region.apart ? 1 : 0;
    const last = gap > 0 ? 0 : this.#first[this.#end - 1]!;
    const needed = this.#end + gap + count - (last > 0 ? this.#length[last]! : 0);
    if (needed > this.#maximum) return false;
    // Growing costs about 40 us whatever the size, so a quarter more is asked for at once.
    const wished = Math.min(this.#maximum, Math.max(needed, this.#end + 16, this.#end * 1.25));
    const grown = this.#region.grow(Math.floor(wished) * PAGE) ||
      this.#region.grow(needed * PAGE);
    if (!grown) return false;
    const end = Math.floor(this.#region.size / PAGE);
    this.#length = widened(this.#length, end + 2);
    this.#first = widened(this.#first, end + 2);
    this.#next = widened(this.#next, end + 2);
    this.#previous = widened(this.#previous, end + 2);
    const old = this.#end;
    this.#end = end;
    this.give(old + gap, end - old - gap);
    return true;
  }

  #insert(first: number, length: number): void {
    const c = classOf(length);
    const head = this.#heads[c]!;
    this.#length[first] = length;
    this.#first[first + length - 1] = first;
    this.#next[first] = head;
    this.#previous[first] = 0;
    if (head > 0) this.#previous[head] = first;
    this.#heads[c] = first;
  }

  #remove(first: number): void {
    const length = this.#length[first]!;
    const next = this.#next[first]!;
    const previous = this.#previous[first]!;
    if (previous > 0) this.#next[previous] = next;
    else this.#heads[classOf(length)] = next;
    if (next > 0) this.#previous[next] = previous;
    this.#length[first] = 0;
    this.#first[first + length - 1] = 0;
  }
}

function classOf(length: number): number {
  return 31 - Math.clz32(length);
}

function widened(table: Int32Array, length: number): Int32Array {
  if (table.length >= length) return table;
  const wider = new Int32Array(Math.max(length, table.length * 2));
  wider.set(table);
  return wider;
}
