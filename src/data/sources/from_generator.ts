/**
 * The source that asks a user's generator, synchronous or not, for its elements.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { toElement } from "../element.ts";
import {
  Collector,
  describeStage,
  elementError,
  END,
  notSynchronous,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";

/** Makes a source that calls `generator` anew for every pass. */
export function fromGenerator(
  generator: () => Iterable<unknown> | AsyncIterable<unknown>,
): Stage<unknown> {
  if (typeof generator !== "function") {
    throw new TypeError(
      `Cannot make a dataset from ${formatValue(generator)}: ` +
        `give a function that returns an iterable, so that every epoch can start anew`,
    );
  }
  return iterating(`fromGenerator(${generator.name})`, generator);
}

/**
 * A source of what iterables give: `make` makes one for every pass. A pass that goes on from a
 * state asks a new iterable for as many elements as the first pass had given, and forgets them.
 */
export function iterating(label: string, make: () => unknown): Stage<unknown> {
  const stage = describeStage(label, []);
  return {
    label,
    inputs: [],
    cardinality: null,
    spec: null,
    rows: null,
    open: (run, state) =>
      new GeneratorCursor(make, stage, run.sync, state as GeneratorState | undefined),
  };
}

type AnyIterator =
  | Iterator<unknown, unknown, undefined>
  | AsyncIterator<unknown, unknown, undefined>;

type GeneratorState = { readonly given: number; readonly ended: boolean };
type Result = IteratorResult<unknown>;

class GeneratorCursor extends Collector<Result, unknown> {
  readonly #iterator: AnyIterator | null;
  readonly #stage: string;
  readonly #sync: boolean;
  /** Elements still to be forgotten. */
  #again: number;
  #given: number;
  #ended: boolean;
  #result: Result | null = null;

  constructor(
    make: () => unknown,
    stage: string,
    sync: boolean,
    state: GeneratorState = { given: 0, ended: false },
  ) {
    super();
    this.#stage = stage;
    this.#sync = sync;
    this.#again = this.#given = state.given;
    this.#ended = state.ended;
    this.#iterator = state.ended ? null : this.#start(make);
  }

  #start(make: () => unknown): AnyIterator {
    let source: unknown;
    try {
      source = make();
    } catch (e) {
      throw elementError(this.#stage, 0, e);
    }
    if (source instanceof Object && Symbol.iterator in source) {
      return (source as Iterable<unknown>)[Symbol.iterator]();
    }
    if (source instanceof Object && Symbol.asyncIterator in source) {
      if (this.#sync) throw notSynchronous(this.#stage, "its generator is asynchronous");
      return (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    }
    throw new TypeError(
      `Cannot iterate over ${formatValue(source)} in ${this.#stage}: ` +
        `the function must return an iterable; write function* or async function*`,
    );
  }

  protected wants(): boolean {
    return !this.#ended && this.#result === null;
  }

  protected pull(): Pull<Result> {
    let result: Result | Promise<Result>;
    try {
      result = this.#iterator!.next();
    } catch (e) {
      return this.#fail(e);
    }
    if (!(result instanceof Promise)) return result;
    if (!this.#sync) return result.catch((e) => this.#fail(e));
    result.catch(() => {});
    throw notSynchronous(this.#stage, "its iterator gave a Promise");
  }

  #fail(e: unknown): never {
    this.#ended = true;
    throw elementError(this.#stage, this.#given - this.#again, e);
  }

  protected take(result: Result | typeof END): void {
    if (result === END || result.done === true) this.#ended = true;
    else if (this.#again > 0) this.#again--;
    else this.#result = result;
  }

  protected give(): unknown {
    const result = this.#result;
    if (result === null) return END;
    this.#result = null;
    try {
      return toElement(result.value, "use", "all arrays");
    } catch (e) {
      return this.#fail(e);
    } finally {
      this.#given++;
    }
  }

  state(): State {
    return { given: this.#given, ended: this.#ended };
  }

  close(): void | Promise<void> {
    const closed = this.#iterator?.return?.();
    if (closed instanceof Promise) return closed.then(() => {});
  }
}
