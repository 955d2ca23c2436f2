/** Kernels leave to their caller what is the caller's: its registers and its stack. */
import { assert, assertEquals } from "@std/assert";
import { addressOf, machineCode } from "../../../../ffi/mod.ts";
import { Assembler } from "../../../../src/x64/x64.ts";
import { emitMachineCode } from "../../../../src/device/cpu/x64/emit.ts";
import type { Kernel } from "../../../../src/ir/kernel.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";
import { lay } from "../emitter.ts";
import type { Case } from "../kernel_cases.ts";
import { longProgram, manyArrays, manyFused, manyValues, nested } from "../made_cases.ts";

const ignore = NO_AVX512 !== "";
const [RSP, RSI] = [4, 6];
/** rbx, rbp, r12 to r15. */
const SAVED = [3, 5, 12, 13, 14, 15];
const STACK = Array.from({ length: 16 }, (_, i) => 7_000_000_000 + i);
const valueOf = (register: number): number => 1_000_000_007 * (register + 3);

/**
 * A caller that gives its registers values, puts others on the stack, calls the code, and writes to
 * the memory's start what it finds then: the stack pointer before and after, registers, the stack.
 */
function callerOf(code: Uint8Array): Uint8Array {
  const asm = (write: (a: Assembler) => void): Uint8Array => {
    const a = new Assembler();
    write(a);
    return a.bytes().subarray(0, a.length);
  };
  const before = asm((a) => {
    for (const r of SAVED) a.push(r);
    for (const value of STACK) {
      a.moveImmediate(0, value);
      a.push(0);
    }
    a.push(RSI);
    a.store64({ base: RSI, disp: 0 }, RSP);
    for (const r of SAVED) a.moveImmediate(r, valueOf(r));
  });
  const after = asm((a) => {
    a.move(1, RSP);
    a.pop(RSI);
    a.store64({ base: RSI, disp: 8 }, 1);
    SAVED.forEach((r, i) => a.store64({ base: RSI, disp: 16 + 8 * i }, r));
    STACK.forEach((_, i) => {
      a.pop(0);
      a.store64({ base: RSI, disp: 16 + 8 * (SAVED.length + i) }, 0);
    });
    for (const r of [...SAVED].reverse()) a.pop(r);
    a.xor(0, 0);
    a.ret();
  });
  const call = new Uint8Array(5);
  call[0] = 0xe8;
  new DataView(call.buffer).setInt32(1, after.length, true);
  return Uint8Array.from([...before, ...call, ...after, ...code]);
}

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
    const [first, last, ...rest] = new BigUint64Array(
      memory.buffer,
      0,
      2 + SAVED.length + STACK.length,
    );
    assertEquals(last, first);
    assertEquals(rest.map(Number), [...SAVED.map(valueOf), ...[...STACK].reverse()]);
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
