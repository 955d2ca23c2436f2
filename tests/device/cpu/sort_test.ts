/**
 * The built-in sort against JavaScript's own stable sort, bit by bit, with the bytes around every
 * block watched.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { DTYPES, isFloat } from "../../../src/base/dtype.ts";
import { createSort, type SortCall, type SortDtype } from "../../../src/device/cpu/sort.ts";

const DTYPE_NAMES = Object.keys(DTYPES) as SortDtype[];
const SIZES = [0, 1, 2, 3, 7, 8, 16, 17, 32, 33, 88, 89, 100, 128, 129, 1000];
const GUARD = 0xa5;
const GUARD_BYTES = 64;

const memory = new WebAssembly.Memory({ initial: 128, maximum: 128, shared: true });
const sort = createSort(memory);

let seed = 1;
function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

function pick(from: readonly number[]): number {
  return from[Math.floor(random() * from.length)] ?? 0;
}

type Make = (dtype: SortDtype) => number;

/** Numbers of the whole range. */
const anything: Make = (dtype) => {
  if (isFloat(dtype)) return (random() - 0.5) * 2 ** Math.floor(random() * 200 - 100);
  if (dtype === "bool") return Math.floor(random() * 2);
  return Math.floor(random() * 2 ** 32) - (dtype === "int32" ? 2 ** 31 : 0);
};
/** Few different numbers, with all that a float can be. */
const repeated: Make = (dtype) => {
  if (isFloat(dtype)) {
    return pick([NaN, Infinity, -Infinity, 0, -0, 1, -1, 1.5, 1e-40, -1e-40, 3e38, -3e38]);
  }
  if (dtype === "bool") return pick([0, 1]);
  if (dtype === "uint8") return pick([0, 1, 127, 128, 255]);
  return pick(
    dtype === "int32" ? [0, -1, 1, -(2 ** 31), 2 ** 31 - 1] : [0, 1, 2 ** 31, 2 ** 32 - 1],
  );
};

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Runs one case; returns an account of what is wrong, or "". */
function wrong(call: SortCall, make: Make, own = sort, where = memory): string {
  const { dtype, outer, size, inner } = call;
  const { array: Values, bytes } = DTYPES[dtype];
  const numbers = outer * size * inner;
  const blocks = [numbers * bytes, numbers * bytes, numbers * 4, own.scratchBytes(call)];
  const starts: number[] = [];
  let end = GUARD_BYTES;
  for (const length of blocks) {
    starts.push(end);
    end = Math.ceil((end + length + GUARD_BYTES) / 64) * 64;
  }
  const [x = 0, values = 0, indices = 0, scratch = 0] = starts;
  const all = new Uint8Array(where.buffer, 0, end);
  all.fill(GUARD);
  const input = new Values(where.buffer, x, numbers);
  for (let i = 0; i < numbers; i++) input[i] = make(dtype);
  if (make === repeated && isFloat(dtype)) {
    // NaNs that differ in sign and payload must be carried bit by bit.
    const words = new Uint32Array(where.buffer, x, numbers * bytes / 4);
    for (let i = 0; i < numbers; i++) {
      const high = bytes === 8 ? 2 * i + 1 : i;
      if (Number.isNaN(input[i])) words[high] = (words[high] ?? 0) ^ pick([0, 2 ** 31, 1, 5]);
    }
  }
  const before = all.slice(x, x + numbers * bytes);

  own.run(call, x, values, indices, scratch);

  const name = `${dtype} [${outer}, ${size}, ${inner}]`;
  const copied = before.slice();
  const expected = new Int32Array(numbers);
  const given = new Values(before.buffer as ArrayBuffer);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (position: number): number => (o * size + position) * inner + i;
      const order = Array.from({ length: size }, (_, position) => position);
      order.sort((a, b) => compare(given[at(a)] ?? 0, given[at(b)] ?? 0));
      order.forEach((from, to) => {
        expected[at(to)] = from;
        copied.set(before.subarray(at(from) * bytes, (at(from) + 1) * bytes), at(to) * bytes);
      });
    }
  }
  const same = (start: number, wanted: Uint8Array): number =>
    wanted.findIndex((byte, i) => all[start + i] !== byte);
  if (same(x, before) >= 0) return `${name}: x was changed at byte ${same(x, before)}`;
  const place = same(indices, new Uint8Array(expected.buffer));
  if (place >= 0) return `${name}: index ${place >> 2} is wrong`;
  const value = same(values, copied);
  if (value >= 0) return `${name}: value ${Math.floor(value / bytes)} is wrong`;
  const inside = (i: number): boolean =>
    starts.some((start, block) => i >= start && i < start + (blocks[block] ?? 0));
  const spoilt = all.findIndex((byte, i) => byte !== GUARD && !inside(i));
  return spoilt < 0 ? "" : `${name}: byte ${spoilt} outside the blocks was written`;
}

for (const dtype of DTYPE_NAMES) {
  Deno.test(`rows of ${dtype} of any size are sorted, stable, NaN last, bits kept`, () => {
    for (const size of SIZES) {
      for (const make of [anything, repeated]) {
        assertEquals(wrong({ dtype, outer: 1, size, inner: 1 }, make), "");
      }
    }
  });

  Deno.test(`rows of ${dtype} along any axis are sorted each for itself`, () => {
    for (const [outer, inner] of [[3, 1], [1, 3], [2, 5], [0, 2], [2, 0]] as const) {
      for (const size of [0, 1, 2, 3, 16, 17, 100]) {
        assertEquals(wrong({ dtype, outer, size, inner }, repeated), "");
        assertEquals(wrong({ dtype, outer, size, inner }, anything), "");
      }
    }
  });
}

Deno.test("rows in order, in reverse and all equal are sorted", () => {
  for (const size of [5, 50, 500]) {
    let next = 0;
    for (const make of [() => next++, () => next--, () => -7]) {
      for (const dtype of ["int32", "float32", "float64"] as const) {
        assertEquals(wrong({ dtype, outer: 2, size, inner: 2 }, make), "");
      }
    }
  }
});

Deno.test("code that the engine has optimized still puts -0 beside 0 and NaN last", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (let turn = 0; turn < 2; turn++) {
      assertEquals(wrong({ dtype, outer: 1, size: 100000, inner: 1 }, repeated), "");
      assertEquals(wrong({ dtype, outer: 2000, size: 9, inner: 1 }, repeated), "");
    }
  }
});

Deno.test("a memory of one thread, at addresses that no vector is aligned to, is sorted as well", () => {
  const own = new WebAssembly.Memory({ initial: 4 });
  const sort = createSort(own);
  for (const size of [5, 1000]) {
    assertEquals(wrong({ dtype: "float64", outer: 2, size, inner: 1 }, repeated, sort, own), "");
  }
  new Uint8Array(own.buffer).set([3, 1, 2], 1001);
  sort.run({ dtype: "uint8", outer: 1, size: 3, inner: 1 }, 1001, 1005, 1012, 2048);
  assertEquals([...new Uint8Array(own.buffer, 1005, 3)], [1, 2, 3]);
  assertEquals([...new Int32Array(own.buffer, 1012, 3)], [1, 2, 0]);
});

Deno.test("an address outside the memory is an error of the engine, not a write", () => {
  const call = { dtype: "int32", outer: 1, size: 100, inner: 1 } as const;
  assertThrows(() => sort.run(call, 2 ** 30, 0, 4096, 8192), WebAssembly.RuntimeError);
});
