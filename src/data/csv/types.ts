/**
 * The types of the columns of CSV files: what they are taken to be, from the cells of a sample and
 * the default, and whether a default is of them.
 *
 * @module
 */
import { convertNumber, type DType, DTYPES } from "../../base/dtype.ts";
import { formatValue } from "../../base/errors.ts";

/** The types of columns. */
export type CsvType = DType | "string";

/** What stands where a cell is missing. */
export type CsvDefault = number | boolean | string;

/** What the cells of a sample are. */
export interface SeenCells {
  /** What those are that are there; null where none is. */
  readonly kind: "integers" | "fractions" | "bools" | "texts" | null;
  /** Whether some are missing. */
  readonly holes: boolean;
  /** Of integers, whether the type holds all of them. */
  readonly int32: boolean;
  readonly float32: boolean;
}

/** A fault of the options or of a header, which has no place among the rows. */
export class ColumnsFault extends Error {
  /** Whether it is of a wrong kind, a TypeError, and not of a wrong value, a RangeError. */
  readonly kind: boolean;

  constructor(what: string, kind = false) {
    super(what);
    this.kind = kind;
  }

  /** The error for users, who learn as well what could not be done. */
  explain(action: string): TypeError | RangeError {
    const message = `${action}: ${this.message}`;
    return this.kind ? new TypeError(message) : new RangeError(message);
  }
}

/** The texts that are numbers. */
export const NUMBER = /^\s*[+-]?((\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)\s*$/i;

const ZERO = 48, NINE = 57, MINUS = 45, POINT = 46;
const INTEGER = /^\s*[+-]?\d+\s*$/;

const RANGES: { readonly [T in CsvType]?: string } = {
  bool: "true, false, 1 or 0",
  uint8: "integers from 0 to 255",
  int32: "integers from -2147483648 to 2147483647",
  uint32: "integers from 0 to 4294967295",
};

/** A type, and what it holds where that is not all numbers. */
export function describeType(type: CsvType): string {
  const range = RANGES[type];
  return range === undefined ? type : `${type} (${range})`;
}

/** How many digits follow each other from a place on. */
function countDigits(text: string, from: number): number {
  let p = from;
  for (let d = text.charCodeAt(p); d >= ZERO && d <= NINE;) d = text.charCodeAt(++p);
  return p - from;
}

/** What cells are, as they are spelled; null and "" are missing. */
export function seeCells(cells: readonly (string | null)[]): SeenCells {
  const there = cells.filter((c): c is string => c !== null && c !== "");
  const kind = kindOf(there), integers = kind === "integers";
  return {
    kind,
    holes: there.length < cells.length,
    int32: integers && there.every((c) => Number(c) === (Number(c) | 0)),
    float32: integers && there.every((c) => Number(c) === Math.fround(Number(c))),
  };
}

function kindOf(cells: readonly string[]): SeenCells["kind"] {
  if (cells.length === 0) return null;
  if (cells.every((c) => /^(true|false)$/i.test(c))) return "bools";
  let integers = true;
  for (const cell of cells) {
    const sign = cell.charCodeAt(0) === MINUS ? 1 : 0;
    const digits = countDigits(cell, sign), point = sign + digits;
    if (digits > 0 && point === cell.length) continue;
    const decimal = digits > 0 && cell.charCodeAt(point) === POINT;
    if (!decimal || point + 1 + countDigits(cell, point + 1) !== cell.length) {
      if (!NUMBER.test(cell)) return "texts";
      if (INTEGER.test(cell)) continue;
    }
    integers = false;
  }
  return integers ? "integers" : "fractions";
}

/**
 * The type of a column: the narrowest of int32, float32, float64, bool and string that holds the
 * cells of the sample and the default, whether or not one is missing there. Fractions are float32, as
 * everywhere. Of integers without some and without a default a float type holds NaN there.
 */
export function inferType(seen: SeenCells, missing: CsvDefault | undefined): CsvType {
  const number = typeof missing === "number" ? missing : undefined;
  switch (seen.kind) {
    case null:
      if (number === undefined) return typeof missing === "boolean" ? "bool" : "string";
      return numbersType(true, true, number);
    case "bools":
      return "bool";
    case "texts":
      return "string";
    case "fractions":
      return holds("float32", number ?? 0) ? "float32" : "float64";
    case "integers":
      return numbersType(
        seen.int32,
        seen.float32,
        number ?? (seen.holes && missing === undefined ? NaN : 0),
      );
  }
}

/** The type of integers that int32 and float32 hold or not, and of a number beside them. */
function numbersType(int32: boolean, float32: boolean, number: number): DType {
  if (Number.isInteger(number)) return int32 && holds("int32", number) ? "int32" : "float64";
  return int32 && float32 ? "float32" : "float64";
}

/** Whether a type has the number, or for floats one beside it. */
function holds(type: DType, x: number): boolean {
  const held = convertNumber(x, type);
  return DTYPES[type].kind === "float" ? Number.isFinite(held) || !Number.isFinite(x) : held === x;
}

/** What is wrong with the default of a column of that type; null where nothing is. */
export function defaultFault(
  name: string,
  type: CsvType,
  value: CsvDefault,
): ColumnsFault | null {
  const isKind = type === "string"
    ? typeof value === "string"
    : type === "bool"
    ? typeof value === "boolean" || value === 0 || value === 1
    : typeof value === "number";
  const what = `the default of column ${formatValue(name)} is ${formatValue(value)}`;
  if (!isKind) {
    return new ColumnsFault(
      `${what}, but its type is ${type}: give one of that type, or another type in types`,
      true,
    );
  }
  if (typeof value !== "number" || type === "string" || holds(type, value)) return null;
  return new ColumnsFault(
    `${what}, which ${describeType(type)} does not hold: ` +
      "give one that it holds, or another type in types",
  );
}
