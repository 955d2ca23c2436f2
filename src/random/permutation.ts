/**
 * Orders: permutations, and draws from given values.
 *
 * @module
 */
import { checkShape, formatShape, formatValue, normalizeAxis, sizeOf } from "../base/mod.ts";
import { cast, emit, emitAll, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { insertionPoints } from "../numpy/insertion_points.ts";
import { checkOptions, integer } from "../numpy/options.ts";
import { argsort } from "../numpy/sorting.ts";
import { bits32, gumbelOf, randintOf, uniformOf } from "./draws.ts";
import { checkKey, checkMode, joinOptions } from "./options.ts";
import { keysOf } from "./threefry.ts";

/** Options of {@link permutation}. */
export interface PermutationOptions {
  /** The axis whose entries change places; default 0. */
  axis?: number | undefined;
  /** Whether each vector along the axis gets an order of its own; default false. */
  independent?: boolean | undefined;
}

/**
 * The numbers `0..n-1`, or the rows of a tensor, in random order, as `jax.random.permutation`.
 *
 * @param key a key
 * @param x how many numbers, or a tensor
 * @throws {RangeError} when there is no such axis
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.permutation(random.key(0), 10).toArray(), [0, 1, 8, 5, 6, 4, 3, 2, 7, 9]);
 * ```
 */
export function permutation(
  key: TensorLike,
  x: TensorLike,
  options: PermutationOptions = {},
): Tensor {
  const action = "permute";
  checkOptions(options, ["axis", "independent"], action);
  const { axis = 0, independent = false } = options;
  const k = checkKey(key, action);
  if (typeof x === "number") {
    normalizeAxis(axis, 1, action);
    return orderOf(k, checkShape([x], action)[0]!);
  }
  const t = toTensor(x, action);
  if (t.ndim === 0) throw new TypeError("Cannot permute a scalar tensor: it has no rows");
  const a = normalizeAxis(axis, t.ndim, action);
  if (independent || t.ndim === 1) return shuffled(k, t, a);
  return emit("take", [t, orderOf(k, t.shape[a]!)], { axis: a, outside: "fill" });
}

function orderOf(key: Tensor, n: number): Tensor {
  return shuffled(key, emit("iota", [], { shape: [n], axis: 0, dtype: "int32" }), 0);
}

/** Sorted by random numbers, in as many rounds as make equal ones improbable. */
function shuffled(key: Tensor, x: Tensor, axis: number): Tensor {
  const rounds = Math.ceil(3 * Math.log(Math.max(1, x.size)) / Math.log(2 ** 32 - 1));
  for (let i = 0; i < rounds; i++) {
    const [next, sub] = keysOf(key, 2, "permute") as [Tensor, Tensor];
    const places = emitAll("sort", [bits32(sub, x.shape)], { axis })[1]!;
    x = emit("takeAlong", [x, places], { axis, outside: "fill" });
    key = next;
  }
  return x;
}

/** Options of {@link choice}. */
export interface ChoiceOptions {
  /** The shape of the draw; default a scalar. */
  shape?: readonly number[] | number | undefined;
  /** Whether a value may be drawn again; default true. */
  replace?: boolean | undefined;
  /** The chance of each value, a vector; default equal chances. */
  p?: TensorLike | undefined;
  /** The axis of the values that is drawn from; default 0. */
  axis?: number | undefined;
  /** The mode of the Gumbel noise that draws by chances without replacement. */
  mode?: "low" | "high" | undefined;
}

/**
 * Draws from the numbers `0..n-1`, or from the entries of a tensor along an axis, as
 * `jax.random.choice`.
 *
 * @param key a key
 * @param values how many numbers there are to draw from, or a tensor
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when there are too few values, or not one chance for each
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = random.choice(random.key(0), [10, 20, 30], [3], { replace: false });
 * assertEquals(x.sum().item(), 60);
 * ```
 */
export function choice(
  key: TensorLike,
  values: TensorLike,
  shapeOrOptions?: ChoiceOptions | readonly number[] | number,
  more?: ChoiceOptions,
): Tensor {
  const action = "choose";
  const names = ["shape", "replace", "p", "axis", "mode"];
  const options = joinOptions(shapeOrOptions, more, names, action);
  const k = checkKey(key, action);
  const shape = checkShape(options.shape ?? [], action);
  const t = typeof values === "number" ? null : toTensor(values, action);
  if (t?.ndim === 0) return choice(key, integer(t.item(), "values", action), options);
  const axis = normalizeAxis(options.axis ?? 0, t?.ndim ?? 1, action);
  const n = t === null ? integer(values, "values", action, 0) : t.shape[axis]!;
  const draws = sizeOf(shape);
  const outShape = t === null
    ? shape
    : [...t.shape.slice(0, axis), ...shape, ...t.shape.slice(axis + 1)];
  if (draws > 0 && n === 0) throw new RangeError(`Cannot ${action} out of 0 values: wanted some`);
  const replace = options.replace ?? true;
  if (!replace && draws > n) {
    throw new RangeError(
      `Cannot ${action} ${draws} of ${n} values: without replacement there are too few`,
    );
  }
  const mode = checkMode(options.mode, action);
  if (options.p === undefined && !replace && t !== null) {
    const mixed = permutation(k, t, { axis });
    const window = mixed.shape.map((s, i) => i === axis ? [0, draws] as const : [0, s] as const);
    return mixed.slice(...window).reshape(outShape);
  }
  const places = options.p === undefined
    ? replace ? randintOf(k, shape, 0, n, "int32") : orderOf(k, n).slice(0, draws)
    : byChances(k, chancesOf(options.p, n), shape, replace, mode);
  const at = places.reshape(shape);
  if (t === null) return at;
  return emit("take", [t, at], { axis, outside: "fill" }).reshape(outShape);
}

function chancesOf(p: TensorLike, n: number): Tensor {
  const t = toTensor(p, "choose by");
  if (t.ndim !== 1 || t.shape[0] !== n) {
    throw new RangeError(
      `Cannot choose by chances of shape ${formatShape(t.shape)}: wanted ${
        formatValue([n])
      }, one for each value`,
    );
  }
  return t.dtype === "float64" ? t : cast(t, "float32");
}

function byChances(
  key: Tensor,
  p: Tensor,
  shape: number[],
  replace: boolean,
  mode: "low" | "high",
): Tensor {
  const { dtype } = p;
  if (!replace) {
    const noisy = gumbelOf(key, { shape: [...p.shape], dtype, mode }).add(p.log());
    return argsort(noisy, { descending: true }).slice(0, sizeOf(shape));
  }
  const total = emit("cumsum", [p], { axis: 0, reverse: false });
  const r = total.at(-1).mul(uniformOf(key, { shape, dtype }).neg().add(1));
  return insertionPoints(total, r, "left");
}
