/**
 * Worth: whether computing a value again wherever it is read costs less than storing it once and
 * reading it back. Counted in units of one vector instruction or four bytes a point.
 *
 * @module
 */
import { DTYPES } from "../../base/dtype.ts";
import type { Kernel, ScalarStep } from "../../ir/kernel.ts";
import type { IndexMap } from "./axes.ts";

/** Scalar operations of a few instructions; what is in neither list takes one. */
const SLOW = new Set(["div", "rem", "sqrt", "rsqrt", "mod", "floorDiv", "sign", "round"]);
/** Scalar operations that become polynomials. */
const LONG = new Set([
  ...["exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"],
  ...["sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfinv", "sigmoid"],
  ...["logaddexp", "pow"],
]);

function costOfStep(s: ScalarStep, shape: readonly number[]): number {
  switch (s.op) {
    case "const":
    case "acc":
      return 0;
    case "index":
      return 1;
    case "load": {
      const words = DTYPES[s.dtype].bytes / 4;
      if (s.view.at !== undefined) return 6 * words;
      const { strides } = s.view;
      let last = -1;
      for (let i = 0; i < shape.length; i++) {
        if (shape[i]! <= 1) continue;
        // read again from registers or the nearest cache; else lane by lane, or as it lies
        if (strides[i] === 0) return words / 4;
        last = i;
      }
      return last >= 0 && Math.abs(strides[last]!) !== 1 ? 4 * words : words;
    }
    default:
      return LONG.has(s.op) ? 12 : SLOW.has(s.op) ? 3 : 1;
  }
}

/** Cost of one point of a pointwise kernel, without its store. */
export function costOfPoint(k: Kernel): number {
  let sum = 0;
  for (let i = 0; i < k.body.length; i++) sum += costOfStep(k.body[i]!, k.shape);
  return sum;
}

/**
 * How often a kernel with these loops computes a value that lies where the map says: once for each
 * point of the loops down to the innermost along which it changes.
 */
export function runsOf(map: IndexMap, loop: readonly number[]): number {
  const last = loop.findLastIndex((_, i) => map.factors.some((f) => f[i] !== 0));
  return loop.slice(0, last + 1).reduce((n, m) => n * m, 1);
}

/**
 * Whether a value is better computed by all its readers.
 *
 * @param point cost of computing it once
 * @param runs how often each load of it would compute it
 */
export function isWorth(
  point: number,
  size: number,
  bytes: number,
  runs: readonly number[],
): boolean {
  const all = runs.reduce((n, r) => n + r, 0);
  const words = bytes / 4;
  return all * point <= size * (point + words) + all * words;
}
