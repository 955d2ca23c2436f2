/**
 * How long a step takes on one thread, roughly: what decides whether it is worth cutting in pieces.
 *
 * @module
 */
import { sizeOf } from "../../base/shape.ts";
import { cost } from "../../compile/cost.ts";
import type { Call } from "../../compile/plan.ts";
import { allSteps, type Kernel } from "../../ir/kernel.ts";

// Measured on a processor of 2.7 GHz: a vector instruction on four values and its share of loads takes
// 0.12 to 0.2 ns, streams from memory pass at 20 to 30 GB/s, a call into JavaScript takes 20 ns.
const PER_OPERATION = 0.04;
const PER_BYTE = 0.04;
const PER_HOST_CALL = 20;
const FLOPS = { float32: 40, float64: 20 };
const PER_SORTED_BYTE = { short: 5, long: 12 };

/** Nanoseconds of a kernel in the operations that are emitted. */
export function kernelTime(kernel: Kernel): number {
  const { flops, bytes } = cost({ kind: "kernel", kernel, args: [] });
  const points = sizeOf([...kernel.shape, ...kernel.reduce]);
  let hosts = 0;
  let wide = 1;
  const steps = allSteps(kernel);
  for (let i = 0; i < steps.length; i++) {
    const s = steps[i]!;
    const float = s.dtype === "float32" || s.dtype === "float64";
    if (float && (s.op === "pow" || s.op === "rem")) hosts++;
    if (s.dtype === "float64") wide = 2;
  }
  return flops * wide * PER_OPERATION + bytes * PER_BYTE + points * hosts * PER_HOST_CALL;
}

/** Nanoseconds of a routine in WebAssembly. */
export function callTime(call: Call): number {
  const { flops, bytes } = cost({ kind: "call", call, args: [] });
  if (call.name === "gemm") return flops / FLOPS[call.dtype];
  return bytes * (call.size <= 128 ? PER_SORTED_BYTE.short : PER_SORTED_BYTE.long);
}
