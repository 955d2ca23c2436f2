/**
 * Compiles kernels to WebAssembly SIMD: one small module for each kernel, which works in place in
 * the memory that it imports.
 *
 * @module
 */
import { allSteps, type Kernel } from "../../ir/kernel.ts";
import { type Callable, F64, I32, ModuleBuilder } from "./asm.ts";
import { HOST_FUNCTIONS, type HostName, WHERE_HOSTS } from "./emit_host.ts";
import { emitLoops } from "./emit_loops.ts";
import { planLoops } from "./emit_plan.ts";
import { hasRow } from "./emit_values.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";

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
}

/** A compiled kernel: takes one byte address for each argument. */
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
  // a memory without a maximum may be imported only where none is asked for
  const module = new ModuleBuilder(
    options.shared ? { maximum: options.maximumPages, shared: true } : {},
  );
  const hosts = new Map<HostName, Callable>();
  for (const name of hostsOf(k)) hosts.set(name, module.import("env", name, [F64, F64], [F64]));
  const f = module.func("run", k.args.map(() => I32), []);
  if (!k.shape.includes(0)) emitLoops(f, planLoops(k), options.relaxed, hosts);
  return module.bytes();
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

/** What an instance of a kernel's module is given. */
function kernelImports(memory: WebAssembly.Memory): WebAssembly.Imports {
  return { env: { memory, ...HOST_FUNCTIONS } };
}

/**
 * Compiles a kernel for one memory, with relaxed SIMD where the engine has it.
 *
 * @param onModule hears how many bytes the module has
 * @throws {TypeError} see {@linkcode emitKernel}.
 */
export function compileKernel(
  k: Kernel,
  memory: WebAssembly.Memory,
  onModule?: (bytes: number) => void,
): RunKernel {
  const bytes = emitKernel(k, {
    relaxed: hasRelaxedSimd(),
    maximumPages: 65536,
    shared: !(memory.buffer instanceof ArrayBuffer),
  });
  onModule?.(bytes.length);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), kernelImports(memory));
  return (instance.exports as KernelExports).run;
}
