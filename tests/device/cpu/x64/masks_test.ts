/** Comparisons that only choices read are made where they are read, and the choices stay the same. */
import { assertEquals } from "@std/assert";
import { V128 } from "../../../../src/wasm/wasm.ts";
import type { MachineCode } from "../../../../src/device/cpu/x64/code.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";
import { listingOf, runWritten } from "./machine_code.ts";

const ignore = NO_AVX512 !== "";
const memory = new WebAssembly.Memory({ initial: 1 });
const X = Int32Array.from({ length: 16 }, (_, i) => i * 7 % 16);
const Y = Int32Array.from({ length: 16 }, (_, i) => 8 - i % 3);

/** Writes x < y into a local, and lets a function read it. */
const compared = (read: (c: MachineCode, x: number, y: number, mask: number) => void) =>
(
  c: MachineCode,
): void => {
  const [x, y, mask] = [c.local(V128), c.local(V128), c.local(V128)];
  c.get(0).load("v128.load").set(x);
  c.get(1).load("v128.load").set(y);
  c.get(x).get(y).op("i32x4.lt_s").set(mask);
  read(c, x, y, mask);
};

const store = (c: MachineCode, row: number, push: () => void): void => {
  c.get(2);
  push();
  c.store("v128.store", { offset: 64 * row });
};

/** How many comparisons are made as vectors, and the rows that are written. */
function look(rows: number, write: (c: MachineCode) => void): [number, number[][]] {
  const left = listingOf(3, 0, write).instructions.filter((i) => i.compares !== undefined).length;
  new Int32Array(memory.buffer, 0, 16).set(X);
  new Int32Array(memory.buffer, 64, 16).set(Y);
  runWritten(memory, [0, 64, 128], [], write);
  const out = Array.from(
    { length: rows },
    (_, i) => [...new Int32Array(memory.buffer, 128 + 64 * i, 16)],
  );
  return [left, out];
}

const each = (f: (x: number, y: number) => number): number[] => [...X].map((x, i) => f(x, Y[i]!));
const select = (c: MachineCode, x: number, y: number, mask: number): void =>
  void c.get(x).get(y).get(mask).op("v128.bitselect");

const name = (text: string): string => `${text}${NO_AVX512}`;

Deno.test(name("a comparison that two choices read is made where they are"), { ignore }, () => {
  const [left, rows] = look(
    2,
    compared((c, x, y, mask) => {
      store(c, 0, () => select(c, x, y, mask));
      store(c, 1, () => select(c, y, x, mask));
    }),
  );
  assertEquals([left, rows], [0, [each(Math.min), each(Math.max)]]);
});

Deno.test(name("a comparison that three choices read is made once"), { ignore }, () => {
  const [left, rows] = look(
    3,
    compared((c, x, y, mask) => {
      for (const row of [0, 1, 2]) store(c, row, () => select(c, x, y, mask));
    }),
  );
  assertEquals([left, rows], [1, [0, 1, 2].map(() => each(Math.min))]);
});

Deno.test(name("a comparison that is stored is a vector"), { ignore }, () => {
  const [left, rows] = look(
    2,
    compared((c, x, y, mask) => {
      store(c, 0, () => select(c, x, y, mask));
      store(c, 1, () => c.get(mask));
    }),
  );
  assertEquals([left, rows], [1, [each(Math.min), each((x, y) => x < y ? -1 : 0)]]);
});

Deno.test(name("what a mask keeps or takes away is a choice too"), { ignore }, () => {
  const [left, rows] = look(
    2,
    compared((c, x, y, mask) => {
      store(c, 0, () => c.get(x).get(mask).op("v128.and"));
      store(c, 1, () => c.get(y).get(mask).op("v128.andnot"));
    }),
  );
  assertEquals([left, rows], [0, [each((x, y) => x < y ? x : 0), each((x, y) => x < y ? 0 : y)]]);
});

Deno.test(name("constants are kept and taken away, of 4 bytes and of 8"), { ignore }, () => {
  const [left, rows] = look(2, (c) => {
    const [x, y] = [c.local(V128), c.local(V128)];
    c.get(0).load("v128.load").op("f64x2.convert_low_i32x4_s").set(x);
    c.get(1).load("v128.load").op("f64x2.convert_low_i32x4_s").set(y);
    for (const row of [0, 1]) {
      store(c, row, () => {
        c.f64x2.const(row + 1).get(x).get(y).op("f64x2.lt");
        c.op(row === 0 ? "v128.and" : "v128.andnot");
      });
    }
  });
  assertEquals(left, 0);
  const [less, more] = rows.map((row) => [...new Float64Array(Int32Array.from(row).buffer)]);
  assertEquals(less, each((x, y) => x < y ? 1 : 0).slice(0, 8));
  assertEquals(more, each((x, y) => x < y ? 0 : 2).slice(0, 8));
});

Deno.test(name("a comparison of what is written again stays where it is"), { ignore }, () => {
  const [left, rows] = look(
    2,
    compared((c, x, y, mask) => {
      const old = c.local(V128);
      c.get(x).set(old);
      c.get(x).get(y).op("i32x4.add").set(x);
      store(c, 0, () => select(c, old, y, mask));
      store(c, 1, () => c.get(x));
    }),
  );
  assertEquals([left, rows], [1, [each(Math.min), each((x, y) => x + y)]]);
});

Deno.test(name("a mask that is chosen itself, or chooses itself, is a vector"), { ignore }, () => {
  const [left, rows] = look(
    2,
    compared((c, x, _, mask) => {
      store(c, 0, () => select(c, mask, x, mask));
      store(c, 1, () => c.get(mask).get(mask).op("v128.and"));
    }),
  );
  assertEquals(left, 1);
  assertEquals(rows, [each((x, y) => x < y ? -1 : x), each((x, y) => x < y ? -1 : 0)]);
});
