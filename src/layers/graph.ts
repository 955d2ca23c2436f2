/**
 * Symbolic tensors: what `input` gives, and the graph of layers and operations that grows from it.
 *
 * The batch size is not known yet, so a large prime stands for it. Every size and constant computed
 * from it is recorded as a*P+b and filled in when the graph runs on a real batch.
 *
 * @module
 */
import { checkDType, type DType } from "../base/dtype.ts";
import { checkShape } from "../base/shape.ts";
import {
  emitAll,
  type Interpreter,
  isTensor,
  Tensor,
  type TraceOwner,
  uniqueName,
} from "../core/mod.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";

/** The prime that stands for the batch size. */
const BATCH = 1618033999;
/** How far a constant may be from a multiple of it and still be read as computed from it. */
const NEAR = 64;

/** A number recorded in a graph, as `a * batch + b`; null when it does not depend on the batch. */
function affine(n: number, reach: number): { a: number; b: number } | null {
  if (!Number.isSafeInteger(n) || Math.abs(n) < BATCH / 2) return null;
  const a = Math.round(n / BATCH);
  const b = n - a * BATCH;
  return a !== 0 && Math.abs(b) <= reach ? { a, b } : null;
}

function fill(n: number, batch: number, reach: number): number {
  const f = affine(n, reach);
  return f === null ? n : f.a * batch + f.b;
}

/** Parameters with the real batch size in the place of the prime. */
function fillParams(op: OpName, params: Params, batch: number): Params {
  const reach = op === "literal" ? NEAR : BATCH / 2;
  const visit = (x: unknown): unknown =>
    typeof x === "number" ? fill(x, batch, reach) : Array.isArray(x) ? x.map(visit) : x;
  return Object.fromEntries(Object.entries(params).map(([k, v]) => [k, visit(v)]));
}

/** A shape as people read it: -1 where the size depends on the batch. */
export function readableShape(shape: readonly number[]): number[] {
  return shape.map((n) => affine(n, BATCH / 2) === null ? n : -1);
}

/** What produced symbolic tensors. */
export interface GraphNode {
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
    const avals = opDef(op).avals(ins.map((t) => t.aval), params);
    const node: GraphNode = {
      name: op,
      layer: null,
      inputs: ins,
      outputs: [],
      run: (inputs, batch) => emitAll(op, inputs, fillParams(op, params, batch) as never),
    };
    return avals.map((a) => new SymbolicTensor(a, node));
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

const OWNER: TraceOwner = {
  label: "the graph of a model",
  ended: false,
  recorder: new Recorder(),
};

/**
 * A tensor of a model that has not seen data yet. `np` functions and layers accept it and give
 * others.
 */
export class SymbolicTensor extends Tensor {
  /** What produced it; null for an input. */
  readonly node: GraphNode | null;
  /** The name given to an input. */
  readonly name: string;

  constructor(aval: Aval, node: GraphNode | null, name = "") {
    super(aval, null, null, OWNER, -1);
    this.node = node;
    this.name = name;
    node?.outputs.push(this);
  }

  /** A description, with -1 for the batch size. */
  override toString(): string {
    return `symbolic ${this.dtype}[${readableShape(this.shape)}]${this.name && ` "${this.name}"`}`;
  }

  /** What `console.log` shows. */
  override [Symbol.for("Deno.customInspect")](): string {
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

/** What {@link input} takes. */
export interface InputOptions {
  /** Sizes of one example, without the batch axis. */
  shape: readonly number[];
  /** Its name; default "input", made unique by a number. */
  name?: string;
  /** Element type that given data is converted to; default "float32". */
  dtype?: DType;
}

/**
 * The symbolic input of a model: a tensor without values whose first axis is the batch. Layers
 * applied to it and operations on it are recorded; `models.Model` turns the record into a model.
 *
 * The size of the batch is not known yet: `shape[0]` holds a placeholder number, which may be used in
 * computing other shapes; write -1 in a reshape rather than reading it.
 *
 * @example
 * ```ts
 * import { layers, models, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = layers.input({ shape: [4], name: "x" });
 * const model = new models.Model({ inputs: x, outputs: np.sum(x, { axis: -1 }) });
 * assertEquals(model.apply([[1, 2, 3, 4]]).toArray(), [10]);
 * ```
 */
export function input(options: InputOptions): Tensor {
  if (typeof options !== "object" || options === null || !("shape" in options)) {
    throw new TypeError(
      "Cannot make an input without a shape: write layers.input({ shape: [784] })",
    );
  }
  const shape = checkShape(options.shape, "make an input");
  const dtype = checkDType(options.dtype ?? "float32", "make an input");
  return new SymbolicTensor(
    makeAval([BATCH, ...shape], dtype),
    null,
    options.name ?? uniqueName("input"),
  );
}
