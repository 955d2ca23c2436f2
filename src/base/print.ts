/**
 * Arrays as text, as NumPy prints them: aligned columns, the fewest digits that tell a number from
 * its neighbours, long axes shortened to their ends.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "./dtype.ts";
import { type Shape, sizeOf, stridesOf } from "./shape.ts";

/** Entries shown at either end of a shortened axis. */
const EDGE = 3;
/** Arrays of more elements are shortened. */
const THRESHOLD = 1000;
/** Columns of a line. */
const WIDTH = 75;
/** Most digits after the point. */
const PRECISION = 8;

type Format = (x: number) => string;

/**
 * Prints an array as NumPy's `str` does.
 *
 * @param indent columns that the caller writes before the first line; later lines start below it
 */
export function printArray(values: Values, shape: Shape, dtype: DType, indent = 0): string {
  if (sizeOf(shape) === 0) return "[]";
  if (shape.length === 0) return printScalar(values[0]!, dtype);
  const strides = stridesOf(shape);
  const summary = values.length > THRESHOLD;
  const format = formatOf(summary ? corners(values, shape, strides) : values, dtype);
  const visit = (depth: number, at: number, hanging: string, width: number): string => {
    if (depth === shape.length) return format(values[at]!);
    const n = shape[depth]!;
    const cut = summary && n > 2 * EDGE;
    const words: string[] = [];
    for (let i = 0; i < n; i++) {
      if (cut && i === EDGE) {
        words.push("...");
        i = n - EDGE;
      }
      words.push(visit(depth + 1, at + i * strides[depth]!, hanging + " ", width - 1));
    }
    const below = shape.length - depth - 1;
    if (below > 0) return `[${words.join("\n".repeat(below) + hanging)}]`;
    return `[${wrap(words, hanging, width - 1).slice(hanging.length)}]`;
  };
  return visit(0, 0, " ".repeat(indent + 1), WIDTH);
}

/** Words side by side, broken into lines of at most `width` columns. */
function wrap(words: readonly string[], hanging: string, width: number): string {
  let done = "";
  let line = hanging;
  words.forEach((word, i) => {
    if (line.length + word.length > width && line.length > hanging.length) {
      done += line.trimEnd() + "\n";
      line = hanging;
    }
    line += i === words.length - 1 ? word : word + " ";
  });
  return done + line;
}

/** What is shown of a shortened array: the ends of every axis. */
function corners(values: Values, shape: Shape, strides: readonly number[]): Values {
  let offsets = [0];
  shape.forEach((n, axis) => {
    const shown = n > 2 * EDGE
      ? [0, 1, 2, n - 3, n - 2, n - 1]
      : Array.from({ length: n }, (_, i) => i);
    offsets = offsets.flatMap((o) => shown.map((i) => o + i * strides[axis]!));
  });
  const out = values.slice(0, offsets.length);
  offsets.forEach((o, i) => out[i] = values[o]!);
  return out;
}

