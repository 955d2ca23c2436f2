/**
 * Tape: forwards to the interpreter below and remembers what watched values went through, so that a
 * cotangent can be pulled back. The rules run below the tape, so they can be taped or traced again.
 *
 * @module
 */
import { type DType, isFloat } from "../base/dtype.ts";
import { LeakedTracerError } from "../base/errors.ts";
import { makeAval } from "../ir/aval.ts";
import type { Params, Pullback, ReverseContext } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Program } from "../ir/program.ts";
import { barrier, callCustom, type CustomCall, freshly, Recording, remat } from "./custom.ts";
import { current, emit, type Interpreter, within } from "./interpreter.ts";
import { Linearity } from "./linearity.ts";
import { inline, RULE_CONTEXT } from "./rules.ts";
import type { Tensor } from "./tensor.ts";
import { Trace } from "./trace.ts";

/** Something that watched values went through: an op, or a call with rules of its own. */
export interface Entry {
  readonly op: OpName | null;
  readonly params: Params;
  readonly ins: readonly Tensor[];
  readonly outs: readonly Tensor[];
  /** In the place of the op's rules: gradients of the inputs from cotangents (null for none). */
  readonly pull?: Pull | undefined;
  /** Tangents of the outputs from tangents of the inputs (null for none). */
  readonly push?: Pull | undefined;
  /** In the place of `push`: what was done, to be done again. */
  readonly program?: Program | undefined;
}

type Pull = (given: readonly (Tensor | null)[]) => readonly (Tensor | null)[];

const NONE: Params = Object.freeze({});

/** An interpreter that differentiates in reverse. */
export class Tape implements Interpreter {
  readonly #below: Interpreter;
  readonly #watched = new Set<Tensor>();
  #recording: Recording | null = null;
  /** Values of functions that are computed again: nothing is remembered of them. */
  #forgotten: WeakSet<Tensor> | null = null;
  /** All that happened to watched values, in order. */
  readonly log: Entry[] = [];

  constructor(below: Interpreter) {
    this.#below = below;
  }

  /** Starts following a value; it must be a handle that nobody else has (op `same`). */
  watch(x: Tensor): void {
    this.#watched.add(x);
  }

