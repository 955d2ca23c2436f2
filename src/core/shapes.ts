/**
 * Shapes: an interpreter that only asks what would come out: shapes and dtypes, and their errors.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { TraceOwner } from "./inside.ts";
import type { Interpreter } from "./interpreter.ts";
import { Tensor } from "./tensor.ts";

/** An interpreter that computes nothing. */
export class Shapes implements Interpreter, TraceOwner {
  readonly label: string;
  #ended = false;

  constructor(label: string) {
    this.label = label;
  }

  /** Whether `end` has been called. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Says that the function has returned. */
  end(): void {
    this.#ended = true;
  }

  /** A handle for any value of this type. */
  any(aval: Aval): Tensor {
    return new Tensor(aval, null, null, this, 0);
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    return opDef(op).avals(ins.map((x) => x.aval), params).map((a) => this.any(a));
  }

  literal(
    _values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    return this.any(makeAval(shape, dtype, weak));
  }
}
