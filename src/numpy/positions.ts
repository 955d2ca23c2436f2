/**
 * Where elements are nonzero, and the elements there: results whose size depends on the values, unless
 * a size is given.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxis } from "../base/mod.ts";
import { cast, emit, literalBeside, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { unravelIndex } from "./grids.ts";
import { select } from "./operands.ts";
import { readOptions } from "./options.ts";
import { window } from "./parts.ts";
import { filled, sizeOfTrue, truePlaces, valuesOf } from "./places.ts";
import type { Options } from "./types.ts";

/** What functions whose result's size depends on values take. */
export interface SizedOptions extends Options {
  /**
   * How many results there shall be: the first so many, filled up with `fillValue`. Needed inside
   * `jit`, where a shape cannot depend on values.
   */
  size?: number | null | undefined;
  /** What fills up the results. */
  fillValue?: number | undefined;
}

/** What `nonzero` takes. */
export interface NonzeroOptions extends Options {
  /** How many places there shall be; see `SizedOptions`. */
  size?: number | null | undefined;
  /** The index that fills up the results, or one for each axis; default 0. */
  fillValue?: number | readonly number[] | undefined;
}

/**
 * The indices (int32) of nonzero elements, one array for each axis.
 *
 * @throws {RangeError} for a scalar
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.nonzero([[0, 1], [2, 0]]).map((t) => t.toArray()), [[0, 1], [1, 0]]);
 * assertEquals(np.nonzero([0, 5], { size: 3, fillValue: -1 })[0]!.toArray(), [1, -1, -1]);
 * ```
 */
export function nonzero(x: TensorLike, options?: NonzeroOptions): Tensor[] {
  const action = "find the nonzero elements of";
  const o = readOptions<NonzeroOptions>(options, ["size", "fillValue"], action);
  const t = toTensor(x, action);
  if (t.ndim === 0) throw new RangeError(`Cannot ${action} a scalar: it has no axis`);
  const mask = cast(t, "bool").reshape([-1]);
  const size = sizeOfTrue(mask, o.size, action);
  const { at, valid } = truePlaces(mask, size);
  const fill = o.fillValue ?? 0;
  if (Array.isArray(fill) && fill.length !== t.ndim) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)} and fill with ${
        formatValue(fill)
      }: wanted one index for each axis`,
    );
  }
  if (t.size === 0) {
    return t.shape.map((_, i) =>
      filled(at, valid, Array.isArray(fill) ? fill[i]! : fill as number)
    );
  }
  return unravelIndex(at, t.shape).map((index, i) =>
    filled(index, valid, Array.isArray(fill) ? fill[i]! as number : fill as number)
  );
}

/**
 * The indices (int32) of nonzero elements, one row for each: [count, rank].
 *
 * @throws {RangeError} for a scalar
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.argwhere([[0, 1], [2, 0]]).toArray(), [[0, 1], [1, 0]]);
 * ```
 */
export function argwhere(x: TensorLike, options?: NonzeroOptions): Tensor {
  const columns = nonzero(x, options).map((t) => t.reshape([-1, 1]));
  return columns.length === 1 ? columns[0]! : emit("concatenate", columns, { axis: 1 });
}

/**
 * The positions (int32) of nonzero elements in the flattened array.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.flatnonzero([[0, 1], [2, 0]]).toArray(), [1, 2]);
 * ```
 */
export function flatnonzero(x: TensorLike, options?: NonzeroOptions): Tensor {
  return nonzero(toTensor(x, "find the nonzero elements of").reshape([-1]), options)[0]!;
}

/**
 * The elements of the flattened array where a condition holds.
 *
 * @throws {RangeError} when the condition has more entries than the array elements
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.extract([true, false, true], [1, 2, 3]).toArray(), [1, 3]);
 * ```
 */
export function extract(condition: TensorLike, x: TensorLike, options?: SizedOptions): Tensor {
  const o = readOptions<SizedOptions>(options, ["size", "fillValue"], "extract");
  return compress(toTensor(condition, "extract by").reshape([-1]), x, o);
}

/** What `compress` takes. */
export interface CompressOptions extends SizedOptions {
  /** The axis to go along; default the flattened array. */
  axis?: number | null | undefined;
}

/**
 * The entries along an axis where a vector of conditions holds; entries behind its end are left out.
 *
 * @throws {RangeError} when the condition is no vector, or longer than the axis
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.compress([true, false], [[1, 2], [3, 4]], 1).toArray(), [[1], [3]]);
 * ```
 */
export function compress(
  condition: TensorLike,
  x: TensorLike,
  options?: number | null | CompressOptions,
): Tensor {
  const action = "compress";
  const o = readOptions<CompressOptions>(options, ["axis", "size", "fillValue"], action, "axis");
  const mask = cast(toTensor(condition, action), "bool");
  if (mask.ndim !== 1) {
    throw new RangeError(
      `Cannot ${action} by conditions of shape ${formatShape(mask.shape)}: wanted a vector`,
    );
  }
  const given = toTensor(x, action);
  const t = o.axis === undefined || o.axis === null ? given.reshape([-1]) : given;
  const axis = normalizeAxis(o.axis ?? 0, t.ndim, action);
  if (mask.size > t.shape[axis]!) {
    throw new RangeError(
      `Cannot ${action} axis ${axis} of size ${
        t.shape[axis]
      } by ${mask.size} conditions: there are too many`,
    );
  }
  const { at, valid } = truePlaces(mask, sizeOfTrue(mask, o.size, action));
  const rows = emit("take", [t, at], { axis, outside: "fill" });
  if (o.size === undefined || o.size === null) return rows;
  const there = valid.reshape(rows.shape.map((n, i) => i === axis ? n : 1));
  return select(there, rows, literalBeside(rows, [o.fillValue ?? 0], [], rows.dtype));
}

/** What `trimZeros` takes. */
export interface TrimOptions extends Options {
  /** Which ends: "f" the front, "b" the back, "fb" (the default) both. */
  trim?: "f" | "b" | "fb" | undefined;
}

/**
 * A vector without the zeros at its ends.
 *
 * @throws {RangeError} when it is no vector
 * @throws {ConcretizationError} inside `jit`
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.trimZeros([0, 0, 1, 0, 2, 0]).toArray(), [1, 0, 2]);
 * ```
 */
export function trimZeros(x: TensorLike, options?: "f" | "b" | "fb" | TrimOptions): Tensor {
  const action = "trim zeros of";
  const { trim = "fb" } = readOptions<TrimOptions>(options, ["trim"], action, "trim");
  if (!["f", "b", "fb", "bf"].includes(trim)) {
    throw new TypeError(
      `Cannot ${action} a vector at ${formatValue(trim)}: wanted "f", "b" or "fb"`,
    );
  }
  const t = toTensor(x, action);
  if (t.ndim !== 1) {
    throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: wanted a vector`);
  }
  const values = valuesOf(t, action, "trim it outside");
  let [from, to] = [0, values.length];
  if (trim.includes("f")) { while (from < to && values[from] === 0) from++; }
  if (trim.includes("b")) { while (to > from && values[to - 1] === 0) to--; }
  return window(t, 0, from, to - from);
}
