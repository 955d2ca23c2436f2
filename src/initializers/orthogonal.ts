/**
 * Random orthogonal matrices, as recurrent layers start from.
 *
 * @module
 */
import { formatShape, HostArray, sizeOf } from "../base/mod.ts";
import { baseInterpreter, cast, toTensor, within } from "../core/mod.ts";
import { normal } from "../random/normal.ts";
import { rawKey, seedOr } from "../random/seeds.ts";
import { checkFactory, finite, initializer } from "./initializer.ts";
import type { Initializer, SeedOptions } from "./types.ts";

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions extends SeedOptions {
  /** What the matrix is multiplied by; default 1. */
  gain?: number | undefined;
}

/**
 * Orthonormal rows or columns (whichever are fewer) of the matrix that has the last axis as columns.
 * They are uniformly distributed: Q of the QR decomposition of a normal matrix, with R's diagonal
 * made positive (Saxe et al., "Exact solutions to the nonlinear dynamics of learning", 2014).
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertAlmostEquals } from "@std/assert";
 * const q = initializers.orthogonal({ seed: 1 })([3, 2]);
 * assertAlmostEquals(q.T.matmul(q).at(0, 1).item(), 0, 1e-6);
 * assertAlmostEquals(q.T.matmul(q).at(1, 1).item(), 1, 1e-6);
 * ```
 */
export function orthogonal(options: OrthogonalOptions = {}): Initializer {
  checkFactory("orthogonal", options, ["gain", "seed"]);
  const gain = finite(options.gain ?? 1, "gain", "orthogonal");
  const seed = seedOr(options.seed, "make orthogonal");
  return initializer("orthogonal", (shape, dtype) => {
    if (shape.length < 2) {
      throw new RangeError(
        `Cannot initialize ${formatShape(shape)} with orthogonal: it needs at least two axes`,
      );
    }
    const columns = shape.at(-1)!;
    const rows = sizeOf(shape.slice(0, -1));
    const [tall, narrow] = rows < columns ? [columns, rows] : [rows, columns];
    // the draw has a value of its own, also where the weight is made inside of a traced function
    const a = within(
      baseInterpreter(),
      () => normal(rawKey(seed, 0), { shape: [tall, narrow], dtype }).data(),
    );
    const q = positiveQ(Float64Array.from(a), tall, narrow);
    const matrix = toTensor(new HostArray(q, [tall, narrow], "float64"));
    return cast(rows < columns ? matrix.transpose() : matrix, dtype).reshape(shape).mul(gain);
  });
}

/** Q of the QR decomposition of a tall row-major matrix by Householder reflections, R's diagonal positive. */
function positiveQ(a: Float64Array, m: number, n: number): Float64Array {
  const q = new Float64Array(m * n);
  const reflections: Float64Array[] = [];
  const signs: number[] = [];
  for (let k = 0; k < n; k++) {
    const v = new Float64Array(m);
    for (let i = k; i < m; i++) v[i] = a[i * n + k]!;
    let norm = 0;
    for (let i = k; i < m; i++) norm += v[i]! * v[i]!;
    norm = Math.sqrt(norm);
    const sign = v[k]! < 0 ? -1 : 1;
    signs.push(-sign);
    v[k]! += sign * norm;
    reflect(a, v, m, n, k);
    reflections.push(v);
  }
  for (let k = 0; k < n; k++) q[k * n + k] = signs[k]!;
  for (let k = n - 1; k >= 0; k--) reflect(q, reflections[k]!, m, n, k);
  return q;
}

/** Applies I - 2 v v' / v'v, where v is zero before row `from`, to an m by n matrix in place. */
function reflect(a: Float64Array, v: Float64Array, m: number, n: number, from: number): void {
  let square = 0;
  for (let i = from; i < m; i++) square += v[i]! * v[i]!;
  if (square === 0) return;
  // row by row, as the matrix lies in memory; columns before `from` are done, or still zero
  const along = new Float64Array(n);
  for (let i = from; i < m; i++) {
    const x = v[i]! * 2 / square;
    for (let j = from; j < n; j++) along[j]! += x * a[i * n + j]!;
  }
  for (let i = from; i < m; i++) {
    const x = v[i]!;
    for (let j = from; j < n; j++) a[i * n + j]! -= x * along[j]!;
  }
}
