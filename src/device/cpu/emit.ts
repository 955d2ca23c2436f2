/**
 * Compiles kernels to WebAssembly SIMD: one small module for each kernel, which works in place in
 * the memory that it imports.
 *
 * @module
 */
import { allSteps, type Kernel } from "../../ir/kernel.ts";
import { type Callable, F64, I32, ModuleBuilder } from "../../wasm/wasm.ts";
import { HOST_FUNCTIONS, type HostName, WHERE_HOSTS } from "./emit_host.ts";
import { lanesOf } from "./emit_lanes.ts";
import { emitLoops } from "./emit_loops.ts";
import { planLoops } from "./emit_plan.ts";
import { hasRow } from "./emit_values.ts";
import { hasRelaxedSimd } from "../../wasm/relaxed_simd.ts";

export { HOST_FUNCTIONS } from "./emit_host.ts";
export { NATIVE } from "./emit_scalar.ts";

/** What the emitter must know about the engine and the memory. */
export interface EmitOptions {
  /** Whether relaxed SIMD may be used; see {@linkcode hasRelaxedSimd}. */
  readonly relaxed: boolean;
  /** At least the largest size of a shared memory, in 64 KiB pages; 65536 always works. */
  readonly maximumPages: number;
  /** Whether the memory is shared. */
  readonly shared: boolean;
  /** At most the smallest size of the memory, in 64 KiB pages; 1 by default. */
  readonly minimumPages?: number;
  /** Whether a call is to run a piece of the kernel, where it can be cut. */
  readonly pieces?: boolean;
  /** Whether it is a line, whose length calls tell. */
  readonly line?: boolean;
}

/**
 * A compiled kernel: takes one byte address for each argument, and one in pieces then the first unit
 * to run and the one after the last, which must not be before it nor beyond the kernel's end.
 */
export type RunKernel = (...addresses: number[]) => void;

/** The function that the modules of {@linkcode emitKernel} export. */
export interface KernelExports extends WebAssembly.Exports {
  /** Runs the kernel. */
  readonly run: RunKernel;
}

/**
 * Encodes a kernel as a module that imports "env" "memory" (and those of
 * {@linkcode HOST_FUNCTIONS} that it needs from "env") and exports `run`, which takes the byte
 * address of each argument as an i32.
 *
 * @throws {TypeError} when a scalar operation is not in {@linkcode NATIVE} or not defined for its
 *   type, or when a step of the body that changes within the reduction is used after it.
 */
export function emitKernel(k: Kernel, options: EmitOptions): Uint8Array<ArrayBuffer> {
  return encode(k, options).bytes;
}

/** The module of a kernel, and into how many units it can be cut: 0 when a call runs all of it. */
function encode(
  k: Kernel,
  options: EmitOptions,
): { bytes: Uint8Array<ArrayBuffer>; extent: number; lineUnit: number } {
  const minimum = options.minimumPages ?? 1;
  // a memory without a maximum may be imported only where none is asked for
  const module = new ModuleBuilder(
    options.shared ? { minimum, maximum: options.maximumPages, shared: true } : { minimum },
  );
  const hosts = new Map<HostName, Callable>();
  for (const name of hostsOf(k)) hosts.set(name, module.import("env", name, [F64, F64], [F64]));
  const plan = k.shape.includes(0) ? null : planLoops(k, 4, options.pieces, options.line);
  const range = plan?.range ?? null;
  const more = options.line ? [0, 0, 0] : range === null ? [] : [0, 0];
  const f = module.func("run", [...k.args, ...more].map(() => I32), []);
  if (plan !== null) emitLoops(f, lanesOf(f), plan, options.relaxed, hosts);
  return { bytes: module.bytes(), extent: range?.extent ?? 0, lineUnit: plan?.lineUnit ?? 0 };
}

/** The host functions that a kernel calls. */
function hostsOf(k: Kernel): Set<HostName> {
  const names = new Set<HostName>();
  for (const s of allSteps(k)) {
    const float = s.dtype === "float32" || s.dtype === "float64";
    if (s.op === "pow") {
      if (s.dtype !== "bool") names.add(float ? "pow" : "integerPow");
    } else if (s.op === "rem" && float) names.add("rem");
    else if (hasRow(WHERE_HOSTS, s.op)) names.add(WHERE_HOSTS[s.op]);
  }
  return names;
}

/** The type of a memory, as modules that work in it must declare it. */
export function memoryTypeOf(
  memory: WebAssembly.Memory,
): { minimum: number; maximum?: number; shared?: boolean } {
  const shared = !(memory.buffer instanceof ArrayBuffer);
  // Where the size is known to be the largest, checks of bounds compare with a constant: without it
  // V8 loads the size of a shared memory at every access, and adding two arrays takes 12% longer.
  const minimum = memory.buffer.byteLength === LARGEST * 65536 ? LARGEST : 1;
  return shared ? { minimum, maximum: LARGEST, shared } : { minimum };
}

/** Pages of the whole address space: a memory of any maximum may be imported as this. */
const LARGEST = 65536;

/** A kernel as WebAssembly, and compiled for this thread. */
export interface CompiledKernel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly run: RunKernel;
  /** Units that calls can be cut into; 0 when a call takes addresses alone and runs it all. */
  readonly extent: number;
  /** Elements in a unit of a line, which takes its length before the range; 0 for other kernels. */
  readonly lineUnit: number;
}

/**
 * Compiles a kernel for one memory, with relaxed SIMD where the engine has it.
 *
 * @param pieces whether a call is to run a piece of it, where it can be cut
 * @param line whether it is a line, for every length
 * @throws {TypeError} see {@linkcode emitKernel}.
 */
export function compilePieces(
  k: Kernel,
  memory: WebAssembly.Memory,
  pieces: boolean,
  line = false,
): CompiledKernel {
  const { minimum, shared = false } = memoryTypeOf(memory);
  const { bytes, extent, lineUnit } = encode(k, {
    relaxed: hasRelaxedSimd(),
    maximumPages: LARGEST,
    minimumPages: minimum,
    shared,
    pieces,
    line,
  });
  const imports = { env: { memory, ...HOST_FUNCTIONS } };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  return { bytes, run: (instance.exports as KernelExports).run, extent, lineUnit };
}

/** Compiles a kernel for one memory: what {@linkcode compilePieces} gives for the whole of it. */
export function compileKernel(k: Kernel, memory: WebAssembly.Memory): RunKernel {
  return compilePieces(k, memory, false).run;
}
