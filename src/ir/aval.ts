/**
 * Aval: what is known of a value before it exists, its shape and dtype.
 *
 * @module
 */
import { type DType, DTYPES } from "../base/dtype.ts";
import { formatShape } from "../base/errors.ts";
import { type Shape, sizeOf } from "../base/shape.ts";

/** An abstract value. Equal avals have equal `key`s. */
export interface Aval {
  /** The sizes of the axes, outermost first. */
  readonly shape: readonly number[];
  /** The element type. */
  readonly dtype: DType;
  /** Whether it came from plain numbers only, so that it yields to the dtype it meets. */
  readonly weak: boolean;
  /** Short text, as `f32[2,3]`; a `~` marks a weak one. */
  readonly key: string;
  /** Number of elements. */
  readonly size: number;
  /** Number of bytes. */
  readonly bytes: number;
}

/** Makes an aval. Its shape is frozen: many tensors share it, and users see it. */
export function makeAval(shape: Shape, dtype: DType, weak = false): Aval {
  const size = sizeOf(shape);
  const row = DTYPES[dtype];
  return {
    shape: Object.isFrozen(shape) ? shape : Object.freeze([...shape]),
    dtype,
    weak,
    key: `${row.short}${weak ? "~" : ""}${formatShape(shape)}`,
    size,
    bytes: size * row.bytes,
  };
}
