/**
 * Elements of several datasets side by side.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { closeAll } from "../close_all.ts";
import type { Spec } from "../spec.ts";
import { type Cursor, END, type Pull, type Stage, type State } from "../stage.ts";
import { hasStage } from "../stage_of.ts";

/** How the stages that are zipped are nested: a place among them, or a nest of places. */
type Places = number | readonly Places[] | { readonly [name: string]: Places };

/** Makes a stage of nests of one element of each dataset in a nest; it ends with the shortest. */
export function zip(datasets: unknown): Stage<unknown> {
  const inputs: Stage<unknown>[] = [];
  const places = takeStages(datasets, inputs);
  if (inputs.length === 0) throw new RangeError("Cannot zip no datasets: give at least one");
  const counts = inputs.map((s) => s.cardinality);
  const specs = inputs.map((s) => s.spec);
  return {
    label: "zip",
    inputs,
    cardinality: counts.includes(0)
      ? 0
      : counts.some((n) => n === null)
      ? null
      : Math.min(...(counts as number[])),
    spec: specs.includes(null) ? null : place(places, specs) as Spec,
    rows: null,
    open(run, state) {
      const from = state as ZipState | undefined;
      const cursors = inputs.map((s, i) => s.open(run, from?.inputs[i]));
      return new ZipCursor(cursors, places, from?.ended ?? false);
    },
  };
}

/** Moves the stages of a nest of datasets into a list, and gives their places in it. */
function takeStages(datasets: unknown, into: Stage<unknown>[]): Places {
  if (hasStage(datasets)) return into.push(datasets.stage) - 1;
  if (Array.isArray(datasets)) return datasets.map((d) => takeStages(d, into));
  const isRecord = typeof datasets === "object" && datasets !== null &&
    Object.getPrototypeOf(datasets) === Object.prototype;
  if (isRecord) {
    return Object.fromEntries(Object.entries(datasets).map(([k, d]) => [k, takeStages(d, into)]));
  }
  throw new TypeError(`Cannot zip ${formatValue(datasets)}: give datasets, or a nest of them`);
}

/** Puts things where the places say. */
function place(places: Places, things: readonly unknown[]): unknown {
  if (typeof places === "number") return things[places];
  if (Array.isArray(places)) return places.map((p) => place(p, things));
  return Object.fromEntries(Object.entries(places).map(([k, p]) => [k, place(p, things)]));
}

type ZipState = { readonly ended: boolean; readonly inputs: readonly State[] };

class ZipCursor implements Cursor<unknown> {
  readonly #cursors: readonly Cursor<unknown>[];
  readonly #places: Places;
  #ended: boolean;

  constructor(cursors: readonly Cursor<unknown>[], places: Places, ended: boolean) {
    this.#cursors = cursors;
    this.#places = places;
    this.#ended = ended;
  }

  next(): Pull<unknown> {
    if (this.#ended) return END;
    const row: unknown[] = [];
    for (const cursor of this.#cursors) {
      const x = cursor.next();
      if (x instanceof Promise) return this.#later(row, x);
      if (x === END) return this.#end();
      row.push(x);
    }
    return place(this.#places, row);
  }

  async #later(row: unknown[], pending: Promise<unknown>): Promise<unknown> {
    const first = await pending;
    if (first === END) return this.#end();
    row.push(first);
    for (const cursor of this.#cursors.slice(row.length)) {
      const x = await cursor.next();
      if (x === END) return this.#end();
      row.push(x);
    }
    return place(this.#places, row);
  }

  #end(): typeof END {
    this.#ended = true;
    return END;
  }

  state(): ZipState {
    return { ended: this.#ended, inputs: this.#cursors.map((c) => c.state()) };
  }

  close(): void | Promise<void> {
    return closeAll(this.#cursors);
  }
}
