/**
 * How conversions between element types are written in vector instructions.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import { allocateReg, type Reg, type ScalarShape, type Writer } from "./emit_values.ts";
import type { PlainName } from "../../wasm/opcodes.ts";

/** Floats to integers truncate and saturate, integers wrap, bool is "not zero". */
export function emitCast(w: Writer, from: DType, to: DType, a: Reg, shape: ScalarShape): Reg {
  const { f } = w;
  if (from === to) return a;
  const out = (): Reg => shape.into ?? allocateReg(w, to);
  const single = (write: () => void): Reg => {
    const r = out();
    write();
    f.set(r[0]!);
    return r;
  };
  if (from === "float64") {
    if (to === "bool") {
      return single(() => {
        for (const part of a) f.get(part).f64x2.const(0).op("f64x2.ne");
        w.lanes.narrow();
      });
    }
    return single(() => {
      const name: PlainName = to === "float32"
        ? "f32x4.demote_f64x2_zero"
        : to === "uint32"
        ? "i32x4.trunc_sat_f64x2_u_zero"
        : "i32x4.trunc_sat_f64x2_s_zero";
      f.get(a[0]!).op(name).get(a[1]!).op(name);
      w.lanes.join();
      if (to === "uint8") clampToByte(w);
    });
  }
  if (to === "float64") {
    const name: PlainName = from === "float32"
      ? "f64x2.promote_low_f32x4"
      : from === "uint32"
      ? "f64x2.convert_low_i32x4_u"
      : "f64x2.convert_low_i32x4_s";
    const r = out();
    [0, 1].forEach((part) => {
      if (part === 1) w.lanes.upper(a[0]!);
      else f.get(a[0]!);
      if (from === "bool") f.i32x4.const(1).op("v128.and");
      f.op(name).set(r[part]!);
    });
    return r;
  }
  if (from === "float32") {
    if (to === "bool") return single(() => f.get(a[0]!).f32x4.const(0).op("f32x4.ne"));
    return single(() => {
      f.get(a[0]!)
        .op(to === "uint32" ? "i32x4.trunc_sat_f32x4_u" : "i32x4.trunc_sat_f32x4_s");
      if (to === "uint8") clampToByte(w);
    });
  }
  if (to === "float32") {
    return single(() => {
      f.get(a[0]!);
      if (from === "bool") f.f32x4.const(1).op("v128.and");
      else f.op(from === "uint32" ? "f32x4.convert_i32x4_u" : "f32x4.convert_i32x4_s");
    });
  }
  if (to === "bool") return single(() => f.get(a[0]!).i32x4.const(0).op("i32x4.ne"));
  if (from === "bool") return single(() => f.get(a[0]!).i32x4.const(1).op("v128.and"));
  if (to === "uint8") return single(() => f.get(a[0]!).i32x4.const(255).op("v128.and"));
  return a;
}

function clampToByte(w: Writer): void {
  w.f.i32x4.const(0).op("i32x4.max_s").i32x4.const(255).op("i32x4.min_s");
}
