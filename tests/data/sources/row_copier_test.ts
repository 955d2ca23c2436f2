/** Rows copied by number: the same by machine code and without, never from or to beyond an array. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Values } from "../../../src/base/dtype.ts";
import { config } from "../../../src/base/flags.ts";
import { RowCopier } from "../../../src/data/sources/row_copier.ts";
import { NO_AVX512 } from "../../ffi/codes.ts";
import { seed } from "../../seed.ts";

/** A copier that has copied enough to do it by machine code where it can. */
function warm(): RowCopier {
  const copier = new RowCopier();
  const rows = new Uint8Array(2 << 15), out = new Uint8Array(2 << 15);
  for (let i = 0; i < 17; i++) copier.copy(rows, 1 << 15, [1, 0], 2, out);
  return copier;
}

const cases = fc.record({
  bytes: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 1500 })),
  there: fc.integer({ min: 1, max: 40 }),
  before: fc.nat({ max: 70 }),
  space: fc.nat({ max: 70 }),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 80 }),
});

Deno.test(`rows of every length are where they were asked for${NO_AVX512}`, () => {
  const copier = warm();
  fc.assert(
    fc.property(cases, ({ bytes, there, before, space, picks }) => {
      const memory = new Uint8Array(before + there * bytes + 3).map((_, i) => i * 7 + (i >> 8));
      const values = memory.subarray(before, before + there * bytes);
      const rows = picks.map((n) => n % there);
      const size = rows.length * bytes;
      const whole = new Uint8Array(space + size + 100).fill(9);
      copier.copy(values, bytes, rows, rows.length, whole.subarray(space, space + size));
      const want = new Uint8Array(whole.length).fill(9);
      rows.forEach((row, i) => {
        want.set(values.subarray(row * bytes, (row + 1) * bytes), space + i * bytes);
      });
      assertEquals(whole, want);
    }),
    { seed, numRuns: 500 },
  );
});

Deno.test("arrays of every type, resizable and shared memory are copied alike with and without machine code", () => {
  const types = [Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array];
  const rows = [3, 0, 6, 6, 2];
  for (const type of types) {
    const bytes = 30 * type.BYTES_PER_ELEMENT;
    const memories = [
      new ArrayBuffer(7 * bytes),
      new ArrayBuffer(7 * bytes, { maxByteLength: 20 * bytes }),
      new SharedArrayBuffer(7 * bytes),
    ];
    for (const memory of memories) {
      const values = new type(memory as ArrayBuffer) as Values;
      for (let i = 0; i < values.length; i++) values[i] = i;
      const copies = [true, false].map((native) => {
        const before = config().native;
        config({ native });
        try {
          const out = new type(rows.length * 30) as Values;
          warm().copy(values, bytes, rows, rows.length, out);
          return out;
        } finally {
          config({ native: before });
        }
      });
      assertEquals(copies[0], copies[1]);
      assertEquals(
        [copies[0]![0], copies[0]![30], copies[0]![61]],
        [90, 0, 181].map((x) => type === Uint8Array ? x & 255 : x),
      );
    }
  }
});

Deno.test("rows that an array does not have are refused, and nothing is written", () => {
  for (const copier of [new RowCopier(), warm()]) {
    const out = new Float32Array(3 * 20);
    const values = new Float32Array(5 * 20).fill(1);
    for (const row of [5, -1, 2.5, NaN, 2 ** 31, 2 ** 40, Infinity]) {
      assertThrows(
        () => copier.copy(values, 80, [1, row, 2], 3, out),
        RangeError,
        `Cannot copy row ${row} of an array of 5 rows`,
      );
    }
    assertThrows(() => copier.copy(values, 80, [0, 2], 3, out), RangeError, "row undefined");
    assertThrows(
      () => copier.copy(values, 80, [1, 0, 2, 0], 4, out),
      RangeError,
      "Cannot copy 4 rows of 80 bytes into 240",
    );
    assertEquals(out, new Float32Array(60));
  }
});

Deno.test("an array whose memory was given away or made smaller is not read", () => {
  for (const copier of [new RowCopier(), warm()]) {
    const out = new Uint8Array(200);
    const values = new Uint8Array(500).fill(1);
    copier.copy(values, 100, [3, 0], 2, out);
    structuredClone(values.buffer, { transfer: [values.buffer] });
    assertThrows(() => copier.copy(values, 100, [3, 0], 2, out), RangeError, "an array of 0 rows");
    const memory = new ArrayBuffer(500, { maxByteLength: 1000 });
    const growing = new Uint8Array(memory);
    copier.copy(growing, 100, [3, 0], 2, out);
    memory.resize(300);
    assertThrows(() => copier.copy(growing, 100, [3, 0], 2, out), RangeError, "of 3 rows");
    memory.resize(1000);
    growing.fill(4);
    copier.copy(growing, 100, [9, 0], 2, out);
    assertEquals(out, new Uint8Array(200).fill(4));
  }
});

Deno.test("one copier serves arrays that take turns", () => {
  const copier = warm();
  const arrays = [1, 2, 3].map((x) => new Uint8Array(1000).fill(x));
  const out = new Uint8Array(400);
  for (let i = 0; i < 30; i++) {
    const count = 1 + i % 4;
    copier.copy(arrays[i % 3]!, 100, [7, 5, 3, 1], count, out);
    assertEquals(out.subarray(0, count * 100), new Uint8Array(count * 100).fill(1 + i % 3));
  }
});
