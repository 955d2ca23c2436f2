/**
 * How the element types are written in CUDA C: in registers, in memory, as constants.
 *
 * @module
 */
import { type DType, isFloat } from "../../../base/dtype.ts";

/** The C type of a value in a register. A byte is held in a word, 0 to 255. */
export const REGISTER: { readonly [D in DType]: string } = {
  bool: "bool",
  uint8: "unsigned int",
  int32: "int",
  uint32: "unsigned int",
  float32: "float",
  float64: "double",
};

/** The C type of an element in memory. */
export const MEMORY: { readonly [D in DType]: string } = {
  ...REGISTER,
  bool: "unsigned char",
  uint8: "unsigned char",
};

const words = new DataView(new ArrayBuffer(8));

function hex(bits: bigint, digits: number): string {
  return `0x${bits.toString(16).padStart(digits, "0")}`;
}

/** Whether C reads the shortest decimal text of a number as exactly that number. */
function isPlain(x: number): boolean {
  return Number.isInteger(x * 8) && Math.abs(x) < 2 ** 20 && !Object.is(x, -0);
}

/** A number as a constant of a type, bit for bit; without parentheses it would need. */
export function constant(dtype: DType, value: number): string {
  if (dtype === "bool") return value !== 0 ? "true" : "false";
  if (!isFloat(dtype)) {
    if (dtype === "uint32") return `${value >>> 0}u`;
    if (dtype === "uint8") return `${value & 255}u`;
    const x = value | 0;
    return x === -(2 ** 31) ? "(-2147483647 - 1)" : x < 0 ? `(${x})` : `${x}`;
  }
  const single = dtype === "float32";
  const x = single ? Math.fround(value) : value;
  if (isPlain(x)) {
    const text = `${x}${Number.isInteger(x) ? ".0" : ""}${single ? "f" : ""}`;
    return x < 0 ? `(${text})` : text;
  }
  if (single) {
    words.setFloat32(0, x);
    return `__int_as_float(${hex(BigInt(words.getUint32(0)), 8)})`;
  }
  words.setFloat64(0, x);
  return `__longlong_as_double(${hex(words.getBigUint64(0), 16)}ll)`;
}
