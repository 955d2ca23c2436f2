/**
 * Taking batches apart again, and into batches of other sizes.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import * as tree from "../../base/tree.ts";
import { BatchCursor, type BatchOptions } from "./batch.ts";
import { checkCount, printOptions } from "../check.ts";
import { join } from "../join.ts";
import { unbatchSpec } from "../spec.ts";
import {
  Collector,
  type Cursor,
  describeStage,
  END,
  type Pull,
  type Stage,
  type State,
} from "../stage.ts";

/** Makes a stage of the rows of every element. */
export function unbatch<T>(input: Stage<T>): Stage<T> {
  const label = "unbatch()";
  const stage = describeStage(label, [input]);
  return {
    label,
    inputs: [input],
    cardinality: input.cardinality === 0 ? 0 : null,
    spec: input.spec === null ? null : unbatchSpec(input.spec),
    rows: null,
    open: (run, state) => {
      const from = state as UnbatchState | undefined;
      return new UnbatchCursor<T>(
        input.open(run, from?.input),
        from?.row ?? 0,
        run.stateful,
        stage,
      );
    },
  };
}

/** The state of the input before the element that is being taken apart, and the next row of it. */
type UnbatchState = { readonly row: number; readonly input: State };

/** A list of texts, as batches have them, in the place of an array. */
class Texts {
  readonly ndim = 1;
  readonly length: number;
  readonly #list: readonly string[];

  constructor(list: readonly string[]) {
    this.#list = list;
    this.length = list.length;
  }

  at(row: number): string {
    return this.#list[row]!;
  }
}

/** The element with its lists of texts as leaves. */
function withTexts(x: unknown): unknown {
  if (Array.isArray(x)) {
    const texts = x.length > 0 && x.every((v) => typeof v === "string");
    return texts ? new Texts(x as string[]) : x.map(withTexts);
  }
  if (typeof x !== "object" || x === null || x instanceof HostArray) return x;
  return Object.fromEntries(Object.entries(x).map(([name, v]) => [name, withTexts(v)]));
}

class UnbatchCursor<T> extends Collector<T, T> {
  readonly #input: Cursor<T>;
  readonly #stateful: boolean;
  readonly #stage: string;
  #leaves: readonly (HostArray | Texts)[] = [];
  #structure: tree.Structure | null = null;
  #before: State = null;
  #row: number;
  #rows = 0;
  #index = 0;
  #ended = false;

  constructor(input: Cursor<T>, row: number, stateful: boolean, stage: string) {
    super();
    this.#input = input;
    this.#row = row;
    this.#stateful = stateful;
    this.#stage = stage;
  }

  protected wants(): boolean {
    return !this.#ended && (this.#structure === null || this.#row >= this.#rows);
  }

  protected pull(): Pull<T> {
    if (this.#structure !== null) this.#row = 0;
    if (this.#stateful) this.#before = this.#input.state();
    return this.#input.next();
  }

  protected take(x: T | typeof END): void {
    if (x === END) {
      this.#ended = true;
      return;
    }
    [this.#leaves, this.#structure] = tree.flatten<HostArray | Texts>(withTexts(x));
    const index = this.#index++;
    const sizes = this.#leaves.map((leaf) => {
      if (typeof leaf === "string") {
        throw new RangeError(
          `Cannot take element ${index} apart in ${this.#stage}: it holds the text ` +
            `${formatValue(leaf)}, which has no rows`,
        );
      }
      if (leaf.ndim > 0) return leaf.length;
      throw new RangeError(
        `Cannot take element ${index} apart in ${this.#stage}: it holds a scalar, which has no rows`,
      );
    });
    this.#rows = sizes[0] ?? 0;
    if (sizes.every((n) => n === this.#rows)) return;
    throw new RangeError(
      `Cannot take element ${index} apart in ${this.#stage}: its arrays have ${
        sizes.join(" and ")
      } rows: they must have equally many`,
    );
  }

  protected give(): T | typeof END {
    if (this.#ended) return END;
    const row = this.#row++;
    return tree.unflatten(this.#structure!, this.#leaves.map((leaf) => leaf.at(row))) as T;
  }

  state(): UnbatchState {
    const within = this.#structure !== null && this.#row < this.#rows && !this.#ended;
    if (within) return { row: this.#row, input: this.#before };
    return { row: this.#structure === null ? this.#row : 0, input: this.#input.state() };
  }

  close(): void | Promise<void> {
    return this.#input.close();
  }
}

/** Makes a stage of batches of other sizes; a list of sizes is gone through again and again. */
export function rebatch<T>(
  input: Stage<T>,
  sizes: number | readonly number[],
  options: Pick<BatchOptions, "dropRemainder">,
): Stage<T> {
  const list = Array.isArray(sizes) ? [...sizes] : [sizes];
  for (const n of list) checkCount(n, "rebatch by", 1);
  if (list.length === 0) throw new RangeError("Cannot rebatch by no sizes: give at least one");
  checkOptions(options, ["dropRemainder"], "rebatch");
  const drop = options.dropRemainder ?? false;
  const label = `rebatch(${JSON.stringify(sizes)}${printOptions(options)})`;
  const stage = describeStage(label, [input]);
  const rows = unbatch(input);
  return {
    label,
    inputs: [input],
    counts: list.join(", "),
    cardinality: input.cardinality === 0 ? 0 : null,
    spec: null,
    rows: null,
    open(run, state) {
      const { turn, input } = (state ?? { turn: 0 }) as { turn: number; input?: State };
      return new RebatchCursor(rows.open(run, input), list, turn, drop, stage);
    },
  };
}

class RebatchCursor<T> extends BatchCursor<T, T> {
  readonly #sizes: readonly number[];
  #turn: number;

  constructor(
    input: Cursor<T>,
    sizes: readonly number[],
    turn: number,
    drop: boolean,
    stage: string,
  ) {
    super(input, sizes[turn]!, drop, (list) => join(list, stage) as T);
    this.#sizes = sizes;
    this.#turn = turn;
  }

  protected override give(): Pull<T> {
    const x = super.give();
    this.#turn = (this.#turn + 1) % this.#sizes.length;
    this.size = this.#sizes[this.#turn]!;
    return x;
  }

  override state(): State {
    return { turn: this.#turn, input: super.state() };
  }
}
