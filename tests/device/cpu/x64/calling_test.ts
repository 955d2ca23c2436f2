/** Kernels leave to their caller what is the caller's: its registers and its stack. */
import { assert, assertEquals } from "@std/assert";
import { addressOf, machineCode } from "../../../../ffi/mod.ts";
import { emitMachineCode } from "../../../../src/device/cpu/x64/emit.ts";
import type { Kernel } from "../../../../src/ir/kernel.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";
import { assertLeftAlone, callerOf } from "../../../x64/caller.ts";
import { lay } from "../emitter.ts";
import type { Case } from "../kernel_cases.ts";
import { longProgram, manyArrays, manyFused, manyValues, nested } from "../made_cases.ts";

const ignore = NO_AVX512 !== "";

/** Calls a kernel often; returns how many bytes of code it has. */
function check(c: Case, memory: WebAssembly.Memory, pieces: boolean): number {
  const made = emitMachineCode(c.kernel, pieces, false);
  if (made === null) return 0;
  const machine = machineCode()!;
  const placed = machine.place(callerOf(made.code))!;
  const run = machine.bind(placed, made.count, addressOf(memory.buffer));
  const laid = lay(c, memory);
  const numbers = made.extent > 0 ? [...laid.addresses, 0, made.extent] : laid.addresses;
  for (let i = 0; i < 20; i++) {
    laid.reset();
    run(...numbers);
    assertLeftAlone(memory.buffer);
  }
  placed.free();
  return made.code.length;
}

Deno.test(`registers of the caller, its stack and the stack's end are as they were${NO_AVX512}`, {
  ignore,
}, () => {
  const memory = new WebAssembly.Memory({ initial: 64 });
  for (const pieces of [false, true]) {
    let checked = 0;
    const cases = [
      manyArrays("float64", 20, 3000),
      manyValues("float32", 50, 5000),
      manyValues("float64", 50, 77),
      manyFused("float32", 120, 5),
      nested("uint8", [2, 3, 4, 33]),
      ...Array.from({ length: 40 }, (_, seed) => longProgram(seed)),
    ];
    for (const c of cases) if (check(c, memory, pieces) > 0) checked++;
    assertEquals(checked, cases.length);
  }
});

Deno.test("a kernel that would take much of a thread's stack stays WebAssembly", () => {
  const values = (count: number): Kernel => manyValues("float64", count, 5000).kernel;
  assert(emitMachineCode(values(50), false, false) !== null);
  assertEquals(emitMachineCode(values(120), false, false), null);
});
