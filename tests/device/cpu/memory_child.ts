/**
 * A child of memory_test.ts: holds a memory of the kind that its argument names, keeps 64 MiB of
 * small arrays and drops fifteen times as many, and prints the most bytes of arrays that there were.
 *
 * @module
 */
import { createMemory, MAXIMUM_PAGES } from "../../../src/device/cpu/memory.ts";

const memory = Deno.args[0] === "charged"
  ? new WebAssembly.Memory({ initial: MAXIMUM_PAGES, maximum: MAXIMUM_PAGES, shared: true })
  : createMemory();
const heap = new Uint8Array(memory.buffer);

const kept: { bytes: Uint8Array }[] = [];
const source = new Uint8Array(16384);
let peak = 0;
for (let i = 0; i < 15 * 4096; i++) {
  kept[i % 4096] = { bytes: source.slice() };
  if (i % 16 === 0) peak = Math.max(peak, Deno.memoryUsage().external);
}
console.log(JSON.stringify({ peak, size: heap.length }));
