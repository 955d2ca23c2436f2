/**
 * Functions within functions, as the branches and bodies of control flow are: recorded as programs,
 * with what they capture.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import type { Program } from "../ir/program.ts";
import { within } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";
import { Trace } from "./trace.ts";

/** A recorded function; its program takes what it captured as further inputs. */
export interface Recorded {
  readonly program: Program;
  /** Tensors from outside that the function used. */
  readonly captured: readonly Tensor[];
}

/**
 * Records a function of tensors. Tensors that it uses from outside, also those of traces that are
 * still going on, become inputs behind its own.
 */
export function record(
  f: (ins: readonly Tensor[]) => readonly Tensor[],
  avals: readonly Aval[],
  label: string,
): Recorded {
  const trace = new Trace(label, true);
  try {
    const ins = avals.map((a) => trace.input(a));
    const outs = within(trace, () => f(ins));
    const { program, constants } = trace.finish(ins, outs);
    return {
      program: { ...program, inputs: [...program.inputs, ...program.constants], constants: [] },
      captured: constants,
    };
  } catch (e) {
    trace.abandon();
    throw e;
  }
}
