/**
 * Bringing operands to what an operation needs: one dtype, a float dtype, integer indices, a vector of
 * coefficients, enough axes.
 *
 * @module
 */
import {
  allocate,
  convertNumber,
  formatShape,
  formatValue,
  isInteger,
  parseNested,
  toFloat,
} from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  isTensor,
  literal,
  literalBeside,
  meet,
  promoted,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { makeAval } from "../ir/aval.ts";

/** Two operands in their common float dtype. */
export function floats(a: TensorLike, b: TensorLike, action: string): [Tensor, Tensor] {
  const [x, y] = promoted(a, b, action);
  const d = toFloat(x.dtype);
  return [cast(x, d, x.aval.weak), cast(y, d, y.aval.weak)];
}

/** An operand in its own float dtype: float32 unless it is float64. */
export function float(x: TensorLike, action: string): Tensor {
  const t = toTensor(x, action);
  return t.dtype === "float64" ? t : cast(t, "float32", t.aval.weak);
}

/** All operands in their common dtype. */
export function together(list: readonly TensorLike[], action: string): Tensor[] {
  const all = list.map((x) => toTensor(x, action));
  let common = all[0]!.aval;
  for (const t of all) {
    const weak = common.weak && t.aval.weak;
    if (common.dtype !== t.dtype || common.weak !== weak) {
      common = makeAval([], meet({ dtype: common.dtype, aval: common }, t), weak);
    }
  }
  return all.map((t) => t.dtype === common.dtype ? t : cast(t, common.dtype, common.weak));
}

/** A number in the dtype of `like`. */
export function constant(value: number, like: Tensor): Tensor {
  return literalBeside(like, [value], [], like.dtype, like.aval.weak);
}

/** Elements of `a` where `condition` holds, else of `b`; a number takes the other's dtype. */
export function select(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  const like = (isTensor(a) ? a : b) as Tensor;
  const side = (x: Tensor | number): Tensor => typeof x === "number" ? constant(x, like) : x;
  return emit("where", [condition, side(a), side(b)]);
}

/** Indices as int32: whole numbers in lists count as integers here. */
export function indices(x: TensorLike, action: string): Tensor {
  if (typeof x === "number") {
    if (Number.isSafeInteger(x)) return literal(convertNumber(x, "int32"), "int32");
  } else if (Array.isArray(x)) {
    const { shape, values, bool } = parseNested(x, action);
    const wrong = values.find((v) => !Number.isSafeInteger(v));
    if (!bool && wrong === undefined) {
      const out = allocate("int32", values.length);
      out.set(values.map((v) => convertNumber(v, "int32")));
      return baseInterpreter().upload(out, shape, "int32");
    }
    throw wrongIndices(bool ? "booleans" : formatValue(wrong), action);
  }
  const t = toTensor(x, action);
  if (!isInteger(t.dtype)) throw wrongIndices(`values of dtype ${t.dtype}`, action);
  // what int32 cannot hold lies outside of every axis: cast, it would count from the end
  return cast(t.dtype === "uint32" ? t.minimum(2147483647) : t, "int32");
}

function wrongIndices(what: string, action: string): TypeError {
  return new TypeError(
    `Cannot ${action} with ${what} as indices: indices are integers; ` +
      `convert with astype("int32"), or use np.where for a condition`,
  );
}

/** The coefficients of a polynomial as a vector. */
export function coefficients(p: TensorLike, action: string): Tensor {
  const t = toTensor(p, action);
  const c = t.ndim === 0 ? t.reshape([1]) : t;
  if (c.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(c.shape)}: wanted a vector of coefficients`,
    );
  }
  return c;
}

/** The arrays of a list that may not be empty. */
export function listed(
  arrays: readonly TensorLike[] | Tensor,
  action: string,
): readonly TensorLike[] {
  const list = isTensor(arrays) ? [...arrays] : arrays;
  if (!Array.isArray(list)) {
    throw new TypeError(
      `Cannot ${action} ${formatValue(arrays)}: wanted a list of arrays, as [a, b]`,
    );
  }
  if (list.length === 0) {
    throw new RangeError(`Cannot ${action} no arrays: give at least one`);
  }
  return list as TensorLike[];
}

/** Throws unless an array has so many axes. */
export function needAxes(x: TensorLike, least: number, action: string): Tensor {
  const t = toTensor(x, action);
  if (t.ndim < least) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)}: it needs at least ${least} axes`,
    );
  }
  return t;
}
