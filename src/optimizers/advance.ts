/**
 * One step of an optimizer as a pure function of lists: what happens around the update rule, in its
 * order.
 *
 * @module
 */
import { emit, type Tensor } from "../core/mod.ts";
import { clip } from "./clip.ts";
import type { Settings } from "./options.ts";
import type { Slots, Step, Updated } from "./step.ts";

/** Where the values that belong to a weight stand in the list of the optimizer's variables. */
export interface Place {
  average: number;
  accumulator: number;
  readonly slots: Record<string, number>;
}

/** What an optimizer knows of a step. */
export interface Frame {
  readonly settings: Settings;
  /** Where the values of each weight stand. */
  readonly places: readonly Place[];
  readonly step: Step;
  /** Whether weight number `i` decays. */
  readonly decays: (i: number) => boolean;
  /** The update rule. */
  readonly rule: (w: Tensor, g: Tensor, slots: Slots, step: Step) => Updated;
}

/**
 * The weights and the values of the optimizer's variables after a step.
 *
 * @param state the values of the variables, the iteration first
 * @param grads one per weight; null where there is none
 * @param before the weights
 */
export function advance(
  frame: Frame,
  state: readonly Tensor[],
  grads: readonly (Tensor | null)[],
  before: readonly Tensor[],
): [Tensor[], Tensor[]] {
  const { settings, places, step } = frame;
  const { gradientAccumulationSteps: k, lossScaleFactor, weightDecay } = settings;
  const next = [...state];
  const weights = [...before];
  const due = k === null ? null : state[0]!.add(1).mod(k).eq(0);
  const when = (now: Tensor, old: Tensor): Tensor =>
    due === null ? now : emit("where", [due, now, old]);
  let gradients = grads.map((g) =>
    g === null || lossScaleFactor === null ? g : g.div(lossScaleFactor)
  );
  if (k !== null) {
    gradients = gradients.map((g, i) => {
      if (g === null) return null;
      const at = places[i]!.accumulator;
      const total = g.add(state[at]!);
      next[at] = when(total.zeros(), total);
      return total.div(k);
    });
  }
  clip(gradients, settings).forEach((g, i) => {
    if (g === null) return;
    const place = places[i]!.slots;
    let w = weights[i]!;
    if (weightDecay !== null && frame.decays(i)) {
      w = w.sub(w.mul(weightDecay).mul(step.rate(w.dtype)));
    }
    const old = Object.fromEntries(
      Object.entries(place).map(([name, at]) => [name, state[at]!]),
    );
    const { value, slots } = frame.rule(w, g, old, step);
    weights[i] = when(value, weights[i]!);
    for (const name of Object.keys(slots)) {
      next[place[name]!] = when(slots[name]!, old[name]!);
    }
  });
  if (settings.useEma) average(frame, weights, next);
  next[0] = state[0]!.add(1);
  return [weights, next];
}

/** Moves the averages on; the first average is the weights themselves. */
function average({ settings, places, step }: Frame, weights: Tensor[], next: Tensor[]): void {
  const { emaMomentum, emaOverwriteFrequency } = settings;
  weights.forEach((w, i) => {
    const at = places[i]!.average;
    const keep = step.once(
      `keep ${w.dtype}`,
      () => step.isFirst(w.dtype).neg().add(1).mul(emaMomentum),
    );
    const rest = step.once(`rest ${w.dtype}`, () => keep.neg().add(1));
    const average = keep.mul(next[at]!).add(rest.mul(w));
    next[at] = average;
    if (emaOverwriteFrequency !== null) {
      weights[i] = emit("where", [step.isMultiple(emaOverwriteFrequency), average, w]);
    }
  });
}
