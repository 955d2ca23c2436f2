/**
 * Effects: steps that are there for what they do, not for what they give. No pass removes, merges or
 * reorders them.
 *
 * @module
 */
import type { HostArray } from "../../base/host_array.ts";
import { inTurn } from "../batching.ts";
import { def, flat } from "../def.ts";

/** A function of the user that a program calls with values. */
export interface HostFunction {
  /** What users know it by, for messages and tables. */
  readonly name: string;
  /** Receives copies of the values. */
  readonly run: (args: readonly HostArray[]) => void;
  /** A text that is equal for functions that do the same; stands for it in keys and printed programs. */
  toJSON(): string;
}

/** Parameters of `callback`. */
export interface CallbackParams {
  readonly call: HostFunction;
}

export const effect = {
  /** Calls a function of the user with the operands' values; gives nothing. */
  callback: def<CallbackParams>({ class: "effect", avals: () => [], vjp: flat, batch: inTurn }),
};