function printScalar(x: number, dtype: DType): string {
  if (dtype === "bool") return x ? "True" : "False";
  if (DTYPES[dtype].kind !== "float") return String(x);
  if (!Number.isFinite(x)) return special(x);
  const size = Math.abs(x);
  const large = dtype === "float32" ? 1e6 : 1e16;
  if (size !== 0 && (size < 1e-4 || size >= large)) {
    const [mantissa, exponent] = scientific(x, dtype, Infinity);
    return `${mantissa.replace(/\.$/, "")}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  return positional(x, dtype, Infinity).replace(/\.$/, ".0");
}

function special(x: number): string {
  return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

function formatOf(shown: Values, dtype: DType): Format {
  if (dtype === "bool") return (x) => x ? " True" : "False";
  const list = Array.from(shown);
  if (DTYPES[dtype].kind === "float") return floatFormat(list, dtype);
  const width = Math.max(...list.map((v) => String(v).length));
  return (x) => String(x).padStart(width);
}

function floatFormat(shown: readonly number[], dtype: DType): Format {
  const finite = shown.filter(Number.isFinite);
  const sizes = finite.filter((v) => v !== 0).map(Math.abs);
  const large = Math.max(0, ...sizes);
  const small = Math.min(Infinity, ...sizes);
  const exponential = sizes.length > 0 &&
    (large >= (dtype === "float32" ? 1e6 : 1e8) || small < 1e-4 || large / small > 1000);
  let left = 0;
  let right = 0;
  let digits: Format;
  if (exponential) {
    const parts = finite.map((x) => scientific(x, dtype, PRECISION));
    const places = Math.max(...parts.map(([m]) => m.length - m.indexOf(".") - 1));
    const exponentSize = Math.max(2, ...parts.map(([, e]) => e.length - 1));
    left = Math.max(...parts.map(([m]) => m.indexOf(".")));
    right = places + exponentSize + 2;
    digits = (x) => {
      if (x === 0) {
        return `${Object.is(x, -0) ? "-" : ""}0.${"0".repeat(places)}e+${"0".repeat(exponentSize)}`;
      }
      // beyond the shortest digits NumPy goes on with exact ones
      const [m, e] = halfEven(x, places, (v, p) => v.toExponential(p)).split("e") as [
        string,
        string,
      ];
      const mantissa = m.includes(".") ? m : `${m}.`;
      return `${mantissa}e${e[0]}${e.slice(1).padStart(exponentSize, "0")}`;
    };
  } else {
    const texts = finite.map((x) => positional(x, dtype, PRECISION));
    left = Math.max(0, ...texts.map((t) => t.indexOf(".")));
    right = Math.max(0, ...texts.map((t) => t.length - t.indexOf(".") - 1));
    digits = (x) => {
      const t = positional(x, dtype, PRECISION);
      return t.padEnd(t.indexOf(".") + 1 + right);
    };
  }
  if (finite.length < shown.length) {
    const sign = shown.some((v) => v === -Infinity) ? 1 : 0;
    left = Math.max(left, 3 + sign - (right + 1));
  }
  const width = left + right + 1;
  return (x) => (Number.isFinite(x) ? digits(x) : special(x)).padStart(width);
}

/** The shortest digits that read back as the same number of its type: sign, digits, exponent. */
function shortest(x: number, dtype: DType): string {
  if (dtype === "float32") {
    for (let p = 1; p <= 9; p++) {
      const text = x.toExponential(p - 1);
      if (Math.fround(Number(text)) === x) return trimMantissa(text);
    }
  }
  return trimMantissa(x.toExponential());
}

function trimMantissa(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+e/, "e") : text;
}

/** The mantissa, with a point and no trailing zeros, and the exponent with its sign. */
function scientific(x: number, dtype: DType, precision: number): [string, string] {
  if (x === 0) return [Object.is(x, -0) ? "-0." : "0.", "+0"];
  let text = shortest(x, dtype);
  if (text.indexOf("e") - text.indexOf(".") - 1 > precision && text.includes(".")) {
    text = trimMantissa(halfEven(x, precision, (v, p) => v.toExponential(p)));
  }
  const [mantissa, exponent] = text.split("e") as [string, string];
  return [mantissa.includes(".") ? mantissa : mantissa + ".", exponent];
}

/** Digits with a point and no trailing zeros. */
function positional(x: number, dtype: DType, precision: number): string {
  if (x === 0) return Object.is(x, -0) ? "-0." : "0.";
  const [mantissa, exponent] = shortest(x, dtype).split("e") as [string, string];
  const negative = mantissa.startsWith("-");
  const digits = mantissa.replace(/[-.]/g, "");
  const places = digits.length - 1 - Number(exponent);
  if (places > precision) {
    const text = halfEven(x, precision, (v, p) => v.toFixed(p));
    return text.replace(/0+$/, "");
  }
  const all = places <= 0
    ? digits + "0".repeat(-places) + "."
    : digits.length > places
    ? `${digits.slice(0, -places)}.${digits.slice(-places)}`
    : `0.${digits.padStart(places, "0")}`;
  return negative ? `-${all}` : all;
}

/** Rounds to `precision` places, exact halves to the even digit. */
function halfEven(x: number, precision: number, write: (x: number, p: number) => string): string {
  const text = write(x, precision);
  const exact = write(x, 60);
  const cut = exact.indexOf(".") + 1 + precision;
  const rest = exact.slice(cut).replace(/e.*$/, "");
  if (!/^50*$/.test(rest)) return text;
  // JavaScript rounds halves away from zero; the digits before the half tell whether that is even
  const down = exact.slice(0, cut) + (/e.*$/.exec(exact)?.[0] ?? "");
  return Number(exact[cut - 1]) % 2 === 0 ? down : text;
}
