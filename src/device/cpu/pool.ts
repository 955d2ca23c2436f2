/**
 * The worker pool: runs kernels that can be cut in pieces on several threads, whichever takes which
 * piece. Jobs go through shared memory alone. A worker is in a job only between entering and leaving
 * its gate, so one that sleeps late, or is dead, costs nothing but its help.
 *
 * @module
 */
import type { Worker } from "node:worker_threads";
import { node } from "../../../ffi/node.ts";
import { flag } from "../../base/flags.ts";
import { WorkerError } from "../worker_error.ts";
import { CONTROL as AT, MOST_WORKERS, OPEN, workerSource } from "./pool_worker.ts";

/** What pieces are made of: a module that works in the pool's memory, known by its own number. */
export class Piece {
  static #count = 0;
  readonly id: number = Piece.#count++;
  /** What it computes, for messages. */
  readonly name: string;
  /**
   * The module; it imports the memory and the host functions, and exports `part`, else `run`. Or the
   * text of a {@linkcode NativeGemm} or a {@linkcode NativeCode}.
   */
  readonly bytes: Uint8Array;
  /** The module's function on this thread: arguments, the first unit and the one after the last. */
  readonly run: (...args: number[]) => void;

  constructor(name: string, bytes: Uint8Array, run: (...args: number[]) => void) {
    this.name = name;
    this.bytes = bytes;
    this.run = run;
  }
}

/** One call of a job: the piece and its arguments without the range, as int32. */
export interface PieceCall {
  readonly piece: Piece;
  readonly args: readonly number[];
  /** Which argument is the address of scratch that every thread has its own of, one behind the other. */
  readonly own?: { readonly arg: number; readonly bytes: number };
}

/**
 * Calls over the same units: unit i of a call may read what units up to i of those before it in the
 * list wrote within the same piece, and nothing else that the job writes.
 */
export interface Job {
  readonly calls: readonly PieceCall[];
  /** How many units there are. */
  readonly extent: number;
  /** What all of it takes on one thread, in nanoseconds, roughly. */
  readonly cost: number;
  /** Units that make a piece; chosen from the cost where it is not given. */
  readonly grain?: number;
  /** What {@linkcode Pool.lanes} has just said, where scratch had to be found first. */
  readonly lanes?: number;
}

/** How a pool behaves; the defaults are for everybody but tests. */
export interface PoolOptions {
  /** Work below which one thread does it alone, in nanoseconds. */
  readonly worth?: number;
  /** Work that must have been done alone before a worker is started, in nanoseconds. */
  readonly startAfter?: number;
  /** Milliseconds without progress after which a worker counts as hung. */
  readonly patience?: number;
}

/** Threads that are used where nobody says how many: as many as there are processors, up to these. */
const MOST_THREADS = 16;
/** Below this many nanoseconds of work, one thread is faster. */
const WORTH = 100_000;
/** Starting a worker takes the main thread 36 to 75 ms. */
const START_COST = 60e6;
/** A piece should take at least so many nanoseconds, and a thread should find several pieces. */
const PIECE_COST = 8_000;
const PIECES = 8;
/** How often an idle worker, and a thread that waits for others to leave, looks before it sleeps. */
const WORKER_SPINS = 1500;
const SPINS = 1500;
/** Faults after which no worker is started any more. */
const MOST_FAULTS = 3;
const LOG_BYTES = 1 << 26;
/** Milliseconds after which a thread that was ended has ended. */
const LAST_BREATH = 1000;

const pause: () => void = (Atomics as { pause?: () => void }).pause ?? (() => {});

/** How many threads the settings ask for. */
export function threadsWanted(): number {
  return flag("threads") ?? Math.min(navigator.hardwareConcurrency, MOST_THREADS);
}

/** The workers of one life of the pool, and what they share. */
interface Crew {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly log: SharedArrayBuffer;
  readonly workers: Worker[];
  readonly known: Set<number>;
  logged: number;
}

/**
 * Calls that a hung worker may still be in: nothing ends it within machine code, which must then stay
 * where it is.
 */
const abandoned: PieceCall[] = [];

/** Runs jobs on the calling thread and on workers. */
export class Pool {
  readonly #memory: WebAssembly.Memory;
  readonly #worth: number;
  readonly #startAfter: number;
  readonly #patience: number;
  #threads = 1;
  #crew: Crew | null = null;
  #owed = 0;
  #faults = 0;
  #busy = false;

  /** A pool for modules that work in `memory`, which must be shared if workers are to help. */
  constructor(memory: WebAssembly.Memory, options: PoolOptions = {}) {
    this.#memory = memory;
    this.#worth = options.worth ?? WORTH;
    this.#startAfter = options.startAfter ?? START_COST;
    this.#patience = options.patience ?? 30_000;
  }

