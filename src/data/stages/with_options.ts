/**
 * Options of whole pipelines.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { checkOptions } from "../../base/options.ts";
import { printOptions } from "../check.ts";
import type { PipelineOptions, Stage } from "../stage.ts";

/** Makes a stage that changes no element and sets options for the pipeline that it is in. */
export function withOptions<T>(input: Stage<T>, options: PipelineOptions): Stage<T> {
  checkOptions(options, ["yieldEvery"], "set options");
  const { yieldEvery } = options;
  if (yieldEvery !== undefined && !(typeof yieldEvery === "number" && yieldEvery >= 0)) {
    throw new RangeError(
      `Cannot yield every ${formatValue(yieldEvery)} milliseconds: give 0 or more, or Infinity`,
    );
  }
  return {
    label: `options(${printOptions(options).slice(2)})`,
    inputs: [input],
    cardinality: input.cardinality,
    spec: input.spec,
    rows: input.rows,
    options,
    ...(input.reusing === undefined ? {} : { reusing: withOptions(input.reusing, options) }),
    open: (run, state) => input.open(run, state),
  };
}
