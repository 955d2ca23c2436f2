/**
 * Writes calls from kernels to the host's functions, lane by lane.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import type { Local } from "../../wasm/wasm.ts";
import type { HostName } from "./emit_host.ts";
import { allocateReg, copyReg, partsOf, type Reg, wideMask, type Writer } from "./emit_values.ts";

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
    if (part > 0 && lanes === 1) {
      f.get(out[0]!).set(local);
      return;
    }
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

/**
 * Calls the host for the second of `args` in the lanes that the first one, a mask, selects; the
 * others are of the third. A vector with no such lane costs a test and a branch.
 */
export function emitHostedWhere(
  w: Writer,
  name: HostName,
  from: DType,
  args: readonly Reg[],
  lanes: number,
  out: Reg,
): Reg {
  const { f } = w;
  const [mask, x, otherwise] = args as readonly [Reg, Reg, Reg];
  const called = allocateReg(w, from);
  f.get(mask[0]!);
  // with one lane, what the others hold does not matter
  if (lanes === 1) f.lane("i32x4.extract_lane", 0);
  else f.op("v128.any_true");
  f.if(() => {
    emitHosted(w, name, from, x, x, lanes, called);
    const masks = from === "float64" ? wideMask(w, mask) : mask;
    called.forEach((local, p) => {
      f.get(local).get(otherwise[p]!).get(masks[p]!).op("v128.bitselect").set(local);
    });
  }, () => copyReg(w, otherwise, called));
  copyReg(w, called, out);
  return out;
}
