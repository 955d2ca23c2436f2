/**
 * Keeping the elements of which a user's function says so: all of them, or those up to the first of
 * which it does not.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import {
  after,
  Collector,
  type Cursor,
  describeStage,
  END,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";
import { callUser, checkFunction } from "../user_function.ts";

/** What a predicate may return: a boolean or a scalar array. */
export type Verdict = boolean | number | HostArray;

/** Makes a stage of the elements for which `predicate` holds. */
export function filter<T>(input: Stage<T>, predicate: (x: T) => unknown): Stage<T> {
  return select(input, predicate, "filter", false);
}

/** Makes a stage of the elements before the first for which `predicate` does not hold. */
export function takeWhile<T>(input: Stage<T>, predicate: (x: T) => unknown): Stage<T> {
  return select(input, predicate, "takeWhile", true);
}

function select<T>(
  input: Stage<T>,
  predicate: (x: T) => unknown,
  name: string,
  stops: boolean,
): Stage<T> {
  checkFunction(predicate, `${name} a dataset by`);
  const label = `${name}(${predicate.name})`;
  const stage = describeStage(label, [input]);
  return {
    label,
    inputs: [input],
    cardinality: input.cardinality === 0 ? 0 : null,
    spec: input.spec,
    rows: null,
    open(run, state) {
      const from = state as FilterState | undefined;
      const ask = (x: T, index: number) =>
        callUser(() => predicate(x), toBoolean, stage, index, run.sync);
      return new FilterCursor(input.open(run, from?.input), ask, stops, from);
    },
  };
}

function toBoolean(verdict: unknown): boolean {
  if (typeof verdict === "boolean") return verdict;
  if (typeof verdict === "number") return verdict !== 0;
  if (verdict instanceof HostArray) return verdict.item() !== 0;
  throw new TypeError(
    `Cannot decide by ${formatValue(verdict)}: a predicate returns a boolean or a scalar`,
  );
}

type FilterState = { readonly index: number; readonly ended: boolean; readonly input: State };

class FilterCursor<T> extends Collector<T, T> {
  readonly #input: Cursor<T>;
  readonly #ask: (x: T, index: number) => boolean | Promise<boolean>;
  readonly #stops: boolean;
  #index: number;
  #ended: boolean;
  #found: { readonly x: T } | null = null;

  constructor(
    input: Cursor<T>,
    ask: (x: T, index: number) => boolean | Promise<boolean>,
    stops: boolean,
    state: FilterState | undefined,
  ) {
    super();
    this.#input = input;
    this.#ask = ask;
    this.#stops = stops;
    this.#index = state?.index ?? 0;
    this.#ended = state?.ended ?? false;
  }

  protected wants(): boolean {
    return this.#found === null && !this.#ended;
  }

  protected pull(): Pull<T> {
    return this.#input.next();
  }

  protected take(x: T | typeof END): void | Promise<void> {
    if (x === END) {
      this.#ended = true;
      return;
    }
    return after(this.#ask(x, this.#index++), (holds) => {
      if (holds) this.#found = { x };
      else if (this.#stops) this.#ended = true;
    });
  }

  protected give(): T | typeof END {
    const found = this.#found;
    this.#found = null;
    return found === null ? END : found.x;
  }

  state(): State {
    return { index: this.#index, ended: this.#ended, input: this.#input.state() };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}
