/**
 * Value: what a rule of the op table may do with an array. Tensors satisfy it; rules written in it
 * therefore work under every interpreter and can be differentiated again.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import type { Aval } from "./aval.ts";

/** An array in a rule. Binary verbs broadcast and take numbers. */
export interface Value {
  readonly aval: Aval;
  readonly shape: readonly number[];
  readonly dtype: DType;
  add(x: Value | number): Value;
  sub(x: Value | number): Value;
  mul(x: Value | number): Value;
  div(x: Value | number): Value;
  pow(x: Value | number): Value;
  neg(): Value;
  abs(): Value;
  sign(): Value;
  sqrt(): Value;
  exp(): Value;
  log(): Value;
  sin(): Value;
  cos(): Value;
  sinh(): Value;
  cosh(): Value;
  eq(x: Value | number): Value;
  ne(x: Value | number): Value;
  lt(x: Value | number): Value;
  gt(x: Value | number): Value;
  ge(x: Value | number): Value;
  astype(dtype: DType): Value;
  sum(options?: { axis?: readonly number[]; keepdims?: boolean }): Value;
  reshape(shape: readonly number[]): Value;
  transpose(axes: readonly number[]): Value;
  broadcastTo(shape: readonly number[]): Value;
  /** Zeros of this value's shape and dtype, or of the shape given. */
  zeros(shape?: readonly number[]): Value;
  /** Any op of the table with this value as first operand; its outputs. */
  emit(op: string, others: readonly Value[], params?: object): Value[];
}
