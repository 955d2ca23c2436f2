/**
 * What a record of the op table must say, and short ways to say it.
 *
 * @module
 */
import { broadcastShapes } from "../base/shape.ts";
import { type Aval, makeAval } from "./aval.ts";
import { pointwise as pointwiseBatch } from "./batching.ts";
import { diagonal } from "./forward.ts";
import { alike, ANY, type Kinds, need } from "./operands.ts";
import type { Program } from "./program.ts";
import type { ScalarName } from "./scalar.ts";
import type { Value } from "./value.ts";

/** The classes of ops; a pass treats all ops of a class alike. */
export type OpClass =
  | "elementwise"
  | "reduce"
  | "cumulative"
  | "movement"
  | "contract"
  | "index"
  | "random"
  | "create"
  | "control"
  | "library"
  | "effect";

/** Parameters of an op: plain data, part of the keys of caches. */
export type Params = Readonly<Record<string, unknown>>;

/** The gradient of one input: a value, or null for "none flows". */
export type Grad = Value | null;

/** What the interpreter that runs a rule lends it, beyond the verbs of its values. */
export interface RuleContext {
  /** Any op of the table; for ops without operands, which no value can be told of. */
  emit(op: string, ins: readonly Value[], params?: object): Value[];
  /** Records a function as a program. It must use nothing but what it is given. */
  trace(f: (ins: readonly Value[]) => readonly Value[], avals: readonly Aval[]): Program;
  /** The outputs of a program for such inputs, its steps told to the interpreter in force. */
  inline(program: Program, ins: readonly Value[]): Value[];
}

/** A program with its gradients. */
export interface Pullback {
  /**
   * Inputs: those of the program, then a cotangent for each `active` output. Outputs: those of the
   * program, then a gradient for each input for which one `flows`.
   */
  readonly program: Program;
  /** The outputs that depend on active inputs in a differentiable way. */
  readonly active: readonly boolean[];
  readonly flows: readonly boolean[];
}

/** What a reverse rule is lent. */
export interface ReverseContext extends RuleContext {
  /** The gradients of a program by those of its inputs that are active. */
  pullback(program: Program, active: readonly boolean[]): Pullback;
}

/**
 * The reverse rule of an op that must keep more than its inputs and outputs: the outputs, and what
 * pulls cotangents back. `active` are the inputs by which it is differentiated.
 */
export type Linearize<P> = (
  ins: readonly Value[],
  active: readonly boolean[],
  params: P,
  context: ReverseContext,
) => {
  readonly outs: readonly Value[];
  /** The outputs that depend on active inputs in a differentiable way. */
  readonly active: readonly boolean[];
  readonly pull: (g: readonly (Value | null)[]) => readonly Grad[];
};

/** What a forward rule is lent. */
export interface ForwardContext extends ReverseContext {
  /**
   * A program with tangents. Inputs: those of the program, then a tangent for each `moving` one.
   * Outputs: those of the program, then a tangent for each output that moves with them, and for each
   * that `outs` names.
   */
  push(
    program: Program,
    moving: readonly boolean[],
    outs?: readonly boolean[],
  ): { readonly program: Program; readonly moving: readonly boolean[] };
}

/**
 * The reverse rule: from one cotangent (or null) per output, the inputs, the outputs and the
 * parameters, one gradient per input. A gradient may still have the output's broadcast shape.
 */
export type Vjp<P> = (
  g: readonly (Value | null)[],
  ins: readonly Value[],
  outs: readonly Value[],
  params: P,
  context: ReverseContext,
) => readonly Grad[];

/**
 * The forward rule: from the inputs and one tangent (or null for "constant") per input, the outputs
 * and one tangent per output. `run` gives the op's outputs for its own inputs, or for others of the
 * same types; a rule that computes outputs and tangents together need not call it.
 */
export type Jvp<P> = (
  ins: readonly Value[],
  tangents: readonly Grad[],
  params: P,
  run: (ins?: readonly Value[]) => readonly Value[],
  context: ForwardContext,
) => { readonly outs: readonly Value[]; readonly tangents: readonly Grad[] };

/** What a batching rule is lent. */
export interface BatchContext extends RuleContext {
  /** The number of examples. */
  readonly size: number;
  /** The op itself, with other operands and parameters. */
  again(ins: readonly Value[], params: object): Value[];
  /**
   * A program on one example as one on all of them: `batched` says which inputs have an axis of
   * examples in front. So do the outputs that depend on such inputs, and those that `outs` names.
   */
  batch(
    program: Program,
    batched: readonly boolean[],
    outs?: readonly boolean[],
  ): { readonly program: Program; readonly batched: readonly boolean[] };
}

