/**
 * Comparisons of elements, and questions about them.
 *
 * @module
 */
import { ConcretizationError } from "../base/mod.ts";
import { binary, emit, inside, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { floats } from "./operands.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./types.ts";

/**
 * Where the elements of both arrays are equal; NaN equals nothing: a bool array of the broadcast
 * shape.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.equal([1, 2], [1, 3]).toArray(), [true, false]);
 * ```
 */
export function equal(a: TensorLike, b: TensorLike): Tensor {
  return binary("eq", a, b);
}

/**
 * Where the elements of both arrays are not equal: a bool array of the broadcast shape.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.notEqual([1, 2], [1, 3]).toArray(), [false, true]);
 * ```
 */
export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return binary("ne", a, b);
}

/**
 * Where the first array's element is less than the second: a bool array of the broadcast shape.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.less([1, 2], 2).toArray(), [true, false]);
 * ```
 */
export function less(a: TensorLike, b: TensorLike): Tensor {
  return binary("lt", a, b);
}

/**
 * Where the first array's element is less than or equal to the second: a bool array of the
 * broadcast shape.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.lessEqual([1, 3], 2).toArray(), [true, false]);
 * ```
 */
export function lessEqual(a: TensorLike, b: TensorLike): Tensor {
  return binary("le", a, b);
}

/**
 * Where the first array's element is greater than the second: a bool array of the broadcast shape.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.greater([1, 3], 2).toArray(), [false, true]);
 * ```
 */
export function greater(a: TensorLike, b: TensorLike): Tensor {
  return binary("gt", a, b);
}

/**
 * Where the first array's element is greater than or equal to the second: a bool array of the
 * broadcast shape.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.greaterEqual([1, 2], 2).toArray(), [false, true]);
 * ```
 */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return binary("ge", a, b);
}

/**
 * Where an element is NaN.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isnan([1, NaN]).toArray(), [false, true]);
 * ```
 */
export function isnan(x: TensorLike): Tensor {
  return toTensor(x, "isnan").isnan();
}

/**
 * Where an element is neither infinite nor NaN.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isfinite([1, Infinity, NaN]).toArray(), [true, false, false]);
 * ```
 */
export function isfinite(x: TensorLike): Tensor {
  return toTensor(x, "isfinite").isfinite();
}

/**
 * Where an element is infinite.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isinf([1, -Infinity, NaN]).toArray(), [false, true, false]);
 * ```
 */
export function isinf(x: TensorLike): Tensor {
  return toTensor(x, "isinf").isinf();
}

/**
 * Where |a - b| <= atol + rtol * |b|. Infinities are close to themselves; NaN to NaN only with
 * `equalNan`.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isclose([1, 2], [1.000001, 2.1]).toArray(), [true, false]);
 * ```
 */
export function isclose(a: TensorLike, b: TensorLike, options?: CloseOptions): Tensor {
  const o = readOptions<CloseOptions>(options, ["rtol", "atol", "equalNan"], "compare closely");
  const [x, y] = floats(a, b, "compare closely");
  const near = x.sub(y).abs().le(y.abs().mul(o.rtol ?? 1e-5).add(o.atol ?? 1e-8));
  const close = emit("or", [
    x.eq(y),
    emit("and", [near, emit("and", [x.isfinite(), y.isfinite()])]),
  ]);
  return o.equalNan ? emit("or", [close, emit("and", [x.isnan(), y.isnan()])]) : close;
}

/**
 * Whether all elements are close, as a JavaScript boolean: see `isclose`.
 *
 * @throws {RangeError} when the shapes do not broadcast
 * @throws {ConcretizationError} inside `jit`, where there is no boolean yet
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assert } from "@std/assert";
 * assert(np.allclose([1, 2], [1, 2.000001]));
 * ```
 */
export function allclose(a: TensorLike, b: TensorLike, options?: CloseOptions): boolean {
  const all = isclose(a, b, options).all();
  if (inside(all).storage === null) {
    throw new ConcretizationError(
      "Cannot answer allclose of a traced value: it has no value yet; " +
        "return np.isclose(a, b).all() and read it outside",
    );
  }
  return all.item() === 1;
}

/** What `isclose` and `allclose` take. */
export interface CloseOptions extends Options {
  /** Tolerance relative to the second operand; default 1e-5. */
  rtol?: number | undefined;
  /** Absolute tolerance; default 1e-8. */
  atol?: number | undefined;
  /** Whether NaN equals NaN; default false. */
  equalNan?: boolean | undefined;
}
