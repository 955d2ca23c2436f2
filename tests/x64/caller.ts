/**
 * A caller in machine code that looks at what calls must leave alone: registers, stack, stack pointer.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Assembler } from "../../src/x64/x64.ts";

const [RSP, RSI] = [4, 6];
/** rbx, rbp, r12 to r15. */
const SAVED = [3, 5, 12, 13, 14, 15];
const STACK = Array.from({ length: 16 }, (_, i) => 7_000_000_000 + i);
const valueOf = (register: number): number => 1_000_000_007 * (register + 3);

/**
 * A caller that gives its registers values, puts others on the stack, calls the code, and writes to
 * the memory's start what it finds then: the stack pointer before and after, registers, the stack. The
 * code gets the memory from `beyond` on.
 */
export function callerOf(code: Uint8Array, beyond = 0): Uint8Array {
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
    a.addImmediate(RSI, beyond);
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

/** Asserts that a call left alone what it must; the caller told at the start of this memory. */
export function assertLeftAlone(memory: ArrayBufferLike): void {
  const [first, last, ...rest] = new BigUint64Array(memory, 0, 2 + SAVED.length + STACK.length);
  assertEquals(last, first);
  assertEquals(rest.map(Number), [...SAVED.map(valueOf), ...[...STACK].reverse()]);
}
