/**
 * Kernels run in pieces: the bits of the result are those of the whole, wherever the cuts are.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { DTYPES } from "../../../src/base/dtype.ts";
import { compilePieces } from "../../../src/device/cpu/emit.ts";
import { createGemm, cutGemm } from "../../../src/device/cpu/gemm.ts";
import type { Kernel } from "../../../src/ir/kernel.ts";
import { checkPieces, cuts } from "./emitter.ts";
import { type Case, fill, seeded } from "./kernel_cases.ts";

const memory = new WebAssembly.Memory({ initial: 256 });

/** Runs a case whole and in pieces; returns into how many units it can be cut. */
const check = (c: Case, seed: number): number =>
  checkPieces({ compile: compilePieces }, c, memory, seed)!;

/** What a big case is made of. */
interface Shape {
  readonly shape: readonly number[];
  readonly reduce?: readonly number[];
  /** Strides of the operand. */
  readonly strides: readonly number[];
}

function exponential({ shape, reduce = [], strides }: Shape, seed: number): Case {
  const sizes = [...shape, ...reduce];
  const outs = shape.reduce((n, m) => n * m, 1);
  const contiguous = sizes.map((_, i) =>
    i < shape.length ? shape.slice(i + 1).reduce((n, m) => n * m, 1) : 0
  );
  const view = (strides: readonly number[]) => ({ offset: 0, strides });
  const kernel: Kernel = {
    name: "poly",
    shape,
    reduce,
    args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
    body: [
      { op: "load", dtype: "float32", arg: 0, view: view(strides) },
      { op: "fma", dtype: "float32", args: [0, 0, 0] },
    ],
    accumulators: reduce.length > 0 ? [{ combine: "add", dtype: "float32", value: 1 }] : [],
    epilogue: reduce.length > 0 ? [{ op: "acc", dtype: "float32", acc: 0 }] : [],
    stores: [{ arg: 1, view: view(contiguous), value: reduce.length > 0 ? 2 : 1 }],
  };
  const reach = sizes.reduce((n, size, i) => n + (size - 1) * Math.abs(strides[i]!), 1);
  const random = seeded(seed);
  return {
    kernel,
    data: [fill(random, "float32", reach, true), new Float32Array(outs)],
  };
}

Deno.test("a loop with enough pieces is cut, also where the outermost is short", () => {
  const units = (s: Shape): number => check(exponential(s, 3), 5);
  // a vector takes four elements, a block up to four vectors
  assertEquals(units({ shape: [4003], strides: [1] }), Math.ceil(4003 / 16));
  assertEquals(units({ shape: [100, 30], strides: [31, 1] }), 100);
  assertEquals(units({ shape: [4, 1003], strides: [2000, 1] }), Math.ceil(1003 / 16));
  assertEquals(units({ shape: [2, 50, 7], strides: [901, 9, 1] }), 50);
  assert(units({ shape: [120, 130], strides: [1, 131] }) >= 15);
  assertEquals(units({ shape: [64], reduce: [100], strides: [100, 1] }), 64);
  assert(units({ shape: [640], reduce: [10], strides: [1, 640] }) >= 20);
  assertEquals(units({ shape: [3, 64], reduce: [20], strides: [1280, 1, 64] }), 3);
});

Deno.test("sums into one place and indirect stores are not cut", () => {
  const { kernel } = exponential({ shape: [1000], strides: [1] }, 1);
  const add = { ...kernel.stores[0]!, view: { offset: 0, strides: [0] }, add: true };
  assertEquals(compilePieces({ ...kernel, stores: [add] }, memory, true).extent, 0);
  const same = { ...kernel.stores[0]!, view: { offset: 0, strides: [0] } };
  assertEquals(compilePieces({ ...kernel, stores: [same] }, memory, true).extent, 0);
  assertEquals(compilePieces(kernel, memory, true).extent > 0, true);
  assertEquals(compilePieces(kernel, memory, false).extent, 0);
});

Deno.test("products in pieces have the bits of whole ones", () => {
  const gemm = createGemm(memory);
  const random = seeded(7);
  const below = (n: number): number => 1 + Math.floor(random() * n);
  let cut = 0;
  for (let turn = 0; turn < 300; turn++) {
    const dtype = turn % 2 === 0 ? "float32" : "float64";
    const thin = random();
    const [m, n] = [thin < 0.1 ? 1 : below(170), thin > 0.9 ? 1 : below(260)];
    const [k, batch] = [below(random() < 0.2 ? 600 : 40), below(3)];
    const [ta, tb, beta] = [random() < 0.5, random() < 0.5, random() < 0.5 ? 1 : 0] as const;
    const { bytes, array } = DTYPES[dtype];
    const sizes = [batch * m * k, batch * k * n, batch * m * n, batch * m * n];
    let top = 0;
    const [a, b, c, d] = sizes.map((size) => {
      const at = top;
      top = Math.ceil((top + size * bytes) / 64) * 64;
      return at;
    }) as [number, number, number, number];
    const some = fill(random, dtype, (top / bytes) | 0, true);
    new array(memory.buffer, 0, some.length).set(some);
    new Uint8Array(memory.buffer).copyWithin(d, c, c + batch * m * n * bytes);
    const run = dtype === "float32" ? gemm.sgemm : gemm.dgemm;
    for (let i = 0; i < batch; i++) {
      const [x, y, z] = [a + i * m * k * bytes, b + i * k * n * bytes, c + i * m * n * bytes];
      run(ta, tb, m, n, k, x, ta ? m : k, y, tb ? k : n, beta, z, n, top);
    }
    const { rows, columns, across, each } = cutGemm(m, n, batch, below(12));
    if (each > 1) cut++;
    const args = [+ta, +tb, m, n, k, a, b, d, beta, top, rows, columns, across, each];
    for (const [from, to] of cuts(random, batch * each)) gemm.piece(dtype).run(...args, from, to);
    const view = (at: number) => new Uint8Array(memory.buffer, at, batch * m * n * bytes);
    const other = view(d);
    const same = view(c).every((byte, i) => byte === other[i]);
    assert(same, JSON.stringify({ dtype, ta, tb, m, n, k, batch, beta, rows, columns }));
  }
  assert(cut > 100, `only ${cut} of 300 are cut`);
});
