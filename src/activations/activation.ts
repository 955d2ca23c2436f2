/**
 * What all activations share: their type, their options, operands in floating point.
 *
 * @module
 */
import { isFloat } from "../base/mod.ts";
import { cast, emit, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";

/** The operand in floating point; integers become float32. */
export function operand(x: TensorLike, action: string): Tensor {
  const t = toTensor(x, action);
  return isFloat(t.dtype) ? t : cast(t, "float32");
}

/** `a` where the condition holds, else `b`; numbers take the dtype of the tensor. */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  const like = (typeof a === "number" ? b : a) as Tensor;
  const side = (x: Tensor | number): Tensor =>
    typeof x === "number" ? literal(x, like.dtype, like.aval.weak) : x;
  return emit("where", [condition, side(a), side(b)]);
}
