/**
 * Random bits, which all other draws are made of.
 *
 * @module
 */
import { checkShape, formatValue, sizeOf } from "../base/mod.ts";
import type { Tensor, TensorLike } from "../core/mod.ts";
import { checkKey, joinOptions } from "./options.ts";
import { draw32, draw8 } from "./threefry.ts";

/** Options of {@link bits}. */
export interface BitsOptions {
  /** The shape of the result; default a scalar. */
  shape?: readonly number[] | number | undefined;
  /** "uint32" (the default) or "uint8". */
  dtype?: "uint32" | "uint8" | undefined;
}

/**
 * Random bits: all those of an unsigned integer, as `jax.random.bits`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
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
  shapeOrOptions?: BitsOptions | readonly number[] | number,
  more?: BitsOptions,
): Tensor {
  const action = "draw bits";
  const options = joinOptions(shapeOrOptions, more, ["shape", "dtype"], action);
  const { shape = [], dtype = "uint32" } = options;
  if (dtype !== "uint32" && dtype !== "uint8") {
    throw new TypeError(
      `Cannot ${action} of dtype ${formatValue(dtype)}: wanted "uint32" or "uint8"`,
    );
  }
  const sizes = checkShape(shape, action);
  const draw = dtype === "uint8" ? draw8 : draw32;
  return draw(checkKey(key, action), sizeOf(sizes), action).reshape(sizes);
}
