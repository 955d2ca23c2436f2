/**
 * Arrays with parts added, taken out or put in, at places known before.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxis, sizeOf } from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  emitAll,
  isTensor,
  promoted,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { type Arrays, concatenate, split } from "./joining.ts";
import { type AxisOptions, oneAxis, window } from "./movement.ts";
import { atleast3d } from "./arrangement.ts";
import { indices, listed, select, together } from "./operands.ts";
import { integer, type Options, readOptions } from "./options.ts";
import { insertionPoints } from "./searching.ts";

function each(arrays: Arrays, action: string, f: (t: Tensor) => Tensor): Tensor[] {
  if (!isTensor(arrays) && !Array.isArray(arrays)) {
    throw new TypeError(
      `Cannot ${action} ${formatValue(arrays)}: wanted a list of arrays, as [a, b]`,
    );
  }
  return [...arrays].map((x) => f(toTensor(x, action)));
}

/**
 * Vectors as the columns of a matrix; matrices side by side.
 *
 * @throws {RangeError} when there is none, or numbers of rows differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.columnStack([[1, 2], [3, 4]]).toArray(), [[1, 3], [2, 4]]);
 * ```
 */
export function columnStack(arrays: Arrays): Tensor {
  const columns = each(arrays, "stack columns", (t) => t.ndim < 2 ? t.reshape([-1, 1]) : t);
  return concatenate(columns, 1);
}

/**
 * Arrays joined along the third axis.
 *
 * @throws {RangeError} when there is none, or other sizes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.dstack([[1, 2], [3, 4]]).toArray(), [[[1, 3], [2, 4]]]);
 * ```
 */
export function dstack(arrays: Arrays): Tensor {
  return concatenate(each(arrays, "stack in depth", atleast3d), 2);
}

/** Nested lists of arrays, as `block` takes them. */
export type Blocks = TensorLike | readonly Blocks[];

/**
 * Blocks put together: the innermost lists along the last axis, the next along the one before.
 *
 * @throws {RangeError} when sizes do not fit
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.block([[np.ones([1, 1]), np.zeros([1, 2])]]).toArray(), [[1, 0, 0]]);
 * ```
 */
export function block(blocks: Blocks): Tensor {
  const isList = (x: Blocks): x is readonly Blocks[] => Array.isArray(x);
  const depth = (x: Blocks): number => isList(x) ? 1 + Math.max(0, ...x.map(depth)) : 0;
  const levels = depth(blocks);
  const leaves = (x: Blocks): Tensor[] =>
    isList(x) ? x.flatMap(leaves) : [toTensor(x as TensorLike, "put blocks together")];
  const rank = Math.max(levels, ...leaves(blocks).map((t) => t.ndim));
  const build = (x: Blocks, level: number): Tensor => {
    if (isList(x)) {
      if (x.length === 0) throw new RangeError("Cannot put blocks together: a list is empty");
      return concatenate(x.map((b) => build(b, level + 1)), rank - levels + level);
    }
    if (level !== levels) {
      throw new RangeError(
        `Cannot put blocks together: some lie ${levels} lists deep and one ${level}: ` +
          `wanted equal depths`,
      );
    }
    const t = toTensor(x as TensorLike, "put blocks together");
    return t.reshape([...new Array<number>(rank - t.ndim).fill(1), ...t.shape]);
  };
  return build(blocks, 0);
}

/**
 * An array in parts along an axis, whose sizes differ by at most one; or cut at indices.
 *
 * @throws {RangeError} when the count is less than 1
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.arraySplit([1, 2, 3], 2).map((t) => t.toArray()), [[1, 2], [3]]);
 * ```
 */
export function arraySplit(
  x: TensorLike,
  sections: number | readonly number[],
  options?: number | AxisOptions,
): Tensor[] {
  if (typeof sections !== "number") return split(x, sections, options);
  const t = toTensor(x, "split");
  const axis = normalizeAxis(oneAxis(options, 0, "split") ?? 0, t.ndim, "split");
  const parts = integer(sections, "section count", "split", 1);
  const n = t.shape[axis]!;
  const [least, longer] = [Math.floor(n / parts), n % parts];
  const cuts = Array.from(
    { length: parts - 1 },
    (_, i) => (i + 1) * least + Math.min(i + 1, longer),
  );
  return split(t, cuts, axis);
}

