/**
 * Values that a pass makes one: from then on both have one name, and so one place in memory.
 *
 * @module
 */
import type { Id } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";

/** New names of values; what takes a name that goes itself takes the one that comes after it. */
export class Renaming {
  readonly #names = new Map<Id, Id>();

  /** Gives a value the name of another. */
  set(id: Id, name: Id): void {
    this.#names.set(id, name);
  }

  /** The name of a value in the end. */
  of(id: Id): Id {
    let at = id;
    for (let next = this.#names.get(at); next !== undefined; next = this.#names.get(at)) at = next;
    return at;
  }

  /** The steps on values by their new names. */
  apply(steps: readonly LoweredStep[]): LoweredStep[] {
    if (this.#names.size === 0) return [...steps];
    return steps.map((s) => ({ ...s, args: s.args.map((id) => this.of(id)) }));
  }
}
