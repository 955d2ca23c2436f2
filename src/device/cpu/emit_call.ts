/**
 * Writes calls from kernels to the host's functions, lane by lane.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import type { Local } from "./asm.ts";
import type { HostName } from "./emit_host.ts";
import { partsOf, type Reg, type Writer } from "./emit_values.ts";

/** Calls the host for each lane; with one lane, its result goes to all of them. */
export function emitHosted(
  w: Writer,
  name: HostName,
  from: DType,
  a: Reg,
  b: Reg,
  lanes: number,
  out: Reg,
): Reg {
  const { f } = w;
  const callee = w.host(name);
  const form = from === "float32" ? "f32x4" : from === "float64" ? "f64x2" : "i32x4";
  const perPart = 4 / partsOf(from);
  const push = (x: Local, lane: number) => {
    f.get(x).lane(`${form}.extract_lane`, lane);
    if (from === "float32") f.op("f64.promote_f32");
    else if (from !== "float64") f.op(from === "int32" ? "f64.convert_i32_s" : "f64.convert_i32_u");
  };
  const call = (part: number, lane: number) => {
    push(a[part]!, lane);
    push(b[part]!, lane);
    f.call(callee);
    if (from === "float32") f.op("f32.demote_f64");
    else if (from !== "float64") f.op("i32.trunc_sat_f64_s");
  };
  out.forEach((local, part) => {
    if (part > 0 && lanes === 1) return f.get(out[0]!).set(local);
    call(part, 0);
    f.op(`${form}.splat`);
    if (lanes > 1) {
      for (let lane = 1; lane < perPart; lane++) {
        call(part, lane);
        f.lane(`${form}.replace_lane`, lane);
      }
    }
    if (from === "uint8") f.i32x4.const(255).op("v128.and");
    f.set(local);
  });
  return out;
}