function needAxes(x: TensorLike, least: number, action: string): Tensor {
  const t = toTensor(x, action);
  if (t.ndim < least) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(t.shape)}: it needs at least ${least} axes`,
    );
  }
  return t;
}

/**
 * An array split along its second axis; a vector along its only one.
 *
 * @throws {RangeError} when it cannot be split into equal parts
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.hsplit([[1, 2]], 2).map((t) => t.toArray()), [[[1]], [[2]]]);
 * ```
 */
export function hsplit(x: TensorLike, sections: number | readonly number[]): Tensor[] {
  const t = needAxes(x, 1, "split horizontally");
  return split(t, sections, t.ndim === 1 ? 0 : 1);
}

/**
 * An array split along its first axis.
 *
 * @throws {RangeError} when it has fewer than two axes, or cannot be split into equal parts
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.vsplit([[1], [2]], 2).map((t) => t.toArray()), [[[1]], [[2]]]);
 * ```
 */
export function vsplit(x: TensorLike, sections: number | readonly number[]): Tensor[] {
  return split(needAxes(x, 2, "split vertically"), sections, 0);
}

/**
 * An array split along its third axis.
 *
 * @throws {RangeError} when it has fewer than three axes, or cannot be split into equal parts
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.dsplit([[[1, 2]]], 2).map((t) => t.item()), [1, 2]);
 * ```
 */
export function dsplit(x: TensorLike, sections: number | readonly number[]): Tensor[] {
  return split(needAxes(x, 3, "split in depth"), sections, 2);
}

/**
 * Values joined to the end of an array along an axis; without one, both are flattened.
 *
 * @throws {RangeError} when other sizes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.append([1, 2], [[3], [4]]).toArray(), [1, 2, 3, 4]);
 * ```
 */
export function append(
  x: TensorLike,
  values: TensorLike,
  options?: number | null | AxisOptions,
): Tensor {
  const axis = oneAxis(options, null, "append");
  return concatenate(promoted(x, values, "append"), axis);
}

/** Places along an axis: one, or a list. */
export type Places = number | readonly number[];

function placesOf(places: Places, n: number, beyond: number, action: string): number[] {
  const list = typeof places === "number" ? [places] : places;
  if (!Array.isArray(list)) {
    throw new TypeError(
      `Cannot ${action} at ${formatValue(places)}: wanted an integer or a list of them`,
    );
  }
  return list.map((p: unknown) => {
    const i = integer(p, "place", action);
    if (i < -n || i >= n + beyond) {
      throw new RangeError(
        `Cannot ${action} at place ${i} of ${n}: wanted ${-n}..${n + beyond - 1}`,
      );
    }
    return i < 0 ? i + n : i;
  });
}

function picked(t: Tensor, sources: readonly number[], axis: number): Tensor {
  const index = baseInterpreter().upload(Int32Array.from(sources), [sources.length], "int32");
  return emit("take", [t, index], { axis, outside: "fill" });
}

/**
 * An array without the entries at some places along an axis; without an axis it is flattened.
 *
 * @throws {RangeError} when there is no such place
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.delete([1, 2, 3], [0, -1]).toArray(), [2]);
 * ```
 */
function remove(x: TensorLike, places: Places, options?: number | null | AxisOptions): Tensor {
  const action = "delete";
  const given = toTensor(x, "delete from");
  const along = oneAxis(options, null, action);
  const t = along === null ? given.reshape([-1]) : given;
  const axis = normalizeAxis(along ?? 0, t.ndim, action);
  const n = t.shape[axis]!;
  const gone = new Set(placesOf(places, n, 0, action));
  return picked(t, Array.from({ length: n }, (_, i) => i).filter((i) => !gone.has(i)), axis);
}

/**
 * An array with values put in before places along an axis; without an axis it is flattened. Places
 * count in the array as it was.
 *
 * @throws {RangeError} when there is no such place, or the values do not fit
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.insert([1, 2, 3], 1, [9, 8]).toArray(), [1, 9, 8, 2, 3]);
 * ```
 */
