/**
 * Kernels as WebAssembly.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { allocate } from "../../../src/base/dtype.ts";
import { compileKernel, compilePieces, emitKernel } from "../../../src/device/cpu/emit.ts";
import { claim } from "./emitter_claims.ts";
import { ALL, type Case, difference, fill, seeded } from "./kernel_cases.ts";
import { reduceCase, ROW, scalarCase } from "./made_cases.ts";

claim({ name: "WebAssembly", ignore: false, picky: false, compile: compilePieces });

const memory = new WebAssembly.Memory({ initial: 16 });

function check(c: Case): void {
  assertEquals(difference(c, memory, compileKernel(c.kernel, memory)), null);
}

Deno.test("fma rounds once with relaxed SIMD and twice without", () => {
  const c = scalarCase("fma", ["float32", "float32", "float32"], "float32", 5);
  for (const relaxed of [false, true]) {
    const bytes = emitKernel(c.kernel, { relaxed, maximumPages: 65536, shared: false });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    assertEquals(difference(c, memory, instance.exports.run as () => void), null);
  }
});

Deno.test("ten million float32 ones-like values sum to within 1e-6", () => {
  const n = 10_000_000;
  const big = new WebAssembly.Memory({ initial: Math.ceil((n * 4 + 4096) / 65536) });
  const x = new Float32Array(big.buffer, 1024, n);
  for (const value of [0.1, 1 / 3]) {
    x.fill(value);
    const want = n * Math.fround(value);
    for (const columns of [1, 10]) {
      const { kernel } = reduceCase("add", "float32", [n / columns, columns], "columns");
      compileKernel(kernel, big)(1024, 64);
      const got = new Float32Array(big.buffer, 64, 1)[0]! * columns;
      assert(Math.abs(got - want) / want < 1e-6, `${got} is not ${want}`);
    }
  }
});

Deno.test("transposed copies of every type and many sizes agree with the reference", () => {
  for (const t of ALL) {
    for (const [rows, columns] of [[1, 9], [4, 4], [8, 8], [9, 13], [16, 33], [37, 21]] as const) {
      check({
        kernel: {
          name: "transpose",
          shape: [columns, rows],
          reduce: [],
          args: [{ dtype: t, writes: false }, { dtype: t, writes: true }],
          body: [{ op: "load", dtype: t, arg: 0, view: { offset: 0, strides: [1, columns] } }],
          accumulators: [],
          epilogue: [],
          stores: [{ arg: 1, view: { offset: 0, strides: [rows, 1] }, value: 0 }],
        },
        data: [fill(seeded(rows), t, rows * columns), allocate(t, rows * columns)],
      });
    }
  }
});

Deno.test("scattered additions count every duplicate", () => {
  for (const t of ALL) {
    const n = 37;
    const index = new Int32Array(n).map((_, i) => i % 3);
    check({
      kernel: {
        name: "scatter",
        shape: [n],
        reduce: [],
        args: [
          { dtype: "int32", writes: false },
          { dtype: t, writes: false },
          { dtype: t, writes: true },
        ],
        body: [
          { op: "load", dtype: "int32", arg: 0, view: ROW },
          { op: "load", dtype: t, arg: 1, view: ROW },
        ],
        accumulators: [],
        epilogue: [],
        stores: [{
          arg: 2,
          value: 1,
          add: true,
          view: { offset: 0, strides: [0], at: [{ step: 0, stride: 1 }] },
        }],
      },
      data: [index, fill(seeded(3), t, n, true), fill(seeded(4), t, 3, true)],
    });
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
