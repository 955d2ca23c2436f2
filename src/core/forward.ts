/**
 * Forward: forwards to the interpreter below and carries a tangent beside each value that depends on
 * a watched one. The rules run below, so they can be taped, traced or carried again.
 *
 * @module
 */
import { type DType, isFloat } from "../base/dtype.ts";
import type { ForwardContext, Params } from "../ir/def.ts";
import { makeAval } from "../ir/aval.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Program } from "../ir/program.ts";
import { callCustom, type CustomCall, freshly, remat } from "./custom.ts";
import { current, emit, type Interpreter, within } from "./interpreter.ts";
import { inline, traceClosed } from "./rules.ts";
import { type Entry, fit, forwardRefused, REVERSE_CONTEXT, ruleOf, Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

/** An interpreter that differentiates forward. */
export class Forward implements Interpreter {
  readonly #below: Interpreter;
  readonly #tangents = new WeakMap<Tensor, Tensor>();

  constructor(below: Interpreter) {
    this.#below = below;
  }

  /** Starts following a value in a direction; it must be a handle that nobody else has (`same`). */
  watch(x: Tensor, tangent: Tensor): void {
    this.#tangents.set(x, tangent);
  }

  /** How fast a value changes along the directions; null where it does not depend on them. */
  tangent(x: Tensor): Tensor | null {
    return this.#tangents.get(x) ?? null;
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    const tangents = ins.map((x) => this.tangent(x));
    return within(this.#below, () => {
      const run = () => this.#below.emit(op, ins, params);
      if (op === "stop" || tangents.every((t) => t === null)) return run();
      return this.#carry(push(op, ins, tangents, params, run));
    });
  }

  #carry({ outs, tangents }: Moved): Tensor[] {
    outs.forEach((y, k) => {
      const t = tangents[k] ?? null;
      if (t !== null && isFloat(y.dtype)) this.#tangents.set(y, t);
    });
    return [...outs];
  }

  custom(call: CustomCall, ins: readonly Tensor[]): Tensor[] {
    const tangents = ins.map((x) => this.tangent(x));
    return within(this.#below, () => {
      if (tangents.every((t) => t === null)) return callCustom(call, ins);
      if (call.forward === undefined) throw forwardRefused(call);
      const { outs, tangents: moved } = call.forward(
        ins,
        tangents.map((t, k) => t ?? ins[k]!.zeros()),
      );
      return this.#carry({ outs: freshly(outs), tangents: moved });
    });
  }

  remat(run: () => Tensor[]): Tensor[] {
    return within(this.#below, () => {
      let moves: boolean[] = [];
      // what comes out of the function comes out as a result, the tangents too
      const all = remat(() => {
        const outs = within(this, run);
        const tangents = outs.map((y) => this.tangent(y));
        moves = tangents.map((t) => t !== null);
        return [...outs, ...tangents.filter((t) => t !== null)];
      });
      const outs = all.slice(0, moves.length);
      let next = moves.length;
      return this.#carry({ outs, tangents: moves.map((m) => m ? all[next++]! : null) });
    });
  }

  literal(
    values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    return this.#below.literal(values, shape, dtype, weak);
  }
}

/** Outputs, and a tangent (or null) of each. */
export interface Moved {
  readonly outs: readonly Tensor[];
  readonly tangents: readonly (Tensor | null)[];
}

/**
 * The outputs of an op and their tangents, in the interpreter in force. `own` gives the outputs where
 * they are known or to be recorded.
 */
export function push(
  op: OpName,
  ins: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
  params: Params,
  own: () => Tensor[],
): Moved {
  const run = (others?: readonly Tensor[]) =>
    others === undefined ? own() : current().emit(op, others, params);
  const rule = opDef(op).jvp as unknown as Rule | undefined;
  const { outs, tangents: given } = rule === undefined
    ? transposeTwice(op, ins, tangents, params, run())
    : rule(ins, tangents, params, run, FORWARD_CONTEXT);
  return {
    outs,
    tangents: outs.map((y, k) => {
      const t = given[k] ?? null;
      return t === null || !isFloat(y.dtype) ? null : fit(t, y);
    }),
  };
}

