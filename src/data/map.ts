/**
 * Applying a user's function, synchronous or not, to every element, in order.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { toElement } from "./element.ts";
import {
  after,
  type Cursor,
  describeStage,
  elementError,
  END,
  notSynchronous,
  type Pull,
  type Run,
  type Stage,
} from "./stage.ts";

/** Makes a stage of what `f` returns for each element. */
export function map<T>(input: Stage<T>, f: (x: T) => unknown): Stage<unknown> {
  if (typeof f !== "function") {
    throw new TypeError(`Cannot map ${formatValue(f)} over a dataset: give a function`);
  }
  if (f.length > 1) {
    throw new TypeError(
      `Cannot map a function of ${f.length} arguments over a dataset: it is given one, the whole ` +
        `element; write ([x, y]) => ...`,
    );
  }
  const label = `map(${f.name})`;
  const stage = describeStage(label, input);
  return {
    label,
    input,
    cardinality: input.cardinality,
    spec: null,
    rows: null,
    open: (run) => new MapCursor(input.open(run), f, stage, run),
  };
}

class MapCursor<T> implements Cursor<unknown> {
  readonly #input: Cursor<T>;
  readonly #f: (x: T) => unknown;
  readonly #stage: string;
  readonly #sync: boolean;
  #index = 0;

  constructor(input: Cursor<T>, f: (x: T) => unknown, stage: string, run: Run) {
    this.#input = input;
    this.#f = f;
    this.#stage = stage;
    this.#sync = run.sync;
  }

  readonly #apply = (x: T | typeof END): Pull<unknown> => {
    if (x === END) return END;
    const index = this.#index++;
    const accept = (y: unknown) => toElement(y, "use", "typed arrays");
    const fail = (e: unknown): never => {
      throw elementError(this.#stage, index, e);
    };
    let y: unknown;
    try {
      y = this.#f(x);
      if (!isThenable(y)) return accept(y);
    } catch (e) {
      return fail(e);
    }
    const later = Promise.resolve(y);
    if (!this.#sync) return later.then(accept).catch(fail);
    later.catch(() => {});
    throw notSynchronous(this.#stage, "its function returns a Promise");
  };

  next(): Pull<unknown> {
    return after(this.#input.next(), this.#apply);
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}

function isThenable(x: unknown): x is PromiseLike<unknown> {
  return typeof x === "object" && x !== null && "then" in x && typeof x.then === "function";
}
