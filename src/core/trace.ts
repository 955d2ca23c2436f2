/**
 * Trace: records operations into a Program instead of running them.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import { LeakedTracerError } from "../base/errors.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Id, Program, Step } from "../ir/program.ts";
import type { CustomCall } from "./custom.ts";
import { inside, type TraceOwner } from "./inside.ts";
import type { Interpreter } from "./interpreter.ts";
import { isFree, mixed, storageOf } from "./placement.ts";
import { currentDevice } from "./runtime.ts";
import { Tensor } from "./tensor.ts";

/** An interpreter that writes a program. */
export class Trace implements Interpreter, TraceOwner {
  readonly label: string;
  readonly #captures: boolean;
  #ended = false;
  readonly #avals: Aval[] = [];
  readonly #steps: Step[] = [];
  readonly #constants = new Map<Tensor, Id>();

  /** `captures`: whether it may use tensors of traces that are still going on. */
  constructor(label: string, captures = false) {
    this.label = label;
    this.#captures = captures;
  }

  /** Whether `finish` has been called. */
  get ended(): boolean {
    return this.#ended;
  }

  #handle(aval: Aval): Tensor {
    return new Tensor(aval, null, null, this, this.#avals.push(aval) - 1);
  }

  /** A handle for an input. */
  input(aval: Aval): Tensor {
    return this.#handle(aval);
  }

  /** A captured tensor lies on the device that the program will run on, or can be copied there. */
  #check(t: Tensor): void {
    const { holder } = inside(t);
    const device = currentDevice();
    storageOf(t, "capture");
    if (holder !== device && !isFree(t)) throw mixed(t, device.name, "capture");
  }

  /** The number of a value; a tensor met on the way becomes a constant. */
  id(t: Tensor, action: string): Id {
    const { owner, id: own } = inside(t);
    if (owner === this) return own;
    if (owner !== null && (owner.ended || !this.#captures)) {
      throw new LeakedTracerError(
        `Cannot ${action} a tensor that belongs to ${owner.ended ? "an earlier" : "another"} ` +
          `trace of ${owner.label} inside ${this.label}: pass it in as an argument instead`,
      );
    }
    let id = this.#constants.get(t);
    if (id === undefined) {
      if (owner === null && !this.#captures) this.#check(t);
      id = this.#avals.push(t.aval) - 1;
      this.#constants.set(t, id);
    }
    return id;
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    const ids: Id[] = [];
    const given: Aval[] = [];
    for (let i = 0; i < ins.length; i++) {
      ids.push(this.id(ins[i]!, op));
      given.push(ins[i]!.aval);
    }
    const avals = opDef(op).avals(given, params);
    const outs: Tensor[] = [];
    const made: Id[] = [];
    for (let i = 0; i < avals.length; i++) {
      made.push(this.#avals.length);
      outs.push(this.#handle(avals[i]!));
    }
    this.#steps.push({ op, ins: ids, outs: made, params });
    return outs;
  }

  custom(call: CustomCall, ins: readonly Tensor[]): Tensor[] {
    const from = this.#steps.length;
    return this.#join(from, "custom", ins, call.run(ins), { call, operands: ins.length });
  }

  remat(run: () => Tensor[]): Tensor[] {
    const from = this.#steps.length;
    return this.#join(from, "checkpoint", [], run(), {});
  }

  /** Makes the steps recorded since `from` one; its operands are `ins`, then what else they read. */
  #join(
    from: number,
    op: OpName,
    ins: readonly Tensor[],
    outs: readonly Tensor[],
    params: Params,
  ): Tensor[] {
    const outIds = outs.map((t) => this.id(t, "return"));
    const inIds = ins.map((t) => this.id(t, op));
    const avals: Aval[] = [];
    const names = new Map<Id, Id>();
    const name = (id: Id): Id => {
      let own = names.get(id);
      if (own === undefined) names.set(id, own = avals.push(this.#avals[id]!) - 1);
      return own;
    };
    const inputs = inIds.map((id) => name(id));
    const read = (id: Id): Id => {
      if (!names.has(id)) {
        inIds.push(id);
        inputs.push(name(id));
      }
      return name(id);
    };
    const steps = this.#steps.splice(from).map((s): Step => ({
      ...s,
      ins: s.ins.map(read),
      outs: s.outs.map(name),
    }));
    const program: Program = { avals, inputs, constants: [], steps, outputs: outIds.map(read) };
    const made = program.outputs.map((id) => this.#handle(avals[id]!));
    const own = made.map((t) => inside(t).id);
    this.#steps.push({ op, ins: inIds, outs: own, params: { ...params, program } });
    return made;
  }

  literal(
    values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    const out = this.#handle(makeAval(shape, dtype, weak));
    this.#steps.push({
      op: "literal",
      ins: [],
      outs: [inside(out).id],
      params: { dtype, shape, values: [...values], weak },
    });
    return out;
  }

  /** Ends the trace: the program, and the tensors it captured. */
  finish(inputs: readonly Tensor[], outputs: readonly Tensor[]): {
    program: Program;
    constants: Tensor[];
  } {
    const outIds = outputs.map((t) => this.id(t, "return"));
    this.#ended = true;
    return {
      program: {
        avals: this.#avals,
        inputs: inputs.map((t) => inside(t).id),
        constants: [...this.#constants.values()],
        steps: this.#steps,
        outputs: outIds,
      },
      constants: [...this.#constants.keys()],
    };
  }

  /** Ends the trace without a program, after an error in the traced function. */
  abandon(): void {
    this.#ended = true;
  }
}