export function insert(
  x: TensorLike,
  places: Places,
  values: TensorLike,
  options?: number | null | AxisOptions,
): Tensor {
  const action = "insert";
  const along = oneAxis(options, null, action);
  const given = toTensor(x, "insert into");
  const t = along === null ? given.reshape([-1]) : given;
  const axis = normalizeAxis(along ?? 0, t.ndim, action);
  const n = t.shape[axis]!;
  const at = placesOf(places, n, 1, action);
  let v = cast(toTensor(values, action), t.dtype);
  const one = typeof places === "number";
  if (one && v.ndim > 0 && v.ndim < t.ndim + 1 && t.ndim > 1 && v.ndim < t.ndim) {
    // a single place takes an entry without the axis
    v = v.reshape([
      ...v.shape.slice(0, Math.max(0, v.ndim - (t.ndim - 1 - axis))),
      1,
      ...v.shape.slice(Math.max(0, v.ndim - (t.ndim - 1 - axis))),
    ]);
  }
  const count = one
    ? (v.ndim === t.ndim ? v.shape[axis]! : t.ndim === 1 && v.ndim === 1 ? v.shape[0]! : 1)
    : at.length;
  const all = one ? new Array<number>(count).fill(at[0]!) : at;
  const rows = v.broadcastTo(t.shape.map((s, i) => i === axis ? count : s));
  const order = all.map((place, i) => ({ place, from: n + i })).sort((a, b) =>
    a.place - b.place || a.from - b.from
  );
  const sources: number[] = [];
  for (let i = 0; i <= n; i++) {
    while (order.length > 0 && order[0]!.place === i) sources.push(order.shift()!.from);
    if (i < n) sources.push(i);
  }
  return picked(emit("concatenate", [t, rows], { axis }), sources, axis);
}

/** What `put` takes. */
export interface PutOptions extends Options {
  /**
   * What is done with places outside, of which negative ones are some: "clip" (the nearest end) or
   * "wrap". By default negative places count from the end, and others are left out.
   */
  mode?: "clip" | "wrap";
}

/**
 * An array with values at places of its flattened elements replaced; values repeat as needed. A new
 * array, as in JAX. The last of several values for one place counts.
 *
 * @throws {TypeError} for places that are no integers
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.put([1, 2, 3], [0, 2], [9, 8]).toArray(), [9, 2, 8]);
 * ```
 */
export function put(
  x: TensorLike,
  places: TensorLike,
  values: TensorLike,
  options?: PutOptions,
): Tensor {
  const action = "put";
  const { mode } = readOptions<PutOptions>(options, ["mode"], action);
  if (mode !== undefined && mode !== "clip" && mode !== "wrap") {
    throw new TypeError(`Cannot ${action} with mode ${formatValue(mode)}: wanted "clip" or "wrap"`);
  }
  const t = toTensor(x, "put into");
  const at = indices(places, action).reshape([-1]);
  const v = cast(toTensor(values, action), t.dtype).reshape([-1]);
  if (at.size === 0 || t.size === 0 || v.size === 0) return t;
  const near = mode === "wrap"
    ? at.mod(t.size)
    : mode === "clip"
    ? at.maximum(0).minimum(t.size - 1)
    : select(at.lt(0), at.add(t.size), at);
  return replaced(t.reshape([-1]), near, repeated(v, at.size)).reshape(t.shape);
}

/** A vector repeated or cut to n elements. */
function repeated(v: Tensor, n: number): Tensor {
  const times = Math.ceil(n / v.size);
  return v.reshape([1, -1]).broadcastTo([times, v.size]).reshape([-1]).slice(0, n);
}

/** A vector with `values[i]` at `places[i]`; the last of several counts. */
function replaced(t: Tensor, places: Tensor, values: Tensor): Tensor {
  const [sorted, order] = emitAll("sort", [places], { axis: 0 }) as [Tensor, Tensor];
  const cell = emit("iota", [], { shape: [t.size], axis: 0, dtype: "int32" });
  const last = insertionPoints(sorted, cell, "right").sub(1).maximum(0);
  const from = (s: Tensor, i: Tensor): Tensor => emit("take", [s, i], { axis: 0, outside: "fill" });
  return select(from(sorted, last).eq(cell), from(values, from(order, last)), t);
}

/**
 * An array with values at indices along an axis replaced; see `takeAlongAxis`. A new array.
 *
 * @throws {TypeError} for indices that are no integers
 * @throws {RangeError} when numbers of axes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.putAlongAxis([[1, 2], [3, 4]], [[1], [0]], 9, 1).toArray(), [[1, 9], [9, 4]]);
 * ```
 */
