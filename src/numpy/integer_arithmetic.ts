/**
 * Arithmetic of whole numbers: common divisors, and the bits of bytes.
 *
 * @module
 */
import { formatValue, isInteger, normalizeAxis } from "../base/mod.ts";
import { cast, emit, promoted, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { select } from "./operands.ts";
import { integer, readOptions } from "./options.ts";
import { window } from "./parts.ts";
import type { Options } from "./types.ts";

/** Steps that Euclid's algorithm takes at most: the index of the last Fibonacci number in 32 bits. */
const STEPS = 47;

function integers(a: TensorLike, b: TensorLike, action: string): [Tensor, Tensor] {
  const [x, y] = promoted(a, b, action);
  if (!isInteger(x.dtype)) {
    throw new TypeError(
      `Cannot ${action} values of dtype ${x.dtype}: wanted integers: convert with astype("int32")`,
    );
  }
  return [x, y];
}

/**
 * The greatest common divisor, at least 0.
 *
 * @throws {TypeError} for values that are no integers
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.gcd(np.array([12, 0], "int32"), 18).toArray(), [6, 18]);
 * ```
 */
export function gcd(a: TensorLike, b: TensorLike): Tensor {
  let [x, y] = integers(a, b, "take the common divisor of");
  const steps = x.dtype === "uint8" ? 14 : STEPS;
  [x, y] = [x.add(y.zeros()), y.add(x.zeros())];
  for (let i = 0; i < steps; i++) {
    const done = y.eq(0);
    [x, y] = [select(done, x, y), select(done, y, emit("rem", [x, select(done, 1, y)]))];
  }
  return x.dtype === "int32" ? x.abs() : x;
}

/**
 * The least common multiple, at least 0.
 *
 * @throws {TypeError} for values that are no integers
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.lcm(np.array([4, 0], "int32"), 6).toArray(), [12, 0]);
 * ```
 */
export function lcm(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = integers(a, b, "take the common multiple of");
  const d = gcd(x, y);
  const out = emit("floorDiv", [x, select(d.eq(0), 1, d)]).mul(y);
  return out.dtype === "int32" ? out.abs() : out;
}

/**
 * How many bits of the absolute value are 1, as uint8.
 *
 * @throws {TypeError} for values that are no integers
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.bitwiseCount(np.array([0, 7, -8], "int32")).toArray(), [0, 3, 1]);
 * ```
 */
export function bitwiseCount(x: TensorLike): Tensor {
  const action = "count the bits of";
  const t = toTensor(x, action);
  if (!isInteger(t.dtype) && t.dtype !== "bool") {
    throw new TypeError(`Cannot ${action} values of dtype ${t.dtype}: wanted integers`);
  }
  let v = cast(t.dtype === "int32" ? t.abs() : t, "uint32");
  const u = (value: number): Tensor => v.zeros([]).add(value);
  const part = (s: Tensor, shift: number, mask: number): Tensor =>
    emit("and", [emit("shr", [s, u(shift)]), u(mask)]);
  v = v.sub(part(v, 1, 0x55555555));
  v = part(v, 0, 0x33333333).add(part(v, 2, 0x33333333));
  v = emit("and", [v.add(emit("shr", [v, u(4)])), u(0x0f0f0f0f)]);
  return cast(emit("shr", [v.mul(u(0x01010101)), u(24)]), "uint8");
}

/** What `packbits` takes. */
export interface PackbitsOptions extends Options {
  /** The axis to pack; default all elements, flattened. */
  axis?: number | null | undefined;
  /** "big" (the default): the first element is the highest bit; or "little". */
  bitorder?: "big" | "little" | undefined;
}

/** What `unpackbits` takes. */
export interface UnpackbitsOptions extends PackbitsOptions {
  /** How many bits to keep along the axis; negative leaves out that many at the end. */
  count?: number | null | undefined;
}

function readBits<T extends PackbitsOptions>(
  options: unknown,
  names: string[],
  action: string,
): T & { little: boolean } {
  const o = readOptions<T>(options, [...names, "axis", "bitorder"], action, "axis");
  const { bitorder = "big" } = o;
  if (bitorder !== "big" && bitorder !== "little") {
    throw new TypeError(
      `Cannot ${action} in bit order ${formatValue(bitorder)}: wanted "big" or "little"`,
    );
  }
  return { ...o, little: bitorder === "little" };
}

/**
 * Eight elements of truth in each byte (uint8); zeros fill the last one.
 *
 * @throws {TypeError} for floats
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.packbits(np.array([true, false, true])).toArray(), [160]);
 * ```
 */
export function packbits(x: TensorLike, options?: number | PackbitsOptions): Tensor {
  const action = "pack the bits of";
  const o = readBits<PackbitsOptions>(options, [], action);
  const given = toTensor(x, action);
  if (!isInteger(given.dtype) && given.dtype !== "bool") {
    throw new TypeError(
      `Cannot ${action} values of dtype ${given.dtype}: wanted bools or integers`,
    );
  }
  const t = o.axis === undefined || o.axis === null ? given.reshape([-1]) : given;
  const axis = normalizeAxis(o.axis ?? 0, t.ndim, action);
  const n = t.shape[axis]!;
  const bytes = Math.ceil(n / 8);
  let bits = cast(cast(t, "bool"), "uint8");
  if (n < 8 * bytes) {
    const rest = bits.zeros(t.shape.map((s, i) => i === axis ? 8 * bytes - n : s));
    bits = emit("concatenate", [bits, rest], { axis });
  }
  const [head, tail] = [t.shape.slice(0, axis), t.shape.slice(axis + 1)];
  const cells = bits.reshape([...head, bytes, 8, ...tail]);
  const i = emit("iota", [], { shape: [8, ...tail.map(() => 1)], axis: 0, dtype: "uint8" });
  const shifts = o.little ? i : i.neg().add(7);
  return cast(emit("shl", [cells, shifts]).sum({ axis: axis + 1 }), "uint8");
}

/**
 * The bits of bytes (uint8) as elements 0 and 1, eight for each.
 *
 * @throws {TypeError} for values that are not uint8
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.unpackbits(np.array([160], "uint8"), { count: 3 }).toArray(), [1, 0, 1]);
 * ```
 */
export function unpackbits(x: TensorLike, options?: number | UnpackbitsOptions): Tensor {
  const action = "unpack the bits of";
  const o = readBits<UnpackbitsOptions>(options, ["count"], action);
  const given = toTensor(x, action);
  if (given.dtype !== "uint8") {
    throw new TypeError(`Cannot ${action} values of dtype ${given.dtype}: wanted uint8`);
  }
  const t = o.axis === undefined || o.axis === null ? given.reshape([-1]) : given;
  const axis = normalizeAxis(o.axis ?? 0, t.ndim, action);
  const [head, n, tail] = [t.shape.slice(0, axis), t.shape[axis]!, t.shape.slice(axis + 1)];
  const i = emit("iota", [], { shape: [8, ...tail.map(() => 1)], axis: 0, dtype: "uint8" });
  const shifts = o.little ? i : i.neg().add(7);
  const cells = emit("shr", [t.reshape([...head, n, 1, ...tail]), shifts]);
  const bits = emit("and", [cells, cells.zeros([]).add(1)]).reshape([...head, 8 * n, ...tail]);
  if (o.count === undefined || o.count === null) return bits;
  const count = integer(o.count, "count", action);
  const kept = count < 0 ? Math.max(0, 8 * n + count) : count;
  if (kept <= 8 * n) return window(bits, axis, 0, kept);
  const more = bits.zeros(bits.shape.map((s, k) => k === axis ? kept - 8 * n : s));
  return emit("concatenate", [bits, more], { axis });
}
