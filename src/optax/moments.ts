/**
 * Moving means of gradients: what most transformations hold.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import { literalBeside, type Tensor } from "../core/mod.ts";
import { flush } from "../optimizers/flush.ts";
import { rest } from "./check.ts";
import type { Scalar } from "./types.ts";

/** A maker of slots: zeros like the parameter, or of another dtype. */
export function zeros(dtype: DType | null = null): (p: Tensor) => Tensor {
  return (p) => dtype === null ? p.zeros() : p.astype(dtype).zeros();
}

/** A maker of slots that are full of a number. */
export function filled(value: Scalar): (p: Tensor) => Tensor {
  return (p) =>
    typeof value === "number"
      ? literalBeside(p, [value], [], p.dtype).broadcastTo(p.shape)
      : value.astype(p.dtype).broadcastTo(p.shape);
}

/** `(1 - decay) x + decay * mean`, with zero for what is too small to be normal. */
export function moment(x: Tensor, mean: Tensor, decay: Scalar): Tensor {
  return flush(x.mul(rest(decay)).add(mean.mul(decay)));
}

/** The root of a mean of squares with a small number inside it, if there is one. */
export function rootOf(squares: Tensor, epsilonRoot: Scalar): Tensor {
  return (epsilonRoot === 0 ? squares : squares.add(epsilonRoot)).sqrt();
}
