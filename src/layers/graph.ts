/**
 * Symbolic tensors and the graph of layers and operations that grows from them.
 *
 * The batch size is not known yet, so a large prime stands for it. Every size and constant that an
 * operation was recorded with and that was computed from it (a polynomial of it, or a fraction over
 * it) is recognized and filled in when the graph runs on a real batch.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import {
  baseInterpreter,
  callCustom,
  current,
  type CustomCall,
  emitAll,
  type Interpreter,
  isTensor,
  Tensor,
  type TraceOwner,
  within,
} from "../core/mod.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import { isProgram } from "../ir/effects.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Program } from "../ir/program.ts";

/**
 * The prime that stands for the batch size. It is far from the multiples of powers of 2 and 10 that
 * programs contain, its square is a safe integer, and so is its product with the size of an example
 * of up to 10^8 numbers.
 */
export const BATCH = 61803419;
const SQUARE = BATCH * BATCH;
/** How far a constant may be from a multiple of it and still be read as computed from it. */
const NEAR = 64;
/** How far a size may be; real sizes must be smaller than this. */
const HALF = BATCH / 2;

/**
 * A number recorded in a graph, as a function of the batch size; null when it does not depend on it.
 */
function polynomial(n: number, reach: number): ((batch: number) => number) | null {
  if (!Number.isInteger(n)) {
    const over = n * BATCH; // c / batch
    const c = Math.round(over);
    const exact = c !== 0 && Math.abs(c) < 4096 && Math.abs(over - c) < 1e-12 * Math.abs(c);
    return exact ? (batch) => c / batch : null;
  }
  if (Math.abs(n) < HALF) return null;
  if (!Number.isSafeInteger(n)) {
    const c = n / SQUARE;
    const k = Math.round(c);
    return Math.abs(c) < 1e6 && Math.abs(c - k) < 1e-9 ? (batch) => k * batch * batch : null;
  }
  const a = Math.round(n / BATCH);
  const b = n - a * BATCH;
  if (a === 0 || Math.abs(b) > reach) return null;
  const square = Math.round(a / BATCH);
  const rest = a - square * BATCH;
  if (square !== 0 && Math.abs(rest) < 4096) {
    return (batch) => (square * batch + rest) * batch + b;
  }
  return (batch) => a * batch + b;
}

/** Parameters with the real batch size in the place of the prime. */
function fillParams(op: OpName, params: Params, batch: number): Params {
  const reach = op === "literal" ? NEAR : HALF;
  const visit = (x: unknown): unknown =>
    typeof x === "number"
      ? polynomial(x, reach)?.(batch) ?? x
      : Array.isArray(x)
      ? x.map(visit)
      : isProgram(x)
      ? fillProgram(x, batch)
      : x;
  return Object.fromEntries(Object.entries(params).map(([k, v]) => [k, visit(v)]));
}

/** The same for a program within an op: control flow on symbols. */
function fillProgram(p: Program, batch: number): Program {
  const size = (n: number) => polynomial(n, HALF)?.(batch) ?? n;
  return {
    ...p,
    avals: p.avals.map((a) => makeAval(a.shape.map(size), a.dtype, a.weak)),
    steps: p.steps.map((s) => ({ ...s, params: fillParams(s.op, s.params, batch) })),
  };
}

/** A shape as people read it: -1 where the size depends on the batch. */
export function readableShape(shape: readonly number[]): number[] {
  return shape.map((n) => polynomial(n, HALF) === null ? n : -1);
}

/** A message in which the prime has a name. */
export function readableMessage(message: string): string {
  return message.replaceAll(String(BATCH), "batch");
}

/** What produced symbolic tensors. */
export interface GraphNode {
  /** The layer's name, or that of the operation. */
  readonly name: string;
  /** The layer, where a layer produced them; compared by identity. */
  readonly layer: object | null;
  /** Symbolic and concrete tensors, in order. */
  readonly inputs: readonly Tensor[];
  readonly outputs: SymbolicTensor[];
  /** Computes the outputs from tensors in the place of the inputs. */
  run(inputs: readonly Tensor[], batch: number): Tensor[];
}

/** Records every operation on a symbolic tensor, whoever is in force. */
class Recorder implements Interpreter {
  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    const node: GraphNode = {
      name: op,
      layer: null,
      inputs: ins,
      outputs: [],
      run: (inputs, batch) => emitAll(op, inputs, fillParams(op, params, batch) as never),
    };
    try {
      const avals = opDef(op).avals(ins.map((t) => t.aval), params);
      return avals.map((a) => new SymbolicTensor(a, node));
    } catch (e) {
      if (e instanceof Error) e.message = readableMessage(e.message);
      throw e;
    }
  }

  custom(call: CustomCall, ins: readonly Tensor[]): Tensor[] {
    const node: GraphNode = {
      name: call.label,
      layer: null,
      inputs: ins,
      outputs: [],
      run: (inputs) => callCustom(call, inputs),
    };
    return nodeOutputs(call.run(ins), node);
  }

  literal(
    values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    return this.emit("literal", [], { values: [...values], shape, dtype, weak })[0]!;
  }
}

const RECORDER = new Recorder();
const OWNER: TraceOwner = { label: "the graph of a model", ended: false, recorder: RECORDER };

/** Whether operations without symbolic operands are recorded as well. */
export function isRecording(): boolean {
  return current() === RECORDER;
}

/**
 * Runs a function in which all operations are recorded: zeros of the batch's size too, which nobody
 * could hold.
 */
export function recording<T>(f: () => T): T {
  return within(RECORDER, f);
}

/** Runs a function in which operations run at once, if they were being recorded in a graph. */
export function notRecording<T>(f: () => T): T {
  return isRecording() ? within(baseInterpreter(), f) : f();
}

/**
 * A tensor of a model that has not seen data yet. `np` functions and layers accept it and give
 * others.
 */
export class SymbolicTensor extends Tensor {
  /** What produced it. */
  readonly node: GraphNode;

  constructor(aval: Aval, node: GraphNode) {
    super(aval, null, null, OWNER, 0);
    this.node = node;
    node.outputs.push(this);
  }

  /** A description, with -1 for the batch size. */
  override toString(): string {
    return `symbolic ${this.dtype}[${readableShape(this.shape)}] of "${this.node.name}"`;
  }

  /** The same values in the same order under another shape: for every batch size. */
  override reshape(shape: readonly number[] | number, ...more: number[]): Tensor {
    try {
      return super.reshape(shape, ...more);
    } catch (e) {
      if (e instanceof RangeError) {
        e.message = `${readableMessage(e.message)}; it must hold for every batch size`;
      }
      throw e;
    }
  }

  /** The rows of the first axis, unless that is the batch. */
  override [Symbol.iterator](): Iterator<Tensor> {
    if (readableShape(this.shape.slice(0, 1))[0] === -1) {
      throw new TypeError(
        `Cannot iterate over the batch of a ${this}: its size is not known; use np functions on ` +
          `the whole batch`,
      );
    }
    return super[Symbol.iterator]();
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** Whether `x` is a symbolic tensor. */
export function isSymbolic(x: unknown): x is SymbolicTensor {
  return isTensor(x) && x instanceof SymbolicTensor;
}

/** Makes the outputs of a new node from tensors whose shapes and dtypes they take. */
export function nodeOutputs(like: readonly Tensor[], node: GraphNode): SymbolicTensor[] {
  return like.map((t) => new SymbolicTensor(makeAval(t.shape, t.dtype), node));
}
