/**
 * The current interpreter: who is told of each operation. Eager runs it, a trace records it, a tape
 * remembers it for its gradient and passes it on.
 *
 * @module
 */
import type { DType, Values } from "../base/dtype.ts";
import type { OpName, ParamsOf } from "../ir/ops.ts";
import type { Params } from "../ir/def.ts";
import type { CustomCall } from "./custom.ts";
import { BOUND, inside } from "./inside.ts";
import { currentDevice, onDevice } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";

/** What an interpreter can be told. */
export interface Interpreter {
  /** Runs, records or forwards an operation; its outputs. */
  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[];
  /** A number (or a short list of them) that the program's text contains. */
  literal(values: readonly number[], shape: readonly number[], dtype: DType, weak: boolean): Tensor;
  /** Calls a function with a derivative of its own; where absent, it is simply run. */
  custom?(call: CustomCall, ins: readonly Tensor[]): Tensor[];
  /** Runs a function whose intermediate values are not to be kept; where absent, it is simply run. */
  remat?(run: () => Tensor[]): Tensor[];
}

/** The interpreter at the bottom, which has memory: it makes tensors out of host values. */
export interface BaseInterpreter extends Interpreter {
  /** A tensor holding a copy of the values. */
  upload(values: Values, shape: readonly number[], dtype: DType): Tensor;
}

let base: BaseInterpreter | null = null;
let now: Interpreter | null = null;

/** Sets the interpreter at the bottom; the room's door does it once. */
export function installBase(interpreter: BaseInterpreter): void {
  base = interpreter;
  now ??= interpreter;
}

/** The interpreter in force. */
export function current(): Interpreter {
  return now!;
}

/** Whether operations run at once. */
export function isEager(): boolean {
  return now === base;
}

/** The interpreter at the bottom. */
export function baseInterpreter(): BaseInterpreter {
  return base!;
}

/** Runs `f` with another interpreter in force. */
export function within<T>(interpreter: Interpreter, f: () => T): T {
  const before = now;
  now = interpreter;
  try {
    return f();
  } finally {
    now = before;
  }
}

const NONE: Params = Object.freeze({});

/** Tells the current interpreter of an operation of one output. */
export function emit<K extends OpName>(
  op: K,
  ins: readonly Tensor[],
  params?: ParamsOf<K>,
): Tensor {
  return now!.emit(op, ins, (params ?? NONE) as Params)[0]!;
}

/** Tells the current interpreter of an operation; all its outputs. */
export function emitAll<K extends OpName>(
  op: K,
  ins: readonly Tensor[],
  params?: ParamsOf<K>,
): Tensor[] {
  return now!.emit(op, ins, (params ?? NONE) as Params);
}

/** A scalar constant. */
export function literal(value: number, dtype: DType, weak = false): Tensor {
  return now!.literal([value], [], dtype, weak);
}

/**
 * Constants that take part in an operation on `x`: recorded where that is recorded, on its device
 * where that has one.
 */
export function literalBeside(
  x: Tensor,
  values: readonly number[],
  shape: readonly number[],
  dtype: DType,
  weak = false,
): Tensor {
  const { owner, id, holder } = inside(x);
  const interpreter = owner?.recorder ?? now!;
  const made = id !== BOUND || holder === currentDevice()
    ? interpreter.literal(values, shape, dtype, weak)
    : onDevice(holder!, () => interpreter.literal(values, shape, dtype, weak));
  if (id === BOUND && inside(made).storage !== null) inside(made).id = BOUND;
  return made;
}
