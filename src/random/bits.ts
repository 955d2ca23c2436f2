/**
 * Plain random bits.
 *
 * @module
 */
import { checkShape, sizeOf } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { checkKey, words } from "./key.ts";

/**
 * 32 random bits an element, as uint32.
 *
 * @param key a key
 * @param shape the shape of the result; default a scalar
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.bits(random.key(0), [2]).toArray(), [4070199207, 4202968722]);
 * ```
 */
export function bits(
  key: TensorLike,
  shape: readonly number[] | number | { shape?: readonly number[] | number } = [],
): Tensor {
  const wanted = typeof shape === "object" && "shape" in shape ? shape.shape ?? [] : shape;
  const sizes = checkShape(wanted, "draw bits");
  return bits32(checkKey(key, "draw bits"), sizes);
}

/** The same, without checks. */
export function bits32(key: Tensor, shape: readonly number[]): Tensor {
  return emit("xor", words(key, sizeOf(shape), "draw bits")).reshape(shape);
}

/** A float64 in [0, 1) of 52 random bits an element. */
export function fraction64(key: Tensor, shape: readonly number[]): Tensor {
  const [high, low] = words(key, sizeOf(shape), "draw");
  return high.astype("float64").mul(2 ** -32)
    .add(emit("shr", [low, low.zeros([]).add(12)]).astype("float64").mul(2 ** -52))
    .reshape(shape);
}
