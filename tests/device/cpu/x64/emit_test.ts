/**
 * Kernels as machine code do what those of WebAssembly do, or are refused.
 *
 * @module
 */
import { addressOf, machineCode } from "../../../../ffi/mod.ts";
import { emitMachineCode } from "../../../../src/device/cpu/x64/emit.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";
import { claim } from "../emitter_claims.ts";
import type { Emitter } from "../emitter.ts";

const emitter: Emitter = {
  name: `machine code${NO_AVX512}`,
  ignore: NO_AVX512 !== "",
  picky: true,
  compile(k, memory, pieces, line = false) {
    const made = emitMachineCode(k, pieces, line);
    if (made === null) return null;
    const { code, count, extent, lineUnit } = made;
    const machine = machineCode()!;
    const placed = machine.place(code)!;
    const run = machine.bind(placed, count, addressOf(memory.buffer));
    return { run, extent, lineUnit, free: () => placed.free() };
  },
};

claim(emitter);
