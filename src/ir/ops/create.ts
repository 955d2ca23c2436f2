/**
 * Ops without array operands, random bits, and the two ops that only matter to interpreters.
 *
 * @module
 */
import { checkDType, type DType } from "../../base/dtype.ts";
import { formatShape } from "../../base/errors.ts";
import { broadcastShapes, checkShape, type Shape, sizeOf } from "../../base/shape.ts";
import { type Aval, makeAval } from "../aval.ts";
import { noOperand, pointwise } from "../batching.ts";
import { def, flat, notDifferentiable, one } from "../def.ts";
import { needAxis } from "../operands.ts";
import { linear } from "../forward.ts";
import type { Program } from "../program.ts";

export const create = {
  /** A number (or a few int32, row-major in `values`) written in a traced function. */
  literal: def<{ dtype: DType; shape: Shape; values: readonly number[]; weak: boolean }>({
    class: "create",
    avals: (_ins, { dtype, shape, values, weak }) => {
      checkDType(dtype, "write a literal");
      checkShape(shape, "write a literal");
      if (values.length !== sizeOf(shape)) {
        throw new RangeError(
          `Cannot write a literal of shape ${formatShape(shape)} with ${values.length} values: ` +
            `wanted ${sizeOf(shape)}`,
        );
      }
      return [makeAval(shape, dtype, weak)];
    },
    vjp: flat,
    batch: noOperand,
  }),
  /** The index along an axis. */
  iota: def<{ shape: Shape; axis: number; dtype: DType }>({
    class: "create",
    avals: (_ins, { shape, axis, dtype }) => {
      checkDType(dtype, "count indices");
      checkShape(shape, "count indices");
      const out = makeAval(shape, dtype);
      needAxis("count indices of", out, axis);
      return [out];
    },
    vjp: flat,
    batch: noOperand,
  }),
};

export const random = {
  /** Threefry-2x32, 20 rounds (Salmon et al. 2011): keys k0 k1, counters c0 c1, two words out. */
  threefry: def({
    class: "random",
    avals: (ins) => {
      for (const a of ins) {
        if (a.dtype !== "uint32") {
          throw new TypeError(
            `Cannot draw random bits from ${a.dtype}: keys and counters are uint32`,
          );
        }
      }
      const out = makeAval(broadcastShapes("draw bits for", ...ins.map((a) => a.shape)), "uint32");
      return [out, out];
    },
    vjp: notDifferentiable("random bits have no derivative"),
    batch: pointwise,
  }),
};

/** A function with a derivative of its own, as interpreters know it. */
export interface CallRule {
  /** The function, for messages. */
  readonly label: string;
  /** A text that is equal for functions that do the same; stands for it in keys and programs. */
  toJSON(): string;
}

/** The outputs of a program. */
function outputsOf({ program }: { readonly program: Program }): readonly Aval[] {
  return program.outputs.map((id) => program.avals[id]!);
}

/** For ops that interpreters are told of as calls: their rules are never asked for. */
const asCall = (): never => {
  throw new Error("A call is told to interpreters, not to the rules of ops");
};

export const control = {
  /** The same value under a fresh handle: each differentiation starts from one. */
  same: def({
    class: "control",
    avals: ([a]) => [a!],
    vjp: one((g) => [g]),
    jvp: linear,
    batch: pointwise,
  }),
  /** The same values, not known to be the same: what is computed from them is not merged. */
  barrier: def({
    class: "control",
    avals: (ins) => ins,
    vjp: (g) => g,
    jvp: (_ins, tangents, _params, run) => ({ outs: run(), tangents }),
    batch: (ins, batched, params, c) => ({ outs: c.again(ins, params), batched }),
  }),
  /** A program whose intermediate values derivatives compute again. */
  checkpoint: def<{ program: Program }>({
    class: "control",
    avals: (_ins, params) => outputsOf(params),
    vjp: asCall,
    batch: asCall,
  }),
  /** A program with a derivative of its own. After the call's operands come those it captured. */
  custom: def<{ call: CallRule; operands: number; program: Program }>({
    class: "control",
    avals: (_ins, params) => outputsOf(params),
    vjp: asCall,
    batch: asCall,
  }),
  /** The same value, through which no gradient flows. */
  stop: def({ class: "control", avals: ([a]) => [a!], vjp: flat, batch: pointwise }),
};
