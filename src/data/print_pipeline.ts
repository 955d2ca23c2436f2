/**
 * Pipelines as text, which `console.log` shows of a dataset.
 *
 * @module
 */
import { printSpec } from "./spec.ts";
import type { Stage } from "./stage.ts";

/** A pipeline by its last stage: one stage a line, with the number and the spec of its elements. */
export function printPipeline(stage: Stage<unknown>): string {
  return `Dataset\n${printStages(stage, "  ").join("\n")}`;
}

/** A stage and those before it, one a line; several inputs of one stage are set in under it. */
function printStages(stage: Stage<unknown>, indent: string): string[] {
  const { label, inputs, cardinality, spec } = stage;
  const count = cardinality === null ? "? elements" : `${cardinality} elements`;
  const text = `${label}: ${count}${spec === null ? "" : ` of ${printSpec(spec)}`}`;
  const [only] = inputs;
  if (inputs.length === 1) return [...printStages(only!, indent), `${indent}.${text}`];
  return [`${indent}${text}`, ...inputs.flatMap((s) => printStages(s, `${indent}  `))];
}
