/**
 * Rewriting: one walk over a program in which small rules say of a step that its value is there
 * already, or can be had more cheaply. What a rule makes is looked at by the rules again.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import type { Aval } from "../../ir/aval.ts";
import type { Params } from "../../ir/def.ts";
import { opDef, type OpName } from "../../ir/ops.ts";
import { hasEffect, type Id, type Program, type Step } from "../../ir/program.ts";
import { runScalar } from "../../ir/scalar.ts";

/**
 * Looks at a step of one output: a value that is equal to it, bit for bit, or null. Steps of ops
 * that the rule does not know are not given to it.
 */
export type Rule = (s: Step, w: Rewriter) => Id | null;

/** The rules for each op, tried in order. */
export type Rules = Partial<Record<OpName, readonly Rule[]>>;

/** Literals with more elements are not looked into. */
const MOST_VALUES = 64;

/** The program that is being written, and what is known of its values. */
export class Rewriter {
  readonly #rules: Rules;
  readonly #avals: Aval[];
  readonly #steps: Step[] = [];
  readonly #makers = new Map<Id, Step>();
  readonly #replaced = new Map<Id, Id>();
  readonly #numbers = new Map<Id, number>();

  constructor(p: Program, rules: Rules) {
    this.#rules = rules;
    this.#avals = [...p.avals];
  }

  aval(id: Id): Aval {
    return this.#avals[id]!;
  }

  /** The step that makes a value, when it is made by this op. */
  made(id: Id, op: OpName): Step | null {
    const s = this.#makers.get(id);
    return s?.op === op ? s : null;
  }

  /** The number that every element of a value is, when that is known. */
  number(id: Id): number | null {
    return this.#numbers.get(id) ?? null;
  }

  /** Whether every element of a value is known to be this number; 0 and -0 differ. */
  is(id: Id, n: number): boolean {
    const known = this.#numbers.get(id);
    return known !== undefined && Object.is(known, n);
  }

  /** The elements of a small value that is known; null else. */
  values(id: Id): readonly number[] | null {
    const { size, dtype } = this.aval(id);
    if (size > MOST_VALUES) return null;
    const all = this.#numbers.get(id);
    if (all !== undefined) return new Array<number>(size).fill(all);
    const literal = this.made(id, "literal");
    if (literal === null) return null;
    return (literal.params["values"] as readonly number[]).map((v) => stored(dtype, v));
  }

  /** The value of an op, after the rules have looked at it. */
  emit(op: OpName, ins: readonly Id[], params: Params = {}): Id {
    const [aval] = opDef(op).avals(ins.map((i) => this.aval(i)), params);
    const out = this.#avals.push(aval!) - 1;
    return this.#visit({ op, ins, outs: [out], params });
  }

  /** Numbers written in the program. */
  literal(dtype: DType, shape: readonly number[], values: readonly number[]): Id {
    return this.emit("literal", [], { dtype, shape, values, weak: false });
  }

  /** An array whose elements are all one number. */
  full(dtype: DType, shape: readonly number[], value: number): Id {
    return this.broadcast(this.literal(dtype, [], [value]), shape);
  }

  /** A value in a shape that it broadcasts to. */
  broadcast(id: Id, shape: readonly number[]): Id {
    return this.hasShape(id, shape) ? id : this.emit("broadcast", [id], { shape });
  }

  /** A value of as many elements in another shape. */
  reshape(id: Id, shape: readonly number[]): Id {
    return this.hasShape(id, shape) ? id : this.emit("reshape", [id], { shape });
  }

  hasShape(id: Id, shape: readonly number[]): boolean {
    const own = this.aval(id).shape;
    return own.length === shape.length && own.every((n, i) => n === shape[i]);
  }

  /** The program in which the rules have been followed. */
  run(p: Program): Program {
    const read = (i: Id): Id => this.#replaced.get(i) ?? i;
    for (let k = 0; k < p.steps.length; k++) {
      const old = p.steps[k]!;
      const moved = this.#replaced.size > 0 && old.ins.some((i) => this.#replaced.has(i));
      const s = moved ? { ...old, ins: old.ins.map(read) } : old;
      const id = this.#visit(s);
      if (s.outs.length === 1 && id !== s.outs[0]) this.#replaced.set(s.outs[0]!, id);
    }
    return { ...p, avals: this.#avals, steps: this.#steps, outputs: p.outputs.map(read) };
  }

  #visit(s: Step): Id {
    if (s.outs.length === 1 && !hasEffect(s)) {
      const rules = this.#rules[s.op];
      for (let i = 0; rules !== undefined && i < rules.length; i++) {
        const id = rules[i]!(s, this);
        if (id !== null) return id;
      }
    }
    this.#steps.push(s);
    const out = s.outs[0]!;
    if (s.outs.length === 1) {
      this.#makers.set(out, s);
      const n = this.#numberOf(s);
      if (n !== undefined) this.#numbers.set(out, n);
    }
    return out;
  }

  #numberOf(s: Step): number | undefined {
    switch (s.op) {
      case "literal": {
        const [first, ...rest] = s.params["values"] as readonly number[];
        if (first === undefined || rest.some((v) => !Object.is(v, first))) return undefined;
        return stored(this.aval(s.outs[0]!).dtype, first);
      }
      case "broadcast":
      case "reshape":
        return this.#numbers.get(s.ins[0]!);
      default:
        return undefined;
    }
  }
}

/** A number as an element of a dtype holds it. */
function stored(dtype: DType, v: number): number {
  return runScalar("cast", dtype, dtype, v, 0, 0);
}

/** A program of the same inputs and values in which the rules have been followed. */
export function rewrite(p: Program, rules: Rules): Program {
  return new Rewriter(p, rules).run(p);
}
