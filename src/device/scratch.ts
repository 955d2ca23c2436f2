/**
 * The one arena in which compiled programs keep their intermediates while a call runs. All programs
 * share it, so that many shapes do not mean many arenas.
 *
 * @module
 */

import { PAGE } from "./pages.ts";

/** Where the arena's pages come from. */
export interface PageSource {
  /** Lends contiguous pages and returns the first one's number. Throws OutOfMemoryError. */
  take(pages: number): number;
  /** Takes them back. */
  give(page: number, pages: number): void;
  /** The address of the first byte of a page. */
  addressOf(page: number): number;
}

/** Leases in a row that need less than a quarter of the arena before it shrinks. */
const PATIENCE = 256;

/** An arena that is leased for a call. A lease within a lease gets pages of its own. */
export class Scratch {
  readonly #source: PageSource;
  #page = 1;
  #pages = 0;
  #depth = 0;
  /** First page and count of every lease within a lease, innermost last. */
  readonly #nested: number[] = [];
  #small = 0;
  #peak = 0;

  constructor(source: PageSource) {
    this.#source = source;
  }

  /** Bytes of the arena. */
  get bytes(): number {
    return this.#pages * PAGE;
  }

  /** Pages that `drop` would give back now. */
  get idlePages(): number {
    return this.#depth > 0 ? 0 : this.#pages;
  }

  /** Leases `bytes` bytes with any content, until `release`, and returns their address. */
  lease(bytes: number): number {
    const pages = Math.ceil(bytes / PAGE);
    if (this.#depth > 0) {
      const page = pages === 0 ? 1 : this.#source.take(pages);
      this.#nested.push(page, pages);
      this.#depth++;
      return this.#source.addressOf(page);
    }
    if (pages > this.#pages) this.#resize(this.#doubled(pages), pages);
    if (pages * 4 >= this.#pages) {
      this.#small = this.#peak = 0;
    } else {
      if (pages > this.#peak) this.#peak = pages;
      if (++this.#small >= PATIENCE) {
        this.#resize(this.#peak, this.#peak);
        this.#small = this.#peak = 0;
      }
    }
    this.#depth++;
    return this.#source.addressOf(this.#page);
  }

  /** Ends the innermost lease. */
  release(): void {
    if (this.#depth === 0) {
      throw new Error(
        "Cannot release the scratch arena: it is not leased: call scratch(bytes) first",
      );
    }
    this.#depth--;
    if (this.#depth === 0) return;
    const pages = this.#nested.pop()!;
    const page = this.#nested.pop()!;
    if (pages > 0) this.#source.give(page, pages);
  }

  /** Gives the arena back if nobody leases it; false if there was nothing to give. */
  drop(): boolean {
    if (this.idlePages === 0) return false;
    this.#resize(0, 0);
    return true;
  }

  #doubled(pages: number): number {
    let size = Math.max(1, this.#pages);
    while (size < pages) size *= 2;
    return size;
  }

  // The old pages go back first, so that the new ones may overlap them: the content is free.
  #resize(wished: number, needed: number): void {
    const old = this.#pages;
    if (old > 0) this.#source.give(this.#page, old);
    this.#pages = 0;
    this.#page = 1;
    if (needed === 0) return;
    try {
      this.#take(wished);
    } catch (error) {
      try {
        if (wished === needed) throw error;
        this.#take(needed);
      } catch (error) {
        if (old > 0) this.#take(old);
        throw error;
      }
    }
  }

  #take(pages: number): void {
    this.#page = this.#source.take(pages);
    this.#pages = pages;
  }
}
