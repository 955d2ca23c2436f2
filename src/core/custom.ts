/**
 * Calls that interpreters treat as a whole: functions with derivatives of their own, and functions
 * whose intermediate values are not to be kept.
 *
 * @module
 */
import type { Aval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import type { CallRule } from "../ir/ops/create.ts";
import type { OpName } from "../ir/ops.ts";
import type { Id, Program, Step } from "../ir/program.ts";
import { inside } from "./inside.ts";
import { current, emit, type Interpreter, isEager } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";

type Values = readonly Tensor[];

/** A function of tensors with a derivative of its own: forward, in reverse, or both. */
export interface CustomCall extends CallRule {
  /** The function. */
  run(ins: Values): Tensor[];
  /** Outputs, what the reverse rule needs of them, and that rule: a cotangent per input. */
  readonly reverse?:
    | ((ins: Values) => {
      readonly outs: Values;
      readonly residuals: Values;
      pull(residuals: Values, cotangents: Values): Tensor[];
    })
    | undefined;
  /** Outputs and their tangents. */
  readonly forward?:
    | ((ins: Values, tangents: Values) => { readonly outs: Values; readonly tangents: Values })
    | undefined;
}

/** Tells the interpreter in force of a call. */
export function callCustom(call: CustomCall, ins: Values): Tensor[] {
  const recorder = ins.find((x) => inside(x).owner?.recorder !== undefined);
  const told: Interpreter = recorder === undefined ? current() : inside(recorder).owner!.recorder!;
  return told.custom === undefined ? call.run(ins) : told.custom(call, ins);
}

/** The outputs of a call under handles that nobody else has. */
export function freshly(outs: Values): Tensor[] {
  return outs.map((y) => emit("same", [y]));
}

/** Runs a function; those who remember intermediate values forget them and compute them again. */
export function remat(run: () => Tensor[]): Tensor[] {
  const told = current();
  return told.remat === undefined ? run() : told.remat(run);
}

/** The same values, for the compiler others: what is computed from them is computed again. */
export function barrier(values: Values): Tensor[] {
  return isEager() ? [...values] : current().emit("barrier", values, {});
}

/** What a function did, written down as a program whose inputs are the tensors that it met. */
export class Recording {
  readonly #ids = new WeakMap<Tensor, Id>();
  readonly #avals: Aval[] = [];
  readonly #inputs: Id[] = [];
  readonly #steps: Step[] = [];
  /** The tensors that it met. */
  readonly met: Tensor[] = [];

  #new(t: Tensor): Id {
    const id = this.#avals.push(t.aval) - 1;
    this.#ids.set(t, id);
    return id;
  }

  #id(t: Tensor): Id {
    const known = this.#ids.get(t);
    if (known !== undefined) return known;
    const id = this.#new(t);
    this.met.push(t);
    this.#inputs.push(id);
    return id;
  }

  /** Whether a tensor is written down. */
  knows(t: Tensor): boolean {
    return this.#ids.has(t);
  }

  /** Writes an operation down. */
  add(op: OpName, ins: Values, outs: Values, params: Params): void {
    const read = ins.map((t) => this.#id(t));
    this.#steps.push({ op, ins: read, outs: outs.map((t) => this.#new(t)), params });
  }

  /** The program that gives `outs`. */
  finish(outs: Values): Program {
    const outputs = outs.map((t) => this.#id(t));
    return {
      avals: this.#avals,
      inputs: this.#inputs,
      constants: [],
      steps: this.#steps,
      outputs,
    };
  }
}
