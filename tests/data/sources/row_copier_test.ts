/** Rows copied by number: the same by machine code and without, never from or to beyond an array. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import type { Values } from "../../../src/base/dtype.ts";
import { config } from "../../../src/base/flags.ts";
import { RowCopier } from "../../../src/data/sources/row_copier.ts";
import { NO_AVX512 } from "../../ffi/codes.ts";
import { seed } from "../../seed.ts";

/** Does something without machine code, and with it once enough was copied to make it. */
function bothWays(f: (native: boolean) => void): void {
  const before = config().native;
  try {
    config({ native: true });
    const copier = new RowCopier();
    const bytes = 1 << 13, rows = new Uint8Array(3 * bytes), out = new Uint8Array(2 * bytes);
    for (let i = 0; i < 2100; i++) copier.copy(rows, bytes, [2, 0], 2, out);
    assertEquals(copier.runs > 0, NO_AVX512 === "");
    for (const native of [false, true]) {
      config({ native });
      f(native);
    }
  } finally {
    config({ native: before });
  }
}

const cases = fc.record({
  bytes: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 1500 })),
  there: fc.integer({ min: 1, max: 40 }),
  before: fc.nat({ max: 70 }),
  space: fc.nat({ max: 70 }),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 80 }),
});

Deno.test(`rows of every length are where they were asked for${NO_AVX512}`, () => {
  bothWays((native) => {
    const copier = new RowCopier();
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
    assertEquals(copier.runs > 0, native && NO_AVX512 === "");
  });
});

Deno.test("arrays of every type, resizable and shared memory are copied alike", () => {
  const types = [Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array];
  const rows = [3, 0, 6, 6, 2];
  bothWays(() => {
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
        const out = new type(rows.length * 30) as Values;
        new RowCopier().copy(values, bytes, rows, rows.length, out);
        const want = rows.flatMap((row) => Array.from({ length: 30 }, (_, i) => row * 30 + i));
        assertEquals(out, new type(want) as Values);
      }
    }
  });
});

Deno.test("batches of one array may grow, and rows in order are one piece", () => {
  bothWays(() => {
    const copier = new RowCopier();
    const values = new Uint8Array(300 * 100).map((_, i) => i / 100);
    for (const count of [2, 16, 64, 5, 300]) {
      for (const step of [1, 7, 299]) {
        const rows = Array.from({ length: count }, (_, i) => (i * step) % 300);
        const out = new Uint8Array(count * 100 + 1);
        copier.copy(values, 100, rows, count, out);
        assertEquals([...out.subarray(0, -1)], rows.flatMap((row) => Array(100).fill(row & 255)));
        assertEquals(out.at(-1), 0);
      }
    }
  });
});

Deno.test("rows that an array does not have are refused, and nothing is written", () => {
  bothWays(() => {
    const copier = new RowCopier();
    const out = new Float32Array(3 * 20);
    const values = new Float32Array(5 * 20).fill(1);
    for (const row of [5, -1, 2.5, NaN, 2 ** 31, 2 ** 32, 2 ** 40, Infinity, 1n as never]) {
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
  });
});

Deno.test("numbers that change between looks, and arrays that lie about their length, reach no code", () => {
  class Lying extends Uint8Array<ArrayBuffer> {
    override get byteLength(): number {
      return 1 << 30;
    }
  }
  bothWays(() => {
    const values = new Uint8Array(500).map((_, i) => i / 100), out = new Uint8Array(300);
    let looks = 0;
    const rows = [4, 0, 2];
    Object.defineProperty(rows, 1, { get: () => looks++ === 0 ? 3 : 2 ** 31 - 1 });
    new RowCopier().copy(values, 100, rows, 3, out);
    assertEquals([out[0], out[100], out[200]], [4, 3, 2]);
    const lying = new Lying(new ArrayBuffer(500));
    assertThrows(() => new RowCopier().copy(lying, 100, [9, 0], 2, out), RangeError);
    assertThrows(
      () => new RowCopier().copy(values, 100, [3, 1, 0], 3, new Lying(new ArrayBuffer(100))),
      RangeError,
    );
  });
});

Deno.test("an array whose memory was given away or made smaller is not read", () => {
  bothWays(() => {
    const copier = new RowCopier();
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
  });
});

Deno.test("one copier serves arrays that take turns", () => {
  bothWays(() => {
    const copier = new RowCopier();
    const arrays = [1, 2, 3].map((x) => new Uint8Array(1000).fill(x));
    const out = new Uint8Array(400);
    for (let i = 0; i < 30; i++) {
      const count = 1 + i % 4;
      copier.copy(arrays[i % 3]!, 100, [7, 5, 3, 1], count, out);
      assertEquals(out.subarray(0, count * 100), new Uint8Array(count * 100).fill(1 + i % 3));
    }
  });
});

Deno.test("pipelines go on when a script gives the permission back", async () => {
  const child = new URL("../children/revoke_ffi.ts", import.meta.url);
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(child)],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assertEquals(new TextDecoder().decode(stdout).trim(), "ok");
});
