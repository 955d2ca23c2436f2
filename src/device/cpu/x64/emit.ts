/**
 * Compiles kernels to machine code of x86-64 processors with AVX-512, by the writer that also makes
 * WebAssembly of them.
 *
 * @module
 */
import type { Kernel } from "../../../ir/kernel.ts";
import { emitLoops } from "../emit_loops.ts";
import { planLoops } from "../emit_plan.ts";
import { allocate } from "./allocate.ts";
import { MachineCode } from "./code.ts";
import { lanesOf } from "./lanes.ts";
import { aliasConstants } from "./constants.ts";
import { foldMasks } from "./masks.ts";
import { GENERALS, Placed, VECTORS } from "./place.ts";
import { Unsupported } from "./unsupported.ts";

/** A kernel as machine code; see the fields of the same names of WebAssembly's. */
export interface MachineKernel {
  /**
   * A function of the C calling convention of System V: it takes the address of the kernel's
   * arguments, as int32, and that of the memory in which they are addresses, and returns 0.
   */
  readonly code: Uint8Array<ArrayBuffer>;
  /** How many arguments it takes: addresses, then the range or a line's length and range. */
  readonly count: number;
  readonly extent: number;
  readonly lineUnit: number;
}

/** Bytes of the stack that a kernel may take, which nothing probes: little of what a thread has. */
const MOST_STACK = 1 << 15;

/** A kernel as machine code, or null where it needs what this emitter does not write. */
export function emitMachineCode(k: Kernel, pieces: boolean, line: boolean): MachineKernel | null {
  if (k.shape.includes(0)) return null;
  const plan = planLoops(k, 16, pieces, line);
  // a transposition by tiles is faster than gathers
  if (plan.vector < 0 || plan.copyAxis !== plan.vector) return null;
  const numbers = line ? 3 : plan.range === null ? 0 : 2;
  const code = new MachineCode(k.args.length, numbers);
  try {
    emitLoops(code, lanesOf(code), plan, true, new Map());
  } catch (e) {
    if (e instanceof Unsupported) return null;
    throw e;
  }
  const { listing } = code;
  aliasConstants(listing);
  foldMasks(listing);
  const placed = new Placed(listing, allocate(listing, VECTORS, GENERALS));
  if (placed.frame > MOST_STACK) return null;
  return {
    code: placed.bytes(),
    count: k.args.length + numbers,
    extent: plan.range?.extent ?? 0,
    lineUnit: plan.lineUnit,
  };
}
