/**
 * Random matrices with orthonormal rows or columns.
 *
 * @module
 */
import { emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { integer } from "../numpy/options.ts";
import { normalOf } from "./draws.ts";
import { checkKey, readDraw } from "./options.ts";
import { repeatWhile } from "./repeat.ts";
import type { DrawOptions } from "./types.ts";

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions extends DrawOptions {
  /** The number of columns; default that of rows. */
  m?: number | undefined;
}

/**
 * Matrices with orthonormal rows or columns (whichever are fewer), spread evenly over all of them, as
 * `jax.random.orthogonal`: Q of a normal matrix, with R's diagonal positive.
 *
 * @param key a key
 * @param n the number of rows
 * @param shapeOrOptions the shape before the axes of the matrix, or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a size is negative
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const q = random.orthogonal(random.key(0), 3);
 * assertAlmostEquals(q.T.matmul(q).at(0, 0).item(), 1, 1e-6);
 * assertAlmostEquals(q.T.matmul(q).at(0, 1).item(), 0, 1e-6);
 * ```
 */
export function orthogonal(
  key: TensorLike,
  n: number,
  shapeOrOptions?: OrthogonalOptions | readonly number[] | number,
  more?: OrthogonalOptions,
): Tensor {
  const action = "draw orthogonal matrices";
  const o = readDraw(shapeOrOptions, more, ["shape", "dtype", "m"], action);
  const rows = integer(n, "n", action, 0);
  const columns = integer(o.m ?? rows, "m", action, 0);
  const [tall, narrow] = [Math.max(rows, columns), Math.min(rows, columns)];
  const z = normalOf(checkKey(key, action), { shape: [...o.shape, tall, narrow], dtype: o.dtype });
  const q = z.size === 0 ? z : orthonormalColumns(z);
  const rank = o.shape.length;
  return rows < columns ? q.transpose([...o.shape.map((_, i) => i), rank + 1, rank]) : q;
}

/** Gram-Schmidt orthogonalization, each column twice, as R's diagonal is positive then. */
function orthonormalColumns(z: Tensor): Tensor {
  const [tall, narrow] = z.shape.slice(-2) as [number, number];
  const lead = z.shape.slice(0, -2);
  const axis = lead.length + 1;
  const transposed = (t: Tensor): Tensor =>
    t.transpose([...lead.map((_, i) => i), lead.length + 1, lead.length]);
  const columns = emit("iota", [], { shape: [1, narrow], axis: 1, dtype: "int32" });
  const [, q] = repeatWhile(
    ([j]) => j!.lt(narrow),
    ([j, q]) => {
      let v = emit("take", [z, j!], { axis, outside: "fill" }).reshape([...lead, tall, 1]);
      for (let pass = 0; pass < 2; pass++) v = v.sub(q!.matmul(transposed(q!).matmul(v)));
      const length = v.mul(v).sum({ axis: -2, keepdims: true }).sqrt();
      return [j!.add(1), select(columns.eq(j!), v.div(length), q!)];
    },
    [columns.zeros([]), z.zeros()],
  ) as [Tensor, Tensor];
  return q;
}
