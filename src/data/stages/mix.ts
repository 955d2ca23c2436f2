/**
 * Mixing datasets in fixed proportions, in the order of Grain: no randomness, and after any number
 * of elements each dataset has given its share.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { closeAll } from "../close_all.ts";
import { relaxSpecs } from "../spec.ts";
import { after, type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";
import { type HasStage, stagesOf } from "../stage_of.ts";

/** Options of `mix`. */
export interface MixOptions {
  /** How many elements of each dataset come for those of the others; default: equally many. */
  weights?: readonly number[] | undefined;
}

/** Makes a stage that takes from datasets by weight and ends with the first that has no more. */
export function mix<T>(datasets: readonly HasStage<T>[], options: MixOptions): Stage<T> {
  const inputs = stagesOf(datasets, "mix");
  if (inputs.length === 0) throw new RangeError("Cannot mix no datasets: give at least one");
  const weights = options.weights ?? inputs.map(() => 1);
  if (weights.length !== inputs.length || !weights.every((w) => w > 0 && Number.isFinite(w))) {
    throw new RangeError(
      `Cannot mix ${inputs.length} datasets with weights ${formatValue(weights)}: ` +
        `give a positive number for each`,
    );
  }
  const least = Math.min(...weights);
  const parts = weights.map((w) => Math.trunc(w * (100 / least)));
  const specs = inputs.map((s) => s.spec);
  return {
    label: `mix({ weights: [${weights}] })`,
    inputs,
    counts: parts.join(", "),
    cardinality: length(inputs.map((s) => s.cardinality), parts),
    spec: specs.reduce((a, b) => a === null || b === null ? null : relaxSpecs(a, b)),
    rows: null,
    open(run, state) {
      const from = state as MixState | undefined;
      const cursors = inputs.map((s, i) => s.open(run, from?.inputs[i]));
      return new MixCursor(cursors, parts, from);
    },
  };
}

/** How many of the first `k` elements come from each dataset. */
function shares(k: number, parts: readonly number[]): number[] {
  let left = parts.reduce((a, b) => a + b);
  return parts.map((p) => {
    const rest = floorDiv(k, left - p, left);
    const share = k - rest;
    left -= p;
    k = rest;
    return share;
  });
}

/** The floor of a * b / c, exactly. */
function floorDiv(a: number, b: number, c: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) return Math.floor(product / c);
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** The most elements of which no dataset has to give more than it has. */
function length(counts: readonly (number | null)[], parts: readonly number[]): number | null {
  if (counts.some((n) => n === null)) return null;
  if (counts.every((n) => n === Infinity)) return Infinity;
  let low = 0, high = 1;
  const fits = (k: number) => shares(k, parts).every((n, i) => n <= counts[i]!);
  while (fits(high)) high *= 2;
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

type MixState = {
  readonly given: number;
  readonly ended: boolean;
  readonly inputs: readonly State[];
};

class MixCursor<T> implements Cursor<T> {
  readonly #cursors: readonly Cursor<T>[];
  readonly #parts: readonly number[];
  #given: number;
  #ended: boolean;

  constructor(
    cursors: readonly Cursor<T>[],
    parts: readonly number[],
    state: MixState | undefined,
  ) {
    this.#cursors = cursors;
    this.#parts = parts;
    this.#given = state?.given ?? 0;
    this.#ended = state?.ended ?? false;
  }

  readonly #note = (x: T | typeof END): T | typeof END => {
    if (x === END) this.#ended = true;
    return x;
  };

  next(): Pull<T> {
    if (this.#ended) return END;
    const now = shares(this.#given, this.#parts), then = shares(++this.#given, this.#parts);
    const chosen = then.findIndex((n, i) => n !== now[i]);
    return after<T | typeof END, T | typeof END>(this.#cursors[chosen]!.next(), this.#note);
  }

  state(): MixState {
    const inputs = this.#cursors.map((c) => c.state());
    return { given: this.#given, ended: this.#ended, inputs };
  }

  close(): void | Promise<void> {
    return closeAll(this.#cursors);
  }
}
