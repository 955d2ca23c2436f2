/**
 * The stages behind the datasets that users hand in or that their functions return. Stages do not
 * know the fluent class: whatever holds a stage is a dataset to them.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import type { Stage } from "./stage.ts";

/** Whatever holds the last stage of a pipeline: a Dataset. */
export interface HasStage<T> {
  readonly stage: Stage<T>;
}

/** Whether something is a dataset. */
export function hasStage(x: unknown): x is HasStage<unknown> {
  return typeof (x as Partial<HasStage<unknown>> | null | undefined)?.stage?.open === "function";
}

/** The stage of a dataset that a user's function made. */
export function stageOf(made: unknown): Stage<unknown> {
  if (hasStage(made)) return made.stage;
  throw new TypeError(`Cannot use ${formatValue(made)} as a dataset: return a Dataset`);
}

/** The stages of a list of datasets. */
export function stagesOf<T>(datasets: readonly HasStage<T>[], action: string): Stage<T>[] {
  if (!Array.isArray(datasets)) {
    throw new TypeError(`Cannot ${action} ${formatValue(datasets)}: give a list of datasets`);
  }
  return datasets.map((d: HasStage<T>) => {
    if (hasStage(d)) return d.stage;
    throw new TypeError(`Cannot ${action} ${formatValue(d)}: give datasets`);
  });
}
