/**
 * The form in which emitted kernels hold values: as many elements at a time as a vector has lanes
 * of 32 bits, float32 as f32x4, float64 as a pair of f64x2, int32, uint32 and uint8 as i32x4 (uint8
 * values stay in 0..255), bool as an i32x4 mask.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import type { ScalarName } from "../../ir/scalar.ts";
import type { Callable, Local } from "../../wasm/wasm.ts";
import type { Code, Lanes } from "./emit_code.ts";
import type { HostName } from "./emit_host.ts";

/** The lanes of a value: one vector, or for float64 the low and the high half. */
export type Reg = readonly Local[];

/** What the writers of instructions share. */
export interface Writer {
  readonly f: Code;
  readonly lanes: Lanes;
  /** Whether relaxed SIMD may be used. */
  readonly relaxed: boolean;
  /** Takes a v128 local until the end of the running scope. */
  vector(): Local;
  /** Takes an i32 local until the end of the running scope. */
  integer(): Local;
  /** A function of the host. */
  host(name: HostName): Callable;
}

/** How many vectors hold a value of a type. */
export function partsOf(dtype: DType): 1 | 2 {
  return dtype === "float64" ? 2 : 1;
}

/** Takes locals for a value of a type. */
export function allocateReg(w: Writer, dtype: DType): Reg {
  return dtype === "float64" ? [w.vector(), w.vector()] : [w.vector()];
}

/** Copies a value into other locals. */
export function copyReg(w: Writer, from: Reg, to: Reg): void {
  to.forEach((local, p) => {
    if (local !== from[p]!) w.f.get(from[p]!).set(local);
  });
}

/** Pushes one part of a constant. */
export function pushConstant(w: Writer, dtype: DType, value: number): void {
  if (dtype === "float32") w.f.f32x4.const(value);
  else if (dtype === "float64") w.f.f64x2.const(value);
  else if (dtype === "bool") w.f.i32x4.const(value !== 0 ? -1 : 0);
  else w.f.i32x4.const(dtype === "uint8" ? value & 255 : value);
}

/** A constant in all lanes. */
export function emitConstant(w: Writer, dtype: DType, value: number): Reg {
  const x = w.vector();
  pushConstant(w, dtype, value);
  w.f.set(x);
  return dtype === "float64" ? [x, x] : [x];
}

/** How a step is to be written. */
export interface ScalarShape {
  /** How many of the lanes matter: all, or 1 for the lowest only. */
  readonly lanes: number;
  /** Whether all lanes of the second operand are equal. */
  readonly uniformSecond?: boolean;
  /** The values of the operands that are constants. */
  readonly constants?: readonly (number | undefined)[];
  /** Where the result goes; new locals by default. May be an operand. */
  readonly into?: Reg;
}

/** Writes each part of a result, from what a function pushes. */
export type Each = (write: (part: number) => void) => Reg;

/** Whether a table has a row for an operation. */
export const hasRow = <T extends object>(table: T, op: PropertyKey): op is keyof T =>
  Object.hasOwn(table, op);

/** Refuses an operation. */
export function wrong(op: ScalarName, from: DType): never {
  throw new TypeError(
    `Cannot emit ${op} of ${from}: an operation of the emitter's native set on a type it is ` +
      `defined for is wanted: expand the kernel first`,
  );
}

/** The two 64-bit masks of a mask. */
export function wideMask(w: Writer, mask: Reg): Reg {
  const out = [w.vector(), w.vector()];
  w.f.get(mask[0]!).op("i64x2.extend_low_i32x4_s").set(out[0]!);
  w.f.get(mask[0]!).op("i64x2.extend_high_i32x4_s").set(out[1]!);
  return out;
}
