/**
 * Everything that users may give where a tensor is wanted, turned into one.
 *
 * @module
 */
import {
  allocate,
  convertNumber,
  type DType,
  isTypedArray,
  type TypedArray,
} from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { HostArray, valuesOf } from "../base/host_array.ts";
import { type Nested, parseNested } from "../base/nested.ts";
import { baseInterpreter, literal } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/** Marks tensors, so that this file need not import the class that imports it. */
export const TENSOR: unique symbol = Symbol.for("glissade.tensor");
/** Marks variables. */
export const VARIABLE: unique symbol = Symbol.for("glissade.variable");

/** All that is accepted where a tensor is wanted. */
export type TensorLike = Tensor | HostArray | Variable | TypedArray | Nested;

/** Whether `x` is a tensor. */
export function isTensor(x: unknown): x is Tensor {
  return typeof x === "object" && x !== null && TENSOR in x;
}

/** Whether `x` is a variable. */
export function isVariable(x: unknown): x is Variable {
  return typeof x === "object" && x !== null && VARIABLE in x;
}

/** Whether `x` is a leaf that `jit` and `grad` take. */
export function isLeaf(x: unknown): x is TensorLike {
  return typeof x === "number" || typeof x === "boolean" || isTensor(x) || isVariable(x) ||
    x instanceof HostArray || isTypedArray(x);
}

/** Numbers and typed arrays as a host array; integers of other widths are widened to int32. */
export function toHost(
  x: HostArray | TypedArray | Nested,
  action: string,
  dtype?: DType,
): HostArray {
  if (x instanceof HostArray) {
    valuesOf(x);
    return dtype === undefined || dtype === x.dtype ? x : x.astype(dtype);
  }
  if (isTypedArray(x)) {
    return new HostArray(x, undefined, dtype);
  }
  if (typeof x !== "number" && typeof x !== "boolean" && !Array.isArray(x)) {
    throw new TypeError(
      `Cannot ${action} ${formatValue(x)}: wanted a Tensor, HostArray, Variable, number, ` +
        `typed array or nested array of numbers`,
    );
  }
  const { shape, values, bool } = parseNested(x, action);
  const want = dtype ?? (bool ? "bool" : "float32");
  const out = allocate(want, values.length);
  for (let i = 0; i < values.length; i++) out[i] = convertNumber(values[i]!, want);
  return new HostArray(out, shape, want);
}

/** Turns what a user gave into a tensor. Plain numbers become weak float32, booleans bool. */
export function toTensor(x: TensorLike, action = "use"): Tensor {
  if (typeof x === "number") return literal(x, "float32", true);
  if (typeof x === "boolean") return literal(x ? 1 : 0, "bool");
  if (isTensor(x)) return x;
  if (isVariable(x)) return x.value;
  const host = toHost(x as HostArray | TypedArray | Nested, action);
  return baseInterpreter().upload(host.values, host.shape, host.dtype);
}