  /** Threads that may work on a job, this one among them. */
  get threads(): number {
    return this.#threads;
  }

  set threads(n: number) {
    const wanted = this.#memory.buffer instanceof SharedArrayBuffer ? Math.min(n, MOST_WORKERS) : 1;
    if (wanted < this.#threads) this.#dismiss();
    this.#threads = wanted;
  }

  /** Workers that can take pieces now. */
  get ready(): number {
    return this.#crew === null ? 0 : Atomics.load(this.#crew.words, AT.ready);
  }

  /**
   * Threads that would work on a job now: each needs scratch of its own. Starts a worker when the work
   * done alone has paid for it.
   */
  lanes(cost: number, extent: number): number {
    if (cost < this.#worth || extent < 2 || this.#threads === 1 || this.#busy) return 1;
    if (this.#recruits() && (this.#owed += cost) >= this.#startAfter) {
      this.#owed = 0;
      this.#recruit();
    }
    // a worker that is still starting joins when it can
    return 1 + (this.#crew?.workers.length ?? 0);
  }

  /** Starts all workers and waits until they can take pieces. */
  start(): void {
    while (this.#recruits()) this.#recruit();
    const crew = this.#crew;
    if (crew === null) return;
    for (let n = this.ready; n < crew.workers.length; n = this.ready) {
      if (Atomics.wait(crew.words, AT.ready, n, this.#patience) === "timed-out") {
        throw new WorkerError(
          `Cannot start ${crew.workers.length} workers: ${n} answered: use setThreads(1)`,
        );
      }
    }
  }

  /**
   * Runs a job; returns when all of it is done. Who runs which piece shows in no result.
   *
   * @throws {WorkerError} when a worker failed: what the job writes is then undefined
   */
  run(job: Job): void {
    const { calls, extent, cost } = job;
    if ((job.lanes ?? this.lanes(cost, extent)) === 1) {
      // with a grain the calls of a group go in step, so that pieces stay in the caches
      const grain = calls.length === 1 ? extent : job.grain ?? this.#grain(job, 1);
      for (let begin = 0; begin < extent; begin += grain) {
        const end = Math.min(extent, begin + grain);
        for (const { piece, args } of calls) piece.run(...args, begin, end);
      }
      return;
    }
    const crew = this.#crew!;
    if (!this.#publish(crew, job)) {
      this.#dismiss();
      return this.run({ ...job, lanes: 1 });
    }
    this.#busy = true;
    const { words } = crew;
    const grain = words[AT.grain]!;
    try {
      for (;;) {
        const begin = Atomics.add(words, AT.next, grain);
        if (begin >= extent) break;
        const end = Math.min(extent, begin + grain);
        for (const { piece, args } of calls) piece.run(...args, begin, end);
      }
    } catch (e) {
      Atomics.store(words, AT.next, extent);
      throw e;
    } finally {
      this.#close(crew, calls);
      this.#busy = false;
    }
    if (Atomics.load(words, AT.fault) !== 0) throw this.#fault(crew, calls);
  }

  #recruits(): boolean {
    return this.#faults < MOST_FAULTS && (this.#crew?.workers.length ?? 0) < this.#threads - 1;
  }

  #recruit(): void {
    const crew = this.#crew ??= {
      words: new Int32Array(new SharedArrayBuffer(AT.words * 4)),
      log: new SharedArrayBuffer(1 << 16, { maxByteLength: LOG_BYTES }),
      workers: [],
      known: new Set(),
      logged: 0,
    };
    const { Worker } = node("worker_threads");
    const source = new URL(`data:text/javascript,${encodeURIComponent(workerSource())}`);
    const worker = new Worker(source, {
      workerData: {
        control: crew.words.buffer,
        log: crew.log,
        memory: this.#memory,
        thread: crew.workers.length + 1,
        spins: WORKER_SPINS,
      },
      env: {},
    });
    worker.unref();
    // without a listener an error of a worker would end the script
    worker.on("error", () => this.#lost(crew));
    worker.on("exit", () => this.#lost(crew));
    crew.workers.push(worker);
  }

  /** A worker has ended by itself: the others go too, and new ones come when they are needed. */
  #lost(crew: Crew): void {
    if (this.#crew !== crew) return;
    this.#faults++;
    this.#dismiss();
  }

  /** Asks the workers to end; none is in a job. */
  #dismiss(): void {
    const crew = this.#crew;
    this.#crew = null;
    this.#owed = 0;
    if (crew === null) return;
    Atomics.store(crew.words, AT.stop, 1);
    Atomics.add(crew.words, AT.job, 1);
    Atomics.notify(crew.words, AT.job);
  }

  #grain({ extent, cost }: Job, threads: number): number {
    const pieces = Math.min(threads * PIECES, cost / PIECE_COST);
    return Math.max(1, Math.floor(extent / Math.max(1, pieces)));
  }

  /** Writes a job and opens the gate; false when the control block has no room for it. */
  #publish(crew: Crew, job: Job): boolean {
    const { words } = crew;
    const { calls, extent } = job;
    for (const { piece } of calls) {
      if (!crew.known.has(piece.id) && !this.#log(crew, piece)) return false;
    }
    let w: number = AT.list;
    for (const { piece, args, own } of calls) {
      if (w + 4 + args.length > AT.words) return false;
      words[w] = piece.id;
      words[w + 1] = args.length;
      words[w + 2] = own === undefined ? -1 : own.arg;
      words[w + 3] = own === undefined ? 0 : own.bytes;
      for (let i = 0; i < args.length; i++) words[w + 4 + i] = args[i]!;
      w += 4 + args.length;
    }
    words[AT.extent] = extent;
    words[AT.grain] = job.grain ?? this.#grain(job, 1 + crew.workers.length);
    words[AT.calls] = calls.length;
    Atomics.store(words, AT.next, 0);
    Atomics.store(words, AT.gate, OPEN);
    Atomics.add(words, AT.job, 1);
    Atomics.notify(words, AT.job);
    return true;
  }

  /** Gives a module to the workers. */
  #log(crew: Crew, piece: Piece): boolean {
    const length = Math.ceil(piece.bytes.length / 4) * 4;
    const top = crew.logged + 8 + length;
    if (top > LOG_BYTES) return false;
    if (top > crew.log.byteLength) {
      crew.log.grow(Math.min(LOG_BYTES, Math.max(top, crew.log.byteLength * 2)));
    }
    new Int32Array(crew.log, crew.logged, 2).set([piece.id, piece.bytes.length]);
    new Uint8Array(crew.log, crew.logged + 8, piece.bytes.length).set(piece.bytes);
    crew.known.add(piece.id);
    crew.logged = top;
    Atomics.store(crew.words, AT.logged, top);
    return true;
  }

  /** Closes the gate and waits until all workers have left. */
  #close(crew: Crew, calls: readonly PieceCall[]): void {
    const { words } = crew;
    Atomics.and(words, AT.gate, ~OPEN);
    for (let spun = 0; spun < SPINS; spun++) {
      if (Atomics.load(words, AT.gate) === 0) return;
      pause();
    }
    // time is counted in slices, so that a machine that slept does not look like a worker that hangs
    const slice = Math.min(100, this.#patience);
    let done = this.#progress(crew);
    for (let waited = 0; waited < this.#patience;) {
      const inside = Atomics.load(words, AT.gate);
      if (inside === 0) return;
      if (Atomics.wait(words, AT.gate, inside, slice) !== "timed-out") continue;
      const now = this.#progress(crew);
      waited = now === done ? waited + slice : 0;
      done = now;
    }
    throw this.#hung(crew, calls);
  }

  #progress({ words, workers }: Crew): number {
    return workers.reduce((n, _, i) => n + Atomics.load(words, AT.progress + i + 1), 0);
  }

