/**
 * Steps and places of a kernel as lines of CUDA C. Values are named v0, v1, ..., loop indices i0,
 * i1, ..., arrays a0, a1, ....
 *
 * @module
 */
import { type DType, DTYPES } from "../../../base/dtype.ts";
import { operandType, type Store, type View } from "../../../ir/kernel.ts";
import type { Facts } from "./facts.ts";
import { printScalar } from "./scalars.ts";
import { constant, MEMORY, REGISTER } from "./types.ts";

/** Lines of C, indented by what encloses them. */
export class Lines {
  readonly #lines: string[] = [];
  #depth = 0;

  add(...lines: readonly string[]): this {
    for (const l of lines) this.#lines.push("  ".repeat(this.#depth) + l);
    return this;
  }

  /** A head, its body in braces. */
  block(head: string, body: () => void): this {
    this.add(head === "" ? "{" : `${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    return this.add("}");
  }

  toString(): string {
    return this.#lines.join("\n") + "\n";
  }
}

/** How a kernel's values are named where its steps are printed. */
export interface Names {
  /** The number of the kernel's first argument among those of the step. */
  readonly firstArg: number;
  /** What accumulators hold. */
  readonly accumulator?: (acc: number) => string;
  /** Values that were loaded before. */
  readonly loaded?: ReadonlyMap<number, string>;
}

/** Writes the steps of one kernel. */
export class Text {
  readonly facts: Facts;
  readonly names: Names;

  constructor(facts: Facts, names: Names) {
    this.facts = facts;
    this.names = names;
  }

  with(names: Partial<Names>): Text {
    return new Text(this.facts, { ...this.names, ...names });
  }

  /** The type in which places are counted. */
  get place(): string {
    return this.facts.wide ? "long long" : "int";
  }

  arg(arg: number): string {
    return `a${this.names.firstArg + arg}`;
  }

  value(step: number): string {
    const s = this.facts.steps[step]!;
    if (s.op === "const") return constant(s.dtype, s.value);
    if (s.op === "index") return this.facts.wide ? `(int)i${s.axis}` : `i${s.axis}`;
    return `v${step}`;
  }

  /** A place, in elements of its argument. `shift` is added. */
  view(v: View, shift = ""): string {
    const { sizes, wide } = this.facts;
    const terms: string[] = [];
    v.strides.forEach((stride, axis) => {
      if (stride === 0 || sizes[axis]! <= 1) return;
      const by = wide && Math.abs(stride) >= 2 ** 31 ? `${stride}ll` : `${stride}`;
      terms.push(stride === 1 ? `i${axis}` : `i${axis} * ${by}`);
    });
    for (const a of v.at ?? []) {
      const value = this.value(a.step);
      terms.push(a.stride === 1 ? value : `(long long)${value} * ${a.stride}`);
    }
    if (v.offset !== 0 || terms.length === 0) terms.push(`${v.offset}`);
    if (shift !== "") terms.push(shift);
    return terms.join(" + ").replaceAll("+ -", "- ");
  }

  /** One step as a declaration; nothing for constants and indices, which stand where they are used. */
  step(i: number): string[] {
    const s = this.facts.steps[i]!;
    if (s.op === "const" || s.op === "index") return [];
    const head = `const ${REGISTER[s.dtype]} v${i} = `;
    if (s.op === "load") {
      const known = this.names.loaded?.get(i);
      const text = known ?? `${this.arg(s.arg)}[${this.view(s.view)}]`;
      return [`${head}${text}${s.dtype === "bool" && known === undefined ? " != 0" : ""};`];
    }
    if (s.op === "acc") {
      const { dtype } = this.facts.kernel.accumulators[s.acc]!;
      const held = this.names.accumulator!(s.acc);
      return [`${head}${printScalar("cast", dtype, s.dtype, [held])};`];
    }
    const from = operandType(this.facts.steps, s);
    const args = s.args.map((a) => this.value(a));
    return [`${head}${printScalar(s.op, from, s.dtype, args)};`];
  }

  /** Several steps, those that matter. */
  steps(from: number, to: number, which: (i: number) => boolean = () => true): string[] {
    const lines: string[] = [];
    for (let i = from; i < to; i++) {
      if (this.facts.live[i] && which(i)) lines.push(...this.step(i));
    }
    return lines;
  }

  /** One store. */
  store(s: Store): string {
    const target = `${this.arg(s.arg)}[${this.view(s.view)}]`;
    const { dtype } = this.facts.kernel.args[s.arg]!;
    const value = this.value(s.value);
    if (!s.add) return `${target} = ${value};`;
    const old = dtype === "bool" ? `(${target} != 0)` : `${target}`;
    return `${target} = ${this.sum(dtype, old, value)};`;
  }

  /** The sum of what is in memory and a value. */
  sum(dtype: DType, old: string, value: string): string {
    return printScalar("add", dtype, dtype, [old, value]);
  }

  /** The axes whose index a list of steps and stores uses. */
  usedAxes(steps: readonly number[], stores: readonly Store[]): boolean[] {
    const used = this.facts.sizes.map(() => false);
    const look = (v: View) => {
      v.strides.forEach((stride, axis) =>
        used[axis] ||= stride !== 0 && this.facts.sizes[axis]! > 1
      );
    };
    for (const i of steps) {
      const s = this.facts.steps[i]!;
      if (s.op === "load") look(s.view);
      if (s.op === "index") used[s.axis] = true;
    }
    for (const s of stores) look(s.view);
    return used;
  }

  /** The index of one of several axes, the last the fastest, in a running number. */
  index(axes: readonly number[], axis: number, running: string): string {
    const { sizes } = this.facts;
    const at = axes.indexOf(axis);
    const below = axes.slice(at + 1).reduce((n, a) => n * sizes[a]!, 1);
    const divided = below > 1 ? `${running} / ${below}` : running;
    return at > 0 ? `${divided} % ${sizes[axis]}` : divided;
  }

  /** Declares the indices of those of the axes that are used. */
  indices(axes: readonly number[], running: string, used: readonly boolean[]): string[] {
    return axes.flatMap((axis) =>
      used[axis] ? [`const ${this.place} i${axis} = ${this.index(axes, axis, running)};`] : []
    );
  }
}

/** The declaration of an array among the parameters of a kernel. */
export function parameter(name: string, dtype: DType, writes: boolean): string {
  return `${writes ? "" : "const "}${MEMORY[dtype]}* ${name}`;
}

/** Bytes of an element as a number. */
export function bytesOf(dtype: DType): number {
  return DTYPES[dtype].bytes;
}
