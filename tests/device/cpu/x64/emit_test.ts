/**
 * Kernels as machine code do what those of WebAssembly do, or are refused.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { DType } from "../../../../src/base/dtype.ts";
import type { Kernel } from "../../../../src/ir/kernel.ts";
import { claim } from "../emitter_claims.ts";
import { ROW } from "../made_cases.ts";
import { MACHINE_CODE } from "./machine_code.ts";

claim(MACHINE_CODE);

/** Single elements of a table at computed places. */
const pick = (t: DType, n: number): Kernel => ({
  name: "pick",
  shape: [n],
  reduce: [],
  args: [
    { dtype: "int32", writes: false },
    { dtype: t, writes: false },
    { dtype: t, writes: true },
  ],
  body: [
    { op: "load", dtype: "int32", arg: 0, view: ROW },
    {
      op: "load",
      dtype: t,
      arg: 1,
      view: { offset: 1, strides: [0], at: [{ step: 0, stride: 1 }] },
    },
  ],
  accumulators: [],
  epilogue: [],
  stores: [{ arg: 2, view: ROW, value: 1 }],
});

Deno.test(`${MACHINE_CODE.name}: single elements are read from a table of more than 2 GiB`, {
  ignore: MACHINE_CODE.ignore,
}, () => {
  const memory = new WebAssembly.Memory({ initial: 65536 });
  const buffer = memory.buffer as ArrayBuffer;
  const [indices, out, table] = [64, 4096, 65536];
  for (const [t, array] of [["float32", Float32Array], ["float64", Float64Array]] as const) {
    const size = array.BYTES_PER_ELEMENT;
    const last = (2 ** 32 - table) / size - 2;
    const places = [0, 1, 2 ** 31 / size - 1, 2 ** 31 / size, 2 ** 31 / size + 1, last];
    for (const n of [6, 16, 70]) {
      const at = Int32Array.from({ length: n }, (_, i) => places[i % places.length]!);
      new Int32Array(buffer, indices, n).set(at);
      const values = new array(buffer, table, last + 2);
      at.forEach((place, i) => values[place + 1] = 1 + i % places.length);
      const { run, free } = MACHINE_CODE.compile(pick(t, n), memory, false)!;
      run(indices, table, out);
      free!();
      const got = new array(buffer, out, n);
      assertEquals([...got], Array.from({ length: n }, (_, i) => 1 + i % places.length));
    }
  }
});

Deno.test(`${MACHINE_CODE.name}: square roots of singles are rounded as they should be`, {
  ignore: MACHINE_CODE.ignore,
}, () => {
  // what two kernels do side by side lies in two vectors: each number comes into both
  const n = (1 << 21) + 16;
  const roots: Kernel = {
    name: "roots",
    shape: [n],
    reduce: [],
    args: [{ dtype: "float32", writes: false }, { dtype: "float32", writes: true }],
    body: [
      { op: "load", dtype: "float32", arg: 0, view: ROW },
      { op: "sqrt", dtype: "float32", args: [0] },
    ],
    accumulators: [],
    epilogue: [],
    stores: [{ arg: 1, view: ROW, value: 1 }],
  };
  const memory = new WebAssembly.Memory({ initial: 512 });
  const [from, to] = [4096, 4096 + 4 * n + 4096];
  const x = new Float32Array(memory.buffer, from, n);
  const bits = new Uint32Array(memory.buffer, from, n);
  const got = new Float32Array(memory.buffer, to, n);
  const { run, free } = MACHINE_CODE.compile(roots, memory, false)!;
  const agree = (what: string): void => {
    run(from, to);
    let wrong = 0;
    for (let i = 0; i < n; i++) if (!Object.is(got[i], Math.fround(Math.sqrt(x[i]!)))) wrong++;
    assertEquals(wrong, 0, what);
  };
  for (const shift of [0, 16]) {
    // every mantissa, with exponents of either parity
    for (const exponent of [127, 128]) {
      for (let first = 0; first < 1 << 23; first += 1 << 21) {
        const all = exponent * 2 ** 23 + first;
        for (let i = 0; i < 1 << 21; i++) bits[i + shift] = all + i;
        agree(`mantissas from ${first}, exponent ${exponent}`);
      }
    }
    // every exponent and sign: zeros, what is denormal, infinite, NaN, or has no root
    for (let i = 0; i + shift < n; i++) bits[i + shift] = Math.imul(i, 0x9e3779b1);
    for (let i = 0; i < 1024; i++) bits[i + shift] = i >> 1 << 23 | (i & 1);
    agree("all exponents");
  }
  free!();
});
