/**
 * Program: the recorded list of operations. Values are numbered; a step reads numbers and writes new
 * ones; nothing is ever overwritten.
 *
 * @module
 */
import { sameShape } from "../base/shape.ts";
import type { Aval } from "./aval.ts";
import type { Params } from "./def.ts";
import { innerPrograms, isProgram } from "./effects.ts";
import { opDef, type OpName } from "./ops.ts";

/** The number of a value in a program. */
export type Id = number;

/** One operation. */
export interface Step {
  readonly op: OpName;
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
  readonly params: Params;
}

/**
 * A list of operations. `constants` are captured arrays, given to every run as hidden inputs after
 * `inputs`.
 */
export interface Program {
  readonly avals: readonly Aval[];
  readonly inputs: readonly Id[];
  readonly constants: readonly Id[];
  readonly steps: readonly Step[];
  readonly outputs: readonly Id[];
}

/**
 * Throws when a program reads what is not written yet, or disagrees with the op table. Whether a
 * value is weak decides dtypes while a program is recorded, and nothing after that.
 */
export function checkProgram(p: Program): void {
  const known = new Set<Id>([...p.inputs, ...p.constants]);
  p.steps.forEach((s, k) => {
    for (const i of s.ins) {
      if (!known.has(i)) throw new Error(`Step ${k} (${s.op}) reads unwritten %${i}`);
    }
    for (const inner of innerPrograms(s)) {
      if (inner.constants.length > 0) {
        throw new Error(`Step ${k} (${s.op}) captures in its programs`);
      }
      checkProgram(inner);
    }
    const want = opDef(s.op).avals(s.ins.map((i) => p.avals[i]!), s.params);
    if (want.length !== s.outs.length) {
      throw new Error(`Step ${k} (${s.op}) has ${s.outs.length} outputs`);
    }
    s.outs.forEach((o, i) => {
      if (known.has(o)) throw new Error(`Step ${k} (${s.op}) writes %${o} again`);
      known.add(o);
      const [a, b] = [p.avals[o]!, want[i]!];
      if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) {
        throw new Error(
          `Step ${k} (${s.op}) gives ${b.key} but %${o} is ${a.key}`,
        );
      }
    });
  });
  for (const o of p.outputs) if (!known.has(o)) throw new Error(`Output %${o} is never written`);
}

const holdsProgram = (x: unknown): boolean =>
  isProgram(x) || (Array.isArray(x) && x.some(isProgram));

/** Prints a program, one step a line, the programs within a step below it. */
export function printProgram(p: Program): string {
  const name = (i: Id) => `%${i}`;
  const typed = (i: Id) => `%${i}:${p.avals[i]!.key}`;
  const params = (s: Step) => {
    const entries = Object.entries(s.params).filter(([, v]) => !holdsProgram(v));
    return entries.length === 0
      ? ""
      : ` {${entries.map(([k, v]) => `${k}: ${JSON.stringify(v)}`).join(", ")}}`;
  };
  const inner = (s: Step) =>
    Object.entries(s.params).filter(([, v]) => holdsProgram(v)).flatMap(([k, v]) =>
      [v].flat().map((q, i) =>
        `\n  ${k}${Array.isArray(v) ? ` ${i}` : ""}:\n    ` +
        printProgram(q as Program).replaceAll("\n", "\n    ")
      )
    ).join("");
  return [
    `inputs ${p.inputs.map(typed).join(" ")}`,
    ...(p.constants.length > 0 ? [`constants ${p.constants.map(typed).join(" ")}`] : []),
    ...p.steps.map((s) =>
      `${s.outs.map(typed).join(" ")} = ${[s.op, ...s.ins.map(name)].join(" ")}${params(s)}${
        inner(s)
      }`
    ),
    `outputs ${p.outputs.map(name).join(" ")}`,
  ].join("\n");
}

export { hasEffect } from "./effects.ts";
