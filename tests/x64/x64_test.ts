/** The assembler against GNU as, instruction by instruction, and its labels and constants. */
import { assertEquals, assertThrows } from "@std/assert";
import { Assembler, type Condition } from "../../src/x64/x64.ts";
import * as table from "../../src/x64/instructions.ts";
import golden from "../goldens/data/x64.json" with { type: "json" };
import { cases } from "./cases.ts";

const expected: Readonly<Record<string, string>> = golden.instructions;

Deno.test("every instruction has the bytes that GNU as gives it", () => {
  const all = cases();
  const ours: Record<string, string> = {};
  for (const { text, constant, encode } of all) {
    const assembler = new Assembler();
    encode(assembler, assembler.constant(new Uint8Array(constant ?? 4)));
    ours[text] = assembler.bytes().subarray(0, assembler.length).toHex();
  }
  assertEquals(all.length > 1000, true);
  assertEquals(ours, expected);
});

Deno.test("every name of the tables is among the cases", () => {
  const covered = new Set(
    cases().map(({ text }) => text.replace("{evex} ", "").split(" ")[0]!),
  );
  const tables: readonly object[] = [
    table.V3,
    table.V2,
    table.V3I,
    table.V2I,
    table.COMPARISONS,
    table.TESTS,
    table.STORES,
    table.STORES_I,
    table.GATHERS,
    table.FROM_GENERAL,
    table.TO_GENERAL,
    table.FROM_MASK,
    table.TO_MASK,
  ];
  const names = tables.flatMap((one) => Object.keys(one));
  assertEquals(names.length > 200, true);
  assertEquals(names.filter((name) => !covered.has(name)), []);
});

Deno.test("jumps lead forwards and backwards, from the end of the jump", () => {
  const assembler = new Assembler();
  const [start, end] = [assembler.label(), assembler.label()];
  assembler.jump(end);
  assembler.bind(start);
  assembler.addImmediate(0, 1);
  assembler.jumpIf("l", start);
  assembler.jumpIf("ae", end);
  assembler.bind(end);
  assembler.jump(end);
  assembler.ret();
  assertEquals(
    assembler.bytes().toHex(),
    "e910000000" + // over 16 bytes
      "4883c001" +
      "0f8cf6ffffff" + // back over 10, to the addition
      "0f8300000000" + // to what follows
      "e9fbffffff" + // to itself
      "c3",
  );
});

Deno.test("jumps have the conditions' numbers", () => {
  const codes = (Object.keys(table.CONDITIONS) as Condition[]).map((condition) => {
    const assembler = new Assembler();
    const label = assembler.label();
    assembler.bind(label);
    assembler.jumpIf(condition, label);
    return `${condition} ${assembler.bytes()[1]!.toString(16)}`;
  });
  // As Intel's manual lists Jcc, 0f 80 and up.
  assertEquals(
    codes.join(),
    "o 80,no 81,b 82,ae 83,e 84,ne 85,be 86,a 87,s 88,ns 89,p 8a,np 8b,l 8c,ge 8d,le 8e,g 8f",
  );
});

Deno.test("a label is bound once, and before the code is taken", () => {
  const assembler = new Assembler();
  const label = assembler.label();
  assembler.jump(label);
  assertThrows(() => assembler.bytes(), RangeError, "must be bound");
  assembler.bind(label);
  assertEquals(assembler.bytes().toHex(), "e900000000");
  assertThrows(() => assembler.bind(label), RangeError, "bound already");
});

Deno.test("constants lie behind the code, once each, the longest first, aligned to their length", () => {
  const assembler = new Assembler();
  const four = Uint8Array.of(1, 2, 3, 4);
  const eight = new Uint8Array(8).fill(8);
  const long = new Uint8Array(64).fill(64);
  const a = assembler.constant(four);
  const b = assembler.constant(eight);
  const c = assembler.constant(long);
  assertEquals(assembler.constant(Uint8Array.of(1, 2, 3, 4)), a);
  // What the caller does with its array later is its own affair.
  four.fill(9);
  assembler.v3("vaddps", 0, 0, a, { broadcast: true });
  assembler.v3("vaddpd", 0, 0, b, { broadcast: true });
  assembler.v3i("vpternlogd", 0, 0, c, 0xff);
  assembler.v3("vaddps", 0, 0, a, { broadcast: true });
  assembler.ret();
  const bytes = assembler.bytes();
  const view = new DataView(bytes.buffer);
  // Instructions of 10, 10, 11, 10 and 1 bytes end at 42, and traps fill up to 64.
  assertEquals(assembler.length, 42);
  assertEquals(bytes.subarray(42, 64), new Uint8Array(22).fill(0xcc));
  assertEquals(bytes.subarray(64, 128), long);
  assertEquals(bytes.subarray(128, 136), eight);
  assertEquals(bytes.subarray(136), Uint8Array.of(1, 2, 3, 4));
  assertEquals(view.getInt32(6, true), 136 - 10);
  assertEquals(view.getInt32(16, true), 128 - 20);
  // The immediate lies between the distance and the end of the instruction.
  assertEquals(view.getInt32(26, true), 64 - 31);
  assertEquals(view.getInt32(37, true), 136 - 41);
});

Deno.test("code without constants has nothing behind it", () => {
  const assembler = new Assembler();
  assembler.ret();
  assertEquals(assembler.bytes(), Uint8Array.of(0xc3));
});

Deno.test("what cannot be encoded is refused", () => {
  const assembler = new Assembler();
  const m = { base: 0, disp: 0 };
  assertThrows(() => assembler.constant(new Uint8Array(12)), RangeError, "12 bytes");
  assertThrows(() => assembler.moveImmediate(0, 2 ** 53), RangeError, "safe integer");
  assertThrows(() => assembler.addImmediate(1, 2 ** 31), RangeError, "32 bits");
  assertThrows(() => assembler.load64(0, { base: 1, disp: 2 ** 31 }), RangeError, "32 bits");
  assertThrows(() => assembler.v2("vmovups", 0, m, { broadcast: true }), RangeError, "broadcast");
  assertThrows(() => assembler.v2("vmovss", 0, 1), TypeError, "memory");
  assertThrows(() => assembler.v2("vpmovdb", 0, m), TypeError, "register");
  const masking = { mask: 1, zero: true };
  assertThrows(() => assembler.store("vmovups", m, 0, masking), RangeError, "memory");
  assertThrows(() => assembler.compareVectors("vcmpps", 1, 0, 1, 0, masking), RangeError, "mask");
});
