/**
 * Random bits, which all other draws are made of.
 *
 * @module
 */
import { checkShape, formatValue, sizeOf } from "../base/mod.ts";
import { emit, literal, type Tensor, type TensorLike } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { checkKey } from "./key.ts";
import { draw32, draw8, type Words } from "./threefry.ts";

/** Options of {@link bits}. */
export interface BitsOptions {
  /** The shape of the result; default a scalar. */
  shape?: readonly number[] | number;
  /** "uint32" (the default) or "uint8". */
  dtype?: "uint32" | "uint8";
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
  shapeOrOptions: BitsOptions | readonly number[] | number = {},
  more: BitsOptions = {},
): Tensor {
  const action = "draw bits";
  const positional = typeof shapeOrOptions === "number" || Array.isArray(shapeOrOptions);
  const options = positional ? { ...more, shape: shapeOrOptions } : shapeOrOptions as BitsOptions;
  checkOptions(options, ["shape", "dtype"], action);
  const { shape = [], dtype = "uint32" } = options as BitsOptions;
  if (dtype !== "uint32" && dtype !== "uint8") {
    throw new TypeError(
      `Cannot ${action} of dtype ${formatValue(dtype)}: wanted "uint32" or "uint8"`,
    );
  }
  const sizes = checkShape(shape, action);
  const draw = dtype === "uint8" ? draw8 : draw32;
  return draw(checkKey(key, action), sizeOf(sizes), action).reshape(sizes);
}

/** The same, of checked arguments. */
export function bits32(key: Tensor, shape: readonly number[]): Tensor {
  return draw32(key, sizeOf(shape), "draw bits").reshape(shape);
}

/** A number in [0, 1) of 23 random bits; exact in float32 and in float64. */
export function fraction32(bits: Tensor, dtype: "float32" | "float64"): Tensor {
  return emit("shr", [bits, literal(9, "uint32")]).astype(dtype).mul(2 ** -23);
}

/** A float64 in [0, 1) of 52 random bits. */
export function fraction64([high, low]: Words): Tensor {
  return high.astype("float64").mul(2 ** -32)
    .add(emit("shr", [low, literal(12, "uint32")]).astype("float64").mul(2 ** -52));
}
