/**
 * How products are cut for a library with kernels for small matrices.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Blas } from "../../../ffi/mod.ts";
import { cutLarge, cutSmall, hasSmallKernels, unitOf } from "../../../src/device/cpu/native_cut.ts";

const SMALL = 1e6;
const shape = (m: number, n: number, k: number, ta = false, tb = false) => ({ m, n, k, ta, tb });

Deno.test("a product that is small already stays whole, and so does one with a transposed right side", () => {
  assertEquals(cutSmall(shape(100, 100, 100)), null);
  assertEquals(cutSmall(shape(784, 64, 32, false, true)), null);
});

Deno.test("a product so large that its small pieces would be slivers stays whole", () => {
  assertEquals(cutSmall(shape(1024, 1024, 1024)), null);
  assertEquals(cutSmall(shape(200, 1000, 200)), null);
});

Deno.test("a product of some millions is cut into blocks, the depth only where it is long", () => {
  assertEquals(cutSmall(shape(128, 128, 128)), { rows: 48, columns: 128, depth: 128 });
  assertEquals(cutSmall(shape(256, 256, 256)), { rows: 48, columns: 64, depth: 256 });
  assertEquals(cutSmall(shape(7744, 64, 288)), { rows: 48, columns: 64, depth: 288 });
  assertEquals(cutSmall(shape(288, 64, 7744, true)), { rows: 48, columns: 64, depth: 256 });
});

Deno.test("blocks are not made where rows start within a vector, or where many rows lie far apart", () => {
  assertEquals(cutSmall(shape(200, 200, 200)), null);
  assertEquals(cutSmall(shape(512, 512, 512)), null);
  assertEquals(cutSmall(shape(2048, 256, 1024, true)), null);
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
  const halves = (rows: number, columns: number, depth: number) => ({ rows, columns, depth });
  assertEquals(cutLarge(shape(256, 1024, 1024), "float32", 2), halves(256, 512, 1024));
  assertEquals(cutLarge(shape(1024, 512, 1024), "float32", 2), halves(512, 512, 1024));
  assertEquals(cutLarge(shape(1024, 1024, 1024), "float64", 2), halves(512, 1024, 1024));
});

Deno.test("packing left operands is dearer in float64: wide products are cut along their rows there", () => {
  assertEquals(cutLarge(shape(256, 768, 1024), "float32", 2).rows, 256);
  assertEquals(cutLarge(shape(256, 768, 1024), "float64", 2).rows, 128);
});

Deno.test("many threads get a grid, each a piece that is not small", () => {
  const { rows, columns, depth } = cutLarge(shape(1024, 1024, 1024), "float32", 16);
  assertEquals([1024 / rows * 1024 / columns, depth], [16, 1024]);
  assert(rows < 1024 && columns < 1024, `${rows}x${columns}`);
  const whole = { rows: 110, columns: 110, depth: 110 };
  assertEquals(cutLarge(shape(110, 110, 110), "float32", 16), whole);
});

Deno.test("no piece of a large product is small, also not the last one", () => {
  for (const [m, n, k] of [[288, 1000, 250], [1000, 260, 260], [97, 4000, 333]] as const) {
    for (const lanes of [2, 3, 5, 16]) {
      for (const dtype of ["float32", "float64"] as const) {
        const { rows, columns } = cutLarge(shape(m, n, k), dtype, lanes);
        const ends = [(m - 1) % rows + 1, (n - 1) % columns + 1] as const;
        assert(ends[0] * ends[1] * k > SMALL, `${[m, n, k]} for ${lanes}: ${rows}x${columns}`);
      }
    }
  }
});

Deno.test("a long product is cut finer than there are threads, so that none waits long", () => {
  const { rows, columns } = cutLarge(shape(4096, 4096, 4096), "float32", 2);
  assertEquals(4096 / rows * 4096 / columns, 8);
});

Deno.test("units are whole pieces, and enough of them for all threads", () => {
  for (const [m, n, k, ta] of [[288, 64, 7744, true], [256, 256, 256], [128, 128, 128]] as const) {
    const cut = cutSmall(shape(m, n, k, ta))!;
    for (const lanes of [2, 4]) {
      const { tall, wide } = unitOf(shape(m, n, k, ta), cut, lanes);
      assertEquals(tall % cut.rows, 0);
      assert(wide === n || wide % cut.columns === 0, `${wide}`);
      const units = Math.ceil(m / tall) * Math.ceil(n / wide);
      assert(units >= Math.min(lanes, 3), `${units} units for ${lanes}`);
    }
  }
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
