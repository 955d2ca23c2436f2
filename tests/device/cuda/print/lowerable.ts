/**
 * Operands as the operations that take floats apart want them: only numbers for which their meaning
 * is said.
 * @module
 */
import type { DType, Values } from "../../../../src/base/dtype.ts";
import { BIAS, PIVOT, type ScalarName } from "../../../../src/ir/scalar.ts";

/** Replaces the values of operand `i` of an operation by ones that it is defined for. */
export function lowerable(
  op: ScalarName,
  i: number,
  dtype: DType,
  values: Values,
  random: () => number,
): void {
  const float = dtype === "float64" ? "float64" : "float32";
  const each = (f: (x: number) => number) => values.forEach((x, at) => values[at] = f(x));
  const whole = (most: number) => Math.floor((random() - 0.5) * 2 * most);
  if (op === "pow2") each(() => PIVOT[float] + BIAS[float] + whole(100));
  if (op === "scale" && i === 0) each(() => (random() < 0.5 ? -1 : 1) * (0.25 + random() * 3));
  if (op === "scale" && i === 1) each(() => PIVOT[float] + 2 * BIAS[float] + whole(140));
  if (op === "ldexp" && i === 1) each(() => whole(120));
  if (op === "copysign") each((x) => i === 0 ? Math.abs(x) : x !== x ? 1 : x);
  if (op === "exponent" || op === "mantissa") each(() => 2 ** whole(100) * (1 + random()));
}
