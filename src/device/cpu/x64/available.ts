/**
 * Whether kernels may be machine code here, and where not, why: asked before one is emitted, and told
 * by doctor.
 *
 * @module
 */
import { granted, machineCode, processor } from "../../../../ffi/mod.ts";
import { flag } from "../../../base/flags.ts";
import { PAGE } from "../../pages.ts";
import { MAXIMUM_PAGES } from "../memory.ts";

/** Why kernels that work in a memory cannot be machine code; null where they can. */
export function whyNotNative(memory: WebAssembly.Memory): string | null {
  if (!flag("native")) return "the setting native is false";
  // one that grows may move
  if (memory.buffer.byteLength !== MAXIMUM_PAGES * PAGE) {
    return "the system gave less than 4 GiB of addresses for the memory of tensors";
  }
  const machine = machineCode();
  if (machine === null) {
    const { arch, os } = Deno.build;
    if (arch !== "x86_64" || (os !== "linux" && os !== "darwin")) {
      return "machine code is for x86-64 on Linux and macOS";
    }
    return granted({ name: "ffi" })
      ? "the C library cannot be opened"
      : "machine code needs a bare --allow-ffi";
  }
  // the question is machine code itself
  const { avx512 } = processor();
  if (machine.refused) return "the system refuses executable memory";
  return avx512 ? null : "the processor has no AVX-512";
}
