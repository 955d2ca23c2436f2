/** The checksum of sealed files: every byte counts. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { parseSafetensors } from "../../src/formats/safetensors.ts";
import { formatSealed, isSealed, parseSealed } from "../../src/formats/sealed.ts";

const sealed = new Uint8Array(
  formatSealed({
    tensors: { a: new HostArray([1, 2, 3]), b: new HostArray(new Uint8Array([1])) },
    metadata: { k: "v" },
  }).flatMap((part) => [...part]),
);

Deno.test("a sealed file is a safetensors file", () => {
  const own = parseSealed(sealed, "a");
  const plain = parseSafetensors(sealed, "a");
  assertEquals(own.tensors.a!.toArray(), [1, 2, 3]);
  assertEquals(plain.tensors.a!.toArray(), [1, 2, 3]);
  assertEquals(plain.metadata.k, "v");
  assertEquals(isSealed(sealed), true);
  assertEquals(isSealed(sealed.subarray(0, 20)), false);
});

Deno.test("every changed bit of a sealed file is noticed", () => {
  for (let i = 0; i < sealed.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      const wrong = sealed.slice();
      wrong[i]! ^= 1 << bit;
      assertThrows(() => parseSealed(wrong, "a.st"), Error, "Cannot read a.st: ");
    }
  }
});

Deno.test("every truncation of a sealed file is noticed, and bytes too many", () => {
  for (let n = 0; n < sealed.length; n++) {
    assertThrows(() => parseSealed(sealed.slice(0, n), "a.st"), Error, "Cannot read a.st: ");
  }
  const longer = new Uint8Array([...sealed, 0]);
  const what = `it ends at byte ${longer.length} where ${sealed.length} are wanted`;
  assertThrows(() => parseSealed(longer, "a.st"), RangeError, what);
});
