/**
 * Control flow: ops that hold programs. A branch is a program of its operands; the body of a loop one
 * of its constants, its carry and its rows.
 *
 * @module
 */
import { makeAval } from "../aval.ts";
import { def } from "../def.ts";
import { batchScan, batchSwitch, batchWhile } from "./control_batch.ts";
import { pushScan, pushSwitch, pushWhile } from "./control_forward.ts";
import { avalsOf, type ScanParams, type SwitchParams, type WhileParams } from "./control_params.ts";
import { linearizeScan, linearizeSwitch, prepared } from "./control_reverse.ts";

export const flow = {
  /** The branch that the index (clamped into range) names. */
  switch: def<SwitchParams>({
    class: "control",
    avals: (_ins, { branches }) => avalsOf(branches[0]!, branches[0]!.outputs),
    vjp: prepared(linearizeSwitch),
    linearize: linearizeSwitch,
    jvp: pushSwitch,
    batch: batchSwitch,
  }),
  /** The body again and again on its own results, as long as the condition holds. */
  while: def<WhileParams>({
    class: "control",
    avals: (_ins, { body, bodyConsts }) => avalsOf(body, body.inputs.slice(bodyConsts)),
    vjp: () => {
      throw new TypeError(
        `Cannot differentiate a whileLoop in reverse, nor a foriLoop whose bounds are tensors: how ` +
          `often they run is not known before: use scan, a foriLoop with numbers as bounds, or ` +
          `forward mode (jvp)`,
      );
    },
    jvp: pushWhile,
    batch: batchWhile,
  }),
  /** The body once for each row, its carry handed on. */
  scan: def<ScanParams>({
    class: "control",
    avals: (_ins, { body, consts, carry, length }) => [
      ...avalsOf(body, body.inputs.slice(consts, consts + carry)),
      ...avalsOf(body, body.outputs.slice(carry)).map((a) =>
        makeAval([length, ...a.shape], a.dtype, a.weak)
      ),
    ],
    vjp: prepared(linearizeScan),
    linearize: linearizeScan,
    jvp: pushScan,
    batch: batchScan,
  }),
};
