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
