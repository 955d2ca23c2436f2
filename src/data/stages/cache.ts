/**
 * Keeping the elements of the first complete pass, in memory or in a file, for all later ones.
 *
 * @module
 */
import { ElementReader, ElementWriter, fileExists } from "../element_file.ts";
import { type Open, reorder } from "../reorder.ts";
import type { Kept, Run } from "../run.ts";
import { Collector, type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";

/** Makes a stage that keeps what its input gives; in the file `path`, else in memory. */
export function cache<T>(input: Stage<T>, path?: string | URL): Stage<T> {
  const label = path === undefined ? "cache()" : `cache(${JSON.stringify(String(path))})`;
  if (path !== undefined) {
    return {
      label,
      inputs: [input],
      cardinality: input.cardinality,
      spec: input.spec,
      rows: null,
      open: (run, state) =>
        fileCursor((s) => input.open(run, s), path, input.spec, state as CacheState | undefined),
    };
  }
  const memory = new Memory();
  const open = <E>(open: Open<E>, run: Run, state?: State) =>
    memoryCursor(open, memory as Memory<E>, run, state as CacheState | undefined);
  // Row numbers are kept in the place of elements that lie in memory anyhow.
  if (input.rows?.source.inMemory) return reorder(input, label, input.cardinality, open);
  return {
    label,
    inputs: [input],
    cardinality: input.cardinality,
    spec: input.spec,
    rows: null,
    open: (run, state) => open((s) => input.open(run, s), run, state),
  };
}

/** How many elements were given, and the state of the input before all of them. */
type CacheState = { readonly at: number; readonly initial: State };

/** What one complete pass gave. */
interface Complete<E> {
  readonly initial: string;
  readonly elements: readonly E[];
}

/** What is kept: of a stage, or within one run. */
class Memory<E = unknown> implements Kept {
  complete: Complete<E> | null = null;
  close(): void {}
}

function memoryCursor<E>(
  open: Open<E>,
  memory: Memory<E>,
  run: Run,
  state: CacheState | undefined,
): Cursor<E> {
  const ofRun = run.keep(memory, () => new Memory<E>());
  const wanted = state === undefined ? null : JSON.stringify(state.initial);
  for (const { complete } of [ofRun, memory]) {
    if (complete !== null && (wanted === null || complete.initial === wanted)) {
      ofRun.complete = complete;
      return new ReadCursor(new List(complete.elements), JSON.parse(complete.initial), state);
    }
  }
  const elements: E[] = [];
  return new WriteCursor(open, state, {
    add: (x) => elements.push(x),
    finish(initial) {
      ofRun.complete = { initial: JSON.stringify(initial), elements };
      memory.complete ??= ofRun.complete;
    },
    abort() {},
  });
}

function fileCursor<E>(
  open: Open<E>,
  path: string | URL,
  spec: unknown,
  state: CacheState | undefined,
): Cursor<E> {
  if (fileExists(path)) {
    return new ReadCursor(new ElementReader(path) as Reader<E>, state?.initial ?? null, state);
  }
  const writer = new ElementWriter(path);
  try {
    return new WriteCursor(open, state, {
      add: (x) => writer.add(x),
      finish: () => writer.finish({ spec }),
      abort: () => writer.abort(),
    });
  } catch (e) {
    writer.abort();
    throw e;
  }
}

interface Reader<E> {
  next(): E | undefined;
  skip(count: number): void;
  close(): void;
}

class List<E> implements Reader<E> {
  readonly #elements: readonly E[];
  #at = 0;

  constructor(elements: readonly E[]) {
    this.#elements = elements;
  }

  next(): E | undefined {
    return this.#elements[this.#at++];
  }

  skip(count: number): void {
    this.#at += count;
  }

  close(): void {}
}

class ReadCursor<E> implements Cursor<E> {
  readonly #reader: Reader<E>;
  readonly #initial: State;
  #at: number;

  constructor(reader: Reader<E>, initial: State, state: CacheState | undefined) {
    this.#reader = reader;
    this.#initial = initial;
    this.#at = state?.at ?? 0;
    reader.skip(this.#at);
  }

  next(): E | typeof END {
    const x = this.#reader.next();
    if (x === undefined) return END;
    this.#at++;
    return x;
  }

  state(): CacheState {
    return { at: this.#at, initial: this.#initial };
  }

  close(): void {
    this.#reader.close();
  }
}

interface Store<E> {
  add(x: E): void;
  finish(initial: State): void;
  abort(): void;
}

/** Reads the input from its start and gives what the state's pass had not given. */
class WriteCursor<E> extends Collector<E, E> {
  readonly #input: Cursor<E>;
  readonly #initial: State;
  readonly #store: Store<E>;
  #at: number;
  #again: number;
  #found: { readonly x: E } | null = null;
  #ended = false;

  constructor(open: Open<E>, state: CacheState | undefined, store: Store<E>) {
    super();
    this.#input = open(state?.initial ?? undefined);
    this.#initial = state?.initial ?? this.#input.state();
    this.#store = store;
    this.#at = this.#again = state?.at ?? 0;
  }

  protected wants(): boolean {
    return this.#found === null && !this.#ended;
  }

  protected pull(): Pull<E> {
    return this.#input.next();
  }

  protected take(x: E | typeof END): void {
    if (x === END) {
      this.#ended = true;
      this.#store.finish(this.#initial);
    } else {
      this.#store.add(x);
      if (this.#again > 0) this.#again--;
      else this.#found = { x };
    }
  }

  protected give(): E | typeof END {
    const found = this.#found;
    if (found === null) return END;
    this.#found = null;
    this.#at++;
    return found.x;
  }

  state(): CacheState {
    return { at: this.#at, initial: this.#initial };
  }

  close(): void | Promise<void> {
    if (!this.#ended) this.#store.abort();
    return this.#input.close();
  }
}
