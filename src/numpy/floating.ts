/**
 * What floating-point numbers are made of: their neighbours, signs, fractions and exponents.
 *
 * @module
 */
import { emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { floats, select } from "./operands.ts";

/** The least positive number, the greatest finite one, and the unit roundoff of each float dtype. */
const LIMITS: Readonly<Record<string, { least: number; greatest: number; half: number }>> = {
  float32: { least: 2 ** -149, greatest: 3.4028234663852886e38, half: 2 ** -24 },
  float64: { least: Number.MIN_VALUE, greatest: Number.MAX_VALUE, half: 2 ** -53 },
};

/**
 * The next floating-point number after `x` in the direction of `y`; NaN where either is NaN. Its
 * derivative in `x` is 0, as in JAX.
 *
 * @throws {RangeError} when the shapes do not broadcast
 */
export function nextafter(x: TensorLike, y: TensorLike): Tensor {
  const action = "take the neighbour of";
  const [a, b] = floats(x, y, action).map((t) => emit("stop", [t])) as [Tensor, Tensor];
  const { least, greatest, half } = LIMITS[a.dtype]!;
  // five quarters of half a unit: rounds to the neighbour, also below a power of two
  const step = a.abs().mul(1.25 * half).maximum(least);
  const up = a.lt(b);
  const next = select(up, a.add(step), a.sub(step));
  const inward = select(a.lt(0), -greatest, select(a.isinf(), greatest, next));
  const moved = select(a.isinf(), inward, next);
  return select(a.eq(b), b, select(emit("or", [a.isnan(), b.isnan()]), NaN, moved));
}
