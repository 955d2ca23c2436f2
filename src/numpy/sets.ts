/**
 * Arrays as sets: what two of them share or do not.
 *
 * @module
 */
import {
  cast,
  emit,
  emitAll,
  literalBeside,
  promoted,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { insertionPoints } from "./insertion_points.ts";
import { select } from "./operands.ts";
import { readOptions } from "./options.ts";
import { window } from "./parts.ts";
import { filled, iota, rowsAt, sizeOfTrue, truePlaces } from "./places.ts";
import type { SizedOptions } from "./positions.ts";
import { sortedRows } from "./sorted_rows.ts";
import type { Options } from "./types.ts";
import { unique } from "./unique.ts";

/** What `isin` takes. */
export interface IsinOptions extends Options {
  /** Whether to ask for those that are not there; default false. */
  invert?: boolean | undefined;
}

/**
 * Whether each element is among those of another array. NaN is among none.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.isin([1, 2, 3], [3, 1]).toArray(), [true, false, true]);
 * ```
 */
export function isin(x: TensorLike, among: TensorLike, options?: IsinOptions): Tensor {
  const action = "look for elements of";
  const { invert = false } = readOptions<IsinOptions>(options, ["invert"], action);
  const [a, b] = promoted(x, among, action);
  let found: Tensor;
  if (b.size === 0) found = cast(a.zeros(), "bool");
  else {
    const sorted = emitAll("sort", [b.reshape([-1])], { axis: 0 })[0]!;
    const at = insertionPoints(sorted, a, "left").minimum(b.size - 1);
    found = rowsAt(sorted, at).eq(a);
  }
  return invert ? emit("not", [found]) : found;
}

/**
 * `isin` of flattened arrays.
 *
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.in1d([[1, 2]], [2]).toArray(), [false, true]);
 * ```
 */
export function in1d(x: TensorLike, among: TensorLike, options?: IsinOptions): Tensor {
  return isin(toTensor(x, "look for elements of").reshape([-1]), among, options);
}

/** What set operations take. */
export interface SetOptions extends SizedOptions {
  /** Whether the elements of each array are known to be distinct; default false. */
  assumeUnique?: boolean | undefined;
}

/** What `intersect1d` takes. */
export interface IntersectOptions extends SetOptions {
  /** Whether to give the positions in both arrays as well; default false. */
  returnIndices?: boolean | undefined;
}

const SET = ["size", "fillValue", "assumeUnique"];

/** The first of each element of a vector in order, as a vector of the same size and a mask. */
function firsts(t: Tensor): { sorted: Tensor; first: Tensor; order: Tensor } {
  const { rows, first, order } = sortedRows(t, true);
  return { sorted: rows, first, order };
}

function chosen(
  sorted: Tensor,
  mask: Tensor,
  o: SizedOptions,
  otherwise: "least" | 0,
  action: string,
): Tensor {
  const { at, valid } = truePlaces(mask, sizeOfTrue(mask, o.size, action));
  if (sorted.size === 0) return filled(sorted.zeros([at.size]), valid, o.fillValue ?? 0);
  const values = rowsAt(sorted, at);
  if (o.size === undefined || o.size === null) return values;
  if (o.fillValue === undefined && otherwise === "least") {
    // the least result: they are in order, and the first is the least
    const least = at.size === 0 ? values : window(values, 0, 0, 1);
    return select(valid, values, select(valid.any().broadcastTo([Math.min(1, at.size)]), least, 0));
  }
  return filled(values, valid, o.fillValue ?? 0);
}

/**
 * The distinct elements of the first array that are not in the second, in order (with `assumeUnique`
 * in their own order). Zero fills up to a `size`, unless `fillValue` is given.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.setdiff1d([3, 1, 2, 3], [2]).toArray(), [1, 3]);
 * ```
 */
export function setdiff1d(a: TensorLike, b: TensorLike, options?: SetOptions): Tensor {
  const action = "take the difference of";
  const o = readOptions<SetOptions>(options, SET, action);
  const t = toTensor(a, action).reshape([-1]);
  const apart = (s: Tensor): Tensor => isin(s, b, { invert: true });
  if (o.assumeUnique) return chosen(t, apart(t), o, 0, action);
  const { sorted, first } = firsts(t);
  return chosen(sorted, emit("and", [first, apart(sorted)]), o, 0, action);
}

/**
 * The distinct elements of both arrays, in order. The least fills up to a `size`, unless `fillValue` is
 * given.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.union1d([3, 1], [2, 3]).toArray(), [1, 2, 3]);
 * ```
 */
export function union1d(a: TensorLike, b: TensorLike, options?: SizedOptions): Tensor {
  const action = "unite";
  const o = readOptions<SizedOptions>(options, ["size", "fillValue"], action);
  return unique(both(a, b, action)[0], o) as Tensor;
}

/** Both arrays flattened and joined, and the size of the first. */
function both(a: TensorLike, b: TensorLike, action: string): [Tensor, number] {
  const list = promoted(a, b, action).map((t) => t.reshape([-1]));
  return [emit("concatenate", list, { axis: 0 }), list[0]!.size];
}

/**
 * Elements sorted together with the array they come from: neighbours that are equal and from different
 * arrays are in both. Of repeated elements only the first of each array counts.
 */
function paired(a: TensorLike, b: TensorLike, assumeUnique: boolean, action: string) {
  const list = promoted(a, b, action).map((t) => t.reshape([-1]));
  const parts = list.map((t) => {
    if (!assumeUnique) return firsts(t);
    const order = iota([t.size], 0);
    return { sorted: t, first: emit("not", [cast(order.zeros(), "bool")]), order };
  });
  const join = (pick: (p: ReturnType<typeof firsts>) => Tensor): Tensor =>
    emit("concatenate", parts.map(pick), { axis: 0 });
  const kept = join((p) => p.first);
  const values = join((p) => p.sorted);
  const sources = join((p) => p.order);
  // repeated ones last
  const byValue = emitAll("sort", [values], { axis: 0 })[1]!;
  const byKept = emitAll("sort", [cast(emit("not", [rowsAt(kept, byValue)]), "uint8")], {
    axis: 0,
  })[1]!;
  const order = values.size === 0 ? byValue : rowsAt(byValue, byKept);
  const at = (t: Tensor): Tensor => values.size === 0 ? t : rowsAt(t, order);
  return { values: at(values), kept: at(kept), sources: at(sources) };
}

/**
 * The elements that are in both arrays, each once, in order; with `returnIndices` a list of them and
 * the positions of their first in each array. The least fills up to a `size`, unless `fillValue` is
 * given; positions are filled up with the array's size.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals((np.intersect1d([3, 1, 2], [2, 3, 4]) as Tensor).toArray(), [2, 3]);
 * ```
 */
export function intersect1d(
  a: TensorLike,
  b: TensorLike,
  options?: IntersectOptions,
): Tensor | Tensor[] {
  const action = "intersect";
  const o = readOptions<IntersectOptions>(options, [...SET, "returnIndices"], action);
  const { values, kept, sources } = paired(a, b, o.assumeUnique ?? false, action);
  const n = values.size;
  const sizes = [toTensor(a, action).size, toTensor(b, action).size] as const;
  const inner = Math.max(0, n - 1);
  const [one, next] = n === 0
    ? [values, values]
    : [window(values, 0, 0, inner), window(values, 0, 1, inner)];
  const mask = emit("and", [one.eq(next), n === 0 ? kept : window(kept, 0, 1, inner)]);
  const found = chosen(one, mask, o, "least", action);
  if (!o.returnIndices) return found;
  const { at, valid } = truePlaces(mask, found.size);
  const places = (shift: number, end: number): Tensor =>
    n === 0
      ? at
      : select(valid, rowsAt(sources, at.add(shift)), literalBeside(at, [end], [], "int32"));
  return [found, places(0, sizes[0]), places(1, sizes[1])];
}

/**
 * The elements that are in one of both arrays alone, each once, in order. The least fills up to a
 * `size`, unless `fillValue` is given.
 *
 * @throws {ConcretizationError} inside `jit`, unless a size is given
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.setxor1d([3, 1], [2, 3]).toArray(), [1, 2]);
 * ```
 */
export function setxor1d(a: TensorLike, b: TensorLike, options?: SetOptions): Tensor {
  const action = "take the symmetric difference of";
  const o = readOptions<SetOptions>(options, SET, action);
  const { values, kept } = paired(a, b, o.assumeUnique ?? false, action);
  const n = values.size;
  if (n === 0) return chosen(values, kept, o, 0, action);
  const equal = emit("and", [
    window(values, 0, 0, n - 1).eq(window(values, 0, 1, n - 1)),
    window(kept, 0, 1, n - 1),
  ]);
  const none = equal.zeros([1]);
  const before = emit("concatenate", [none, equal], { axis: 0 });
  const after = emit("concatenate", [equal, none], { axis: 0 });
  const alone = emit("not", [emit("or", [before, after])]);
  return chosen(values, emit("and", [alone, kept]), o, "least", action);
}
