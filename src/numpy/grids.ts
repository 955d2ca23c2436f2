/**
 * Coordinates: grids, index arrays, and the numbers of elements counted through a shape.
 *
 * @module
 */
import { checkShape, type DType, formatShape, formatValue, sizeOf } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { zeros } from "./creation.ts";
import { indices as toIndices, select } from "./operands.ts";
import { dtypeOption, readOptions } from "./options.ts";
import { iota } from "./places.ts";
import type { DTypeOptions, Options } from "./types.ts";

/** What `meshgrid` takes. */
export interface MeshgridOptions extends Options {
  /** "xy" (the default): the second array runs along the first axis; "ij": each along its own. */
  indexing?: "xy" | "ij" | undefined;
  /** Whether sizes of 1 are left for broadcasting; default false. */
  sparse?: boolean | undefined;
}

/**
 * The coordinates of a grid out of vectors of them, one array for each.
 *
 * @param args vectors, and options behind them
 * @throws {RangeError} when one is no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.meshgrid([1, 2], [3]).map((t) => t.toArray()), [[[1, 2]], [[3, 3]]]);
 * ```
 */
export function meshgrid(...args: (TensorLike | MeshgridOptions)[]): Tensor[] {
  const action = "make a grid of";
  const last = args.at(-1);
  const plain = typeof last === "object" && last !== null &&
    Object.getPrototypeOf(last) === Object.prototype;
  const { indexing = "xy", sparse = false } = plain
    ? readOptions<MeshgridOptions>(last, ["indexing", "sparse"], action)
    : {};
  if (indexing !== "xy" && indexing !== "ij") {
    throw new TypeError(
      `Cannot ${action} vectors with indexing ${formatValue(indexing)}: wanted "xy" or "ij"`,
    );
  }
  const list = (plain ? args.slice(0, -1) : args).map((x) => toTensor(x as TensorLike, action));
  for (const t of list) {
    if (t.ndim > 1) {
      throw new RangeError(`Cannot ${action} ${formatShape(t.shape)}: wanted vectors`);
    }
  }
  const axisOf = (i: number): number => indexing === "xy" && i < 2 && list.length > 1 ? 1 - i : i;
  const shape = list.map(() => 1);
  list.forEach((t, i) => shape[axisOf(i)] = t.size);
  return list.map((t, i) => {
    const row = t.reshape(shape.map((_, k) => k === axisOf(i) ? t.size : 1));
    return sparse ? row : row.broadcastTo(shape);
  });
}

/** What `indices` takes. */
export interface IndicesOptions extends DTypeOptions {
  /** Whether to give a list of arrays with sizes of 1; default false. */
  sparse?: boolean | undefined;
}

function axisIndices(shape: readonly number[], dtype: DType): Tensor[] {
  return shape.map((n, axis) => iota(shape.map((_, i) => i === axis ? n : 1), axis, dtype));
}

/**
 * The indices of each axis of a shape, as one array [rank, ...shape] (int32); or, sparse, as a list.
 *
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals((np.indices([1, 2]) as Tensor).toArray(), [[[0, 0]], [[0, 1]]]);
 * ```
 */
export function indices(shape: readonly number[], options?: IndicesOptions): Tensor | Tensor[] {
  const action = "count indices";
  const o = readOptions<IndicesOptions>(options, ["dtype", "sparse"], action);
  const sizes = checkShape(shape, action);
  const rows = axisIndices(sizes, o.dtype ?? "int32");
  if (o.sparse) return rows;
  if (rows.length === 0) return zeros([0], o.dtype ?? "int32");
  return emit("concatenate", rows.map((t) => t.broadcastTo(sizes).reshape([1, ...sizes])), {
    axis: 0,
  });
}

/**
 * An array computed by a function of the indices (float32) of all its elements.
 *
 * @param f gets one array of indices for each axis
 * @throws {RangeError} when a size is negative
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.fromfunction((i, j) => i.add(j), [2, 2]).toArray(), [[0, 1], [1, 2]]);
 * ```
 */