export function putAlongAxis(
  x: TensorLike,
  at: TensorLike,
  values: TensorLike,
  axis: number | null,
): Tensor {
  const action = "put along an axis";
  const given = toTensor(x, action);
  const t = axis === null ? given.reshape([-1]) : given;
  const index = indices(at, action);
  if (index.ndim !== t.ndim) {
    throw new RangeError(
      `Cannot ${action} of ${formatShape(t.shape)} with indices ${
        formatShape(index.shape)
      }: both must have as many axes`,
    );
  }
  const along = normalizeAxis(axis ?? 0, t.ndim, action);
  const n = t.shape[along]!;
  const shape = t.shape.map((s, i) => i === along ? index.shape[i]! : s);
  const inside = select(index.lt(0), index.add(n), index).broadcastTo(shape);
  const stride = sizeOf(t.shape.slice(along + 1));
  // the places of entry 0 along the axis, for each vector
  const lanes = emit("iota", [], { shape: [t.size], axis: 0, dtype: "int32" }).reshape(t.shape);
  const starts = window(lanes, along, 0, 1);
  const v = cast(toTensor(values, action), t.dtype).broadcastTo(shape).reshape([-1]);
  const places = inside.mul(stride).add(starts).reshape([-1]);
  return replaced(t.reshape([-1]), places, v).reshape(given.shape);
}

/**
 * An array with values where a condition holds replaced, in order; they repeat as needed. A new array.
 *
 * @throws {RangeError} when sizes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.place([1, 2, 3], [true, false, true], [9, 8]).toArray(), [9, 2, 8]);
 * ```
 */
export function place(x: TensorLike, condition: TensorLike, values: TensorLike): Tensor {
  const t = toTensor(x, "place into");
  const mask = cast(toTensor(condition, "place"), "bool").reshape([-1]);
  if (mask.size !== t.size) {
    throw new RangeError(
      `Cannot place by ${mask.size} conditions into ${t.size} elements: wanted one for each`,
    );
  }
  const v = cast(toTensor(values, "place"), t.dtype).reshape([-1]);
  if (v.size === 0) throw new RangeError("Cannot place no values: wanted at least one");
  const count = emit("cumsum", [cast(mask, "int32")], { axis: 0, reverse: false }).sub(1);
  const chosen = emit("take", [v, count.maximum(0).mod(v.size)], { axis: 0, outside: "fill" });
  return select(mask, chosen, t.reshape([-1])).reshape(t.shape);
}

/** What `fillDiagonal` takes. */
export interface FillDiagonalOptions extends Options {
  /** Whether a tall matrix gets a diagonal again after each square; default false. */
  wrap?: boolean;
}

/**
 * An array with the elements whose indices are all equal replaced. A new array, as in JAX.
 *
 * @throws {RangeError} when there are fewer than two axes, or more than two of unequal sizes
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fillDiagonal(np.zeros([2, 2]), 3).toArray(), [[3, 0], [0, 3]]);
 * ```
 */
