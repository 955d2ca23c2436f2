/**
 * Places along axes, as integers: counted on the device, listed here, or those where a mask holds, of
 * which there may be as many as a size says; and the entries there.
 *
 * @module
 */
import { ConcretizationError, type DType, formatShape } from "../base/mod.ts";
import {
  baseInterpreter,
  cast,
  emit,
  emitAll,
  inside,
  literalBeside,
  type Tensor,
} from "../core/mod.ts";
import { select } from "./operands.ts";
import { integer } from "./options.ts";
import { window } from "./parts.ts";

/** The index along an axis of a shape, as int32 or another dtype. */
export function iota(shape: readonly number[], axis: number, dtype: DType = "int32"): Tensor {
  return emit("iota", [], { shape, axis, dtype });
}

/** A vector of places (int32). */
export function places(values: readonly number[]): Tensor {
  return baseInterpreter().upload(Int32Array.from(values), [values.length], "int32");
}

/** The values of a tensor that decide a shape; while tracing, an error that names the remedy. */
export function valuesOf(t: Tensor, action: string, remedy: string): ArrayLike<number> {
  if (inside(t).storage === null) {
    throw new ConcretizationError(
      `Cannot ${action} a traced ${t.dtype}${formatShape(t.shape)}: ` +
        `the shape of the result depends on its values: ${remedy}`,
    );
  }
  return t.data();
}

/** How many elements of a mask are true, or the size that was asked for. */
export function sizeOfTrue(mask: Tensor, size: number | null | undefined, action: string): number {
  if (size !== undefined && size !== null) return integer(size, "size", action, 0);
  const count = cast(mask, "int32").sum();
  return valuesOf(count, action, "give { size }, how many results there shall be")[0]!;
}

/** The first `size` places where a vector is true, and which of them there are. */
export function truePlaces(mask: Tensor, size: number): { at: Tensor; valid: Tensor } {
  const n = mask.shape[0]!;
  const order = emitAll("sort", [cast(emit("not", [mask]), "uint8")], { axis: 0 })[1]!;
  const at = size <= n
    ? window(order, 0, 0, size)
    : emit("concatenate", [order, order.zeros([size - n])], { axis: 0 });
  const count = cast(mask, "int32").sum();
  const i = iota([size], 0);
  const valid = i.lt(count);
  return { at: select(valid, at, 0), valid };
}

/** Entries along the first axis. */
export function rowsAt(t: Tensor, at: Tensor): Tensor {
  return emit("take", [t, at], { axis: 0, outside: "fill" });
}

/** `rows` where valid, else the fill value. */
export function filled(rows: Tensor, valid: Tensor, fillValue: number): Tensor {
  const mask = valid.reshape([valid.size, ...rows.shape.slice(1).map(() => 1)]);
  return select(mask, rows, literalBeside(rows, [fillValue], [], rows.dtype));
}
