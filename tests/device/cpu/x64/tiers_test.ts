import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { backend, config, HostArray, jit, np, type Tensor } from "../../../../mod.ts";
import { NO_AVX512 } from "../../../ffi/codes.ts";

/** What a program says of the code that it makes, while a function runs. */
function told(run: () => void): string[] {
  const texts: string[] = [];
  const real = console.error;
  console.error = (text: unknown) => texts.push(String(text));
  config({ debug: 4 });
  try {
    run();
  } finally {
    config({ debug: 0 });
    console.error = real;
  }
  return texts.filter((text) => text.includes("emitted"));
}

const bits = (x: Tensor) => new Uint32Array(x.data().slice().buffer);

Deno.test({
  name: `kernels from point to point become machine code in time, with the same bits${NO_AVX512}`,
  ignore: NO_AVX512 !== "" || !config().native,
  fn() {
    const x = new HostArray(Float32Array.from({ length: 30_011 }, (_, i) => Math.sin(i) * 90));
    const f = jit((x: HostArray) => np.tanh(np.exp(np.array(x))).mul(0.25));
    const first: Uint32Array[] = [];
    const before = told(() => void first.push(bits(f(x))));
    assert(before.some((text) => text.includes("WebAssembly for\nkernel exp+tanh+mul")), before[0]);
    const after = told(() => {
      for (let i = 0; i < 200; i++) f(x);
    });
    assert(after.some((text) => text.includes("machine code for\nkernel exp+tanh+mul")));
    assertEquals(bits(f(x)), first[0]);
  },
});

Deno.test("a reduction has the same bits in the first call and in the thousandth", () => {
  const x = np.array(new HostArray(Float32Array.from({ length: 40_000 }, (_, i) => Math.cos(i))));
  const f = jit((x: Tensor) => np.exp(x).sum());
  const first = bits(f(x));
  for (let i = 0; i < 1000; i++) f(x);
  assertEquals(bits(f(x)), first);
});

Deno.test({
  name: `the built-in product follows the setting native, and says which it is${NO_AVX512}`,
  ignore: NO_AVX512 !== "",
  fn() {
    const { blas, native } = config();
    const values = Float32Array.from({ length: 40 * 900 }, (_, i) => Math.sin(i) * (i % 7));
    const [a, b] = [[40, 900], [900, 40]].map((shape) => np.array(new HostArray(values, shape)));
    const product = (native: boolean): { version: string | null; bits: Uint32Array } => {
      config({ blas: "builtin", native });
      return { version: backend().version, bits: bits(a!.matmul(b!)) };
    };
    try {
      const [machine, wasm, again] = [product(true), product(false), product(true)];
      assertEquals([machine.version, wasm.version], ["AVX-512", "wasm SIMD"]);
      // blocks of other depths round in other places
      assertNotEquals(wasm.bits, machine.bits);
      assertEquals(again, machine);
    } finally {
      config({ blas, native });
    }
  },
});