export function fillDiagonal(
  x: TensorLike,
  values: TensorLike,
  options?: FillDiagonalOptions,
): Tensor {
  const action = "fill the diagonal of";
  const { wrap = false } = readOptions<FillDiagonalOptions>(options, ["wrap"], action);
  const t = needAxes(x, 2, action);
  if (t.ndim > 2 && t.shape.some((n) => n !== t.shape[0])) {
    throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: all sizes must be equal`);
  }
  const columns = t.shape.at(-1)!;
  const step = t.ndim === 2
    ? columns + 1
    : t.shape.reduce((sum, _, i) => sum + sizeOf(t.shape.slice(i + 1)), 0);
  const end = t.ndim === 2 && !wrap ? Math.min(t.size, columns * columns) : t.size;
  const count = Math.ceil(end / step);
  if (count === 0) return t;
  const places = Int32Array.from({ length: count }, (_, i) => i * step);
  const v = cast(toTensor(values, action), t.dtype).reshape([-1]);
  if (v.size === 0) throw new RangeError(`Cannot ${action} with no values: wanted at least one`);
  const at = baseInterpreter().upload(places, [count], "int32");
  return replaced(t.reshape([-1]), at, repeated(v, count)).reshape(t.shape);
}

/** What `choose` takes. */
export interface ChooseOptions extends Options {
  /** What is done with numbers outside: "clip" (the default) or "wrap". */
  mode?: "clip" | "wrap";
}

/**
 * For each element, that of the array in a list which its number names; all broadcast.
 *
 * @throws {TypeError} for numbers that are no integers, or choices that are no list
 * @throws {RangeError} when the list is empty, or shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.choose([0, 1, 0], [[1, 2, 3], 9]).toArray(), [1, 9, 3]);
 * ```
 */
export function choose(numbers: TensorLike, choices: Arrays, options?: ChooseOptions): Tensor {
  const action = "choose from";
  const { mode = "clip" } = readOptions<ChooseOptions>(options, ["mode"], action);
  if (mode !== "clip" && mode !== "wrap") {
    throw new TypeError(
      `Cannot ${action} a list with mode ${formatValue(mode)}: wanted "clip" or "wrap"`,
    );
  }
  const list = together(listed(choices, action), action);
  const at = indices(numbers, action);
  const i = mode === "wrap" ? at.mod(list.length) : at.maximum(0).minimum(list.length - 1);
  return list.slice(1).reduce(
    (out, t, k) => select(i.eq(k + 1), t, out),
    list[0]!.add(i.zeros().astype(list[0]!.dtype)),
  );
}

/** What `select` takes. */
export interface SelectOptions extends Options {
  /** The value where no condition holds; default 0. */
  default?: TensorLike;
}

/**
 * For each element, that of the first array in a list whose condition holds; all broadcast.
 *
 * @throws {RangeError} when the lists differ in length or are empty, or shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.select([[true, false]], [[1, 2]], 9).toArray(), [1, 9]);
 * ```
 */
function selectFirst(
  conditions: readonly TensorLike[],
  choices: readonly TensorLike[],
  options?: TensorLike | SelectOptions,
): Tensor {
  const action = "select";
  const plain = options !== undefined && typeof options === "object" && options !== null &&
    Object.getPrototypeOf(options) === Object.prototype;
  const { default: otherwise = 0 } = plain
    ? readOptions<SelectOptions>(options, ["default"], action)
    : { default: options as TensorLike | undefined };
  if (!Array.isArray(conditions) || !Array.isArray(choices)) {
    throw new TypeError(
      `Cannot ${action} by ${formatValue(conditions)}: wanted two lists of arrays`,
    );
  }
  if (conditions.length !== choices.length || choices.length === 0) {
    throw new RangeError(
      `Cannot ${action} by ${conditions.length} conditions among ${choices.length} arrays: ` +
        `wanted one for each, at least one`,
    );
  }
  const values = together(choices, action);
  const last = promoted(values[0]!, otherwise, action)[1];
  return conditions.reduceRight<Tensor>(
    (out, c, i) => select(cast(toTensor(c, action), "bool"), cast(values[i]!, last.dtype), out),
    last,
  );
}

/**
 * For each element, the value of the last function whose condition holds; of one function more, if
 * there is one, where none does; else 0. Every function sees all elements. Plain numbers count as
 * constant functions.
 *
 * @throws {RangeError} when there is not one function for each condition, or one more
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.piecewise([-1, 2], [[true, false]], [0, (x) => x.mul(2)]).toArray(), [0, 4]);
 * ```
 */
export function piecewise(
  x: TensorLike,
  conditions: readonly TensorLike[],
  functions: readonly (number | ((x: Tensor) => Tensor))[],
): Tensor {
  const action = "apply pieces";
  const t = toTensor(x, action);
  if (!Array.isArray(conditions) || !Array.isArray(functions)) {
    throw new TypeError(
      `Cannot ${action} by ${formatValue(conditions)}: wanted lists of conditions and functions`,
    );
  }
  const n = conditions.length;
  if (functions.length !== n && functions.length !== n + 1) {
    throw new RangeError(
      `Cannot ${action}: ${n} conditions want ${n} functions, or one more, not ${functions.length}`,
    );
  }
  const value = (f: number | ((x: Tensor) => Tensor)): Tensor =>
    typeof f === "number" ? t.zeros().add(f).astype(t.dtype) : cast(f(t), t.dtype);
  const first = functions.length > n ? value(functions[n]!) : t.zeros();
  return conditions.reduce<Tensor>(
    (out, c, i) => select(cast(toTensor(c, action), "bool"), value(functions[i]!), out),
    first,
  );
}

export { remove as delete, selectFirst as select };
