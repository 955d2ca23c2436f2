/**
 * Nested JavaScript lists as array literals, and back.
 *
 * @module
 */
import type { Values } from "./dtype.ts";
import { formatValue } from "./errors.ts";
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

/** The axes that a literal may have; a list nested deeper most likely holds itself. */
const DEEPEST = 256;

/** Reads a rectangular nest of numbers and booleans, or throws and says where it is not one. */
export function parseNested(x: unknown, action: string): Literal {
  const shape: number[] = [];
  for (let v = x; Array.isArray(v); v = v[0]) {
    if (shape.push(v.length) > DEEPEST) {
      throw new RangeError(
        `Cannot ${action} a list nested deeper than ${DEEPEST}: an axis is one level of nesting; ` +
          `look for a list that holds itself`,
      );
    }
  }
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
