/**
 * Kernels as WebAssembly.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { compileKernel, compilePieces, emitKernel } from "../../../src/device/cpu/emit.ts";
import { claim } from "./emitter_claims.ts";
import { difference } from "./kernel_cases.ts";
import { reduceCase, scalarCase } from "./made_cases.ts";

claim({ name: "WebAssembly", ignore: false, picky: false, compile: compilePieces });

const memory = new WebAssembly.Memory({ initial: 16 });

Deno.test("fma rounds once with relaxed SIMD and twice without", () => {
  const c = scalarCase("fma", ["float32", "float32", "float32"], "float32", 5);
  for (const relaxed of [false, true]) {
    const bytes = emitKernel(c.kernel, { relaxed, maximumPages: 65536, shared: false });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    assertEquals(difference(c, memory, instance.exports.run as () => void), null);
  }
});

Deno.test("a kernel works on a shared memory and above two gigabytes", () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  const c = scalarCase("add", ["int32", "int32"], "int32", 9);
  assertEquals(difference(c, shared, compileKernel(c.kernel, shared)), null);

  const wide = new WebAssembly.Memory({ initial: 65536 });
  const top = 2 ** 32 - 64;
  new Int32Array(wide.buffer, top - 64, 16).set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  compileKernel(c.kernel, wide)(top - 64, top - 64, top);
  assertEquals(
    [...new Int32Array(wide.buffer, top, 10)],
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 0],
  );
});

Deno.test("what the emitter cannot write is refused by name", () => {
  const c = scalarCase("exp", ["float32"], "float32", 4);
  assertThrows(
    () => compileKernel(c.kernel, memory),
    TypeError,
    "Cannot emit exp of float32: an operation of the emitter's native set",
  );
  const sum = reduceCase("add", "float32", [4, 4], "rows").kernel;
  assertThrows(
    () => compileKernel({ ...sum, stores: [{ ...sum.stores[0]!, value: 0 }] }, memory),
    TypeError,
    "changes within it",
  );
});
