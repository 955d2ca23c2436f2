/** Addresses and C strings. */
import { assertEquals, assertThrows } from "@std/assert";
import { addressOf, cString } from "../../ffi/mod.ts";

Deno.test("an address points at the first byte of a view, shared or not", () => {
  for (const buffer of [new ArrayBuffer(64), new SharedArrayBuffer(64)]) {
    const base = addressOf(buffer);
    assertEquals(addressOf(new Uint8Array(buffer, 8)), base + 8n);
    assertEquals(addressOf(new Float64Array(buffer, 16, 2)), base + 16n);
    new Uint8Array(buffer).set(new TextEncoder().encode("slide\0"));
    assertEquals(cString(base), "slide");
    assertEquals(cString(base + 2n), "ide");
    assertEquals(cString(base + 5n), "");
  }
});

Deno.test("wasm memory keeps its address when it grows", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 64 });
  const before = addressOf(memory.buffer);
  memory.grow(32);
  assertEquals(addressOf(memory.buffer), before);
});

Deno.test("no bytes have no address, and a null address holds no string", () => {
  assertThrows(() => addressOf(new Uint8Array(0)), RangeError, "Cannot take the address");
  assertEquals(cString(0n), "");
});
