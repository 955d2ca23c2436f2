/**
 * Sources whose elements lie one after the other in files: lines, framed records. They are read as
 * they are asked for, and a pass can be gone on with at any record.
 *
 * @module
 */
import { type ByteSource, byteSource, type Compression } from "../bytes/byte_source.ts";
import { ByteWindow } from "../bytes/byte_window.ts";
import { fileLabel, type Files, listFiles } from "../bytes/files.ts";
import type { Run } from "../run.ts";
import type { Spec } from "../spec.ts";
import {
  type Cursor,
  describeStage,
  END,
  notSynchronous,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";

/** What is cut out of a window that holds nothing to give, as a blank line. */
export const NOTHING: unique symbol = Symbol("nothing");

/** Cuts records out of the bytes of one file. */
export interface Framer<T> {
  /** The record that was cut out last. */
  record: T | typeof NOTHING;
  /**
   * Cuts out the record at the window's start and gives the number of its bytes; 0 where the window
   * has to hold more. Where `last` holds it cuts or throws a FileFault, unless the window is empty.
   */
  frame(window: ByteWindow): number;
}

/** The sources of files. */
export function byteSources(
  files: Files,
  compression: Compression,
  action: string,
): readonly ByteSource[] {
  return listFiles(files, action).map((place) => byteSource(place, compression, action));
}

/** Makes a source of the records of files. */
export function records<T>(
  name: string,
  sources: readonly ByteSource[],
  spec: Spec | null,
  framer: () => Framer<T>,
): Stage<T> {
  const label = fileLabel(name, sources.map((s) => s.name));
  return {
    label,
    inputs: [],
    cardinality: null,
    spec,
    rows: null,
    open: (run, state) => new RecordCursor(sources, framer, describeStage(label, []), run, state),
  };
}

class RecordCursor<T> implements Cursor<T> {
  readonly #sources: readonly ByteSource[];
  readonly #makeFramer: () => Framer<T>;
  readonly #stage: string;
  #framer: Framer<T>;
  #window: ByteWindow | null = null;
  #file = 0;
  #record = 0;
  /** Where the window opens. */
  #offset = 0;

  constructor(
    sources: readonly ByteSource[],
    framer: () => Framer<T>,
    stage: string,
    run: Run,
    state: State | undefined,
  ) {
    this.#sources = sources;
    this.#makeFramer = framer;
    this.#framer = framer();
    this.#stage = stage;
    const later = sources.find((s) => !s.sync);
    if (run.sync && later !== undefined) {
      throw notSynchronous(stage, `${later.name} can only be read asynchronously`);
    }
    if (state !== undefined) {
      [this.#file, this.#offset, this.#record] = state as [number, number, number];
    }
  }

  next(): Pull<T> {
    for (;;) {
      const x = this.#step();
      if (x instanceof Promise) return this.#later(x);
      if (x !== NOTHING) return x;
    }
  }

  async #later(waiting: Promise<void>): Promise<T | typeof END> {
    for (;;) {
      try {
        await waiting;
      } catch (e) {
        throw this.#window?.explain(e, this.#stage, this.#record) ?? e;
      }
      for (;;) {
        const x = this.#step();
        if (x instanceof Promise) {
          waiting = x;
          break;
        }
        if (x !== NOTHING) return x;
      }
    }
  }

  /** A record, the end, nothing, or a Promise of more bytes. */
  #step(): T | typeof END | typeof NOTHING | Promise<void> {
    if (this.#window === null) {
      const source = this.#sources[this.#file];
      if (source === undefined) return END;
      this.#window = new ByteWindow(source, this.#offset);
      this.#framer = this.#makeFramer();
    }
    const window = this.#window;
    try {
      if (window.end > window.start || !window.last) {
        const n = this.#framer.frame(window);
        if (n === 0) return window.more() ?? NOTHING;
        window.start += n;
        const { record } = this.#framer;
        if (record !== NOTHING) this.#record++;
        return record;
      }
    } catch (e) {
      throw window.explain(e, this.#stage, this.#record);
    }
    this.#window = null;
    this.#file++;
    this.#offset = 0;
    this.#record = 0;
    return window.close()?.then(() => {}) ?? NOTHING;
  }

  state(): State {
    return [this.#file, this.#window?.offset() ?? this.#offset, this.#record];
  }

  close(): void | Promise<void> {
    const window = this.#window;
    this.#window = null;
    this.#file = this.#sources.length;
    return window?.close();
  }
}
