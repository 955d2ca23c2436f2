/** idx files, whole and broken. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { parseIdx } from "../../src/formats/idx.ts";

/** An idx file of any type, sizes and big-endian value bytes. */
function idx(type: number, sizes: number[], values: number[]): Uint8Array {
  const words = sizes.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return new Uint8Array([0, 0, type, sizes.length, ...words, ...values]);
}

const SMALL = idx(8, [2, 1, 3], [1, 2, 3, 4, 5, 6]);

Deno.test("parseIdx reads every type of the format", () => {
  const read = (bytes: Uint8Array) => {
    const x = parseIdx(bytes, "f");
    return [x.dtype, x.toArray()];
  };
  assertEquals(read(SMALL), ["uint8", [[[1, 2, 3]], [[4, 5, 6]]]]);
  assertEquals(read(idx(9, [2], [0xff, 5])), ["int32", [-1, 5]]);
  assertEquals(read(idx(0x0b, [2], [0xff, 0xfe, 1, 0])), ["int32", [-2, 256]]);
  assertEquals(read(idx(0x0c, [1], [0xff, 0xff, 0xff, 0xfd])), ["int32", [-3]]);
  assertEquals(read(idx(0x0d, [1], [0x3f, 0xc0, 0, 0])), ["float32", [1.5]]);
  assertEquals(read(idx(0x0e, [1], [0xc0, 0x04, 0, 0, 0, 0, 0, 0])), ["float64", [-2.5]]);
  assertEquals(read(idx(8, [0, 28], [])), ["uint8", []]);
});

Deno.test("parseIdx notices every truncation and where it is", () => {
  for (let n = 0; n < SMALL.length; n++) {
    assertThrows(
      () => parseIdx(SMALL.slice(0, n), "train.idx"),
      RangeError,
      `Cannot read idx file train.idx: it is truncated: it ends at byte ${n} where`,
    );
  }
});

Deno.test("parseIdx refuses what follows the values", () => {
  const longer = new Uint8Array([...SMALL, 0]);
  assertThrows(
    () => parseIdx(longer, "f"),
    RangeError,
    "uint8[2,1,3] ends at byte 22, but the file has 23",
  );
});

Deno.test("parseIdx refuses another magic", () => {
  for (const [at, value] of [[0, 1], [1, 8], [2, 7], [2, 0x0a], [2, 0x0f]] as const) {
    const wrong = SMALL.slice();
    wrong[at] = value;
    assertThrows(() => parseIdx(wrong, "f"), TypeError, "Cannot read idx file f: it starts with");
  }
  assertThrows(() => parseIdx(new TextEncoder().encode("<html>"), "f"), TypeError, "3c 68 74 6d");
});

Deno.test("parseIdx allocates nothing for sizes that the file does not hold", () => {
  const most = 0xffffffff;
  assertThrows(() => parseIdx(idx(8, [most], []), "f"), RangeError, "truncated");
  assertThrows(() => parseIdx(idx(8, [most, most], []), "f"), RangeError, "more than any file can");
  assertThrows(() => parseIdx(idx(8, Array(255).fill(most), []), "f"), RangeError, "any file can");
});
