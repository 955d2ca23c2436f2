/**
 * Denormal numbers in slots become zero, as XLA computes them.
 *
 * A weight whose gradient stays zero (a border pixel, a dead unit) lets its moments decay through the
 * denormal range, where they stick, and where every operation costs a processor a hundred times as
 * much: measured, a guide step of 0.15 ms took 1.4 ms.
 *
 * @module
 */
import { emit, type Tensor } from "../core/mod.ts";

/** The smallest normal numbers. */
const TINY = { float32: 2 ** -126, float64: 2 ** -1022 } as const;

/** The same values, with 0 for those too small to be normal. */
export function flush(x: Tensor): Tensor {
  const tiny = x.dtype === "float64" ? TINY.float64 : TINY.float32;
  return emit("where", [x.abs().lt(tiny), x.zeros([]), x]);
}
