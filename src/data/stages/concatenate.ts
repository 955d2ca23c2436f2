/**
 * One dataset after another.
 *
 * @module
 */
import type { Run } from "../run.ts";
import { printSpec, relaxSpecs } from "../spec.ts";
import { Collector, type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";
import { type HasStage, stagesOf } from "../stage_of.ts";

/** Makes a stage of all elements of each dataset in turn. */
export function concatenate<T>(datasets: readonly HasStage<T>[]): Stage<T> {
  const inputs = stagesOf(datasets, "concatenate");
  const counts = inputs.map((s) => s.cardinality);
  const specs = inputs.map((s) => s.spec);
  const [first, ...rest] = specs;
  for (const spec of rest) {
    if (!first || !spec || relaxSpecs(first, spec) !== null) continue;
    throw new TypeError(
      `Cannot concatenate elements of ${printSpec(first)} and of ${printSpec(spec)}: ` +
        `structures, dtypes and ranks must agree`,
    );
  }
  return {
    label: "concatenate",
    inputs,
    cardinality: counts.includes(Infinity)
      ? Infinity
      : counts.reduce((a, b) => a === null || b === null ? null : a + b),
    spec: specs.reduce((a, b) => a === null || b === null ? null : relaxSpecs(a, b)),
    rows: null,
    open: (run, state) =>
      new ConcatenateCursor(inputs, run.child(), state as ConcatenateState | undefined),
  };
}

type ConcatenateState = { readonly at: number; readonly passes: State; readonly input: State };

class ConcatenateCursor<T> extends Collector<T, T> {
  readonly #inputs: readonly Stage<T>[];
  readonly #run: Run;
  #at: number;
  #cursor: Cursor<T>;
  #found: { readonly x: T } | null = null;
  #ended = false;

  constructor(inputs: readonly Stage<T>[], run: Run, state: ConcatenateState | undefined) {
    super();
    this.#inputs = inputs;
    this.#run = run;
    this.#at = state?.at ?? 0;
    if (state !== undefined) {
      const passes = state.passes as readonly State[];
      for (const [i, s] of inputs.entries()) run.restore(s, passes[i]!);
    }
    this.#cursor = inputs[this.#at]!.open(run, state?.input);
  }

  protected wants(): boolean {
    return this.#found === null && !this.#ended;
  }

  protected pull(): Pull<T> {
    return this.#cursor.next();
  }

  protected take(x: T | typeof END): void | Promise<void> {
    if (x !== END) {
      this.#found = { x };
    } else if (this.#at + 1 === this.#inputs.length) {
      this.#ended = true;
    } else {
      const closed = this.#cursor.close();
      this.#cursor = this.#inputs[++this.#at]!.open(this.#run);
      return closed;
    }
  }

  protected give(): T | typeof END {
    const found = this.#found;
    this.#found = null;
    return found === null ? END : found.x;
  }

  state(): ConcatenateState {
    return {
      at: this.#at,
      passes: this.#inputs.map((s) => this.#run.state(s)),
      input: this.#cursor.state(),
    };
  }

  close(): void | Promise<void> {
    return this.#cursor.close();
  }
}
