/**
 * Nested JavaScript lists as array literals, and back.
 *
 * @module
 */
import type { Values } from "./dtype.ts";
import { formatValue } from "./errors.ts";
import { formatShape } from "./errors.ts";
import type { Shape } from "./shape.ts";

/** A number or boolean, or lists of them nested to any depth. */
export type Nested = number | boolean | readonly Nested[];

/** A rectangular literal taken apart. */
export interface Literal {
  readonly shape: number[];
  readonly values: number[];
  /** Whether every entry was a boolean. */
  readonly bool: boolean;
}

/** Reads a rectangular nest of numbers and booleans, or throws and says where it is not one. */
export function parseNested(x: unknown, action: string): Literal {
  const shape: number[] = [];
  for (let v = x; Array.isArray(v); v = v[0]) shape.push(v.length);
  const values: number[] = [];
  let numbers = 0;
  const visit = (v: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof v === "number") {
        numbers++;
        values.push(v);
      } else if (typeof v === "boolean") values.push(v ? 1 : 0);
      else throw new TypeError(badEntry(v, path, action));
      return;
    }
    if (!Array.isArray(v)) throw new TypeError(badEntry(v, path, action));
    if (v.length !== shape[depth]) {
      throw new RangeError(
        `Cannot ${action} a ragged list: ${path || "it"} has ${v.length} entries where others ` +
          `at its depth have ${shape[depth]}`,
      );
    }
    for (let i = 0; i < v.length; i++) visit(v[i], depth + 1, `${path}[${i}]`);
  };
  visit(x, 0, "");
  return { shape, values, bool: numbers === 0 && values.length > 0 };
}

function badEntry(v: unknown, path: string, action: string): string {
  const where = path === "" ? "" : ` at ${path}`;
  if (Array.isArray(v)) {
    return `Cannot ${action} a ragged list: a list stands${where} where others have a number`;
  }
  if (v !== null && typeof v === "object" && "shape" in v) {
    return `Cannot ${action} a list that holds a ${v.constructor.name}${where}: ` +
      `an array inside an op is a literal of numbers; join tensors with np.stack([...])`;
  }
  return `Cannot ${action} ${formatValue(v)}${where}: an array literal holds numbers and booleans`;
}

/** Turns flat row-major values into nested lists; booleans where `bool`. */
export function toNested(values: Values, shape: Shape, bool: boolean): Nested {
  let at = 0;
  const visit = (depth: number): Nested => {
    if (depth === shape.length) {
      const v = values[at++]!;
      return bool ? v !== 0 : v;
    }
    const list: Nested[] = [];
    for (let i = 0; i < shape[depth]!; i++) list.push(visit(depth + 1));
    return list;
  };
  if (shape.length > 0 && values.length === 0) return emptyNest(shape, 0);
  return visit(0);
}

function emptyNest(shape: Shape, depth: number): Nested[] {
  if (depth === shape.length - 1) return [];
  return Array.from({ length: shape[depth]! }, () => emptyNest(shape, depth + 1));
}

const EDGE = 3;
const THRESHOLD = 1000;

/** Prints an array as NumPy does: aligned columns, long axes shortened to their ends. */
export function printArray(
  values: Values,
  shape: Shape,
  kind: "bool" | "integer" | "float",
): string {
  if (values.length === 0) return shape.length <= 1 ? "[]" : `[] of shape ${formatShape(shape)}`;
  const shorten = values.length > THRESHOLD;
  const text = formatter(sample(values, shape, shorten), kind);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const visit = (depth: number, at: number): string => {
    if (depth === shape.length) return text(values[at]!);
    const n = shape[depth]!;
    const cut = shorten && n > 2 * EDGE;
    const parts: string[] = [];
    for (let i = 0; i < n; i++) {
      if (cut && i === EDGE) {
        parts.push("...");
        i = n - EDGE;
      }
      parts.push(visit(depth + 1, at + i * strides[depth]!));
    }
    const rest = shape.length - depth - 1;
    const join = rest === 0 ? " " : "\n".repeat(rest) + " ".repeat(depth + 1);
    return `[${parts.join(join)}]`;
  };
  return visit(0, 0);
}

function sample(values: Values, shape: Shape, shorten: boolean): number[] {
  if (!shorten) return Array.from(values);
  const inner = shape[shape.length - 1] ?? 1;
  const head = Array.from(values.subarray(0, Math.min(values.length, 4 * EDGE)));
  const tail = Array.from(values.subarray(Math.max(0, values.length - Math.min(inner, 4 * EDGE))));
  return [...head, ...tail];
}

function formatter(shown: number[], kind: "bool" | "integer" | "float"): (x: number) => string {
  if (kind === "bool") {
    const width = shown.some((v) => v === 0) ? 5 : 4;
    return (x) => (x ? "true" : "false").padStart(width);
  }
  if (kind === "integer") {
    const width = Math.max(...shown.map((v) => String(v).length));
    return (x) => String(x).padStart(width);
  }
  const finite = shown.filter(Number.isFinite).map(Math.abs);
  const large = Math.max(0, ...finite);
  const small = Math.min(...finite.filter((v) => v > 0));
  const scientific = large >= 1e8 || (small < 1e-4 && small > 0) || (large / small > 1e8);
  const special = (x: number) => Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const digits = (x: number): string => {
    if (!Number.isFinite(x)) return special(x);
    const sign = Object.is(x, -0) ? "-" : "";
    if (scientific) {
      return sign + x.toExponential(8).replace(/\.?0+e/, ".e").replace(/e([+-])(\d)$/, "e$10$2");
    }
    const s = x.toFixed(8).replace(/0+$/, "");
    return x === 0 ? sign + "0." : s;
  };
  const texts = shown.map(digits);
  const after = Math.max(
    0,
    ...texts.map((t) => t.includes(".") ? t.length - t.indexOf(".") - 1 : 0),
  );
  const pad = (x: number): string => {
    const t = digits(x);
    if (scientific || !t.includes(".")) return t;
    return t.padEnd(t.indexOf(".") + 1 + after);
  };
  const width = Math.max(...shown.map((v) => pad(v).length));
  return (x) => pad(x).padStart(width);
}
