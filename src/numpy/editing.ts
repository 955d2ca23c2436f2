/**
 * Arrays with entries taken out or put in, at places known before.
 *
 * @module
 */
import { formatValue, normalizeAxis } from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { oneAxis } from "./axes.ts";
import { type AxisOptions, moveaxis } from "./movement.ts";
import { integer } from "./options.ts";

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
  v = v.reshape([...new Array<number>(Math.max(0, t.ndim - v.ndim)).fill(1), ...v.shape]);
  const one = typeof places === "number";
  // a single place takes entries along the first axis of the values
  if (one) v = moveaxis(v, 0, axis);
  const count = one ? v.shape[axis]! : at.length;
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

export { remove as delete };
