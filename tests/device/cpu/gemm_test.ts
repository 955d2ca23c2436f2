/**
 * The built-in matrix multiplication against a plain triple loop in float64, within the bound that
 * rounding allows, with everything around C watched.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { createGemm, type GemmDtype, gemmModule } from "../../../src/device/cpu/gemm.ts";

type Floats = Float32Array<ArrayBufferLike> | Float64Array<ArrayBufferLike>;

const memory = new WebAssembly.Memory({ initial: 128, maximum: 128, shared: true });
const gemm = createGemm(memory);
const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 };
const GUARD = -12345;

let seed = 1;
function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 31 - 1;
}

interface Case {
  dtype: GemmDtype;
  ta?: boolean;
  tb?: boolean;
  m: number;
  n: number;
  k: number;
  beta?: 0 | 1;
  /** Added to each leading dimension. */
  pad?: number;
}

/** Runs one case; returns an account of what is wrong, or "". */
function wrong(given: Case, multiply = gemm): string {
  const { dtype, ta = false, tb = false, m, n, k, beta = 0, pad = 0 } = given;
  const bytes = dtype === "float32" ? 4 : 8;
  const all: Floats = dtype === "float32"
    ? new Float32Array(memory.buffer)
    : new Float64Array(memory.buffer);
  const [lda, ldb, ldc] = [(ta ? m : k) + pad, (tb ? k : n) + pad, n + pad];
  const space = (numbers: number): number => Math.ceil((numbers + 16) / 16) * 16;
  const a = 16;
  const b = a + space((ta ? k : m) * lda);
  const c = b + space((tb ? n : k) * ldb);
  const scratch = c + 16 + space(m * ldc);
  const scratchEnd = scratch + multiply.scratchBytes(m, n, k, dtype) / bytes;
  all.fill(GUARD, 0, scratchEnd + 16);
  const left = (i: number, p: number): number => a + (ta ? p * lda + i : i * lda + p);
  const right = (p: number, j: number): number => b + (tb ? j * ldb + p : p * ldb + j);
  for (let i = 0; i < m; i++) for (let p = 0; p < k; p++) all[left(i, p)] = random();
  for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) all[right(p, j)] = random();
  const before: number[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      before.push(all[c + i * ldc + j] = beta === 1 ? Math.fround(random()) : NaN);
    }
  }
  const operands = all.slice(0, c);
  const f = dtype === "float32" ? multiply.sgemm : multiply.dgemm;
  const at = (number: number): number => number * bytes;
  f(ta, tb, m, n, k, at(a), lda, at(b), ldb, beta, at(c), ldc, at(scratch));

  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let expected = beta === 1 ? before[i * n + j]! : 0;
      for (let p = 0; p < k; p++) expected += all[left(i, p)]! * all[right(p, j)]!;
      const got = all[c + i * ldc + j]!;
      const bound = 4 * EPSILON[dtype] * (k + beta);
      if (!(Math.abs(got - expected) <= bound)) return `C[${i},${j}] = ${got}, not ${expected}`;
    }
  }
  for (let i = 0; i < c; i++) if (all[i] !== operands[i]) return `wrote before C at ${i - c}`;
  for (let i = 0; i < m * ldc; i++) {
    if (i % ldc >= n && all[c + i] !== GUARD) return `wrote between rows of C at ${i}`;
  }
  for (let i = c + m * ldc; i < scratch; i++) if (all[i] !== GUARD) return "wrote behind C";
  for (let i = scratchEnd; i < scratchEnd + 16; i++) {
    if (all[i] !== GUARD) return "wrote behind the scratch block";
  }
  return "";
}

function assertRight(given: Case, multiply = gemm): void {
  const account = wrong(given, multiply);
  assert(account === "", `${JSON.stringify(given)}: ${account}`);
}

const SIZES = [0, 1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 33, 64, 100];

