/**
 * Where results lie: divides pages among them, frees pages that nobody needs, and moves the least
 * recently used ones to the host when the budget or the region is full.
 *
 * @module
 */

import { OutOfMemoryError } from "../base/errors.ts";
import { Budget } from "./budget.ts";
import { PAGE, PagePool, type Region } from "./pages.ts";
import { Scratch } from "./scratch.ts";
import { Block, Ledger, Run, Storage } from "./storage.ts";

/** Alignment of every address, in bytes: a cache line, and the widest SIMD register. */
export const ALIGNMENT = 64;

/**
 * Results up to this size share a block of this size, and leave the heap with it: it is the most
 * that one tiny survivor can retain.
 */
const SEGMENT = 4096;

/** Pages that results between a segment and a page share, so that little is lost at their ends. */
const SHARED_PAGES = 4;

const ZEROS = new Uint8Array(PAGE);
const NO_RUN = new Run(0, 0, 0, false);
const NO_SEGMENT = new Block(-1, SEGMENT, NO_RUN);

/** The block of a storage whose bytes are gone. */
export const GONE: Block = new Block(-1, 0, NO_RUN);

/** Places results in a region. */
export class Allocator {
  readonly #pool: PagePool;
  readonly #finalizers = new FinalizationRegistry<Block>((block) => {
    if (block.live > 0 && block.address >= 0) this.#release(block);
  });
  /** The block and the run that small results are taken from. */
  #segment = NO_SEGMENT;
  #small: Run | null = null;
  /** The run that results between a segment and a page are taken from. */
  #medium: Run | null = null;
  /** Pages of pinned runs, and of scratch. */
  #pinned = 0;
  #lent = 0;

  /** How the bytes are reached. */
  readonly region: Region;
  readonly ledger: Ledger = new Ledger();
  readonly budget: Budget;
  readonly scratch: Scratch;
  /** What is asked, last of all, to give back pages. */
  readonly caches: (() => boolean)[] = [];
  /** Pages that results own. */
  used = 0;
  /** Runs that have moved to the host so far. */
  evictions = 0;

  constructor(region: Region, firstPage: number) {
    this.region = region;
    this.#pool = new PagePool(region, firstPage);
    this.budget = new Budget(region.maximum, region.budget);
    this.scratch = new Scratch({
      take: (pages) => {
        const page = this.#take(pages);
        this.#lent += pages;
        return page;
      },
      give: (page, pages) => {
        this.#lent -= pages;
        this.#pool.give(page, pages);
      },
      addressOf: (page) => region.addressOf(page),
    });
  }

  /** Pages of the region, used or not. */
  get pages(): number {
    return this.#pool.pages;
  }

  /** Finds room for a result. */
  allocate(bytes: number): Storage {
    if (bytes >= PAGE) return this.#allocateLarge(bytes);
    const room = bytes > ALIGNMENT ? Math.ceil(bytes / ALIGNMENT) * ALIGNMENT : ALIGNMENT;
    if (room > SEGMENT) return this.#hold(this.#divideMedium(room, bytes), 0, bytes);
    let block = this.#segment;
    if (block.bytes + room > SEGMENT) block = this.#nextSegment();
    const offset = block.bytes;
    block.bytes = offset + room;
    return this.#hold(block, offset, bytes);
  }

  /**
   * A result of zeros, or null where a kernel writes them sooner: nothing is written into pages that
   * come fresh from the system, for they hold zeros and take no memory until they are touched.
   */
  zeros(bytes: number): Storage | null {
    if (this.region.zeroed !== true) return null;
    const s = bytes < PAGE ? this.allocate(bytes) : this.#allocateLarge(bytes, true);
    if (bytes >= PAGE && s.block.run.fresh) return s;
    if (bytes > PAGE) {
      this.free(s);
      return null;
    }
    this.region.write(s.block.address + s.offset, ZEROS.subarray(0, bytes));
    return s;
  }

  /** A storage of bytes that stay where they are until it is brought in. */
  borrow(bytes: Uint8Array<ArrayBuffer>): Storage {
    const block = new Block(-1, bytes.length, NO_RUN);
    block.host = bytes;
    const s = new Storage(block, 0, bytes.length);
    s.borrowed = true;
    return s;
  }

  /** Gives up the bytes of a storage. */
  free(s: Storage): void {
    const block = s.block;
    if (s.lease !== null) {
      this.#finalizers.unregister(block);
      s.lease = null;
    }
    if (block.address >= 0) this.#release(block);
  }

  /** Brings the bytes of a storage back onto the heap; others in its block stay where they are. */
  bringIn(s: Storage): void {
    const old = s.block;
    const fresh = this.allocate(s.bytes);
    const source = old.host!.subarray(s.offset, s.offset + s.bytes);
    this.region.write(fresh.block.address + fresh.offset, source);
    s.block = fresh.block;
    s.offset = fresh.offset;
    s.lease = fresh.lease;
    if (s.borrowed) s.borrowed = false;
    else this.budget.noteReturn(s.bytes);
  }

  /** An ordinary copy of the bytes at an address. */
  copyOut(address: number, bytes: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(bytes);
    this.region.read(address, copy);
    return copy;
  }

  /** Keeps a run in place. */
  pin(run: Run): void {
    if (run.pins++ === 0) this.#pinned += run.pages;
    this.ledger.touch(run);
  }

  /** Undoes one `pin`. */
  unpin(run: Run): void {
    if (--run.pins > 0) return;
    this.#pinned -= run.pages;
    if (run.live === 0) this.#settle(run);
  }

  #hold(block: Block, offset: number, bytes: number): Storage {
    const run = block.run;
    block.live++;
    run.live++;
    this.ledger.touch(run);
    return new Storage(block, offset, bytes);
  }

  #release(block: Block): void {
    const run = block.run;
    block.live--;
    run.live--;
    if (run.pins > 0) return;
    if (block.live === 0 && block === this.#segment) block.bytes = 0;
    if (run.live === 0) this.#settle(run);
  }

  #nextSegment(): Block {
    let run = this.#small;
    if (run === null || run.top + SEGMENT > PAGE) {
      run = this.#open(1);
      run.open = true;
      this.#close(this.#small);
      this.#small = run;
    }
    return this.#segment = divide(run, SEGMENT, 0);
  }

  #divideMedium(room: number, bytes: number): Block {
    let run = this.#medium;
    if (run === null || run.top + room > run.pages * PAGE) {
      run = this.#open(this.#free < SHARED_PAGES ? 1 : SHARED_PAGES);
      run.open = true;
      this.#close(this.#medium);
      this.#medium = run;
    }
    return divide(run, room, bytes);
  }

  #allocateLarge(bytes: number, blank = false): Storage {
    const run = this.#open(Math.ceil(bytes / PAGE), blank);
    const block = divide(run, run.pages * PAGE, bytes);
    const s = this.#hold(block, 0, bytes);
    s.lease = {};
    this.#finalizers.register(s.lease, block, block);
    return s;
  }

  #open(pages: number, blank = false): Run {
    const { fresh } = this.#pool;
    const page = this.#take(pages, this.budget.pages, blank);
    const run = new Run(page, pages, this.region.addressOf(page), page >= fresh);
    this.budget.noteReserve(pages);
    this.used += pages;
    this.ledger.add(run);
    return run;
  }

  #close(run: Run | null): void {
    if (run === null) return;
    run.open = false;
    this.#settle(run);
  }

  #settle(run: Run): void {
    if (run.live === 0 && run.pins === 0 && !run.open) this.#remove(run);
  }

  #remove(run: Run): void {
    this.ledger.remove(run);
    this.used -= run.pages;
    this.#pool.give(run.page, run.pages);
  }

  #take(pages: number, budget = Infinity, blank = false): number {
    while (pages > this.#free + this.scratch.idlePages) {
      if (!this.#relieve()) throw this.#outOfMemory(pages);
    }
    if (pages > this.#free) this.scratch.drop();
    while (this.used + pages > budget && this.#evictOldest());
    // untouched pages are for zeros, as many as results may have: then used ones do as well
    let page = blank && this.#pool.fresh + pages <= budget ? this.#pool.takeFresh(pages) : -1;
    if (page < 0) page = this.#pool.take(pages);
    while (page < 0) {
      if (!this.#evictOldest() && !this.scratch.drop() && !this.#relieve()) {
        throw this.#outOfMemory(pages);
      }
      page = this.#pool.take(pages);
    }
    return page;
  }

  /** Pages that are not in use by calls. */
  get #free(): number {
    return this.#pool.limit - this.#pinned - this.#lent;
  }

  #relieve(): boolean {
    let any = false;
    for (const free of this.caches) any = free() || any;
    return any;
  }

  #outOfMemory(pages: number): OutOfMemoryError {
    const room = this.region.room?.();
    return new OutOfMemoryError(
      `Cannot reserve ${pages * PAGE} bytes: ${this.used * PAGE} bytes of results ` +
        `(${this.#pinned * PAGE} of them pinned by running calls) and ${this.#lent * PAGE} of ` +
        `scratch are in use, and the limit is ${this.#pool.limit * PAGE}` +
        `${room === undefined ? "" : ` (${room})`}: ` +
        "use smaller batches, donate what a call replaces, or make a device with a higher limit",
    );
  }

  /** Moves the least recently used run that no call uses to the host; false if there is none. */
  #evictOldest(): boolean {
    let run = this.ledger.oldest;
    while (run !== null && run.pins > 0) run = run.newer;
    if (run === null) return false;
    const hosts: Uint8Array<ArrayBuffer>[] = [];
    try {
      for (const { address, bytes, live } of run.blocks) {
        if (live > 0) hosts.push(this.copyOut(address, bytes));
      }
    } catch {
      return false; // The engine has no room for the copies; nothing has moved.
    }
    let next = 0;
    for (const block of run.blocks) {
      if (block.live > 0) block.host = hosts[next++]!;
      block.address = -1;
      block.run = NO_RUN;
    }
    // Only a large result has a finalizer, and its run has one block.
    if (run.blocks.length === 1) this.#finalizers.unregister(run.blocks[0]!);
    if (run === this.#small) {
      this.#small = null;
      this.#segment = NO_SEGMENT;
    } else if (run === this.#medium) {
      this.#medium = null;
    }
    this.evictions++;
    this.#remove(run);
    return true;
  }
}

function divide(run: Run, room: number, bytes: number): Block {
  const block = new Block(run.address + run.top, bytes, run);
  run.top += room;
  run.blocks.push(block);
  return block;
}
