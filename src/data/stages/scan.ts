/**
 * Running a user's function along the elements with a state that it hands on.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import type { HostArray } from "../../base/host_array.ts";
import { matches } from "../../base/structure.ts";
import * as tree from "../../base/tree.ts";
import { toElement } from "../element.ts";
import { iterateAsync } from "../iterate.ts";
import { type ElementJson, fromJson, toJson } from "../skeleton.ts";
import {
  after,
  type Cursor,
  describeStage,
  END,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";
import { callUser, checkFunction } from "../user_function.ts";

type Step<T> = (state: unknown, x: T) => unknown;

/** Makes a stage of the second of each pair that `f` returns; the first is its next state. */
export function scan<T>(input: Stage<T>, initial: unknown, f: Step<T>): Stage<unknown> {
  checkFunction(f, "scan a dataset with");
  const first = toElement(initial, "start a scan with", "all arrays");
  const label = `scan(${f.name})`;
  const stage = describeStage(label, [input]);
  return {
    label,
    inputs: [input],
    cardinality: input.cardinality,
    spec: null,
    rows: null,
    open(run, state) {
      const from = state as ScanState | undefined;
      const call = (carry: unknown, x: T, index: number) =>
        callUser(() => f(carry, x), (y) => accept(y, carry), stage, index, run.sync);
      const carry = from === undefined ? first : fromJson(from.carry);
      return new ScanCursor(input.open(run, from?.input), call, carry, from?.index ?? 0);
    },
  };
}

/** What `f` returned, as a state like the one before and an element. */
function accept(result: unknown, before: unknown): [unknown, unknown] {
  if (!Array.isArray(result) || result.length !== 2) {
    throw new TypeError(
      `Cannot go on with ${formatValue(result)}: a scan's function returns [state, element]`,
    );
  }
  const carry = toElement(result[0], "go on with", "typed arrays");
  const [leaves, structure] = tree.flatten<HostArray>(before);
  const found: HostArray[] = [];
  if (!matches(structure, carry, found) || found.some((x, i) => x.dtype !== leaves[i]!.dtype)) {
    throw new TypeError(
      "Cannot go on with a state of another structure or dtype: return one like the initial state",
    );
  }
  return [carry, toElement(result[1], "use", "typed arrays")];
}

type ScanState = { readonly index: number; readonly carry: ElementJson; readonly input: State };

type Pair = [carry: unknown, element: unknown];
type Call<T> = (carry: unknown, x: T, index: number) => Pair | Promise<Pair>;

class ScanCursor<T> implements Cursor<unknown> {
  readonly #input: Cursor<T>;
  readonly #call: Call<T>;
  #carry: unknown;
  #index: number;

  constructor(
    input: Cursor<T>,
    call: Call<T>,
    carry: unknown,
    index: number,
  ) {
    this.#input = input;
    this.#call = call;
    this.#carry = carry;
    this.#index = index;
  }

  readonly #step = (x: T | typeof END): Pull<unknown> => {
    if (x === END) return END;
    return after(this.#call(this.#carry, x, this.#index++), ([carry, y]) => {
      this.#carry = carry;
      return y;
    });
  };

  next(): Pull<unknown> {
    return after<T | typeof END, unknown>(this.#input.next(), this.#step);
  }

  state(): State {
    const carry = toJson(this.#carry);
    return { index: this.#index, carry, input: this.#input.state() } satisfies ScanState as State;
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}

/** The state after the last element of a pass, from `initial` on. */
export async function reduce<T, S>(
  stage: Stage<T>,
  initial: S,
  f: (state: S, x: T) => S | PromiseLike<S>,
): Promise<S> {
  checkFunction(f, "reduce a dataset with");
  let state = initial;
  let index = 0;
  for await (const x of iterateAsync(stage)) {
    const now = state;
    state = await callUser(() => f(now, x), (y) => y as S, "reduce", index++, false);
  }
  return state;
}