  #fault(crew: Crew, calls: readonly PieceCall[]): WorkerError {
    const { words } = crew;
    const bytes = new Uint8Array(words.buffer, AT.message * 4, words[AT.faultBytes]);
    const said = new TextDecoder().decode(bytes.slice());
    const name = calls[words[AT.faultCall]!]?.piece.name ?? "";
    this.#faults++;
    this.#dismiss();
    return new WorkerError(
      `Cannot run ${name} on worker ${
        words[AT.fault]
      }: it failed with "${said}", so the call has ` +
        "no results: call again, and if it fails again use setThreads(1)",
    );
  }

  #hung(crew: Crew, calls: readonly PieceCall[]): WorkerError {
    this.#faults++;
    this.#dismiss();
    abandoned.push(...calls);
    // the promise of a termination does not wait for the thread, which ends at its next loop
    const gone = Promise.all(crew.workers.map((w) => w.terminate())).then(() =>
      new Promise<void>((resolve) => Deno.unrefTimer(setTimeout(resolve, LAST_BREATH)))
    );
    return new WorkerError(
      `Cannot run ${
        calls.map((c) => c.piece.name).join(", ")
      } on ${crew.workers.length} workers: ` +
        `one of them has not answered for ${
          this.#patience / 1000
        } s, so the call has no results: ` +
        "call again, and if it fails again use setThreads(1)",
      gone,
    );
  }
}
