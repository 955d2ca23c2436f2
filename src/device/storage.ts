/**
 * The records of the heap: what a tensor's handles hold (Storage), the bytes that move together
 * (Block), the pages that are lent and evicted together (Run), and the runs in order of last use
 * (Ledger). Nothing here points from the ledger to a Storage, so dropped handles are garbage.
 *
 * @module
 */

/** Bytes that lie side by side: on the heap at `address`, or in `host` after an eviction. */
export class Block {
  /** Where the first byte lies on the heap; -1 when the bytes lie in `host`. */
  address: number;
  /** The bytes when they are not on the heap. */
  host: Uint8Array<ArrayBuffer> | null = null;
  /** Bytes in use, from the start. */
  bytes: number;
  /** Storages in this block that nobody has disposed of. */
  live = 0;
  /** The pages it lies in; meaningless on the host. */
  run: Run;

  constructor(address: number, bytes: number, run: Run) {
    this.address = address;
    this.bytes = bytes;
    this.run = run;
  }
}

/** Contiguous pages of the pool: what is lent, pinned and evicted as a whole. */
export class Run {
  readonly page: number;
  readonly pages: number;
  /** Where they lie. */
  readonly address: number;
  /** Whether the pages had never been lent before. */
  readonly fresh: boolean;
  /** Bytes divided into blocks so far. */
  top = 0;
  /** Storages in these pages that nobody has disposed of. */
  live = 0;
  /** Calls that are using these pages now. */
  pins = 0;
  /** Whether more blocks will be divided off. */
  open = false;
  readonly blocks: Block[] = [];
  /** The neighbours in the ledger. */
  older: Run | null = null;
  newer: Run | null = null;

  constructor(page: number, pages: number, address: number, fresh: boolean) {
    this.page = page;
    this.pages = pages;
    this.address = address;
    this.fresh = fresh;
  }
}

/** The bytes of one result. Handles that alias share one Storage. */
export class Storage {
  block: Block;
  /** Where the bytes begin in the block. */
  offset: number;
  readonly bytes: number;
  /** How many handles share it; counted by those who make them. */
  holders = 1;
  /** How often it is pinned now. */
  pins = 0;
  /** The call that took the bytes, when they were donated. */
  donatedTo: string | null = null;
  /** Whether the bytes are gone, because of `dispose` or because they were donated. */
  disposed = false;
  /** Whether the bytes are a caller's own, lent for one call. */
  borrowed = false;
  /**
   * What the finalizer of a large storage watches. Donation hands it on with the block, which is
   * cheaper than registering the new owner.
   */
  lease: object | null = null;

  constructor(block: Block, offset: number, bytes: number) {
    this.block = block;
    this.offset = offset;
    this.bytes = bytes;
  }

  /** What stands for it in a handle that has been disposed of while others share the bytes. */
  released(): Storage {
    const gone = new Storage(this.block, this.offset, this.bytes);
    gone.disposed = true;
    gone.holders = 0;
    return gone;
  }
}

/** The runs of a heap, from the least to the most recently used. */
export class Ledger {
  oldest: Run | null = null;
  newest: Run | null = null;
  size = 0;

  /** Adds a run as the most recently used. */
  add(run: Run): void {
    run.older = this.newest;
    run.newer = null;
    if (this.newest === null) this.oldest = run;
    else this.newest.newer = run;
    this.newest = run;
    this.size++;
  }

  /** Takes a run out. */
  remove(run: Run): void {
    if (run.older === null) this.oldest = run.newer;
    else run.older.newer = run.newer;
    if (run.newer === null) this.newest = run.older;
    else run.newer.older = run.older;
    run.older = run.newer = null;
    this.size--;
  }

  /** Makes a run the most recently used. */
  touch(run: Run): void {
    if (run === this.newest) return;
    this.remove(run);
    this.add(run);
  }
}
