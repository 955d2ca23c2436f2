/**
 * Batch: shows a function one example and computes all of them. Its handles stand for tensors of the
 * interpreter below that have an axis of examples in front; each operation on them goes below by the
 * op's batching rule.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import { sameShape } from "../base/shape.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { BatchContext, Params } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Program } from "../ir/program.ts";
import { callCustom, type CustomCall, remat } from "./custom.ts";
import { inside, type TraceOwner } from "./inside.ts";
import { current, type Interpreter, within } from "./interpreter.ts";
import { inline, RULE_CONTEXT, traceClosed } from "./rules.ts";
import { Tensor } from "./tensor.ts";

/** An interpreter that runs a function on all examples at once. */
export class Batch implements Interpreter, TraceOwner {
  readonly label: string;
  /** The number of examples. */
  readonly size: number;
  readonly #below: Interpreter;
  readonly #all: WeakMap<Tensor, Tensor>;
  #ended = false;

  /** `known` are the handles of another batch of the same size whose handles are met as well. */
  constructor(below: Interpreter, size: number, label: string, known?: Batch) {
    this.#below = below;
    this.size = size;
    this.label = label;
    this.#all = known === undefined ? new WeakMap() : known.#all;
  }

  /** Whether `end` has been called. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Says that the function has returned. */
  end(): void {
    this.#ended = true;
  }

  /** A handle for one example of a tensor with an axis of examples in front. */
  example(all: Tensor): Tensor {
    return this.#handle(all, makeAval(all.shape.slice(1), all.dtype, all.aval.weak));
  }

  #handle(all: Tensor, aval: Aval): Tensor {
    // constants beside an example are to lie where all examples do
    const { holder, id } = inside(all);
    const handle = new Tensor(aval, null, holder, this, holder === null ? 0 : id);
    this.#all.set(handle, all);
    return handle;
  }

  /** All examples of a handle; null for a tensor that is the same for each. */
  examples(x: Tensor): Tensor | null {
    return this.#all.get(x) ?? null;
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    const all = ins.map((x) => this.examples(x));
    if (all.every((x) => x === null)) {
      return within(this.#below, () => this.#below.emit(op, ins, params));
    }
    const avals = opDef(op).avals(ins.map((x) => x.aval), params);
    const { outs, batched } = within(this.#below, () =>
      applyRule(
        op,
        all.map((x, k) => x ?? ins[k]!),
        all.map((x) => x !== null),
        params,
        this.size,
      ));
    return outs.map((y, k) => {
      if (!batched[k]) return y;
      const aval = avals[k]!;
      if (!sameShape(y.shape, [this.size, ...aval.shape]) || y.dtype !== aval.dtype) {
        throw new Error(`The batching rule of ${op} gives ${y.aval.key} for ${aval.key}`);
      }
      return this.#handle(y, aval);
    });
  }

  custom(call: CustomCall, ins: readonly Tensor[]): Tensor[] {
    const all = ins.map((x) => this.examples(x));
    return within(this.#below, () => {
      if (all.every((x) => x === null)) return callCustom(call, ins);
      const outs = callCustom(
        this.#lifted(call),
        all.map((x, k) => x ?? ins[k]!.broadcastTo([this.size, ...ins[k]!.shape])),
      );
      return outs.map((y) => this.example(y));
    });
  }

  /** The call on all examples at once. */
  #lifted(call: CustomCall): CustomCall {
    const each = (f: (ins: readonly Tensor[]) => readonly Tensor[]) => (ins: readonly Tensor[]) => {
      const batch = new Batch(current(), this.size, this.label, this);
      const outs = within(batch, () => f(ins.map((x) => batch.example(x))));
      return outs.map((y) => batch.examples(y) ?? y.broadcastTo([this.size, ...y.shape]));
    };
    const { label, run, reverse, forward } = call;
    return {
      label,
      toJSON: () => `${call.toJSON()} for ${this.size}`,
      run: each(run),
      ...(reverse === undefined ? {} : {
        reverse: (ins) => {
          let one!: ReturnType<typeof reverse>;
          const all = each((xs) => {
            one = reverse(xs);
            return [...one.outs, ...one.residuals];
          })(ins);
          const [count, kept] = [one.outs.length, one.residuals.length];
          return {
            outs: all.slice(0, count),
            residuals: all.slice(count),
            pull: (residuals, cotangents) =>
              each((xs) => one.pull(xs.slice(0, kept), xs.slice(kept)))(
                [...residuals, ...cotangents],
              ),
          };
        },
      }),
      ...(forward === undefined ? {} : {
        forward: (ins, tangents) => {
          let count = 0;
          const all = each((xs) => {
            const moved = forward(xs.slice(0, ins.length), xs.slice(ins.length));
            count = moved.outs.length;
            return [...moved.outs, ...moved.tangents];
          })([...ins, ...tangents]);
          return { outs: all.slice(0, count), tangents: all.slice(count) };
        },
      }),
    };
  }

  remat(run: () => Tensor[]): Tensor[] {
    return within(this.#below, () => {
      let own: Tensor[] = [];
      const outs = remat(() => {
        own = within(this, run);
        return own.map((y) => this.examples(y) ?? y);
      });
      return outs.map((y, k) => this.examples(own[k]!) === null ? y : this.example(y));
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

interface Outs {
  readonly outs: readonly Tensor[];
  readonly batched: readonly boolean[];
}

type Rule = (
  ins: readonly Tensor[],
  batched: readonly boolean[],
  params: Params,
  context: BatchContext,
) => readonly Tensor[] | Outs;

/** Applies the batching rule of an op, in the interpreter in force. */
function applyRule(
  op: OpName,
  ins: readonly Tensor[],
  batched: readonly boolean[],
  params: Params,
  size: number,
): Outs {
  const rule = opDef(op).batch as unknown as Rule;
  const context: BatchContext = {
    ...RULE_CONTEXT,
    size,
    again: (ins, params) => RULE_CONTEXT.emit(op, ins, params),
    batch: (program, which, outs) => batchProgram(program, which, size, outs),
  };
  const result = rule(ins, batched, params, context);
  return "outs" in result ? result : { outs: result, batched: result.map(() => true) };
}

/** A program on one example as one on all; see BatchContext. */
function batchProgram(
  program: Program,
  batched: readonly boolean[],
  size: number,
  wanted: readonly boolean[] = [],
): { program: Program; batched: boolean[] } {
  const which: boolean[] = [];
  const avals = [...program.inputs, ...program.constants].map((id, k) => {
    const a = program.avals[id]!;
    return batched[k] ? makeAval([size, ...a.shape], a.dtype, a.weak) : a;
  });
  const all = traceClosed((ins) => {
    const batch = new Batch(current(), size, "vmap");
    const given = ins.map((x, k) => batched[k] ? batch.example(x) : x);
    const outs = within(batch, () => inline(program, given));
    return outs.map((y, k) => {
      const examples = batch.examples(y);
      which.push(examples !== null || wanted[k] === true);
      return examples ?? (wanted[k] ? y.broadcastTo([size, ...y.shape]) : y);
    });
  }, avals);
  return { program: all, batched: which };
}