for (const dtype of ["float32", "float64"] as const) {
  Deno.test(`${dtype} products are right for every transposition, size and beta`, () => {
    for (const m of SIZES) {
      for (const n of SIZES) {
        const k = SIZES[Math.floor((random() + 1) / 2 * SIZES.length)]!;
        for (let flags = 0; flags < 8; flags++) {
          const [ta, tb] = [(flags & 1) !== 0, (flags & 2) !== 0];
          assertRight({ dtype, ta, tb, m, n, k, beta: flags & 4 ? 1 : 0, pad: m % 2 });
        }
      }
    }
  });

  Deno.test(`${dtype} products are right for every k and odd leading dimensions`, () => {
    for (const k of [...SIZES, 255, 256, 257, 515]) {
      for (let flags = 0; flags < 4; flags++) {
        const [ta, tb] = [(flags & 1) !== 0, (flags & 2) !== 0];
        for (const [m, n] of [[5, 8], [6, 9], [23, 27]] as const) {
          assertRight({ dtype, ta, tb, m, n, k, pad: 3 });
          assertRight({ dtype, ta, tb, m, n, k, pad: 3, beta: 1 });
        }
      }
    }
  });

  Deno.test(`${dtype} products are right across every block boundary`, () => {
    for (let flags = 0; flags < 4; flags++) {
      const [ta, tb] = [(flags & 1) !== 0, (flags & 2) !== 0];
      assertRight({ dtype, ta, tb, m: 163, n: 10, k: 259, beta: 1 });
      assertRight({ dtype, ta, tb, m: 7, n: 1037, k: 258 });
      assertRight({ dtype, ta, tb, m: 25, n: 1037, k: 9, beta: 1 });
      assertRight({ dtype, ta, tb, m: 1, n: 1037, k: 515, beta: 1 });
      assertRight({ dtype, ta, tb, m: 1037, n: 1, k: 515, beta: 1 });
      assertRight({ dtype, ta, tb, m: 43, n: 1, k: 515, pad: 1 });
    }
  });

  Deno.test(`${dtype} infinities and NaN of the operands reach only their rows and columns`, () => {
    const bytes = dtype === "float32" ? 4 : 8;
    const all: Floats = dtype === "float32"
      ? new Float32Array(memory.buffer)
      : new Float64Array(memory.buffer);
    const [m, n, k] = [7, 11, 6];
    all.fill(1, 0, 1024);
    all[2 * k + 3] = NaN;
    all[256 + 4 * n + 10] = Infinity;
    const f = dtype === "float32" ? gemm.sgemm : gemm.dgemm;
    f(false, false, m, n, k, 0, k, 256 * bytes, n, 0, 512 * bytes, n, 1024 * bytes);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const expected = i === 2 ? NaN : j === 10 ? Infinity : k;
        assertEquals(all[512 + i * n + j], expected);
      }
    }
  });

  Deno.test(`one number of a ${dtype} product does not depend on the other sizes`, () => {
    const bytes = dtype === "float32" ? 4 : 8;
    const all: Floats = dtype === "float32"
      ? new Float32Array(memory.buffer)
      : new Float64Array(memory.buffer);
    const [a, b, c, scratch] = [0, 65536, 131072, 196608];
    const k = 300;
    for (let i = 0; i < 200 * k; i++) [all[a + i], all[b + i]] = [random(), random()];
    const column = Array.from({ length: k }, random);
    const f = dtype === "float32" ? gemm.sgemm : gemm.dgemm;
    const results = [[1, 1], [1, 200], [33, 6], [200, 200], [20, 8]].flatMap(([m = 0, n = 0]) =>
      (m === 1 ? [false] : [false, true]).map((tb) => {
        // Both layouts of B hold the same first column.
        if (tb) { for (let p = 0; p < k; p++) all[b + p] = column[p]!; }
        else for (let p = 0; p < k; p++) all[b + p * 200] = column[p]!;
        f(
          ...[false, tb, m, n, k, a * bytes, k, b * bytes, tb ? k : 200] as const,
          ...[0, c * bytes, n, scratch * bytes] as const,
        );
        return all[c];
      })
    );
    assert(results[0] !== 0);
    assertEquals(results, results.map(() => results[0]));
  });

  Deno.test(`${dtype} products without fused multiply-adds are right`, () => {
    const module = new WebAssembly.Module(gemmModule(dtype, { shared: true, maximum: 128 }, false));
    const run = new WebAssembly.Instance(module, { env: { memory } }).exports.gemm as (
      ...values: number[]
    ) => void;
    const f = (ta: boolean, tb: boolean, ...rest: number[]): void =>
      run(Number(ta), Number(tb), ...rest);
    const plain = { ...gemm, sgemm: f, dgemm: f };
    assertRight({ dtype, m: 17, n: 19, k: 23 }, plain);
    assertRight({ dtype, ta: true, tb: true, m: 64, n: 33, k: 100, beta: 1 }, plain);
  });
}

Deno.test("a memory that is not shared is multiplied in too", () => {
  const own = new WebAssembly.Memory({ initial: 1 });
  const floats = new Float32Array(own.buffer);
  floats.set([1, 2, 3, 4], 0);
  floats.set([5, 6, 7, 8], 16);
  createGemm(own).sgemm(false, true, 2, 2, 2, 0, 2, 64, 2, 0, 128, 2, 192);
  assertEquals([...floats.subarray(32, 36)], [17, 23, 39, 53]);
});

Deno.test("an address outside the memory is an error", () => {
  const end = memory.buffer.byteLength;
  assertThrows(
    () => gemm.sgemm(false, false, 8, 8, 8, end - 64, 8, 0, 8, 0, 4096, 8, 8192),
    WebAssembly.RuntimeError,
  );
});
