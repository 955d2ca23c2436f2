/**
 * The variables that an optimizer holds, and where the values of each weight stand among them.
 *
 * @module
 */
import { literal, type Tensor, Variable, withNameScope } from "../core/mod.ts";
import type { Place } from "./advance.ts";
import type { Settings } from "./options.ts";

/** The variables of one optimizer, in their order. */
export class OwnVariables {
  /** The variables. */
  readonly list: Variable[] = [];
  /** For each weight, where its values stand. */
  readonly places: Place[] = [];
  readonly #scope: string;

  /** None so far; their paths will begin with the name of the optimizer. */
  constructor(scope: string) {
    this.#scope = scope;
  }

  /** Adds a variable; its place in the list. */
  add(name: string, value: Tensor): number {
    const v = withNameScope(this.#scope, () => new Variable(value, { name, trainable: false }));
    return this.list.push(v) - 1;
  }

  /** The values that they hold. */
  values(): Tensor[] {
    return this.list.map((v) => v.value);
  }

  /** Makes the learning rate, the last one so far, a float64; `given` is its double, if known. */
  widenRate(given: number | null): void {
    const old = this.list.pop()!;
    const wide = given === null ? old.value.astype("float64") : literal(given, "float64");
    this.add("learning_rate", wide);
  }

  /** Adds what belongs to weights: averages, accumulators, then groups of slots. */
  addFor(
    weights: readonly Variable[],
    settings: Settings,
    groups: readonly (readonly string[])[],
  ): void {
    for (const _ of weights) this.places.push({ average: -1, accumulator: -1, slots: {} });
    const each = (names: readonly string[], keep: (p: Place, name: string, at: number) => void) =>
      weights.forEach((v, i) => {
        for (const name of names) {
          const zeros = v.value.zeros();
          keep(this.places[i]!, name, this.add(`${v.path.replaceAll("/", "_")}_${name}`, zeros));
        }
      });
    if (settings.useEma) each(["average"], (p, _name, at) => p.average = at);
    if (settings.gradientAccumulationSteps !== null) {
      each(["gradient_accumulator"], (p, _name, at) => p.accumulator = at);
    }
    for (const group of groups) each(group, (p, name, at) => p.slots[name] = at);
  }
}
