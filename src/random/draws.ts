/**
 * Draws of checked arguments, which the public functions and other distributions are made of.
 *
 * @module
 */
import { type DType, sizeOf } from "../base/mod.ts";
import { cast, emit, literal, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import type { GumbelOptions } from "./exponential.ts";
import type { Drawn } from "./options.ts";
import { draw32, draw32Each, draw64, draw64Each, keysOf, type Words } from "./threefry.ts";
import type { DrawOptions } from "./types.ts";
import type { UniformOptions } from "./uniform.ts";

/** 32 bits for each element of a shape. */
export function bits32(key: Tensor, shape: readonly number[]): Tensor {
  return draw32(key, sizeOf(shape), "draw bits").reshape(shape);
}

/** A number in [0, 1) of 23 random bits; exact in float32 and in float64. */
export function fraction32(bits: Tensor, dtype: "float32" | "float64"): Tensor {
  return emit("shr", [bits, literal(9, "uint32")]).astype(dtype).mul(2 ** -23);
}

/** A float64 in [0, 1) of 52 random bits. */
export function fraction64([high, low]: Words): Tensor {
  return high.astype("float64").mul(2 ** -32)
    .add(emit("shr", [low, literal(12, "uint32")]).astype("float64").mul(2 ** -52));
}

/** Uniform numbers. */
export function uniformOf(key: Tensor, options: Drawn<UniformOptions>): Tensor {
  const { shape, dtype } = options;
  const n = sizeOf(shape);
  const wide = dtype === "float64";
  const bits = wide ? null : draw32(key, n, "draw");
  const fraction = (as: "float32" | "float64"): Tensor =>
    (bits === null ? fraction64(draw64(key, n, "draw")) : fraction32(bits, as)).reshape(shape);
  return within(fraction, options);
}

/** The same for one number for each key of many, whose words have one shape. */
export function uniformEach(keys: Words, options: Omit<Drawn<UniformOptions>, "shape">): Tensor {
  const wide = options.dtype === "float64";
  const bits = wide ? null : draw32Each(keys);
  return within(
    (as) => bits === null ? fraction64(draw64Each(keys)) : fraction32(bits, as),
    options,
  );
}

/** Brings numbers in [0, 1) to [minval, maxval). */
function within(
  fraction: (dtype: "float32" | "float64") => Tensor,
  { dtype, minval = 0, maxval = 1 }: Omit<Drawn<UniformOptions>, "shape">,
): Tensor {
  if (minval === 0 && maxval === 1) return fraction(dtype as "float32" | "float64");
  const bound = (x: TensorLike): Tensor =>
    typeof x === "number" ? literal(x, dtype) : cast(toTensor(x, "draw within"), dtype);
  const low = bound(minval);
  const span = bound(maxval).sub(low);
  // XLA fuses this into one rounding; the float64 product is exact
  const value = fraction("float64").mul(cast(span, "float64")).add(cast(low, "float64"));
  return cast(value, dtype).maximum(low);
}

/** Standard normal numbers. */
export function normalOf(key: Tensor, { shape, dtype }: Drawn<DrawOptions>): Tensor {
  return quantile(uniformOf(key, { shape, dtype, minval: nextAfter(-1, 0, dtype), maxval: 1 }));
}

/** The same for one number for each key of many. */
export function normalEach(keys: Words, dtype: DType): Tensor {
  return quantile(uniformEach(keys, { dtype, minval: nextAfter(-1, 0, dtype), maxval: 1 }));
}

/** The normal number of a uniform one in (-1, 1). */
export function quantile(x: Tensor): Tensor {
  return emit("erfinv", [x]).mul(Math.SQRT2);
}

/** The least numbers of full precision. */
export const TINY: Readonly<Record<string, number>> = {
  float32: 1.1754943508222875e-38,
  float64: 2.2250738585072014e-308,
};

/** Exponential numbers of mean 1. */
export function exponentialOf(key: Tensor, options: Drawn<DrawOptions>): Tensor {
  return uniformOf(key, options).neg().log1p().neg();
}

/** The same for one number for each key of many. */
export function exponentialEach(keys: Words, dtype: DType): Tensor {
  return uniformEach(keys, { dtype }).neg().log1p().neg();
}

/** Gumbel numbers. */
export function gumbelOf(key: Tensor, options: Drawn<GumbelOptions>): Tensor {
  const { shape, dtype, mode } = options;
  const tiny = TINY[dtype]!;
  if (mode !== "high") {
    return uniformOf(key, { shape, dtype, minval: tiny, maxval: 1 }).log().neg().log().neg();
  }
  const [high, low] = [...uniformOf(key, { shape: [2, ...shape], dtype })] as [Tensor, Tensor];
  const ulp = dtype === "float64" ? 2 ** -52 : 2 ** -23;
  const x = select(high.ge(0.5), high, high.add(low.mul(ulp)).add(tiny));
  return x.neg().log1p().neg().log().neg();
}

/** Signs, as int32. */
export function signsOf(key: Tensor, shape: number[]): Tensor {
  const coins = uniformOf(key, { shape, dtype: "float32" }).lt(0.5);
  return cast(coins, "int32").mul(2).sub(1);
}

/** The next number of a dtype after `x` in the direction of `to`. */
export function nextAfter(x: number, to: number, dtype: DType): number {
  const y = dtype === "float64" ? x : Math.fround(x);
  if (!Number.isFinite(y) || y === to) return y;
  const up = to > y;
  if (y === 0) return (up ? 1 : -1) * (dtype === "float64" ? Number.MIN_VALUE : 2 ** -149);
  const away = up === y > 0;
  if (dtype === "float64") {
    const bits = new BigInt64Array(Float64Array.of(y).buffer);
    bits[0] = bits[0]! + (away ? 1n : -1n);
    return new Float64Array(bits.buffer)[0]!;
  }
  const bits = new Int32Array(Float32Array.of(y).buffer);
  bits[0] = bits[0]! + (away ? 1 : -1);
  return new Float32Array(bits.buffer)[0]!;
}

/** The least and the greatest number of each integer dtype. */
const RANGE: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** Integers from `minval` on, below `maxval`. */
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
