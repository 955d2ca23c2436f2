/**
 * Iterators whose place can be kept: written down as JSON, and gone on from in another process.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { type Follower, iterateAsync, iterateSync } from "./iterate.ts";
import { openPipeline, Run } from "./run.ts";
import type { Cursor, Stage, State } from "./stage.ts";

/** The form of the states; another one is refused. */
const VERSION = 1;

/**
 * One pass over a dataset that can be interrupted: leaving a loop keeps the place, and the next loop
 * over the same iterator goes on from there. Made by `Dataset.iterate`.
 *
 * @example
 * ```ts
 * import { data } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const numbers = data.Dataset.range(4).iterate();
 * for (const x of numbers) {
 *   if (x.item() === 1) break;
 * }
 * assertEquals([...numbers].map((x) => x.item()), [2, 3]);
 * ```
 */
export class DatasetIterator<T> implements Iterable<T>, AsyncIterable<T>, Follower {
  readonly #stage: Stage<T>;
  /** Where the pass stood before the element that is being computed; undefined before the first. */
  #state: State | undefined;
  #cursor: Cursor<unknown> | null = null;
  #computing = false;
  #loop: AsyncGenerator<T, void, undefined> | null = null;

  /** Use `Dataset.iterate`. */
  constructor(stage: Stage<T>, state?: State) {
    this.#stage = stage;
    if (state !== undefined) this.#state = readState(stage, state);
  }

  /**
   * Where the pass stands: after the last element that was given. Plain JSON, small whatever the
   * buffers hold. After an error it is the place before the element that failed.
   */
  state(): State {
    if (this.#cursor !== null && !this.#computing) this.#state = this.#cursor.state();
    if (this.#state === undefined) this.#state = this.#firstState();
    return { version: VERSION, stages: namesOf(this.#stage), pipeline: this.#state };
  }

  /** What the first loop will begin from, so that two begin alike. */
  #firstState(): State {
    const cursor = openPipeline(this.#stage, new Run(false, true));
    const state = cursor.state();
    const closed = cursor.close();
    if (closed instanceof Promise) closed.catch(() => {});
    return state;
  }

  /** Goes on with every element there at once. */
  [Symbol.iterator](): Generator<T, void, undefined> {
    this.#checkFree();
    return iterateSync(this.#stage, this.#state, this);
  }

  /** Goes on, waiting for elements where it must. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    this.#checkFree();
    return iterateAsync(this.#stage, this.#state, this);
  }

  /** The next element; the pipeline stays open until `return` is called or no element is left. */
  next(): Promise<IteratorResult<T, void>> {
    this.#loop ??= this[Symbol.asyncIterator]();
    return this.#loop.next();
  }

  /** Closes the pipeline after calls of `next`; the place is kept. */
  async return(): Promise<void> {
    const loop = this.#loop;
    this.#loop = null;
    await loop?.return();
  }

  #checkFree(): void {
    if (this.#cursor === null) return;
    throw new TypeError(
      "Cannot loop over a dataset iterator that another loop is using: make a second one with " +
        "iterate, or leave the first loop",
    );
  }

  /** For the loop: a cursor was opened, or is about to be closed. */
  follow(cursor: Cursor<unknown> | null): void {
    if (cursor !== null) this.#checkFree();
    else if (!this.#computing && this.#cursor !== null) this.#state = this.#cursor.state();
    this.#cursor = cursor;
    this.#computing = false;
  }

  /** For the loop: another element is about to be computed. */
  pulling(): void {
    this.#state = this.#cursor!.state();
    this.#computing = true;
  }

  /** For the loop: it was computed. */
  pulled(): void {
    this.#computing = false;
  }
}

/** The names of the stages, as calls of each other, with the sizes that their states count by. */
function namesOf(stage: Stage<unknown>): string {
  const { counts } = stage;
  const name = stage.label.replace(/\(.*$/s, "") + (counts === undefined ? "" : `[${counts}]`);
  return stage.inputs.length === 0 ? name : `${name}(${stage.inputs.map(namesOf).join(",")})`;
}

function readState(stage: Stage<unknown>, state: State): State {
  const want = namesOf(stage);
  const whole = state as { version?: State; stages?: State; pipeline?: State } | null;
  if (typeof whole !== "object" || whole === null || whole.pipeline === undefined) {
    throw new TypeError(
      `Cannot resume a pipeline from ${formatValue(state)}: give what state() of an iterator gave`,
    );
  }
  if (whole.version !== VERSION) {
    throw new RangeError(
      `Cannot resume a pipeline from a state of version ${formatValue(whole.version)}: ` +
        `this glissade reads version ${VERSION}`,
    );
  }
  if (whole.stages !== want) {
    throw new RangeError(
      `Cannot resume the pipeline ${want} from a state of ${formatValue(whole.stages)}: ` +
        `build the same stages in the same order, of the same sizes`,
    );
  }
  return whole.pipeline;
}
