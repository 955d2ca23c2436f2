/**
 * Values between given points.
 *
 * @module
 */
import { formatShape } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { insertionPoints } from "./insertion_points.ts";
import { float, select, together } from "./operands.ts";
import { readOptions } from "./options.ts";
import { window } from "./parts.ts";
import type { Options } from "./types.ts";

/** What `interp` takes. */
export interface InterpOptions extends Options {
  /** The value before the first point; default that of the first point. */
  left?: TensorLike | null | undefined;
  /** The value behind the last point; default that of the last point. */
  right?: TensorLike | null | undefined;
  /** The period of the coordinates; the points need no order then. */
  period?: number | null | undefined;
}

/**
 * Values on the straight lines between given points.
 *
 * @param x where to read
 * @param xp the coordinates of the points, a vector in ascending order
 * @param fp their values
 * @throws {RangeError} when the points are no two vectors of one size
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.interp([0.5, 3], [0, 1], [10, 20]).toArray(), [15, 20]);
 * ```
 */
export function interp(
  x: TensorLike,
  xp: TensorLike,
  fp: TensorLike,
  options?: InterpOptions,
): Tensor {
  const action = "interpolate";
  const o = readOptions<InterpOptions>(options, ["left", "right", "period"], action);
  let [t, p, v] = together([float(x, action), float(xp, action), float(fp, action)], action) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  if (p.ndim !== 1 || v.ndim !== 1 || p.size !== v.size || p.size === 0) {
    throw new RangeError(
      `Cannot ${action} between points of shapes ${formatShape(p.shape)} and ${
        formatShape(v.shape)
      }: wanted two vectors of one size`,
    );
  }
  const { period } = o;
  if (period !== undefined && period !== null) {
    if (!(Math.abs(period) > 0)) {
      throw new RangeError(`Cannot ${action} with period ${period}: wanted another number than 0`);
    }
    const size = Math.abs(period);
    t = t.mod(size);
    const folded = p.mod(size);
    const order = emit("stop", [folded]);
    const places = sortPlaces(order);
    const at = (s: Tensor): Tensor => emit("take", [s, places], { axis: 0, outside: "fill" });
    const [q, w] = [at(folded), at(v)];
    const n = q.size;
    const last = (s: Tensor): Tensor => window(s, 0, n - 1, 1);
    const first = (s: Tensor): Tensor => window(s, 0, 0, 1);
    p = emit("concatenate", [last(q).sub(size), q, first(q).add(size)], { axis: 0 });
    v = emit("concatenate", [last(w), w, first(w)], { axis: 0 });
  }
  const n = p.size;
  if (n === 1) return edges(v.at(0).add(t.zeros()), t, p, v, o, action);
  const i = insertionPoints(p, t, "right").maximum(1).minimum(n - 1);
  const at = (s: Tensor, k: Tensor): Tensor => emit("take", [s, k], { axis: 0, outside: "fill" });
  const before = i.sub(1);
  const [x0, y0] = [at(p, before), at(v, before)];
  const [dx, dy] = [at(p, i).sub(x0), at(v, i).sub(y0)];
  const vertical = dx.eq(0);
  const share = t.sub(x0).div(select(vertical, 1, dx));
  const line = select(vertical, y0, y0.add(share.mul(dy)));
  return period ? line : edges(line, t, p, v, o, action);
}

function sortPlaces(t: Tensor): Tensor {
  return t.emit("sort", [], { axis: 0 })[1]!;
}

function edges(
  line: Tensor,
  t: Tensor,
  p: Tensor,
  v: Tensor,
  o: InterpOptions,
  action: string,
): Tensor {
  const given = (x: TensorLike | null | undefined, otherwise: Tensor): Tensor =>
    x === undefined || x === null ? otherwise : cast(toTensor(x, action), line.dtype);
  const out = select(t.lt(p.at(0)), given(o.left, v.at(0)), line);
  return select(t.gt(p.at(-1)), given(o.right, v.at(-1)), out);
}
