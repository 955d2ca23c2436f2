/**
 * How products are cut for a library with kernels for small matrices.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Blas } from "../../../ffi/mod.ts";
import { cutAmong, cutSmall, hasSmallKernels } from "../../../src/device/cpu/native_cut.ts";

const SMALL = 1e6;
const shape = (m: number, n: number, k: number, ta = false, tb = false) => ({ m, n, k, ta, tb });

Deno.test("a product that is small already stays whole, and so does one with a transposed right side", () => {
  assertEquals(cutSmall(shape(100, 100, 100)), null);
  assertEquals(cutSmall(shape(784, 64, 32, false, true)), null);
});

Deno.test("a product so large that its small pieces would be slivers stays whole", () => {
  assertEquals(cutSmall(shape(1024, 1024, 1024)), null);
  assertEquals(cutSmall(shape(160, 160, 160)), null);
});

Deno.test("many rows are cut along the rows, few rows along the depth, evenly", () => {
  assertEquals(cutSmall(shape(784, 64, 32)), { rows: 400, columns: 64, depth: 32 });
  assertEquals(cutSmall(shape(32, 64, 784)), { rows: 16, columns: 64, depth: 400 });
  assertEquals(cutSmall(shape(32, 64, 784, true)), { rows: 32, columns: 64, depth: 400 });
});

Deno.test("a thin result is cut along its length, in strips where the matrix does not lie along the depth", () => {
  assertEquals(cutSmall(shape(1, 2048, 2048, false, true)), {
    rows: 1,
    columns: 416,
    depth: 2048,
  });
  assertEquals(cutSmall(shape(1, 2048, 2048)), { rows: 1, columns: 512, depth: 256 });
  assertEquals(cutSmall(shape(2048, 2, 1024)), { rows: 416, columns: 2, depth: 1024 });
  assertEquals(cutSmall(shape(2048, 2, 1024, true)), { rows: 512, columns: 2, depth: 256 });
});

Deno.test("small pieces are small, and not many more than needed", () => {
  let cuts = 0;
  for (const m of [8, 33, 100, 784, 5000, 43264]) {
    for (const n of [1, 10, 64, 100, 1000]) {
      for (const k of [1, 9, 16, 100, 784, 43264]) {
        const cut = cutSmall(shape(m, n, k));
        if (cut === null) continue;
        cuts++;
        const rows = Math.min(m, cut.rows), columns = Math.min(n, cut.columns);
        const depth = Math.min(k, cut.depth);
        assert(rows * columns * depth <= SMALL, `${[m, n, k]}: ${rows} x ${depth}`);
        if (Math.min(m, n) <= 8) continue;
        assertEquals(columns, n);
        const pieces = Math.ceil(k / depth) * (depth < k ? 1 : Math.ceil(m / rows));
        assert(pieces <= m * n * k / SMALL * 2, `${[m, n, k]}: ${pieces} pieces`);
      }
    }
  }
  assert(cuts > 40, `${cuts}`);
});

Deno.test("two threads get the halves that make them pack least", () => {
  const cost = 3e6;
  assertEquals(cutAmong(shape(256, 1024, 1024), cost, 2), { rows: 256, columns: 512, depth: 1024 });
  assertEquals(cutAmong(shape(2048, 256, 1024), cost, 2), {
    rows: 1024,
    columns: 256,
    depth: 1024,
  });
});

Deno.test("many threads get a grid, each a piece that is not small", () => {
  const cut = cutAmong(shape(1024, 1024, 1024), 14e6, 16);
  assertEquals(cut, { rows: 256, columns: 256, depth: 1024 });
  assertEquals(cutAmong(shape(128, 128, 128), 4e4, 16), { rows: 128, columns: 128, depth: 128 });
});

Deno.test("a long product is cut finer than there are threads, so that none waits long", () => {
  const { rows, columns } = cutAmong(shape(4096, 4096, 4096), 1e9, 2);
  assertEquals(4096 / rows * 4096 / columns, 8);
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
