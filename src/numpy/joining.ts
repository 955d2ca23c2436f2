/**
 * Arrays put together, and taken apart again.
 *
 * @module
 */
import { formatShape, formatValue, normalizeAxis, sameShape } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { toTensor } from "../core/mod.ts";
import { oneAxis } from "./axes.ts";
import type { AxisOptions } from "./movement.ts";
import { listed, together } from "./operands.ts";
import { integer } from "./options.ts";

/** Arrays to join: a list, or one array whose rows they are. */
export type Arrays = readonly TensorLike[] | Tensor;

function several(arrays: Arrays, action: string): Tensor[] {
  return together(listed(arrays, action), action);
}

function join(list: readonly Tensor[], axis: number): Tensor {
  return list.length === 1 ? list[0]! : emit("concatenate", list, { axis });
}

/**
 * Arrays joined along an existing axis (default 0; null flattens them first). They agree in all other
 * sizes; dtypes are promoted.
 *
 * @throws {RangeError} when sizes disagree, or for scalars: `stack` joins those
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.concatenate([[1, 2], [3]]).toArray(), [1, 2, 3]);
 * assertEquals(np.concatenate([[[1], [2]], [[3], [4]]], { axis: 1 }).toArray(), [[1, 3], [2, 4]]);
 * ```
 */
export function concatenate(arrays: Arrays, options?: number | null | AxisOptions): Tensor {
  const axis = oneAxis(options, 0, "concatenate");
  const list = several(arrays, "concatenate");
  if (axis === null) return join(list.map((t) => t.reshape([-1])), 0);
  if (list.some((t) => t.ndim === 0)) {
    throw new RangeError("Cannot concatenate scalars: they have no axis; use np.stack");
  }
  return join(list, normalizeAxis(axis, list[0]!.ndim, "concatenate"));
}

/**
 * Arrays of one shape joined along a new axis (default 0); dtypes are promoted.
 *
 * @throws {RangeError} when shapes differ
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.stack([[1, 2], [3, 4]], { axis: 1 }).toArray(), [[1, 3], [2, 4]]);
 * ```
 */
export function stack(arrays: Arrays, options?: number | AxisOptions): Tensor {
  const axis = oneAxis(options, 0, "stack");
  const list = several(arrays, "stack");
  const first = list[0]!;
  for (const t of list) {
    if (!sameShape(t.shape, first.shape)) {
      throw new RangeError(
        `Cannot stack ${formatShape(first.shape)} and ${formatShape(t.shape)}: ` +
          `all shapes must be equal`,
      );
    }
  }
  const at = normalizeAxis(axis ?? 0, first.ndim + 1, "stack");
  const shape = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)];
  return join(list.map((t) => t.reshape(shape)), at);
}

/**
 * Arrays joined one below the other, along the first axis; vectors count as rows.
 *
 * @throws {RangeError} when sizes disagree
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.vstack([[1, 2], [3, 4]]).toArray(), [[1, 2], [3, 4]]);
 * ```
 */
export function vstack(arrays: Arrays): Tensor {
  const list = several(arrays, "stack vertically");
  return join(list.map((t) => t.ndim < 2 ? t.reshape([1, -1]) : t), 0);
}

/**
 * Arrays joined side by side, along the second axis; vectors along their only one.
 *
 * @throws {RangeError} when sizes disagree
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.hstack([[1, 2], [3]]).toArray(), [1, 2, 3]);
 * ```
 */
export function hstack(arrays: Arrays): Tensor {
  const list = several(arrays, "stack horizontally").map((t) => t.ndim === 0 ? t.reshape([1]) : t);
  return join(list, list[0]!.ndim === 1 ? 0 : 1);
}

/**
 * An array cut along an axis (default 0): into `sections` equal parts, or before each index of a
 * list.
 *
 * @throws {RangeError} when the size does not divide into the sections
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [a, b] = np.split([1, 2, 3, 4], 2);
 * assertEquals([a!.toArray(), b!.toArray()], [[1, 2], [3, 4]]);
 * assertEquals(np.split([1, 2, 3, 4], [1, 3]).map((part) => part.length), [1, 2, 1]);
 * ```
 */
export function split(
  x: TensorLike,
  sections: number | readonly number[],
  options?: number | AxisOptions,
): Tensor[] {
  const t = toTensor(x, "split");
  const axis = normalizeAxis(oneAxis(options, 0, "split") ?? 0, t.ndim, "split");
  const n = t.shape[axis]!;
  let cuts: number[];
  if (typeof sections === "number") {
    const parts = integer(sections, "section count", "split", 1);
    if (n % parts !== 0) {
      throw new RangeError(
        `Cannot split axis ${axis} of size ${n} into ${parts} equal parts: ` +
          `give a list of indices to cut at`,
      );
    }
    cuts = Array.from({ length: parts - 1 }, (_, i) => (i + 1) * (n / parts));
  } else if (Array.isArray(sections)) {
    cuts = sections.map((i: unknown) => integer(i, "index", "split"));
  } else {
    throw new TypeError(
      `Cannot split into ${formatValue(sections)}: wanted a count or a list of indices`,
    );
  }
  const edges = [0, ...cuts, n];
  return edges.slice(1).map((end, i) =>
    t.slice(...t.shape.map((_, k) => k === axis ? [edges[i]!, end] as const : null))
  );
}

// names of the array API, and of older NumPy
export { concatenate as concat, vstack as rowStack };
