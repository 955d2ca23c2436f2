/**
 * Accumulators in CUDA C: what is carried, how a value is taken in, how two that took in different
 * points are joined. Sums, products and recurrences of float32 are carried in float64.
 *
 * @module
 */
import { type DType, isFloat } from "../../../base/dtype.ts";
import { type Accumulator, identityOf } from "../../../ir/kernel.ts";
import type { Facts } from "./facts.ts";
import { printScalar } from "./scalars.ts";
import type { Text } from "./text.ts";
import { constant, REGISTER } from "./types.ts";

/** One variable of an accumulator. */
export interface Field {
  readonly name: string;
  /** C type, of 4 or 8 bytes. */
  readonly type: string;
  readonly identity: string;
}

/** Whether an accumulator keeps the place of an extreme. */
export function keepsPlace(a: Accumulator): boolean {
  return a.combine === "argmax" || a.combine === "argmin";
}

/** The type in which an accumulator is carried; of one that keeps a place, that of the values. */
export function heldType(facts: Facts, acc: number): DType {
  const a = facts.kernel.accumulators[acc]!;
  if (keepsPlace(a)) return facts.steps[a.value]!.dtype;
  const exact = a.combine === "max" || a.combine === "min";
  return a.dtype === "float32" && !exact ? "float64" : a.dtype;
}

/** C type of what is carried: a bool is a word, which can be shuffled and stored. */
export function carriedType(dtype: DType): string {
  return dtype === "bool" ? "int" : REGISTER[dtype];
}

/** The variables of an accumulator: s for its value or place, b for the best value, f for a factor. */
export function fieldsOf(facts: Facts, acc: number): Field[] {
  const a = facts.kernel.accumulators[acc]!;
  const held = heldType(facts, acc);
  const type = carriedType(held);
  const of = (value: number) => held === "bool" ? `${value}` : identityText(held, value);
  if (keepsPlace(a)) {
    const extreme = identityOf(a.combine === "argmax" ? "max" : "min", held);
    return [
      { name: `b${acc}`, type, identity: of(extreme) },
      { name: `s${acc}`, type: "int", identity: "0" },
    ];
  }
  return [{ name: `s${acc}`, type, identity: of(identityOf(a.combine, held)) }];
}

const identityText = (dtype: DType, value: number): string => constant(dtype, value);

/** Declares an accumulator that took in nothing. */
export function declare(facts: Facts, acc: number): string[] {
  return fieldsOf(facts, acc).map((f) => `${f.type} ${f.name} = ${f.identity};`);
}

/** What an accumulator stands for, in its own type. */
export function read(facts: Facts, acc: number): string {
  const a = facts.kernel.accumulators[acc]!;
  if (keepsPlace(a)) return `s${acc}`;
  const held = heldType(facts, acc);
  if (held === "bool") return `(s${acc} != 0)`;
  const text = printScalar("cast", held, a.dtype, [`s${acc}`]);
  return text === `s${acc}` ? text : `(${text})`;
}

/** Whether the values of an accumulator are added in blocks of float32 before they are carried on. */
export function hasBlocks(facts: Facts, acc: number): boolean {
  const a = facts.kernel.accumulators[acc]!;
  return a.combine === "add" && a.dtype === "float32";
}

/** The value that an accumulator takes in, in its own type. */
function valueOf(text: Text, acc: number): string {
  const { kernel, steps } = text.facts;
  const a = kernel.accumulators[acc]!;
  const value = text.value(a.value);
  const from = steps[a.value]!.dtype;
  return from === a.dtype ? value : `(${printScalar("cast", from, a.dtype, [value])})`;
}

