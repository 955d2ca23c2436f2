/**
 * The source that asks a user's generator, synchronous or not, for its elements.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { toElement } from "./element.ts";
import {
  type Cursor,
  describeStage,
  elementError,
  END,
  notSynchronous,
  type Pull,
  type Run,
  type Stage,
} from "./stage.ts";

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
  const label = `fromGenerator(${generator.name})`;
  return {
    label,
    input: null,
    cardinality: null,
    spec: null,
    rows: null,
    open: (run) => new GeneratorCursor(generator, describeStage(label, null), run),
  };
}

type AnyIterator =
  | Iterator<unknown, unknown, undefined>
  | AsyncIterator<unknown, unknown, undefined>;

class GeneratorCursor implements Cursor<unknown> {
  readonly #iterator: AnyIterator;
  readonly #stage: string;
  readonly #sync: boolean;
  #index = 0;
  #ended = false;

  constructor(
    generator: () => Iterable<unknown> | AsyncIterable<unknown>,
    stage: string,
    run: Run,
  ) {
    this.#stage = stage;
    this.#sync = run.sync;
    let source: unknown;
    try {
      source = generator();
    } catch (e) {
      throw elementError(stage, 0, e);
    }
    if (source instanceof Object && Symbol.iterator in source) {
      this.#iterator = (source as Iterable<unknown>)[Symbol.iterator]();
    } else if (source instanceof Object && Symbol.asyncIterator in source) {
      if (run.sync) throw notSynchronous(stage, "its generator is asynchronous");
      this.#iterator = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    } else {
      throw new TypeError(
        `Cannot iterate over ${formatValue(source)} in ${stage}: ` +
          `the function must return an iterable; write function* or async function*`,
      );
    }
  }

  readonly #accept = (result: IteratorResult<unknown>): unknown => {
    if (result.done === true) {
      this.#ended = true;
      return END;
    }
    try {
      return toElement(result.value, "use", "all arrays");
    } catch (e) {
      return this.#fail(e);
    } finally {
      this.#index++;
    }
  };

  readonly #fail = (e: unknown): never => {
    this.#ended = true;
    throw elementError(this.#stage, this.#index, e);
  };

  next(): Pull<unknown> {
    if (this.#ended) return END;
    let result: IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
    try {
      result = this.#iterator.next();
    } catch (e) {
      return this.#fail(e);
    }
    if (!(result instanceof Promise)) return this.#accept(result);
    if (this.#sync) {
      result.catch(() => {});
      throw notSynchronous(this.#stage, "its iterator gave a Promise");
    }
    return result.then(this.#accept, this.#fail);
  }

  close(): void | Promise<void> {
    const closed = this.#iterator.return?.();
    if (closed instanceof Promise) return closed.then(() => {});
  }
}
