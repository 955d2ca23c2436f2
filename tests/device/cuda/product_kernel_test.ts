import { assertAlmostEquals, assertEquals } from "@std/assert";
import { config } from "../../../src/base/flags.ts";
import type { DeviceStep, Plan } from "../../../src/compile/plan.ts";
import { printProduct, type Product } from "../../../src/device/cuda/product_kernel.ts";
import { onStandIn } from "./stand_in.ts";

/** Products of all transpositions, both betas, several sizes and batches. */
function products(): Product[] {
  const sizes = [[1, 1, 1], [3, 5, 0], [70, 9, 33], [64, 65, 16], [5, 130, 17]] as const;
  return sizes.flatMap(([m, n, k], i) =>
    Array.from({ length: 8 }, (_, way): Product => ({
      name: "gemm",
      dtype: (way + i) % 3 === 0 ? "float64" : "float32",
      ta: (way & 1) > 0,
      tb: (way & 2) > 0,
      beta: (way & 4) > 0 ? 1 : 0,
      batch: way % 3 === 1 ? 3 : 1,
      m,
      n,
      k,
    }))
  );
}

const stepOf = (call: Product): DeviceStep => ({ kind: "call", call, args: [0, 1, 2] });

/** c = a b (+ c), by plain loops. */
function product(p: Product, a: ArrayLike<number>, b: ArrayLike<number>, c: number[]): number[] {
  const { m, n, k, ta, tb, beta } = p;
  return c.map((old, at) => {
    const [t, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    let sum = beta === 1 ? old : 0;
    for (let q = 0; q < k; q++) {
      sum += a[t * m * k + (ta ? q * m + i : i * k + q)]! *
        b[t * k * n + (tb ? j * k + q : q * n + j)]!;
    }
    return sum;
  });
}

onStandIn("products without cuBLAS: all transpositions, sizes, batches and both betas", (r) => {
  const { blas } = config();
  config({ blas: "builtin" });
  try {
    const device = r.device();
    const { heap } = device;
    const all = products();
    const steps = all.map(stepOf);
    const none = { inputs: 0, literals: [], slots: [], values: [], outputs: [], scratchBytes: 0 };
    device.prepare!({ ...none, steps } satisfies Plan);
    const compiled = r.standIn.calls("nvrtcCompileProgram");
    for (const [i, p] of all.entries()) {
      const { m, n, k, batch, beta } = p;
      const Type = p.dtype === "float32" ? Float32Array : Float64Array;
      const some = (length: number) => new Type(length).map((_, i) => (i * 7 % 11 - 5) / 4);
      const [a, b] = [some(batch * m * k), some(batch * k * n)];
      // what lay there must not count where nothing is added
      const c = beta === 1 ? some(batch * m * n) : new Type(batch * m * n).fill(NaN);
      const stored = [a, b, c].map((values) => heap.fromBytes(values));
      device.link(steps[i]!, Float64Array.from(stored, (s) => heap.pin(s)))();
      const got = new Type(heap.read(stored[2]!).buffer);
      const want = product(p, a, b, [...c]);
      assertEquals(got.length, want.length);
      got.forEach((g, at) => assertAlmostEquals(g, want[at]!, 1e-4, JSON.stringify(p)));
    }
    assertEquals(r.standIn.calls("nvrtcCompileProgram"), compiled);
    assertEquals(r.standIn.calls("cublasSgemm_v2"), 0);
  } finally {
    config({ blas });
  }
});

Deno.test("a product of nothing is no launch", () => {
  const call = stepOf({ ...products()[0]!, m: 0 });
  const printed = printProduct((call as { call: Product }).call, "k0");
  assertEquals([printed.launches.length, printed.source], [0, ""]);
});
