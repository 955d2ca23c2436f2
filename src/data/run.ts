/**
 * Run: one loop over a pipeline. It numbers the passes that its stages make, holds what they keep
 * open between passes, and puts their states together.
 *
 * @module
 */
import type { Epochs, Key, Pass } from "./random/epochs.ts";
import type { Cursor, Pull, Stage, State } from "./stage.ts";

/** What a stage keeps for a whole run. */
export interface Kept {
  close(): void | Promise<void>;
}

/**
 * One loop over a pipeline, or a part of one that numbers its passes for itself: a cursor that opens
 * its input again and again has a run of its own, so that passes that are done again from a state
 * get the numbers that they had.
 */
export class Run {
  /** Whether the loop is a `for...of`, in which no pull may give a Promise. */
  readonly sync: boolean;
  /** Whether states are asked for; where not, cursors need not remember what they would take. */
  readonly stateful: boolean;
  readonly #last: Map<Epochs, Pass>;
  readonly #kept: Map<object, Kept>;
  readonly #parent: Run | null;
  /** The number of the first pass of each stage; null: after the last pass in any run. */
  readonly #base: number | null;

  constructor(
    sync: boolean,
    stateful: boolean,
    base: number | null = null,
    parent: Run | null = null,
    last: Map<Epochs, Pass> = new Map(),
    kept: Map<object, Kept> = new Map(),
  ) {
    this.sync = sync;
    this.stateful = stateful;
    this.#base = base;
    this.#parent = parent;
    this.#last = last;
    this.#kept = kept;
  }

  /** A run for a cursor that opens its input more than once; this run learns what passes it makes. */
  child(): Run {
    return new Run(
      this.sync,
      this.stateful,
      this.#base,
      this,
      new Map(this.#last),
      this.#kept,
    );
  }

  /** A run for a look back: this run does not learn of it. */
  fork(): Run {
    return new Run(this.sync, this.stateful, this.#base, null, new Map(this.#last), this.#kept);
  }

  /**
   * A run for a pipeline that a user's function made for element `index` in pass `pass` of a stage:
   * its passes are numbered by these alone.
   */
  inner(pass: number, index: number): Run {
    return new Run(this.sync, this.stateful, pass * 2 ** 36 + index * 2 ** 6);
  }

  /** Starts a pass of a stage: the one after its last in this run, else after its last in any. */
  enter(epochs: Epochs): Pass {
    const last = this.#last.get(epochs);
    const number = last === undefined ? this.#base ?? epochs.started : last.number + 1;
    const pass = { key: last?.key ?? epochs.key, number };
    this.#note(epochs, pass);
    return pass;
  }

  /** A pass that goes on from a state. */
  reenter(epochs: Epochs, number: number): Pass {
    return { key: this.#last.get(epochs)?.key ?? epochs.key, number };
  }

  #note(epochs: Epochs, pass: Pass): void {
    epochs.started = Math.max(epochs.started, pass.number + 1);
    this.#last.set(epochs, pass);
    if (this.#parent !== null) this.#parent.#note(epochs, pass);
  }

  /** What a stage keeps open until the loop is left, made when it is first asked for. */
  keep<K extends Kept>(owner: object, make: () => K): K {
    let kept = this.#kept.get(owner) as K | undefined;
    if (kept === undefined) this.#kept.set(owner, kept = make());
    return kept;
  }

  /** Closes what stages keep. */
  close(): void | Promise<void> {
    const closed = [...this.#kept.values()].map((k) => k.close()).filter((p) =>
      p instanceof Promise
    );
    this.#kept.clear();
    if (closed.length > 0) return Promise.all(closed).then(() => {});
  }

  /** The passes of the stages of a pipeline, in the order in which its stages are found. */
  state(stage: Stage<unknown>): State {
    return allEpochs(stage).map((e) => {
      let last = this.#last.get(e);
      if (last === undefined) {
        // as if the pass before the first had been made here, so that the first is settled
        last = { number: (this.#base ?? e.started) - 1, key: e.key };
        this.#last.set(e, last);
      }
      return [last.number, ...last.key];
    });
  }

  /** Takes over what `state` told. */
  restore(stage: Stage<unknown>, state: State): void {
    const list = state as readonly (readonly number[])[];
    for (const [i, e] of allEpochs(stage).entries()) {
      const entry = list[i];
      if (entry === undefined) continue;
      const [number, a, b, c, d] = entry as [number, number, number, number, number];
      this.#note(e, { number, key: [a, b, c, d] satisfies Key });
    }
  }
}

const known = new WeakMap<Stage<unknown>, readonly Epochs[]>();

/** The epochs of all stages, each once, inputs first. */
function allEpochs(stage: Stage<unknown>): readonly Epochs[] {
  let epochs = known.get(stage);
  if (epochs === undefined) known.set(stage, epochs = findEpochs(stage, new Set()));
  return epochs;
}

function findEpochs(stage: Stage<unknown>, seen: Set<Stage<unknown>>): Epochs[] {
  if (seen.has(stage)) return [];
  seen.add(stage);
  const found = stage.inputs.flatMap((s) => findEpochs(s, seen));
  if (stage.epochs !== undefined) found.push(stage.epochs);
  return found;
}

/**
 * Opens a whole pipeline, with all that its run holds: the cursor's state tells the passes as well,
 * and closing it closes what stages kept.
 */
export function openPipeline<T>(stage: Stage<T>, run: Run, state?: State): Cursor<T> {
  if (state === undefined) return new PipelineCursor(stage, run, stage.open(run));
  const { passes, at } = state as { passes: State; at: State };
  run.restore(stage, passes);
  return new PipelineCursor(stage, run, stage.open(run, at));
}

class PipelineCursor<T> implements Cursor<T> {
  readonly #stage: Stage<T>;
  readonly #run: Run;
  readonly #cursor: Cursor<T>;

  constructor(stage: Stage<T>, run: Run, cursor: Cursor<T>) {
    this.#stage = stage;
    this.#run = run;
    this.#cursor = cursor;
  }

  next(): Pull<T> {
    return this.#cursor.next();
  }

  state(): State {
    return { passes: this.#run.state(this.#stage), at: this.#cursor.state() };
  }

  close(): void | Promise<void> {
    const closed = this.#cursor.close();
    if (closed instanceof Promise) return closed.then(() => this.#run.close());
    return this.#run.close();
  }
}
