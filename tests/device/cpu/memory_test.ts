import { assert, assertEquals } from "@std/assert";
import { createMemory, MAXIMUM_PAGES } from "../../../src/device/cpu/memory.ts";
import { PAGE } from "../../../src/device/pages.ts";
import { fileURLToPath } from "node:url";

const MIB = 1024 * 1024;

/** The most bytes of arrays there were at once while 64 MiB of them were in use. */
async function peakBeside(kind: "charged" | "uncharged"): Promise<number> {
  const script = fileURLToPath(new URL("./memory_child.ts", import.meta.url));
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      "--v8-flags=--max-old-space-size=4096",
      script,
      kind,
    ],
    signal: AbortSignal.timeout(300_000),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { peak, size } = JSON.parse(new TextDecoder().decode(stdout)) as Record<string, number>;
  assertEquals(size, MAXIMUM_PAGES * PAGE);
  return peak!;
}

Deno.test("dropped arrays are collected beside the device's memory as if it were small", async () => {
  const peak = await peakBeside("uncharged");
  assert(peak < 400 * MIB, `${(peak / MIB).toFixed(0)} MiB of arrays`);
});

Deno.test("beside an ordinary memory of that size they lie about", async () => {
  const peak = await peakBeside("charged");
  assert(peak > 400 * MIB, `${(peak / MIB).toFixed(0)} MiB: the detour in memory.ts can go`);
});

Deno.test("the memory is one with what workers are sent, at its whole size", () => {
  const memory = createMemory();
  assert(memory.buffer instanceof SharedArrayBuffer);
  const sent = structuredClone(memory);
  const at = MAXIMUM_PAGES * PAGE - 1;
  new Uint8Array(memory.buffer)[at] = 42;
  assertEquals(new Uint8Array(sent.buffer)[at], 42);
});
