/**
 * Collecting elements of equal keys, and giving what a user's function makes of each full group.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { checkCount } from "../check.ts";
import { closeAll } from "../close_all.ts";
import { Epochs, type Pass } from "../random/epochs.ts";
import { fromList } from "../sources/from_tensors.ts";
import { Replay, type ReplayState } from "../replay.ts";
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

/** How elements are grouped, and what becomes of a group. */
export interface Grouping<T> {
  /** How the stage is printed. */
  readonly label: string;
  /** The integer that an element is grouped by. */
  readonly keyOf: (x: T) => unknown;
  /** Makes a dataset of a full group. */
  readonly reduce: (key: number, group: Stage<T>) => unknown;
  /** How many elements make the group of a key full. */
  readonly sizeOf: (key: number) => number;
  /** The sizes that states count by, where they are known. */
  readonly counts?: string | undefined;
}

/**
 * Makes a stage of the elements of the datasets that a user's function makes of groups.
 *
 * @param wrap makes a dataset of a stage
 */
export function groupByWindow<T, D, U>(
  input: Stage<T>,
  keyFunc: (x: T) => unknown,
  reduceFunc: (key: number, group: D) => unknown,
  windowSize: number | ((key: number) => number),
  wrap: (group: Stage<T>) => D,
): Stage<U> {
  const sizeOf = typeof windowSize === "function"
    ? windowSize
    : (checkCount(windowSize, "group by windows of", 1, true), () => windowSize);
  checkFunction(reduceFunc, "reduce groups of a dataset with");
  checkFunction(keyFunc, "group a dataset by");
  return grouped(input, {
    label: `groupByWindow(${keyFunc.name})`,
    keyOf: keyFunc,
    reduce: (key, group) => reduceFunc(key, wrap(group)),
    sizeOf,
    ...(typeof windowSize === "function" ? {} : { counts: String(windowSize) }),
  });
}

/** Makes a stage of the elements of the datasets that groups become. */
export function grouped<T, U>(input: Stage<T>, grouping: Grouping<T>): Stage<U> {
  const { label, counts } = grouping;
  const stage = describeStage(label, [input]);
  const epochs = new Epochs([0, 0, 0, 0]);
  return {
    label,
    inputs: [input],
    ...(counts === undefined ? {} : { counts }),
    cardinality: input.cardinality === 0 ? 0 : null,
    spec: null,
    rows: null,
    epochs,
    open(run, state) {
      const from = state as GroupState | undefined;
      const pass = from === undefined ? run.enter(epochs) : run.reenter(epochs, from.pass);
      return new GroupCursor<T, U>(input, grouping, stage, run, pass, from);
    },
  };
}

/** The numbers of the elements of a group, and its key. */
type GroupPlaces = readonly [key: number, numbers: readonly number[]];

type GroupState = {
  readonly pass: number;
  /** Elements taken of the input, and datasets begun. */
  readonly taken: number;
  readonly begun: number;
  readonly ended: boolean;
  readonly groups: readonly GroupPlaces[];
  /** The group whose dataset is being given, and where that stands. */
  readonly open: readonly [GroupPlaces, State] | null;
  readonly replay: ReplayState;
};

interface Group<T> {
  readonly key: number;
  readonly numbers: number[];
  readonly elements: T[];
}

class GroupCursor<T, U> extends Collector<unknown, U> {
  readonly #input: Replay<T>;
  readonly #grouping: Grouping<T>;
  readonly #stage: string;
  readonly #run: Run;
  readonly #pass: Pass;
  readonly #state: GroupState | undefined;
  readonly #groups = new Map<number, Group<T>>();
  /** What is read again: which group an element belongs to; null when all are back. */
  #places: Map<number, Group<T>> | null = null;
  #open: { readonly group: Group<T>; readonly cursor: Cursor<U> } | null = null;
  #taken: number;
  #begun: number;
  #ended: boolean;
  #found: { readonly x: U } | null = null;

  constructor(
    input: Stage<T>,
    grouping: Grouping<T>,
    stage: string,
    run: Run,
    pass: Pass,
    state: GroupState | undefined,
  ) {
    super();
    this.#input = new Replay((s) => input.open(run, s), run.stateful, 16, state?.replay);
    this.#grouping = grouping;
    this.#stage = stage;
    this.#run = run;
    this.#pass = pass;
    this.#state = state;
    this.#taken = state?.taken ?? 0;
    this.#begun = state?.begun ?? 0;
    this.#ended = state?.ended ?? false;
    if (state !== undefined) this.#restore(state);
  }