export function fromfunction(
  f: (...index: Tensor[]) => Tensor,
  shape: readonly number[],
  options?: DType | DTypeOptions,
): Tensor {
  const action = "make an array from a function";
  if (typeof f !== "function") {
    throw new TypeError(`Cannot ${action} given ${formatValue(f)}: wanted a function of indices`);
  }
  const dtype = dtypeOption(options, action) ?? "float32";
  const sizes = checkShape(shape, action);
  return toTensor(f(...axisIndices(sizes, dtype).map((t) => t.broadcastTo(sizes))), action)
    .broadcastTo(sizes);
}

/**
 * Vectors shaped so that together they index the rows and columns they name.
 *
 * @throws {RangeError} when one is no vector
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ix_([0, 1], [2]).map((t) => t.shape), [[2, 1], [1, 1]]);
 * ```
 */
export function ix_(...vectors: TensorLike[]): Tensor[] {
  return vectors.map((x, i) => {
    const t = toTensor(x, "index with");
    if (t.ndim !== 1) {
      throw new RangeError(`Cannot index with ${formatShape(t.shape)}: wanted vectors`);
    }
    return t.reshape(vectors.map((_, k) => k === i ? t.size : 1));
  });
}

/** What `ravelMultiIndex` takes. */
export interface RavelOptions extends Options {
  /** What is done with an index outside: "clip" (the default, the nearest end) or "wrap". */
  mode?: "clip" | "wrap" | undefined;
}

/**
 * The position in the flattened array of indices into a shape, one integer array for each axis.
 *
 * @throws {TypeError} for indices that are no integers
 * @throws {RangeError} when there is not one for each axis
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.ravelMultiIndex([[0, 1], [2, 0]], [2, 3]).toArray(), [2, 3]);
 * ```
 */
export function ravelMultiIndex(
  index: readonly TensorLike[],
  shape: readonly number[],
  options?: "clip" | "wrap" | RavelOptions,
): Tensor {
  const action = "count through a shape";
  const { mode = "clip" } = readOptions<RavelOptions>(options, ["mode"], action, "mode");
  if (mode !== "clip" && mode !== "wrap") {
    throw new TypeError(`Cannot ${action} with mode ${formatValue(mode)}: wanted "clip" or "wrap"`);
  }
  const sizes = checkShape(shape, action);
  if (!Array.isArray(index) || index.length !== sizes.length || sizes.length === 0) {
    throw new RangeError(
      `Cannot ${action} ${formatShape(sizes)} with ${
        formatValue(index)
      }: wanted one array for each axis`,
    );
  }
  return (index as TensorLike[]).map((x, i) => {
    const t = toIndices(x, action);
    const n = sizes[i]!;
    const inside = mode === "wrap"
      ? t.mod(Math.max(1, n))
      : t.maximum(0).minimum(Math.max(0, n - 1));
    return inside.mul(sizeOf(sizes.slice(i + 1)));
  }).reduce((a, b) => a.add(b));
}

/**
 * The indices into a shape of positions in the flattened array, one array (int32) for each axis.
 * Positions outside are moved to the nearest end.
 *
 * @throws {TypeError} for positions that are no integers
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.unravelIndex([2, 3], [2, 3]).map((t) => t.toArray()), [[0, 1], [2, 0]]);
 * ```
 */
export function unravelIndex(positions: TensorLike, shape: readonly number[]): Tensor[] {
  const action = "count through a shape";
  const sizes = checkShape(shape, action);
  const n = sizeOf(sizes);
  const given = toIndices(positions, action);
  if (n === 0 && given.size > 0) {
    throw new RangeError(`Cannot ${action} ${formatShape(sizes)}: it has no elements`);
  }
  let rest = select(given.lt(0), given.add(n), given).maximum(0).minimum(Math.max(0, n - 1));
  return sizes.map((_, i) => {
    const below = Math.max(1, sizeOf(sizes.slice(i + 1)));
    const at = emit("floorDiv", [rest, rest.zeros([]).add(below)]);
    rest = rest.sub(at.mul(below));
    return at;
  });
}
