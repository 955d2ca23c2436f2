/**
 * The functions within control flow as programs: recorded with what they capture, their results
 * compared with what they must be, leaf by leaf.
 *
 * @module
 */
import { convertNumber, type DType } from "../base/dtype.ts";
import { formatShape } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference } from "../base/structure.ts";
import { flatten, paths, type Structure, unflatten } from "../base/tree.ts";
import {
  cast,
  emitAll,
  isLeaf,
  literal,
  meet,
  record,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Program } from "../ir/program.ts";
import { extract } from "../ir/slice.ts";
import { badLeaf, type Flat as FlatTensors, flatTensors, refusePromise } from "./leaves.ts";

/** Any function of trees. */
export type Fn = (...args: unknown[]) => unknown;

/** A tree taken apart into tensors. */
export interface Flat extends FlatTensors {
  /** The path of each leaf. */
  readonly paths: readonly string[];
}

/** Takes a tree apart; a TypeError names the path of what is no array or number. */
export function flat(tree: unknown, action: string, root: string): Flat {
  return { ...flatTensors(tree, action, root), paths: paths(tree, root) };
}

/** A recorded function of trees. */
export interface Inner {
  readonly program: Program;
  readonly captured: readonly Tensor[];
  /** The structure of its result, and avals and paths of its leaves. */
  readonly structure: Structure;
  readonly avals: readonly Aval[];
  readonly paths: readonly string[];
}

/** How a function is recorded. */
export interface RecordOptions {
  /** The function, as messages name it: "the body of scan". */
  readonly label: string;
  /** What is done to it: "scan". */
  readonly action: string;
  /** The dtypes that plain numbers among its results take, leaf by leaf, where they fit. */
  readonly numbers?: readonly (DType | undefined)[] | undefined;
  /** Dtypes that results are converted to. */
  readonly dtypes?: readonly (DType | undefined)[] | undefined;
}

/** Records a function of trees of tensors. `args` is the structure of the list of its arguments. */
export function recordInner(
  f: Fn,
  args: Structure,
  avals: readonly Aval[],
  { label, action, numbers = [], dtypes = [] }: RecordOptions,
): Inner {
  let made!: Pick<Inner, "structure" | "avals" | "paths">;
  const { program, captured } = record(
    (ins) => {
      const returned = f(...unflatten(args, ins) as unknown[]);
      refusePromise(returned, `${action} with`, label);
      const [leaves, structure] = flatten<TensorLike>(returned);
      const outs = leaves.map((x, i) => {
        if (!isLeaf(x)) badLeaf(returned, i, `return from ${label}`, "result");
        const d = numbers[i];
        const own = typeof x === "number" && d !== undefined && convertNumber(x, d) === x
          ? literal(x, d)
          : toTensor(x);
        const to = dtypes[i];
        return to === undefined || to === own.dtype ? own : cast(own, to);
      });
      made = { structure, avals: outs.map((t) => t.aval), paths: paths(returned, "result") };
      return outs;
    },
    avals,
    label,
  );
  return { program, captured, ...made };
}

/**
 * Programs that capture alike: after `own` inputs of its own, each takes all that any of them
 * captured.
 */
export function shareCaptured(
  all: readonly Inner[],
  own: number,
): { programs: Program[]; captured: Tensor[] } {
  const captured = [...new Set(all.flatMap((r) => r.captured))];
  const programs = all.map(({ program: p, captured: mine }) => {
    const avals = [...p.avals];
    const more = captured.map((t) => {
      const k = mine.indexOf(t);
      return k >= 0 ? p.inputs[own + k]! : avals.push(t.aval) - 1;
    });
    return tidy({ ...p, avals, inputs: [...p.inputs.slice(0, own), ...more] });
  });
  return { programs, captured };
}

/** A program whose captured values come first. */
export function capturedFirst({ program: p, captured }: Inner): Program {
  const own = p.inputs.length - captured.length;
  return tidy({ ...p, inputs: [...p.inputs.slice(own), ...p.inputs.slice(0, own)] });
}

