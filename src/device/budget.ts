/**
 * How many bytes of results may lie on a heap before the least recently used move out. It follows
 * from what the program does, never from the machine's memory: asking for that prompts the user.
 *
 * @module
 */

import { PAGE } from "./pages.ts";

/** Bytes that results may have where the region does not say. */
const BASE = 64 * 1024 * 1024;

/** Bytes reserved, in budgets, after which half of what was granted for returns is taken back. */
const RETURNS_LAST = 16;

/** The byte budget of a heap: one that was set, or else one that follows the work. */
export class Budget {
  readonly #maximum: number;
  readonly #base: number;
  #set: number | null = null;
  #outputs = 0;
  #returned = 0;
  #reserved = 0;

  /** The budget in whole pages. */
  pages: number;

  /** The budget of a heap that can have `maximum` bytes. */
  constructor(maximum: number, base: number = BASE) {
    this.#maximum = maximum;
    this.#base = base;
    this.pages = Math.floor(base / PAGE);
  }

  /** The budget in bytes. */
  get bytes(): number {
    return this.#set ?? this.#base + 2 * this.#outputs + this.#returned;
  }

  set bytes(bytes: number | null) {
    if (bytes !== null && !(bytes >= 0)) {
      throw new RangeError(
        `Cannot set the heap budget to ${bytes}: it is a number of bytes: ` +
          "pass 0 or more, or Infinity to switch eviction off",
      );
    }
    this.#set = bytes;
    this.#update();
  }

  /** Notes the size of the last call's outputs. */
  noteOutputs(bytes: number): void {
    if (bytes === this.#outputs) return;
    this.#outputs = bytes;
    this.#update();
  }

  /**
   * Notes that bytes which had moved out are needed again: more is in use than the budget lets lie.
   * Without this, a loop over a resident array larger than the budget copies it twice at every
   * step. Garbage never comes back, so it cannot raise the budget.
   */
  noteReturn(bytes: number): void {
    this.#returned = Math.min(this.#returned + bytes, this.#maximum / 2);
    this.#update();
  }

  /** Notes that pages are reserved, which is the clock by which returns are forgotten. */
  noteReserve(pages: number): void {
    if (this.#returned === 0) return;
    this.#reserved += pages;
    if (this.#reserved < RETURNS_LAST * this.pages) return;
    this.#reserved = 0;
    this.#returned = this.#returned < PAGE ? 0 : Math.floor(this.#returned / 2);
    this.#update();
  }

  #update(): void {
    this.pages = Math.floor(this.bytes / PAGE);
  }
}