/** Takes in the value of a point, whose number is `at`; into the block `p` where one is open. */
export function take(text: Text, acc: number, at: string, inBlock = false): string[] {
  const { facts } = text;
  const a = facts.kernel.accumulators[acc]!;
  const held = heldType(facts, acc);
  if (keepsPlace(a)) {
    const value = text.value(a.value);
    const better = held === "bool"
      ? a.combine === "argmax" ? `(int)${value} > b${acc}` : `(int)${value} < b${acc}`
      : `${value} ${a.combine === "argmax" ? ">" : "<"} b${acc}`;
    const nan = isFloat(held) ? ` || (${value} != ${value} && b${acc} == b${acc})` : "";
    return [`if (${better}${nan}) {`, `  b${acc} = ${value};`, `  s${acc} = (int)${at};`, "}"];
  }
  const own = valueOf(text, acc);
  if (inBlock && hasBlocks(facts, acc)) return [`p${acc} += ${own};`];
  const value = a.dtype === held ? own : printScalar("cast", a.dtype, held, [own]);
  const s = held === "bool" ? `(s${acc} != 0)` : `s${acc}`;
  if (a.combine === "linear") {
    const from = facts.steps[a.factor!]!.dtype;
    const factor = text.value(a.factor!);
    const wide = from === held ? factor : `(${printScalar("cast", from, held, [factor])})`;
    return [`s${acc} = ${printScalar("fma", held, held, [wide, s, value])};`];
  }
  const op = a.combine as "add" | "mul" | "max" | "min";
  return [`s${acc} = ${printScalar(op, held, held, [s, value])};`];
}

/** A linear accumulator's product of factors, which tells what it makes of what came before. */
const factorOf = (acc: number): string => `f${acc}`;

/** The variables that tell all of what a range of points does to an accumulator. */
export function rangeFields(facts: Facts, acc: number): Field[] {
  const fields = fieldsOf(facts, acc);
  if (facts.kernel.accumulators[acc]!.combine !== "linear") return fields;
  const one = heldType(facts, acc) === "bool" ? "1" : constant(heldType(facts, acc), 1);
  return [...fields, { name: factorOf(acc), type: fields[0]!.type, identity: one }];
}

/** Takes the factor of a point into the product of a range's factors. */
export function takeFactor(text: Text, acc: number): string[] {
  const { facts } = text;
  const a = facts.kernel.accumulators[acc]!;
  if (a.combine !== "linear") return [];
  const held = heldType(facts, acc);
  const from = facts.steps[a.factor!]!.dtype;
  const factor = text.value(a.factor!);
  const wide = from === held ? factor : `(${printScalar("cast", from, held, [factor])})`;
  return [
    `${factorOf(acc)} = ${printScalar("mul", held, held, [truth(held, factorOf(acc)), wide])};`,
  ];
}

const truth = (held: DType, name: string): string => held === "bool" ? `(${name} != 0)` : name;

/**
 * Takes in what another accumulator holds, of points that come later. `own` and `other` end the names
 * of the variables of the two.
 */
export function join(facts: Facts, acc: number, other: string, own = ""): string[] {
  const a = facts.kernel.accumulators[acc]!;
  const held = heldType(facts, acc);
  const [s, b] = [`s${acc}${own}`, `b${acc}${own}`];
  const [so, bo] = [`s${acc}${other}`, `b${acc}${other}`];
  if (keepsPlace(a)) {
    const better = `${bo} ${a.combine === "argmax" ? ">" : "<"} ${b}`;
    const nan = isFloat(held) ? ` || (${bo} != ${bo} && (${b} == ${b} || ${so} < ${s}))` : "";
    return [
      `if (${better} || (${bo} == ${b} && ${so} < ${s})${nan}) {`,
      `  ${b} = ${bo};`,
      `  ${s} = ${so};`,
      "}",
    ];
  }
  if (a.combine === "linear") {
    const [f, fo] = [`${factorOf(acc)}${own}`, `${factorOf(acc)}${other}`];
    const [x, y, z] = [fo, s, so].map((name) => truth(held, name));
    const moved = printScalar("fma", held, held, [x!, y!, z!]);
    return [
      // nothing stays nothing, even where the product of factors has overflowed
      isFloat(held) ? `${s} = ${s} == 0.0 ? ${so} : ${moved};` : `${s} = ${moved};`,
      `${f} = ${printScalar("mul", held, held, [truth(held, f), x!])};`,
    ];
  }
  const operands = [truth(held, s), truth(held, so)];
  return [`${s} = ${printScalar(a.combine as "add", held, held, operands)};`];
}
