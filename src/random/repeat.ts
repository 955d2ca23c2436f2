/**
 * A loop whose length depends on what is drawn, as rejection sampling needs it; in eager code, under jit
 * and under vmap.
 *
 * @module
 */
import { emitAll, record, type Recorded, type Tensor } from "../core/mod.ts";
import { makeAval } from "../ir/aval.ts";
import type { Program } from "../ir/program.ts";

type State = readonly Tensor[];

/** The program with what it captured as its first inputs. */
function capturedFirst({ program: p, captured }: Recorded): Program {
  const own = p.inputs.length - captured.length;
  return { ...p, inputs: [...p.inputs.slice(own), ...p.inputs.slice(0, own)] };
}

/** Applies `body` to a state while `cond`, a bool scalar, holds. It has no derivative in reverse. */
export function repeatWhile(
  cond: (state: State) => Tensor,
  body: (state: State) => Tensor[],
  start: State,
): Tensor[] {
  const avals = start.map((t) => makeAval(t.shape, t.dtype));
  const test = record((s) => [cond(s)], avals, "the condition of a draw");
  const step = record(body, avals, "a draw");
  return emitAll("while", [...test.captured, ...step.captured, ...start], {
    cond: capturedFirst(test),
    body: capturedFirst(step),
    condConsts: test.captured.length,
    bodyConsts: step.captured.length,
  });
}