/** The tangents of `ys` along those of `xs`, through what a tape remembers; null where none reach. */
export function pushAlong(
  tape: Tape,
  xs: readonly Tensor[],
  along: readonly Tensor[],
  ys: readonly Tensor[],
): (Tensor | null)[] {
  const moved = new Map<Tensor, Tensor>();
  xs.forEach((x, k) => moved.set(x, along[k]!));
  for (const entry of tape.log) {
    const tangents = entry.ins.map((x) => moved.get(x) ?? null);
    if (tangents.every((t) => t === null)) continue;
    const given = pushEntry(entry, tangents);
    entry.outs.forEach((y, k) => {
      const t = given[k] ?? null;
      if (t !== null) moved.set(y, t);
    });
  }
  return ys.map((y) => moved.get(y) ?? null);
}

function pushEntry(
  { op, ins, outs, params, program, push: own }: Entry,
  tangents: readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  if (op !== null) return push(op, ins, tangents, params, () => [...outs]).tangents;
  if (program === undefined) return own!(tangents);
  const forward = new Forward(current());
  const again = freshly(ins);
  again.forEach((x, k) => {
    const t = tangents[k] ?? null;
    if (t !== null) forward.watch(x, t);
  });
  return within(forward, () => inline(program, again)).map((y) => forward.tangent(y));
}

type Rule = (
  ins: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
  params: Params,
  run: (others?: readonly Tensor[]) => Tensor[],
  context: ForwardContext,
) => Moved;

/** J t as the gradient in u of <J' u, t>: the transpose of the reverse rule, which is linear in u. */
function transposeTwice(
  op: OpName,
  ins: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
  params: Params,
  outs: readonly Tensor[],
): Moved {
  const tape = new Tape(current());
  const us = outs.map((y) => isFloat(y.dtype) ? emit("same", [y.zeros()]) : null);
  for (const u of us) if (u !== null) tape.watch(u);
  const flows: Tensor[] = [];
  const along: Tensor[] = [];
  within(tape, () =>
    ruleOf(op)(us, ins, outs, params, REVERSE_CONTEXT).forEach((flow, k) => {
      const t = tangents[k] ?? null;
      if (flow === null || t === null) return;
      flows.push(fit(flow, ins[k]!));
      along.push(t);
    }));
  const free = us.filter((u) => u !== null);
  const pulled = tape.pull(flows, along, free);
  return { outs, tangents: us.map((u) => u === null ? null : pulled[free.indexOf(u)]!) };
}

/** A program with tangents; see ForwardContext. */
function pushProgram(
  program: Program,
  moving: readonly boolean[],
  wanted: readonly boolean[] = [],
): { program: Program; moving: boolean[] } {
  const moved: boolean[] = [];
  const avals = program.inputs.map((id) => program.avals[id]!);
  const tangents = avals.filter((_, k) => moving[k]).map((a) => makeAval(a.shape, a.dtype));
  const both = traceClosed((given) => {
    const forward = new Forward(current());
    let next = avals.length;
    const ins = given.slice(0, avals.length).map((x, k) => {
      if (!moving[k]) return x;
      const handle = emit("same", [x]);
      forward.watch(handle, given[next++]!);
      return handle;
    });
    const outs = within(forward, () => inline(program, ins));
    const along = outs.map((y, k) =>
      forward.tangent(y) ?? (wanted[k] ? y.zeros().astype(y.dtype) : null)
    );
    moved.push(...along.map((t) => t !== null));
    return [...outs, ...along.filter((t) => t !== null)];
  }, [...avals, ...tangents]);
  return { program: both, moving: moved };
}

const FORWARD_CONTEXT: ForwardContext = { ...REVERSE_CONTEXT, push: pushProgram };
