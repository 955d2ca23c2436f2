/**
 * Initializers that draw nothing.
 *
 * @module
 */
import { formatShape } from "../base/mod.ts";
import { cast, emit, literal, type TensorLike, toTensor } from "../core/mod.ts";
import { checkFactory, finite, initializer } from "./initializer.ts";
import type { Initializer } from "./types.ts";

/**
 * All zeros.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(initializers.zeros()([2]).toArray(), [0, 0]);
 * ```
 */
export function zeros(options: Record<never, never> = {}): Initializer {
  checkFactory("zeros", options, []);
  return initializer("zeros", (shape, dtype) => literal(0, dtype).broadcastTo(shape));
}

/**
 * All ones.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(initializers.ones()([2], { dtype: "int32" }).toArray(), [1, 1]);
 * ```
 */
export function ones(options: Record<never, never> = {}): Initializer {
  checkFactory("ones", options, []);
  return initializer("ones", (shape, dtype) => literal(1, dtype).broadcastTo(shape));
}

/** Options of {@link constant}. */
export interface ConstantOptions {
  /** A number, or a tensor that broadcasts to the shape; default 0. */
  value?: TensorLike | undefined;
}

/**
 * One value everywhere.
 *
 * @param options the options, or the number itself
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(initializers.constant({ value: 0.5 })([2]).toArray(), [0.5, 0.5]);
 * ```
 */
export function constant(options: ConstantOptions | number = {}): Initializer {
  if (typeof options === "number") return constant({ value: options });
  checkFactory("constant", options, ["value"]);
  const value = options.value ?? 0;
  return initializer("constant", (shape, dtype) => {
    if (typeof value === "number") return literal(value, dtype).broadcastTo(shape);
    return cast(toTensor(value, "initialize with"), dtype).broadcastTo(shape);
  });
}

/** Options of {@link identity}. */
export interface IdentityOptions {
  /** What stands on the diagonal; default 1. */
  gain?: number | undefined;
}

/**
 * Matrices with `gain` on the diagonal.
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(initializers.identity({ gain: 2 })([2, 3]).toArray(), [[2, 0, 0], [0, 2, 0]]);
 * ```
 */
export function identity(options: IdentityOptions = {}): Initializer {
  checkFactory("identity", options, ["gain"]);
  const gain = finite(options.gain ?? 1, "gain", "identity");
  return initializer("identity", (shape, dtype) => {
    if (shape.length !== 2) {
      throw new RangeError(
        `Cannot initialize ${formatShape(shape)} with identity: only matrices have a diagonal`,
      );
    }
    const index = (axis: number) => emit("iota", [], { shape, axis, dtype: "int32" });
    return index(0).eq(index(1)).astype(dtype).mul(gain);
  });
}