/** Outputs of which only some have an axis of examples. */
export interface PartlyBatched {
  readonly outs: readonly Value[];
  readonly batched: readonly boolean[];
}

/**
 * The batching rule: the outputs for all examples at once. Inputs that are `batched` (at least one is)
 * have the axis of examples in front, and so has every output, if it does not say otherwise.
 */
export type Batch<P> = (
  ins: readonly Value[],
  batched: readonly boolean[],
  params: P,
  context: BatchContext,
) => readonly Value[] | PartlyBatched;

/** All that is true of an op on every device. */
export interface OpDef<P = Params> {
  readonly class: OpClass;
  /** For elementwise ops: the scalar operation. */
  readonly scalar?: ScalarName;
  /** Shapes and dtypes of the outputs; throws the user's error. */
  readonly avals: (ins: readonly Aval[], params: P) => readonly Aval[];
  readonly vjp: Vjp<P>;
  /** Where present, it takes the place of running the op and of `vjp` in reverse mode. */
  readonly linearize?: Linearize<P>;
  /** Where absent, the vjp of the vjp serves. Ops without a vjp must have it. */
  readonly jvp?: Jvp<P>;
  readonly batch: Batch<P>;
}

/** Makes a record; only there to infer the parameters. */
export function def<P = Params>(record: OpDef<P>): OpDef<P> {
  return record;
}

/** A reverse rule for an op of one output. */
export function one<P>(
  rule: (
    g: Value,
    ins: readonly Value[],
    out: Value,
    params: P,
    context: ReverseContext,
  ) => readonly Grad[],
): Vjp<P> {
  return (g, ins, outs, params, context) =>
    g[0] ? rule(g[0], ins, outs[0]!, params, context) : ins.map(() => null);
}

/** The rule of an op whose derivative is zero wherever it exists. */
export const flat: Vjp<unknown> = (_g, ins) => ins.map(() => null);

/** The rule of an op that has no derivative: asking for one is an error that says why. */
export function notDifferentiable(why: string): Vjp<unknown> {
  return () => {
    throw new TypeError(`Cannot differentiate: ${why}`);
  };
}

const weakly = (ins: readonly Aval[]): boolean => ins.every((a) => a.weak);

/** The output of an elementwise op on operands of one dtype. */
function pointwise(action: string, kinds: Kinds, bool = false) {
  return (ins: readonly Aval[]): readonly Aval[] => {
    const first = ins[0]!;
    for (const a of ins) need(kinds, action, a);
    alike(action, ins);
    if (ins.length === 1 && !bool) return [first];
    const shape = ins.length === 1
      ? first.shape
      : broadcastShapes(action, ...ins.map((a) => a.shape));
    return [makeAval(shape, bool ? "bool" : first.dtype, !bool && weakly(ins))];
  };
}

/** What all elementwise ops have in common. */
export function elementwiseOp(
  scalar: ScalarName,
  avals: OpDef["avals"],
  vjp: Vjp<Params>,
): OpDef {
  return {
    class: "elementwise",
    scalar,
    avals,
    vjp,
    jvp: diagonal(vjp),
    batch: pointwiseBatch,
  };
}

/** An elementwise op of one operand; a rule of null means a derivative of zero. */
export function unary(
  scalar: ScalarName,
  kinds: Kinds,
  vjp: ((g: Value, x: Value, out: Value) => Value) | null,
): OpDef {
  return elementwiseOp(
    scalar,
    pointwise(scalar, kinds),
    vjp === null ? flat : one((g, [x], out) => [vjp(g, x!, out)]),
  );
}

/** An elementwise op of two operands that broadcast; a rule of null means a derivative of zero. */
export function binary(
  scalar: ScalarName,
  kinds: Kinds,
  vjp: ((g: Value, a: Value, b: Value, out: Value) => readonly Grad[]) | null,
  action: string = scalar,
): OpDef {
  return elementwiseOp(
    scalar,
    pointwise(action, kinds),
    vjp === null ? flat : one((g, [a, b], out) => vjp(g, a!, b!, out)),
  );
}

/** A comparison. */
export function compare(scalar: ScalarName): OpDef {
  return elementwiseOp(scalar, pointwise(`compare (${scalar})`, ANY, true), flat);
}

/** A copy of an aval with another shape. */
export function reshaped(a: Aval, shape: readonly number[]): Aval {
  return makeAval(shape, a.dtype, a.weak);
}
