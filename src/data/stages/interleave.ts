/**
 * Datasets that a user's function makes of elements, one after another or several in turn.
 *
 * @module
 */
import { checkOptions } from "../../base/options.ts";
import { checkCount, printOptions } from "../check.ts";
import { closeAll } from "../close_all.ts";
import { Epochs, type Pass } from "../random/epochs.ts";
import { openPipeline, type Run } from "../run.ts";
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
import { stageOf } from "../stage_of.ts";
import { callUser, checkFunction } from "../user_function.ts";

/** Options of `interleave`. */
export interface InterleaveOptions {
  /** How many datasets are open at a time; default 2. */
  cycleLength?: number | undefined;
  /** How many elements are taken from one before the next has its turn; default 1. */
  blockLength?: number | undefined;
}

/** Makes a stage of the elements of the datasets that `f` makes, each dataset to its end. */
export function flatMap<T, U>(input: Stage<T>, f: (x: T) => unknown): Stage<U> {
  checkFunction(f, "flatMap a dataset by");
  return spread(input, f, `flatMap(${f.name})`, 1, Infinity);
}

/** Makes a stage of the elements of the datasets that `f` makes, several in turn. */
export function interleave<T, U>(
  input: Stage<T>,
  f: (x: T) => unknown,
  options: InterleaveOptions,
): Stage<U> {
  checkFunction(f, "interleave a dataset by");
  checkOptions(options, ["cycleLength", "blockLength"], "interleave");
  const { cycleLength = 2, blockLength = 1 } = options;
  checkCount(cycleLength, "interleave with a cycle of", 1);
  checkCount(blockLength, "interleave blocks of", 1, true);
  const label = `interleave(${f.name}${printOptions(options)})`;
  return spread(input, f, label, cycleLength, blockLength);
}

function spread<T, U>(
  input: Stage<T>,
  f: (x: T) => unknown,
  label: string,
  cycle: number,
  block: number,
): Stage<U> {
  const stage = describeStage(label, [input]);
  const epochs = new Epochs([0, 0, 0, 0]);
  return {
    label,
    inputs: [input],
    counts: `${cycle}, ${block}`,
    cardinality: input.cardinality === 0 ? 0 : null,
    spec: null,
    rows: null,
    epochs,
    open(run, state) {
      const from = state as SpreadState | undefined;
      const pass = from === undefined ? run.enter(epochs) : run.reenter(epochs, from.pass);
      return new SpreadCursor<T, U>({ input, f, stage, cycle, block, run, pass }, from);
    },
  };
}

interface Plan<T> {
  readonly input: Stage<T>;
  readonly f: (x: T) => unknown;
  readonly stage: string;
  readonly cycle: number;
  readonly block: number;
  readonly run: Run;
  readonly pass: Pass;
}

type SlotState = {
  /** The state of the input before the element that the dataset was made of, and its number. */
  readonly before: State;
  readonly index: number;
  /** Where the dataset stands. */
  readonly at: State;
};

type SpreadState = {
  readonly pass: number;
  readonly turn: number;
  readonly given: number;
  readonly index: number;
  readonly ended: boolean;
  readonly input: State;
  readonly slots: readonly (SlotState | null)[];
};

interface Slot<U> {
  readonly before: State;
  readonly index: number;
  readonly cursor: Cursor<U>;
}

class SpreadCursor<T, U> extends Collector<unknown, U> {
  readonly #plan: Plan<T>;
  readonly #input: Cursor<T>;
  readonly #slots: (Slot<U> | null)[];
  /** Slots of a state whose datasets are still to be made again. */
  readonly #missing: number[];
  readonly #state: SpreadState | undefined;
  #lookBack: Cursor<T> | null = null;
  #before: State = null;
  #turn: number;
  /** Elements given in a row from the slot whose turn it is. */
  #given: number;
  #index: number;
  #ended: boolean;
  #found: { readonly x: U } | null = null;

  constructor(plan: Plan<T>, state: SpreadState | undefined) {
    super();
    this.#plan = plan;
    this.#state = state;
    this.#input = plan.input.open(plan.run, state?.input);
    this.#slots = Array(plan.cycle).fill(null);
    this.#missing = (state?.slots ?? []).flatMap((s, i) => s === null ? [] : [i]);
    this.#turn = state?.turn ?? 0;
    this.#given = state?.given ?? 0;
    this.#index = state?.index ?? 0;
    this.#ended = state?.ended ?? false;
  }

  protected wants(): boolean {
    if (this.#missing.length > 0) return true;
    return this.#found === null && !(this.#ended && this.#slots.every((s) => s === null));
  }

  protected pull(): Pull<unknown> {
    const { input, run } = this.#plan;
    const again = this.#missing[0];
    if (again !== undefined) {
      this.#lookBack = input.open(run.fork(), this.#state!.slots[again]!.before);
      return this.#lookBack.next();
    }
    const slot = this.#slots[this.#turn];
    if (slot) return slot.cursor.next();
    if (this.#ended) return END;
    if (run.stateful) this.#before = this.#input.state();
    return this.#input.next();
  }

  protected take(x: unknown): void | Promise<void> {
    if (this.#missing.length > 0) return this.#refill(x as T | typeof END);
    const slot = this.#slots[this.#turn];
    if (slot) {
      if (x === END) {
        this.#slots[this.#turn] = null;
        this.#advance();
        return slot.cursor.close();
      }
      this.#found = { x: x as U };
      if (++this.#given >= this.#plan.block) this.#advance();
    } else if (x === END) {
      this.#ended = true;
      this.#advance();
    } else {
      const turn = this.#turn, before = this.#before, index = this.#index++;
      return after(this.#open(x as T, index), (cursor) => {
        this.#slots[turn] = { before, index, cursor };
      });
    }
  }

  #advance(): void {
    this.#turn = (this.#turn + 1) % this.#plan.cycle;
    this.#given = 0;
  }

  #open(x: T, index: number, state?: State): Cursor<U> | Promise<Cursor<U>> {
    const { f, stage, run, pass } = this.#plan;
    const open = (made: unknown) =>
      openPipeline(stageOf(made) as Stage<U>, run.inner(pass.number, index), state);
    return callUser(() => f(x), open, stage, index, run.sync);
  }

  #refill(x: T | typeof END): void | Promise<void> {
    const turn = this.#missing.shift()!;
    const { before, index, at } = this.#state!.slots[turn]!;
    const close = () => this.#lookBack!.close();
    if (x === END) {
      throw new RangeError(
        `Cannot resume ${this.#plan.stage}: its input has no element ${index} any more: ` +
          `resume with the same data`,
      );
    }
    return after(this.#open(x, index, at), (cursor) => {
      this.#slots[turn] = { before, index, cursor };
      return close();
    });
  }

  protected give(): U | typeof END {
    const found = this.#found;
    this.#found = null;
    return found === null ? END : found.x;
  }

  state(): SpreadState {
    if (this.#missing.length > 0) return this.#state!;
    return {
      pass: this.#plan.pass.number,
      turn: this.#turn,
      given: this.#given,
      index: this.#index,
      ended: this.#ended,
      input: this.#input.state(),
      slots: this.#slots.map((s) =>
        s === null ? null : { before: s.before, index: s.index, at: s.cursor.state() }
      ),
    };
  }

  close(): void | Promise<void> {
    return closeAll([...this.#slots.map((s) => s?.cursor ?? null), this.#input]);
  }
}
