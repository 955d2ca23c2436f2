/**
 * Tape: forwards to the interpreter below and remembers what watched values went through, so that a
 * cotangent can be pulled back. The rules run below the tape, so they can be taped or traced again.
 *
 * @module
 */
import { type DType, isFloat } from "../base/dtype.ts";
import type { Params, RuleContext } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import { type Interpreter, within } from "./interpreter.ts";
import { RULE_CONTEXT } from "./rules.ts";
import type { Tensor } from "./tensor.ts";

interface Entry {
  readonly op: OpName;
  readonly ins: readonly Tensor[];
  readonly outs: readonly Tensor[];
  readonly params: Params;
}

/** An interpreter that differentiates in reverse. */
export class Tape implements Interpreter {
  readonly #below: Interpreter;
  readonly #log: Entry[] = [];
  readonly #watched = new Set<Tensor>();

  constructor(below: Interpreter) {
    this.#below = below;
  }

  /** Starts following a value; it must be a handle that nobody else has (op `same`). */
  watch(x: Tensor): void {
    this.#watched.add(x);
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    const outs = within(this.#below, () => this.#below.emit(op, ins, params));
    if (op !== "stop" && ins.some((t) => this.#watched.has(t))) {
      this.#log.push({ op, ins, outs, params });
      for (const t of outs) if (isFloat(t.dtype)) this.#watched.add(t);
    }
    return outs;
  }

  literal(
    values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    return this.#below.literal(values, shape, dtype, weak);
  }

  /**
   * The gradients of the sum of all `ys * cotangents` with respect to watched values; null where none
   * flows. The rules run in the interpreter in force, which is not this one.
   */
  pull(
    ys: readonly Tensor[],
    cotangents: readonly Tensor[],
    xs: readonly Tensor[],
  ): (Tensor | null)[] {
    const gradients = new Map<Tensor, Tensor>();
    const add = (x: Tensor, g: Tensor) => {
      const before = gradients.get(x);
      gradients.set(x, before === undefined ? g : before.add(g));
    };
    ys.forEach((y, k) => add(y, cotangents[k]!));
    for (let k = this.#log.length - 1; k >= 0; k--) {
      const { op, ins, outs, params } = this.#log[k]!;
      if (!outs.some((t) => gradients.has(t))) continue;
      const g = outs.map((t) => gradients.get(t) ?? null);
      const flows = ruleOf(op)(g, ins, outs, params, RULE_CONTEXT);
      for (let i = 0; i < ins.length; i++) {
        const x = ins[i]!;
        const flow = flows[i] ?? null;
        if (flow !== null && this.#watched.has(x)) add(x, fit(flow, x));
      }
    }
    return xs.map((x) => gradients.get(x) ?? null);
  }
}

type Rule = (
  g: readonly (Tensor | null)[],
  ins: readonly Tensor[],
  outs: readonly Tensor[],
  params: Params,
  context: RuleContext,
) => readonly (Tensor | null)[];

/** The reverse rule of an op; what it calls a Value is a Tensor here. */
export function ruleOf(op: OpName): Rule {
  return opDef(op).vjp as unknown as Rule;
}

/**
 * A gradient or tangent of `x` given its shape and dtype: summed over the axes along which it was
 * broadcast, repeated where it is smaller.
 */
export function fit(g: Tensor, x: Tensor): Tensor {
  const extra = g.shape.length - x.shape.length;
  const axes: number[] = [];
  g.shape.forEach((n, i) => {
    if (i < extra || (x.shape[i - extra] === 1 && n !== 1)) axes.push(i);
  });
  const summed = axes.length === 0 ? g : g.sum({ axis: axes, keepdims: true });
  const shaped = extra === 0 ? summed : summed.reshape(x.shape);
  return shaped.broadcastTo(x.shape).astype(x.dtype);
}
