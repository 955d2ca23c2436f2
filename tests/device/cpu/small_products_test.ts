/**
 * How products are cut for a library with kernels for small matrices.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Blas } from "../../../ffi/mod.ts";
import { cutProduct, hasSmallKernels } from "../../../src/device/cpu/small_products.ts";

const SMALL = 1e6;

Deno.test("a product that is small already stays whole, and so does one with a transposed right side", () => {
  assertEquals(cutProduct(100, 100, 100, false), { rows: 100, depth: 100 });
  assertEquals(cutProduct(784, 64, 32, true), { rows: 784, depth: 32 });
});

Deno.test("a product so large that its pieces would be slivers stays whole", () => {
  assertEquals(cutProduct(1024, 1024, 1024, false), { rows: 1024, depth: 1024 });
  assertEquals(cutProduct(160, 160, 160, false), { rows: 160, depth: 160 });
});

Deno.test("many rows are cut along the rows, few rows along the depth, evenly", () => {
  assertEquals(cutProduct(784, 64, 32, false), { rows: 400, depth: 32 });
  assertEquals(cutProduct(32, 64, 784, false), { rows: 32, depth: 400 });
});

Deno.test("pieces are small, cut one way, and no two could be one", () => {
  let cuts = 0;
  for (const m of [8, 33, 100, 784, 5000, 43264]) {
    for (const n of [1, 10, 64, 100, 1000]) {
      for (const k of [1, 9, 16, 100, 784, 43264]) {
        const { rows, depth } = cutProduct(m, n, k, false);
        if (rows === m && depth === k) continue;
        cuts++;
        assert(rows === m || depth === k, `${[m, n, k]}`);
        assert(rows * n * depth <= SMALL, `${[m, n, k]}: ${rows} x ${depth}`);
        const pieces = Math.ceil(m / rows) * Math.ceil(k / depth);
        assert(pieces <= m * n * k / SMALL * 2, `${[m, n, k]}: ${pieces} pieces`);
      }
    }
  }
  assert(cuts > 40, `${cuts}`);
});

Deno.test("only a new enough OpenBLAS on a core with AVX-512 has kernels for small matrices", () => {
  const blas = (library: string, version: string, coreType: string): Blas =>
    ({ library, version, coreType }) as Blas;
  assert(hasSmallKernels(blas("OpenBLAS", "0.3.21", "Cooperlake")));
  assert(hasSmallKernels(blas("OpenBLAS", "0.3.30.dev", "SkylakeX")));
  assert(hasSmallKernels(blas("OpenBLAS", "1.0", "SapphireRapids")));
  assert(!hasSmallKernels(blas("OpenBLAS", "0.3.10", "SkylakeX")));
  assert(!hasSmallKernels(blas("OpenBLAS", "0.3.21", "Haswell")));
  assert(!hasSmallKernels(blas("CBLAS", "", "")));
});