  /** Whether a value depends on what is watched. */
  follows(x: Tensor): boolean {
    return this.#watched.has(x);
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    const linearize = opDef(op).linearize as unknown as Prepare | undefined;
    const prepares = linearize !== undefined && this.#recording === null;
    if (prepares && ins.some((t) => this.#watched.has(t))) {
      const on = ins.map((t) => this.#watched.has(t));
      const { outs, active, pull } = within(
        this.#below,
        () => linearize(ins, on, params, REVERSE_CONTEXT),
      );
      this.log.push({ op, ins, outs, params, pull });
      outs.forEach((t, i) => active[i] && this.#watched.add(t));
      return [...outs];
    }
    const outs = within(this.#below, () => this.#below.emit(op, ins, params));
    if (this.#recording !== null) this.#record(this.#recording, { op, ins, outs, params });
    else {
      this.#refuseForgotten(ins);
      if (op !== "stop" && ins.some((t) => this.#watched.has(t))) {
        this.#note({ op, ins, outs, params });
      }
    }
    return outs;
  }

  #record(to: Recording, { op, ins, outs, params }: Entry & { readonly op: OpName }): void {
    to.add(op, ins, outs, params);
    const forgotten = this.#forgotten!;
    if (!ins.some((t) => this.#watched.has(t) || forgotten.has(t))) return;
    for (const t of outs) if (isFloat(t.dtype)) forgotten.add(t);
  }

  #note(entry: Entry): void {
    this.log.push(entry);
    for (const t of entry.outs) if (isFloat(t.dtype)) this.#watched.add(t);
  }

  #refuseForgotten(ins: readonly Tensor[]): void {
    if (this.#forgotten === null || !ins.some((t) => this.#forgotten!.has(t))) return;
    throw new LeakedTracerError(
      `Cannot use a value from within a checkpoint outside of it: a derivative forgets it; return it ` +
        `from the function instead of keeping it`,
    );
  }

  custom(call: CustomCall, ins: readonly Tensor[]): Tensor[] {
    if (this.#recording !== null) {
      const outs = within(this.#below, () => freshly(callCustom(call, ins)));
      const params = { call, operands: ins.length };
      this.#record(this.#recording, { op: "custom", ins, outs, params });
      return outs;
    }
    if (!ins.some((t) => this.#watched.has(t))) {
      return within(this.#below, () => callCustom(call, ins));
    }
    return within(this.#below, () => {
      const entry = call.reverse === undefined ? transposed(call, ins) : reversed(call, ins);
      this.#note(entry);
      return [...entry.outs];
    });
  }

  remat(run: () => Tensor[]): Tensor[] {
    const outer = this.#recording;
    const recording = this.#recording = new Recording();
    this.#forgotten ??= new WeakSet();
    let program: Program | null = null;
    let outs: Tensor[];
    try {
      outs = within(this.#below, () =>
        freshly(remat(() => {
          const returned = within(this, run);
          program = recording.finish(returned);
          return returned;
        })));
    } finally {
      this.#recording = outer;
    }
    const ins = recording.met;
    this.#refuseForgotten(outer === null ? ins : ins.filter((t) => !outer.knows(t)));
    if (outer !== null) this.#record(outer, { op: "checkpoint", ins, outs, params: { program } });
    else if (ins.some((t) => this.#watched.has(t))) {
      this.#note(rematerialized(program!, ins, outs, ins.map((t) => this.#watched.has(t))));
    }
    return outs;
  }

  literal(
    values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    const out = this.#below.literal(values, shape, dtype, weak);
    this.#recording?.add("literal", [], [out], { values: [...values], shape, dtype, weak });
    return out;
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
    for (let k = this.log.length - 1; k >= 0; k--) {
      const { op, ins, outs, params, pull } = this.log[k]!;
      if (!outs.some((t) => gradients.has(t))) continue;
      const g = outs.map((t) => gradients.get(t) ?? null);
      const flows = pull === undefined
        ? ruleOf(op!)(g, ins, outs, params, REVERSE_CONTEXT)
        : pull(g);
      for (let i = 0; i < ins.length; i++) {
        const x = ins[i]!;
        const flow = flows[i] ?? null;
        if (flow !== null && this.#watched.has(x)) add(x, fit(flow, x));
      }
    }
    return xs.map((x) => gradients.get(x) ?? null);
  }
}

const filled = (list: readonly (Tensor | null)[], like: readonly Tensor[]): Tensor[] =>
  list.map((t, k) => t ?? like[k]!.zeros());

/** A call with a reverse rule, run by it in the interpreter in force. */
function reversed(call: CustomCall, ins: readonly Tensor[]): Entry {
  const { outs, residuals, pull } = call.reverse!(ins);
  const own = freshly(outs);
  return {
    op: null,
    params: NONE,
    ins,
    outs: own,
    pull: (g) => pull(residuals, filled(g, own)),
    push: () => {
      throw forwardRefused(call);
    },
  };
}

/** A call with a forward rule, which is linear in the tangents: its transpose is the reverse rule. */
function transposed(call: CustomCall, ins: readonly Tensor[]): Entry {
  const tape = new Tape(current());
  const zeros = freshly(ins.map((x) => x.zeros()));
  for (const t of zeros) tape.watch(t);
  const linearity = new Linearity(tape, zeros);
  const { outs, tangents } = within(linearity, () => call.forward!(ins, zeros));
  tangents.forEach((t, k) => {
    const fault = isFloat(outs[k]!.dtype) ? linearity.fault(t) : null;
    if (fault === null) return;
    throw new TypeError(
      `Cannot differentiate ${call.label} in reverse mode: the tangent that its rule returns must ` +
        `be linear in the tangents that it gets, but ${fault}: return sums of them times derivatives`,
    );
  });
  const own = freshly(outs);
  return {
    op: null,
    params: NONE,
    ins,
    outs: own,
    pull: (g) => tape.pull(tangents, filled(g, own), zeros),
    push: (t) => call.forward!(ins, filled(t, ins)).tangents,
  };
}

/** The error of asking for a forward derivative where there is only one in reverse. */
export function forwardRefused(call: CustomCall): TypeError {
  return new TypeError(
    `Cannot differentiate ${call.label} in forward mode: it has a rule for reverse mode only; ` +
      `use grad or vjp, or give it a forward rule with customJvp`,
  );
}

/** A function whose values are computed again, from the tensors that it met. */
function rematerialized(
  program: Program,
  ins: readonly Tensor[],
  outs: readonly Tensor[],
  watched: readonly boolean[],
): Entry {
  return {
    op: null,
    params: NONE,
    ins,
    outs,
    pull: (g) => {
      const given = g.filter((t) => t !== null);
      const guarded = barrier([...ins, ...given]);
      const again = freshly(guarded.slice(0, ins.length));
      const tape = new Tape(current());
      again.forEach((x, k) => {
        if (watched[k]) tape.watch(x);
      });
      const ys = within(tape, () => inline(program, again));
      return tape.pull(ys.filter((_, k) => g[k] !== null), guarded.slice(ins.length), again);
    },
    program,
  };
}

type Rule = (
  g: readonly (Tensor | null)[],
  ins: readonly Tensor[],
  outs: readonly Tensor[],
  params: Params,
  context: ReverseContext,
) => readonly (Tensor | null)[];

type Prepare = (
  ins: readonly Tensor[],
  active: readonly boolean[],
  params: Params,
  context: ReverseContext,
) => {
  readonly outs: readonly Tensor[];
  readonly active: readonly boolean[];
  readonly pull: NonNullable<Entry["pull"]>;
};

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

/** A program with its gradients, as one program. */
function pullback(program: Program, active: readonly boolean[]): Pullback {
  const trace = new Trace("a gradient");
  return within(trace, () => {
    const tape = new Tape(trace);
    const ins = program.inputs.map((id) => trace.input(program.avals[id]!));
    const handles = ins.map((x, i) => {
      if (!active[i]) return x;
      const handle = emit("same", [x]);
      tape.watch(handle);
      return handle;
    });
    const outs = within(tape, () => inline(program, handles));
    const followed = outs.map((t) => tape.follows(t));
    const ys = outs.filter((_, i) => followed[i]);
    const cotangents = ys.map((y) => trace.input(makeAval(y.shape, y.dtype)));
    const gradients = tape.pull(ys, cotangents, handles);
    const flows = gradients.map((g, i) => active[i] === true && g !== null);
    const given = gradients.filter((g, i): g is Tensor => flows[i]! && g !== null);
    const finished = trace.finish([...ins, ...cotangents], [...outs, ...given]);
    return { program: finished.program, active: followed, flows };
  });
}

/** Lent to every reverse rule. */
export const REVERSE_CONTEXT: ReverseContext = { ...RULE_CONTEXT, pullback };
