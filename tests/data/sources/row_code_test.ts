/** The machine code that copies rows: it leaves its caller's registers alone, and reads no number too many. */
import { assertEquals } from "@std/assert";
import { addressOf, machineCode } from "../../../ffi/mod.ts";
import {
  AHEAD,
  BYTES,
  COUNT,
  rowCode,
  ROWS,
  SHORTEST,
  SOURCE,
} from "../../../src/data/sources/row_code.ts";
import { NO_AVX512 } from "../../ffi/codes.ts";
import { assertLeftAlone, callerOf } from "../../x64/caller.ts";

const ignore = NO_AVX512 !== "";
/** What the caller writes before the target. */
const TOLD = 256;

Deno.test(`rows are copied, and what is the caller's is left alone${NO_AVX512}`, { ignore }, () => {
  const machine = machineCode()!;
  const placed = machine.place(callerOf(rowCode(), TOLD))!;
  const run = machine.bindOnMemory(placed);
  const source = new Uint8Array(100_000).map((_, i) => i * 31 + (i >> 8));
  for (let bytes = SHORTEST; bytes < 900; bytes += bytes < 330 ? 1 : 61) {
    for (const count of [1, 2, 3, 70]) {
      const rows = Array.from({ length: count }, (_, i) => (i * 37) % 111);
      const numbers = new Int32Array(ROWS + count + AHEAD);
      new BigUint64Array(numbers.buffer, 4 * SOURCE, 1)[0] = addressOf(source);
      numbers[COUNT] = count;
      numbers[BYTES] = bytes;
      numbers.set(rows, ROWS);
      const target = new Uint8Array(TOLD + count * bytes + 64).fill(7);
      run(numbers, target);
      assertLeftAlone(target.buffer);
      const copied = target.subarray(TOLD, TOLD + count * bytes);
      rows.forEach((row, i) => {
        const want = source.subarray(row * bytes, (row + 1) * bytes);
        assertEquals(copied.subarray(i * bytes, (i + 1) * bytes), want);
      });
      assertEquals([...target.subarray(TOLD + count * bytes)], Array(64).fill(7));
    }
  }
  placed.free();
});

Deno.test("it ends with vectors cleared, as callers compiled for SSE want", () => {
  const code = rowCode();
  assertEquals(code.subarray(-7).toHex(), "c5f877" + "4831c0" + "c3");
});
