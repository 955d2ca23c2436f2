/**
 * The op table: one record per op, closed and complete.
 *
 * @module
 */
import type { OpDef, Params } from "./def.ts";
import { flow } from "./ops/control.ts";
import { contract } from "./ops/contract.ts";
import { convolve } from "./ops/convolve.ts";
import { control, create, random } from "./ops/create.ts";
import { effect } from "./ops/effect.ts";
import { elementwise } from "./ops/elementwise.ts";
import { index } from "./ops/indexing.ts";
import { movement } from "./ops/movement.ts";
import { cumulatives, reduce } from "./ops/reduce.ts";

/** Every op, by name. */
export const OPS = {
  ...elementwise,
  ...reduce,
  ...cumulatives,
  ...movement,
  ...contract,
  ...convolve,
  ...index,
  ...create,
  ...random,
  ...control,
  ...flow,
  ...effect,
};

/** The name of an op. */
export type OpName = keyof typeof OPS;

/** The parameters of an op. */
export type ParamsOf<K extends OpName> = (typeof OPS)[K] extends OpDef<infer P> ? P : Params;

/** The record of an op, its parameters left untyped. */
export function opDef(op: OpName): OpDef {
  return OPS[op] as unknown as OpDef;
}
