/** Whether kernels may be machine code, and why not. */
import { assert, assertEquals } from "@std/assert";
import { config } from "../../../../src/base/flags.ts";
import { createMemory } from "../../../../src/device/cpu/memory.ts";
import { whyNotNative } from "../../../../src/device/cpu/x64/available.ts";
import { NO_AVX512, NO_CODE } from "../../../ffi/codes.ts";

/** The reason with the setting at a value. */
function why(native: boolean): string | null {
  const before = config().native;
  try {
    config({ native });
    return whyNotNative(createMemory());
  } finally {
    config({ native: before });
  }
}

Deno.test("kernels may be machine code where the processor has AVX-512, else it is told why", () => {
  const reason = why(true);
  if (NO_AVX512 === "") return assertEquals(reason, null);
  assert(reason!.startsWith(NO_CODE === "" ? "the " : "machine code "), reason!);
});

Deno.test("the setting comes before everything else", () => {
  assertEquals(why(false), "the setting native is false");
});

Deno.test("a memory that may move is none for machine code", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const before = config().native;
  config({ native: true });
  const reason = whyNotNative(memory);
  config({ native: before });
  assertEquals(
    reason,
    "the system gave less than 4 GiB of addresses for the memory of tensors",
  );
});
