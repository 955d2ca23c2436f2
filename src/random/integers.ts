/**
 * Uniform integers, and signs.
 *
 * @module
 */
import {
  broadcastShapes,
  checkShape,
  type DType,
  formatShape,
  formatValue,
  isInteger,
} from "../base/mod.ts";
import { cast, emit, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { indices, select } from "../numpy/operands.ts";
import { checkOptions } from "../numpy/options.ts";
import { bits32 } from "./bits.ts";
import { checkKey } from "./key.ts";
import { keysOf } from "./threefry.ts";
import { uniformOf } from "./uniform.ts";

/** The least and the greatest number of each integer dtype. */
const RANGE: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** Options of {@link randint}. */
export interface RandintOptions {
  /** "int32" (the default) or another integer type. */
  dtype?: DType;
}

/**
 * Integers spread evenly over `minval..maxval-1`, as `jax.random.randint`. Where maxval <= minval,
 * minval itself.
 *
 * @param key a key
 * @param shape the shape of the result
 * @param minval the least value, an integer or a tensor of integers that broadcasts to the shape
 * @param maxval the bound above, likewise
 * @throws {RangeError} when a bound is no integer
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
  minval: TensorLike,
  maxval: TensorLike,
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
  const bounds = [minval, maxval].map((bound): number | Tensor => {
    if (typeof bound !== "number") return integers(bound, action);
    if (!Number.isInteger(bound) || bound < -(2 ** 31) || bound > 2 ** 32) {
      throw new RangeError(`Cannot ${action} within ${formatValue(bound)}: wanted an integer`);
    }
    return bound;
  });
  const common = broadcastShapes(
    action,
    sizes,
    ...bounds.map((b) => typeof b === "number" ? [] : b.shape),
  );
  if (common.length !== sizes.length || common.some((n, i) => n !== sizes[i])) {
    throw new RangeError(
      `Cannot ${action} of shape ${formatShape(sizes)} with bounds that meet in ${
        formatShape(common)
      }: they must broadcast to it`,
    );
  }
  return randintOf(k, sizes, bounds[0]!, bounds[1]!, dtype);
}

/** Bounds as a tensor of integers; whole numbers in lists count as such. */
function integers(x: TensorLike, action: string): Tensor {
  if (Array.isArray(x)) return indices(x, action);
  const t = toTensor(x, action);
  if (isInteger(t.dtype)) return t;
  throw new TypeError(`Cannot ${action} within bounds of dtype ${t.dtype}: wanted integers`);
}

/** The same, of checked arguments. */
export function randintOf(
  key: Tensor,
  shape: number[],
  minval: number | Tensor,
  maxval: number | Tensor,
  dtype: DType,
): Tensor {
  const [least, greatest] = RANGE[dtype]!;
  const draws = (): Tensor[] => keysOf(key, 2, "draw integers").map((k) => bits32(k, shape));
  const u32 = (x: number): Tensor => literal(x, "uint32");
  if (typeof minval === "number" && typeof maxval === "number") {
    const low = Math.min(Math.max(minval, least), greatest);
    const high = Math.min(Math.max(maxval, least), greatest + 1);
    const start = u32(low >>> 0);
    if (high <= low) return cast(cast(start, "int32"), dtype).broadcastTo(shape);
    const span = high - low;
    const [upper, lower] = draws() as [Tensor, Tensor];
    if (span === 2 ** 32) return cast(cast(start.add(lower), "int32"), dtype);
    const half = 65536 % span;
    const factor = (Math.imul(half, half) >>> 0) % span;
    const s = u32(span);
    const offset = upper.mod(s).mul(u32(factor)).add(lower.mod(s)).mod(s);
    return cast(cast(start.add(offset), "int32"), dtype);
  }
  const bound = (x: number | Tensor, above: number): { value: Tensor; beyond: Tensor } => {
    const t = typeof x === "number" ? boundTensor(x) : x;
    const [from, to] = RANGE[t.dtype]!;
    const beyond = typeof x === "number"
      ? literal(x > greatest ? 1 : 0, "bool")
      : greatest < to
      ? t.gt(greatest)
      : literal(0, "bool");
    let value = t;
    if (from < least) value = value.maximum(least);
    if (to > greatest) value = value.minimum(above);
    return { value: cast(cast(value, "int32"), "uint32"), beyond };
  };
  const narrow = dtype === "uint8" ? greatest + 1 : greatest;
  const low = bound(minval, greatest);
  const high = bound(maxval, narrow);
  const signed = (x: Tensor): Tensor => dtype === "uint32" ? x : cast(x, "int32");
  const some = signed(high.value).gt(signed(low.value));
  let span = select(some, high.value.sub(low.value), 1);
  // one more where the bound above is the number behind the greatest
  if (dtype !== "uint8") span = span.add(cast(emit("and", [high.beyond, some]), "uint32"));
  const [upper, lower] = draws() as [Tensor, Tensor];
  const whole = span.eq(0);
  const s = select(whole, 1, span);
  const half = u32(65536).mod(s);
  const factor = half.mul(half).mod(s);
  const offset = upper.mod(s).mul(factor).add(lower.mod(s)).mod(s);
  const out = low.value.add(select(whole.broadcastTo(shape), lower, offset));
  return cast(cast(out, "int32"), dtype).broadcastTo(shape);
}

function boundTensor(x: number): Tensor {
  return x > 2 ** 31 - 1 ? literal(Math.min(x, 2 ** 32 - 1), "uint32") : literal(x, "int32");
}

/** Options of {@link rademacher}. */
export interface RademacherOptions {
  /** The shape of the result; default a scalar. */
  shape?: readonly number[] | number;
  /** The dtype of the result; default "int32". */
  dtype?: DType;
}

/**
 * Signs: 1 or -1 with equal chances, as `jax.random.rademacher`.
 *
 * @param key a key
 * @param shapeOrOptions the shape, or all options
 * @param more options when the shape stands before them
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.rademacher(random.key(0), [5]).toArray(), [-1, -1, 1, 1, -1]);
 * ```
 */
export function rademacher(
  key: TensorLike,
  shapeOrOptions: RademacherOptions | readonly number[] | number = {},
  more: RademacherOptions = {},
): Tensor {
  const action = "draw signs";
  const positional = typeof shapeOrOptions === "number" || Array.isArray(shapeOrOptions);
  const options = positional ? { ...more, shape: shapeOrOptions } : shapeOrOptions;
  checkOptions(options, ["shape", "dtype"], action);
  const { shape = [], dtype = "int32" } = options as RademacherOptions;
  if (dtype === "bool" || dtype === "uint8" || dtype === "uint32") {
    throw new TypeError(`Cannot ${action} of dtype ${dtype}: it has no -1`);
  }
  const sizes = checkShape(shape, action);
  return signsOf(checkKey(key, action), sizes).astype(dtype);
}

/** The same, of checked arguments, as int32. */
export function signsOf(key: Tensor, shape: number[]): Tensor {
  const coins = uniformOf(key, { shape, dtype: "float32" }).lt(0.5);
  return cast(coins, "int32").mul(2).sub(1);
}