/** Without what nobody reads, and numbered alike for functions that do the same. */
function tidy(p: Program): Program {
  return extract(p, p.inputs, p.outputs, true);
}

/** The part of a result that is a carry. */
export type Carry = Pick<Inner, "structure" | "avals">;

/**
 * Records what takes a carry to the next, again where weak values must first take the dtype that they
 * meet; the avals of the carry are those of `start` then.
 *
 * @param carryOf the carry in what the function returns
 */
export function recordCarry(
  action: string,
  start: Flat,
  make: (avals: readonly Aval[]) => Inner,
  carryOf: (inner: Inner) => Carry = (inner) => inner,
): { inner: Inner; avals: readonly Aval[] } {
  let avals = start.tensors.map((t) => t.aval);
  for (;;) {
    const inner = make(avals);
    const { structure, avals: outs } = carryOf(inner);
    if (structure.key !== start.structure.key) {
      throw new TypeError(
        `Cannot ${action}: the carry changes its structure: ` +
          `${explainDifference(start.structure, structure)} (what it is given against what it ` +
          `returns): return the carry as it came`,
      );
    }
    const next = avals.map((a, i) => {
      const out = outs[i]!;
      const dtype = a.weak
        ? meet({ dtype: a.dtype, aval: a }, { dtype: out.dtype, aval: out })
        : a.dtype;
      const weak = a.weak && out.weak;
      return dtype === a.dtype && weak === a.weak ? a : makeAval(a.shape, dtype, weak);
    });
    if (next.some((a, i) => a !== avals[i])) {
      avals = next;
      continue;
    }
    outs.forEach((out, i) => {
      const a = avals[i]!;
      if (out.dtype === a.dtype && sameShape(out.shape, a.shape)) return;
      throw new TypeError(
        `Cannot ${action}: ${start.paths[i]} is ${a.dtype}${formatShape(a.shape)} and becomes ` +
          `${out.dtype}${formatShape(out.shape)}: a carry keeps its shape and dtype; ` +
          (sameShape(out.shape, a.shape)
            ? `convert with astype("${a.dtype}")`
            : "reshape it, or start with that shape"),
      );
    });
    return { inner, avals };
  }
}

/** Tells the current interpreter of a control op; its outputs as a tree. */
export function emitControl(
  op: "switch" | "while" | "scan",
  ins: readonly Tensor[],
  params: object,
): Tensor[] {
  return emitAll(op, ins, params as never);
}

/** First values of a carry in the dtypes that the body was recorded with. */
export function starting(tensors: readonly Tensor[], avals: readonly Aval[]): Tensor[] {
  return tensors.map((t, i) => t.dtype === avals[i]!.dtype ? t : cast(t, avals[i]!.dtype));
}

/** A scalar of dtype bool, or an error that says what it is. */
export function needPredicate(t: { dtype: DType; shape: readonly number[] }, action: string): void {
  if (t.dtype === "bool" && t.shape.length === 0) return;
  throw new TypeError(
    `Cannot ${action} by a ${t.dtype}${formatShape(t.shape)}: the condition must be a scalar of ` +
      `dtype bool: ` +
      (t.shape.length > 0 ? "reduce it with all() or any()" : "compare it, as x.gt(0)"),
  );
}

/** An integer scalar as a tensor of dtype int32. */
export function integerScalar(x: TensorLike, action: string, what: string): Tensor {
  if (typeof x === "number") {
    if (convertNumber(x, "int32") === x) return literal(x, "int32");
    throw new TypeError(`Cannot ${action} with ${what} ${x}: it must be an integer of 32 bits`);
  }
  const t = toTensor(x, action);
  const integer = t.dtype === "int32" || t.dtype === "uint32" || t.dtype === "uint8";
  if (integer && t.shape.length === 0) return t;
  throw new TypeError(
    `Cannot ${action} with ${what} of ${t.dtype}${formatShape(t.shape)}: it must be an integer ` +
      `scalar` + (t.shape.length === 0 ? `; convert with astype("int32")` : ""),
  );
}
