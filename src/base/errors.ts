/**
 * The error classes that callers may want to catch by name. Everything else is a TypeError (wrong
 * kind) or a RangeError (wrong value).
 *
 * @module
 */

export { NativeLibraryError } from "../../ffi/errors.ts";

/**
 * A traced value was read as if it were a number: inside `jit` there are no numbers yet.
 *
 * @example
 * ```ts
 * import { ConcretizationError, jit, np } from "glissade";
 * import { assertThrows } from "@std/assert";
 * const f = jit((x) => x.item() > 0 ? x : x.neg());
 * assertThrows(() => f(np.array(1)), ConcretizationError);
 * ```
 */
export class ConcretizationError extends TypeError {
  /** The name of the class. */
  override name = "ConcretizationError";
}

/**
 * A tensor that only stands for a value inside a `jit` trace was used after that trace ended.
 *
 * @example
 * ```ts
 * import { jit, LeakedTracerError, np, type Tensor } from "glissade";
 * import { assertThrows } from "@std/assert";
 * const kept: Tensor[] = [];
 * jit((x) => (kept.push(x), x))(np.array(1));
 * assertThrows(() => kept[0]!.add(1), LeakedTracerError);
 * ```
 */
export class LeakedTracerError extends Error {
  /** The name of the class. */
  override name = "LeakedTracerError";
}

/**
 * A tensor was read after its memory was given away with `jit(f, { donate })`.
 *
 * @example
 * ```ts
 * import { DonatedError, jit, np } from "glissade";
 * import { assertThrows } from "@std/assert";
 * const step = jit((x) => x.add(1), { donate: [0] });
 * const x = np.zeros([3]);
 * step(x);
 * assertThrows(() => x.data(), DonatedError);
 * ```
 */
export class DonatedError extends Error {
  /** The name of the class. */
  override name = "DonatedError";
}

/**
 * The device has no room left for a result. The state from before the call is intact.
 *
 * @example
 * ```ts
 * import { np, OutOfMemoryError } from "glissade";
 * import { assertThrows } from "@std/assert";
 * assertThrows(() => np.zeros([1 << 20, 1 << 12]), OutOfMemoryError);
 * ```
 */
export class OutOfMemoryError extends Error {
  /** The name of the class. */
  override name = "OutOfMemoryError";
}

/**
 * A device has failed in such a way that only a new process can use it again: what it held is lost,
 * and every use of it is this error. The message names what it ran last.
 *
 * @example
 * ```ts
 * import { DeadDeviceError, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * try {
 *   assertEquals(np.zeros([3]).toArray(), [0, 0, 0]);
 * } catch (e) {
 *   if (e instanceof DeadDeviceError) console.error("start again from the last checkpoint");
 *   throw e;
 * }
 * ```
 */
export class DeadDeviceError extends Error {
  /** The name of the class. */
  override name = "DeadDeviceError";
}

/** Formats a shape for a message: `[32,784]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(",")}]`;
}

/** Formats any value for a message: short, one line, never throws. */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (value === null || typeof value !== "object") return String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (Array.isArray(value)) {
    const head = value.slice(0, 6).map((v) => Array.isArray(v) ? "[...]" : formatValue(v));
    return `[${head.join(",")}${value.length > 6 ? ",..." : ""}]`;
  }
  const name = value.constructor?.name;
  return name && name !== "Object" ? name : `{${Object.keys(value).slice(0, 4).join(",")}}`;
}
