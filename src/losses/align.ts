/**
 * Ranks brought together: a trailing axis of size 1 comes or goes where labels, predictions or
 * weights differ by just that.
 *
 * @module
 */
import { type TensorLike, toTensor } from "../core/mod.ts";
import type { Tensor } from "../core/mod.ts";
import { isFloat } from "../base/mod.ts";

/** Two tensors whose ranks differ by one, the longer ending in 1, as two of one rank. */
export function align(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const difference = a.shape.length - b.shape.length;
  if (difference === 1 && a.shape.at(-1) === 1) {
    return b.shape.length === 1
      ? [a, b.reshape([...b.shape, 1])]
      : [a.reshape(a.shape.slice(0, -1)), b];
  }
  if (difference === -1 && b.shape.at(-1) === 1) {
    const [y, x] = align(b, a);
    return [x, y];
  }
  return [a, b];
}

/** Predictions: in their own floating type, or float32. */
export function predictions(yPred: TensorLike, action: string): Tensor {
  const p = toTensor(yPred, action);
  return isFloat(p.dtype) ? p : p.astype("float32");
}