  #restore(state: GroupState): void {
    const places = this.#places = new Map();
    const make = ([key, numbers]: GroupPlaces): Group<T> => {
      const group = { key, numbers: [...numbers], elements: [] };
      for (const n of numbers) places.set(n, group);
      return group;
    };
    for (const g of state.groups) this.#groups.set(g[0], make(g));
    if (state.open !== null) make(state.open[0]);
    if (places.size === 0) this.#places = null;
  }

  protected wants(): boolean {
    if (this.#places !== null) return true;
    if (this.#found !== null) return false;
    return this.#open !== null || !this.#ended || this.#groups.size > 0;
  }

  protected pull(): Pull<unknown> {
    if (this.#places !== null) return this.#input.next();
    if (this.#open !== null) return this.#open.cursor.next();
    return this.#ended ? END : this.#input.next();
  }

  protected take(x: unknown): void | Promise<void> {
    if (this.#places !== null) return this.#takeAgain(x as T | typeof END);
    const open = this.#open;
    if (open !== null) {
      if (x !== END) {
        this.#found = { x: x as U };
        return;
      }
      this.#open = null;
      return open.cursor.close();
    }
    if (x === END) {
      if (this.#ended) return this.#begin(this.#groups.get(Math.min(...this.#groups.keys()))!);
      this.#ended = true;
      return;
    }
    const number = this.#taken++;
    const key = callUser(
      () => this.#grouping.keyOf(x as T),
      toKey,
      this.#stage,
      number,
      this.#run.sync,
    );
    return after(key, (k) => this.#put(k, number, x as T));
  }

  #put(key: number, number: number, x: T): void | Promise<void> {
    let group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, group = { key, numbers: [], elements: [] });
    }
    group.numbers.push(number);
    group.elements.push(x);
    const size = checkCount(this.#grouping.sizeOf(key), "group by windows of", 1, true);
    if (group.elements.length >= size) return this.#begin(group);
  }

  #begin(group: Group<T>, state?: State): void | Promise<void> {
    this.#groups.delete(group.key);
    const index = state === undefined ? this.#begun++ : this.#begun - 1;
    const run = this.#run.inner(this.#pass.number, index);
    const opened = callUser(
      () => this.#grouping.reduce(group.key, fromList("group", group.elements)),
      (made) => openPipeline(stageOf(made) as Stage<U>, run, state),
      this.#stage,
      index,
      run.sync,
    );
    return after(opened, (cursor) => {
      this.#open = { group, cursor };
    });
  }

  #takeAgain(x: T | typeof END): void | Promise<void> {
    const places = this.#places!;
    const number = this.#input.at - 1;
    const group = places.get(number);
    if (x !== END && group !== undefined) group.elements.push(x);
    if (x !== END && this.#input.at < this.#taken) return;
    this.#places = null;
    const open = this.#state!.open;
    if (open === null) return;
    const again = places.get(open[0][1][0]!)!;
    const waiting = this.#groups.get(again.key);
    const begun = this.#begin(again, open[1]);
    // another group of the same key may have been begun
    if (waiting !== undefined && waiting !== again) this.#groups.set(again.key, waiting);
    return begun;
  }

  protected give(): U | typeof END {
    const found = this.#found;
    this.#found = null;
    return found === null ? END : found.x;
  }

  state(): GroupState {
    if (this.#places !== null) return this.#state!;
    const groups = [...this.#groups.values()];
    const held = this.#open === null ? groups : [...groups, this.#open.group];
    const oldest = held.reduce((n, g) => Math.min(n, g.numbers[0]!), this.#input.at);
    const places = (g: Group<T>): GroupPlaces => [g.key, [...g.numbers]];
    return {
      pass: this.#pass.number,
      taken: this.#taken,
      begun: this.#begun,
      ended: this.#ended,
      groups: groups.map(places),
      open: this.#open === null ? null : [places(this.#open.group), this.#open.cursor.state()],
      replay: this.#input.state(oldest),
    };
  }

  close(): void | Promise<void> {
    return closeAll([this.#open?.cursor ?? null, this.#input]);
  }
}

function toKey(key: unknown): number {
  const k = key instanceof HostArray ? key.item() : key;
  if (Number.isSafeInteger(k)) return k as number;
  throw new TypeError(`Cannot group by ${formatValue(key)}: a key is an integer`);
}
