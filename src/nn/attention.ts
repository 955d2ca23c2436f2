/**
 * Attention: means of values, weighted by how well their keys meet the queries.
 *
 * @module
 */
import { formatShape, formatValue, isFloat } from "../base/mod.ts";
import { emit, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { constant, float, select, together } from "../numpy/operands.ts";
import { readOptions } from "../numpy/options.ts";
import { softmax } from "./classes.ts";

/** The largest finite number of a type; a masked score is 0.7 of it below 0, as in JAX. */
const LARGEST = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE };

/** What `dotProductAttention` takes. */
export interface AttentionOptions {
  /** Whether a query sees only the keys up to its own position; default false. */
  causal?: boolean | undefined;
  /** Which keys a query sees: booleans that broadcast to [B, N, T, S]. */
  mask?: TensorLike | null | undefined;
  /** Factor of the scores; default 1 / sqrt(H). */
  scale?: number | undefined;
}

/**
 * `softmax(query . key * scale) . value` for each head, as `jax.nn.dot_product_attention`: query
 * [B, T, N, H], key and value [B, S, K, H] give [B, T, N, H]. Each of the K heads of keys serves N / K
 * heads of queries. Without the first axis B all three have none. A query that sees no key at all
 * gets the mean of all values.
 *
 * @throws {RangeError} when the shapes do not fit
 * @throws {TypeError} for an unknown option, or a mask that is not boolean
 * @example
 * ```ts
 * import { nn, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = np.zeros([1, 2, 1, 3]); // all keys meet all queries equally well
 * const value = np.array([[[[1, 2, 3]], [[3, 4, 5]]]]);
 * assertEquals(nn.dotProductAttention(x, x, value).at(0, 0, 0).toArray(), [2, 3, 4]);
 * const causal = nn.dotProductAttention(x, x, value, { causal: true });
 * assertEquals(causal.at(0, 0, 0).toArray(), [1, 2, 3]);
 * ```
 */
export function dotProductAttention(
  query: TensorLike,
  key: TensorLike,
  value: TensorLike,
  options?: AttentionOptions,
): Tensor {
  const action = "attend";
  const { causal = false, mask, scale } = readOptions<AttentionOptions>(
    options,
    ["causal", "mask", "scale"],
    action,
  );
  const [q, k, v] = together([query, key, value].map((x) => float(x, action)), action) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  if (q.ndim === 3 && k.ndim === 3 && v.ndim === 3) {
    const batch = (t: Tensor) => t.reshape([1, ...t.shape]);
    const y = dotProductAttention(batch(q), batch(k), batch(v), options);
    return y.reshape(y.shape.slice(1));
  }
  checkShapes(q, k, v);
  if (scale !== undefined && typeof scale !== "number") {
    throw new TypeError(`Cannot ${action} with scale ${formatValue(scale)}: wanted a number`);
  }
  const [b, t, n, h] = q.shape as [number, number, number, number];
  const [s, heads] = [k.shape[1]!, k.shape[2]!];
  // [B, K, N / K * T, H] by [B, K, S, H]: the queries of a head of keys lie below each other
  const each = n / heads;
  const rows = q.transpose([0, 2, 1, 3]).reshape([b, heads, each * t, h]);
  const keys = k.transpose([0, 2, 1, 3]);
  let scores = emit("dot", [rows, keys], { ta: false, tb: true }).reshape([b, n, t, s]);
  scores = scores.mul(scale ?? 1 / Math.sqrt(h));
  const seen = visible(mask ?? null, causal, [b, n, t, s]);
  if (seen !== null) {
    scores = select(
      seen,
      scores,
      constant(-0.7 * LARGEST[scores.dtype as keyof typeof LARGEST], scores),
    );
  }
  const weights = softmax(scores).reshape([b, heads, each * t, s]);
  return emit("dot", [weights, v.transpose([0, 2, 1, 3])], { ta: false, tb: false })
    .reshape([b, n, t, h]).transpose([0, 2, 1, 3]);
}

function checkShapes(q: Tensor, k: Tensor, v: Tensor): void {
  const all = [q, k, v].map((x) => formatShape(x.shape)).join(", ");
  const fail = (why: string): never => {
    throw new RangeError(`Cannot attend with query, key, value of ${all}: ${why}`);
  };
  if (q.ndim !== 4 || k.ndim !== 4 || v.ndim !== 4) {
    fail("wanted [B, T, N, H], [B, S, K, H] and [B, S, K, H], or all without B");
  }
  if (k.shape.some((n, i) => n !== v.shape[i])) fail("key and value must have one shape");
  if (q.shape[0] !== k.shape[0]) fail(`batches must agree (${q.shape[0]} and ${k.shape[0]})`);
  if (q.shape[3] !== k.shape[3]) fail(`the last sizes must agree (${q.shape[3]}, ${k.shape[3]})`);
  if (k.shape[1] === 0) fail("there is no key to attend to");
  if (k.shape[2] === 0 || q.shape[2]! % k.shape[2]! !== 0) {
    fail(`the ${q.shape[2]} heads of queries must be a multiple of the ${k.shape[2]} of keys`);
  }
}

/** Which scores count; null when all do. */
function visible(
  mask: TensorLike | null,
  causal: boolean,
  shape: readonly [number, number, number, number],
): Tensor | null {
  const [, , t, s] = shape;
  let seen: Tensor | null = null;
  if (causal) {
    const row = emit("iota", [], { shape: [t, 1], axis: 0, dtype: "int32" });
    seen = row.ge(emit("iota", [], { shape: [1, s], axis: 1, dtype: "int32" }));
  }
  if (mask === null) return seen;
  const m = toTensor(mask, "attend");
  if (m.dtype !== "bool") {
    const remedy = isFloat(m.dtype) ? "compare it, as mask.gt(0)" : 'convert it, astype("bool")';
    throw new TypeError(`Cannot attend with a mask of dtype ${m.dtype}: it is boolean; ${remedy}`);
  }
  const fits = m.ndim <= 4 && m.shape.every((n, i) => n === 1 || n === shape[4 - m.ndim + i]);
  if (!fits) {
    throw new RangeError(
      `Cannot attend with a mask of shape ${
        formatShape(m.shape)
      }: it must broadcast to the scores ` +
        `${formatShape(shape)}`,
    );
  }
  return seen === null ? m : emit("and", [seen, m]);
}
