/**
 * Forward: forwards to the interpreter below and carries a tangent beside each value that depends on
 * a watched one. The rules run below, so they can be taped, traced or carried again.
 *
 * @module
 */
import { type DType, isFloat } from "../base/dtype.ts";
import type { Jvp, Params } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import { current, emit, type Interpreter, within } from "./interpreter.ts";
import { RULE_CONTEXT } from "./rules.ts";
import { fit, ruleOf, Tape } from "./tape.ts";
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
      const moved = push(op, ins, tangents, params, run);
      moved.outs.forEach((y, k) => {
        const t = moved.tangents[k] ?? null;
        if (t !== null) this.#tangents.set(y, t);
      });
      return [...moved.outs];
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
    : rule(ins, tangents, params, run, RULE_CONTEXT);
  return {
    outs,
    tangents: outs.map((y, k) => {
      const t = given[k] ?? null;
      return t === null || !isFloat(y.dtype) ? null : fit(t, y);
    }),
  };
}

type Rule = (
  ins: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
  params: Params,
  run: (others?: readonly Tensor[]) => Tensor[],
  context: Parameters<Jvp<Params>>[4],
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
    ruleOf(op)(us, ins, outs, params, RULE_CONTEXT).forEach((flow, k) => {
      const t = tangents[k] ?? null;
      if (flow === null || t === null) return;
      flows.push(fit(flow, ins[k]!));
      along.push(t);
    }));
  const free = us.filter((u) => u !== null);
  const pulled = tape.pull(flows, along, free);
  return { outs, tangents: us.map((u) => u === null ? null : pulled[free.indexOf(u)]!) };
}
