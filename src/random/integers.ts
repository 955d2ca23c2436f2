/**
 * Integers: uniform ones, permutations, and draws among classes.
 *
 * @module
 */
import {
  checkShape,
  type DType,
  formatValue,
  isInteger,
  normalizeAxis,
  sameShape,
} from "../base/mod.ts";
import { emit, emitAll, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { bits32 } from "./bits.ts";
import { gumbelOf } from "./exponential.ts";
import { checkKey, split } from "./key.ts";

const row = (keys: Tensor, i: number): Tensor =>
  emit("slice", [keys], { start: [i, 0], size: [1, 2], step: [1, 1] }).reshape([2]);

/** Options of {@link randint}. */
export interface RandintOptions {
  /** "int32" (the default) or another integer type. */
  dtype?: DType;
}

/**
 * Integers spread evenly over `minval..maxval-1`, as `jax.random.randint`.
 *
 * @param key a key
 * @param shape the shape of the result
 * @param minval the least value, an integer
 * @param maxval the bound above, an integer
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.randint(random.key(0), [5], 0, 10).toArray(), [9, 0, 2, 3, 1]);
 * ```
 */
export function randint(
  key: TensorLike,
  shape: readonly number[] | number,
  minval: number,
  maxval: number,
  options: RandintOptions = {},
): Tensor {
  const action = "draw integers";
  checkOptions(options, ["dtype"], action);
  const k = checkKey(key, action);
  const sizes = checkShape(shape, action);
  const dtype = options.dtype ?? "int32";
  if (!isInteger(dtype)) {
    throw new TypeError(`Cannot ${action} of dtype ${formatValue(dtype)}: wanted an integer type`);
  }
  for (const bound of [minval, maxval]) {
    if (!Number.isInteger(bound) || bound < -(2 ** 31) || bound >= 2 ** 32) {
      throw new RangeError(`Cannot ${action} within ${formatValue(bound)}: wanted an integer`);
    }
  }
  const low = literal(minval >>> 0, "uint32");
  const span = (maxval - minval) >>> 0;
  if (maxval <= minval) return low.astype("int32").astype(dtype).broadcastTo(sizes);
  const keys = split(k);
  const [high, rest] = [bits32(row(keys, 0), sizes), bits32(row(keys, 1), sizes)];
  const half = 65536 % span;
  const factor = (Math.imul(half, half) >>> 0) % span;
  const s = literal(span, "uint32");
  const offset = high.mod(s).mul(literal(factor, "uint32")).add(rest.mod(s)).mod(s);
  return low.add(offset).astype("int32").astype(dtype);
}

/**
 * The numbers `0..n-1`, or the rows of a tensor, in random order, as `jax.random.permutation`.
 *
 * @param key a key
 * @param x how many numbers, or a tensor
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.permutation(random.key(0), 10).toArray(), [0, 1, 8, 5, 6, 4, 3, 2, 7, 9]);
 * ```
 */
export function permutation(key: TensorLike, x: TensorLike): Tensor {
  const action = "permute";
  let k = checkKey(key, action);
  if (typeof x !== "number") {
    const t = toTensor(x, action);
    if (t.shape.length === 0) throw new TypeError("Cannot permute a scalar tensor: it has no rows");
    return emit("take", [t, permutation(k, t.shape[0]!)], { axis: 0, outside: "fill" });
  }
  const [n] = checkShape([x], action) as [number];
  let order = emit("iota", [], { shape: [n], axis: 0, dtype: "int32" });
  const rounds = Math.ceil(3 * Math.log(Math.max(1, n)) / Math.log(2 ** 32 - 1));
  for (let i = 0; i < rounds; i++) {
    const keys = split(k);
    k = row(keys, 0);
    const places = emitAll("sort", [bits32(row(keys, 1), [n])], { axis: 0 })[1]!;
    order = emit("take", [order, places], { axis: 0, outside: "fill" });
  }
  return order;
}

/** Options of {@link categorical}. */
export interface CategoricalOptions {
  /** The axis of classes in the logits; default the last. */
  axis?: number;
  /** The shape of the result; it ends in the shape of the logits without the axis of classes. */
  shape?: readonly number[];
}

/**
 * Class numbers drawn with the chances `softmax(logits)`, as `jax.random.categorical`.
 *
 * @param key a key
 * @param logits logarithms of chances, up to a constant
 * @returns int32 class numbers
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const draws = random.categorical(random.key(0), [0, -Infinity], { shape: [3] });
 * assertEquals(draws.toArray(), [0, 0, 0]);
 * ```
 */
export function categorical(
  key: TensorLike,
  logits: TensorLike,
  options: CategoricalOptions = {},
): Tensor {
  const action = "draw classes";
  checkOptions(options, ["axis", "shape"], action);
  const k = checkKey(key, action);
  const given = toTensor(logits, action);
  const t = given.dtype === "float64" ? given : given.astype("float32");
  const axis = normalizeAxis(options.axis ?? -1, t.shape.length, action);
  const batch = t.shape.filter((_, i) => i !== axis);
  const shape = checkShape(options.shape ?? batch, action);
  const prefix = shape.slice(0, shape.length - batch.length);
  if (!sameShape(shape, [...prefix, ...batch])) {
    throw new RangeError(
      `Cannot ${action} of shape ${formatValue(shape)}: it must end in ${formatValue(batch)}, ` +
        `the shape of the logits without axis ${axis}`,
    );
  }
  const noise = gumbelOf(k, { shape: [...prefix, ...t.shape], dtype: t.dtype });
  return noise.add(t).argmax({ axis: axis - t.shape.length });
}
