/**
 * Parts of tensors at places that are known beforehand.
 *
 * @module
 */
import { emit, type Tensor } from "../core/mod.ts";

/** `size` entries of one axis from `start`. */
export function window(x: Tensor, axis: number, start: number, size: number): Tensor {
  return x.slice(...x.shape.map((_, i) => i === axis ? [start, start + size] as const : null));
}

/** The main diagonal of the last two axes, which have equal sizes; as the last axis. */
export function diagonalOf(x: Tensor): Tensor {
  const lead = x.shape.slice(0, -2);
  const n = x.shape.at(-1)!;
  if (n < 2) return x.reshape([...lead, n]);
  return emit("slice", [x.reshape([...lead, n * n])], {
    start: [...lead.map(() => 0), 0],
    size: [...lead, n],
    step: [...lead.map(() => 1), n + 1],
  });
}
