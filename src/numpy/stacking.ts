/**
 * Arrays stacked as columns, in depth and in blocks, and split again.
 *
 * @module
 */
import { formatValue, normalizeAxis } from "../base/mod.ts";
import { isTensor, promoted, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { atleast3d } from "./arrangement.ts";
import { oneAxis } from "./axes.ts";
import { type Arrays, concatenate, split } from "./joining.ts";
import type { AxisOptions } from "./movement.ts";
import { needAxes } from "./operands.ts";
import { integer } from "./options.ts";

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

/** Parts that are made at most where some must be empty. */
const MOST_PARTS = 10_000;

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
  if (parts > Math.max(n, MOST_PARTS)) {
    throw new RangeError(
      `Cannot split axis ${axis} of size ${n} into ${parts} parts: at most ${MOST_PARTS} are made ` +
        `where some must be empty: give at most ${Math.max(1, n)}, one for each index`,
    );
  }
  const [least, longer] = [Math.floor(n / parts), n % parts];
  const cuts = Array.from(
    { length: parts - 1 },
    (_, i) => (i + 1) * least + Math.min(i + 1, longer),
  );
  return split(t, cuts, axis);
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
