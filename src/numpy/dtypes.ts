/**
 * Dtypes: their limits, and which one values meet in.
 *
 * @module
 */
import { checkDType, type DType, DTYPES, isFloat, promote } from "../base/mod.ts";
import { promoted, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { together } from "./operands.ts";

/** The limits of a float dtype. */
export interface FloatInfo {
  /** The dtype. */
  readonly dtype: DType;
  /** Bits of a number. */
  readonly bits: number;
  /** The distance from 1 to the next greater number. */
  readonly eps: number;
  /** The distance from 1 to the next smaller number. */
  readonly epsneg: number;
  /** The greatest finite number. */
  readonly max: number;
  /** The least finite number. */
  readonly min: number;
  /** The least positive normal number. */
  readonly tiny: number;
  /** The least positive number. */
  readonly smallestSubnormal: number;
  /** Bits of the mantissa. */
  readonly nmant: number;
}

/**
 * The limits of a float dtype.
 *
 * @throws {TypeError} for another dtype
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.finfo("float32").eps, 2 ** -23);
 * ```
 */
export function finfo(dtype: DType): FloatInfo {
  checkDType(dtype, "take the limits of");
  if (!isFloat(dtype)) {
    throw new TypeError(
      `Cannot take the float limits of ${dtype}: wanted a float dtype: use np.iinfo`,
    );
  }
  const wide = dtype === "float64";
  const max = wide ? Number.MAX_VALUE : 3.4028234663852886e38;
  const nmant = wide ? 52 : 23;
  return {
    dtype,
    bits: wide ? 64 : 32,
    eps: 2 ** -nmant,
    epsneg: 2 ** -(nmant + 1),
    max,
    min: -max,
    tiny: wide ? 2.2250738585072014e-308 : 1.1754943508222875e-38,
    smallestSubnormal: wide ? Number.MIN_VALUE : 2 ** -149,
    nmant,
  };
}

/** The limits of an integer dtype. */
export interface IntInfo {
  /** The dtype. */
  readonly dtype: DType;
  /** Bits of a number. */
  readonly bits: number;
  /** The greatest number. */
  readonly max: number;
  /** The least number. */
  readonly min: number;
}

/**
 * The limits of an integer dtype.
 *
 * @throws {TypeError} for another dtype
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.iinfo("uint8").max, 255);
 * ```
 */
export function iinfo(dtype: DType): IntInfo {
  checkDType(dtype, "take the limits of");
  const { kind, bytes } = DTYPES[dtype];
  if (kind !== "int" && kind !== "uint") {
    throw new TypeError(`Cannot take the integer limits of ${dtype}: wanted an integer dtype`);
  }
  const bits = 8 * bytes;
  const signed = kind === "int";
  return {
    dtype,
    bits,
    max: 2 ** (signed ? bits - 1 : bits) - 1,
    min: signed ? -(2 ** (bits - 1)) : 0,
  };
}

/**
 * An array in another dtype: numbers are cut off towards zero and limited to what it can hold.
 *
 * @throws {TypeError} for an unknown dtype
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.astype([1.5, -2.5], "int32").toArray(), [1, -2]);
 * ```
 */
export function astype(x: TensorLike, dtype: DType): Tensor {
  checkDType(dtype, "convert an array");
  return toTensor(x, "convert").astype(dtype);
}

/**
 * The dtype that two dtypes meet in.
 *
 * @throws {TypeError} for an unknown dtype
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.promoteTypes("int32", "float32"), "float32");
 * ```
 */
export function promoteTypes(a: DType, b: DType): DType {
  checkDType(a, "promote");
  checkDType(b, "promote");
  return promote(a, b);
}

/**
 * The dtype in which arrays and dtypes meet; plain numbers yield.
 *
 * @throws {TypeError} when there is none
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.resultType(np.zeros(2, "float64"), "int32"), "float64");
 * ```
 */
export function resultType(...values: (TensorLike | DType)[]): DType {
  const action = "take the common dtype of";
  if (values.length === 0) throw new TypeError(`Cannot ${action} nothing: give at least one value`);
  const numbers = values.filter((v) => typeof v === "number");
  const list = values.filter((v) => typeof v !== "number").map((v) => {
    if (typeof v !== "string") return toTensor(v, action);
    checkDType(v, action);
    return toTensor([], action).astype(v);
  });
  if (list.length === 0) return "float32";
  return numbers.reduce<Tensor>((t, n) => promoted(t, n, action)[0], together(list, action)[0]!)
    .dtype;
}
