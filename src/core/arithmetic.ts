/**
 * Promotion: operands of an operation brought to one dtype, then emitted.
 *
 * @module
 */
import { convertNumber, type DType, DTYPES, isFloat, promote, toFloat } from "../base/dtype.ts";
import type { OpName } from "../ir/ops.ts";
import { type TensorLike, toTensor } from "./convert.ts";
import { emit, literalBeside } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";

/** Converts a tensor's dtype; the tensor itself where nothing changes. */
export function cast(x: Tensor, dtype: DType, weak = false): Tensor {
  if (x.dtype === dtype && x.aval.weak === weak) return x;
  return emit("cast", [x], { dtype, weak });
}

/** The dtype in which a number written by the user takes part beside values of `dtype`. */
function numberType(value: number | boolean, dtype: DType, action: string): DType {
  if (typeof value === "boolean") return dtype;
  if (isFloat(dtype)) return dtype;
  if (!Number.isInteger(value)) return "float32";
  const d = dtype === "bool" ? "int32" : dtype;
  if (convertNumber(value, d) === value) return d;
  throw new RangeError(
    `Cannot ${action} the number ${value} and values of dtype ${d}: it is out of their range; ` +
      `convert them with astype first`,
  );
}

/** What `meet` must know of an operand. */
export interface Typed {
  readonly dtype: DType;
  readonly aval: { readonly weak: boolean };
}

/** The dtype two tensors meet in; weak ones yield. */
export function meet(a: Typed, b: Typed): DType {
  if (a.dtype === b.dtype) return a.dtype;
  if (a.aval.weak !== b.aval.weak) {
    const [weak, strong] = a.aval.weak ? [a, b] : [b, a];
    if (DTYPES[strong.dtype].kind === "float" || !isFloat(weak.dtype)) {
      return isFloat(strong.dtype) ? strong.dtype : promote(weak.dtype, strong.dtype);
    }
    return "float32";
  }
  return promote(a.dtype, b.dtype);
}

/** Two operands brought to their common dtype, numbers as constants of it. */
export function promoted(a: TensorLike, b: TensorLike, action: string): [Tensor, Tensor] {
  if (typeof b === "number" || typeof b === "boolean") {
    if (typeof a !== "number" && typeof a !== "boolean") {
      const x = toTensor(a, action);
      const d = numberType(b, x.dtype, action);
      return [
        x.dtype === d ? x : cast(x, d, x.aval.weak),
        literalBeside(x, [Number(b)], [], d, x.aval.weak),
      ];
    }
  } else if (typeof a === "number" || typeof a === "boolean") {
    const [y, x] = promoted(b, a, action);
    return [x, y];
  }
  const x = toTensor(a, action);
  const y = toTensor(b, action);
  if (x.dtype === y.dtype) return [x, y];
  const d = meet(x, y);
  const weak = x.aval.weak && y.aval.weak;
  return [x.dtype === d ? x : cast(x, d, weak), y.dtype === d ? y : cast(y, d, weak)];
}

/** The names of the two-operand ops without parameters. */
export type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "floorDiv"
  | "mod"
  | "rem"
  | "pow"
  | "maximum"
  | "minimum"
  | "atan2"
  | "logaddexp"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shr";

/** What an op does, for messages. */
const VERBS: Record<BinaryName, string> = {
  add: "add",
  sub: "subtract",
  mul: "multiply",
  div: "divide",
  floorDiv: "floor-divide",
  mod: "take the remainder of",
  rem: "take the remainder of",
  pow: "raise to a power",
  maximum: "take the maximum of",
  minimum: "take the minimum of",
  atan2: "take the angle of",
  logaddexp: "add the exponentials of",
  eq: "compare",
  ne: "compare",
  lt: "compare",
  le: "compare",
  gt: "compare",
  ge: "compare",
  and: "combine with and",
  or: "combine with or",
  xor: "combine with xor",
  shl: "shift",
  shr: "shift",
};

/** Emits a two-operand op after promotion. */
export function binary(op: BinaryName, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, VERBS[op]);
  return emit(op, [x, y]);
}

/** The same, for ops of floating-point operands: others are converted first. */
export function floatBinary(op: BinaryName, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, VERBS[op]);
  const d = toFloat(x.dtype);
  return emit(
    op,
    [cast(x, d, x.aval.weak), cast(y, d, y.aval.weak)],
  );
}

/** The same, for arithmetic; bools add as "or", multiply as "and", and otherwise count as int32. */
export function numberBinary(op: BinaryName, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, VERBS[op]);
  if (x.dtype !== "bool") return emit(op, [x, y]);
  if (op === "add") return emit("or", [x, y]);
  if (op === "mul") return emit("and", [x, y]);
  return emit(op, [cast(x, "int32"), cast(y, "int32")]);
}

/** Emits a one-operand op of floating point; others are converted to float32 first. */
export function floatUnary(op: OpName, x: Tensor): Tensor {
  return emit(op, [isFloat(x.dtype) ? x : cast(x, "float32")]);
}

/** Emits a one-operand op of numbers; bool counts as int32. */
export function numberUnary(op: OpName, x: Tensor): Tensor {
  return emit(op, [x.dtype === "bool" ? cast(x, "int32") : x]);
}
