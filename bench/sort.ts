/**
 * How fast is the built-in sort, which also tells where each value came from, beside the sort of
 * JavaScript's typed arrays, which does not?
 *
 *     deno run bench/sort.ts [repetitions]
 *
 * Both run in turns on the same numbers; medians are printed. Typed arrays sort in place, so their
 * turn includes a copy of the numbers, as ours includes the writing of its outputs.
 *
 * @module
 */

import { allocate, DTYPES } from "../src/base/dtype.ts";
import { createSort, type SortDtype } from "../src/device/cpu/sort.ts";

interface Shape {
  dtype: SortDtype;
  outer: number;
  size: number;
  inner: number;
}

const shapes: Shape[] = [
  ...(["float32", "float64", "int32", "uint8"] as const).map((dtype) => ({
    dtype,
    outer: 1,
    size: 1e6,
    inner: 1,
  })),
  ...[[1000, 16, 1], [1, 1000, 16], [10000, 4, 1], [1000, 88, 1], [1000, 89, 1], [100, 1000, 1]]
    .map(([outer = 0, size = 0, inner = 0]): Shape => ({ dtype: "float32", outer, size, inner })),
];

const PART = 1 << 24;
const memory = new WebAssembly.Memory({ initial: 1280, maximum: 1280, shared: true });
const sort = createSort(memory);

function median(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1] ?? NaN;
}

function measure(shape: Shape, repetitions: number): void {
  const { dtype, outer, size, inner } = shape;
  const numbers = outer * size * inner;
  const source = new DTYPES[dtype].array(memory.buffer, 0, numbers);
  const scale = dtype === "uint8" ? 255 : dtype === "int32" ? 2 ** 32 : 1;
  for (let i = 0; i < numbers; i++) source[i] = (Math.random() - 0.5) * scale;
  const copy = allocate(dtype, numbers);
  const rows = Array.from(
    { length: outer * inner },
    (_, row) => copy.subarray(row * size, row * size + size),
  );
  const ours = (): void => sort.run(shape, 0, PART, 2 * PART, 3 * PART);
  const theirs = (): void => {
    copy.set(source);
    for (const row of rows) row.sort();
  };
  const inside = Math.max(1, Math.round(2e5 / numbers));
  const time = (run: () => void): number => {
    const start = performance.now();
    for (let i = 0; i < inside; i++) run();
    return (performance.now() - start) / inside;
  };
  const times: [number[], number[]] = [[], []];
  for (let i = -3; i < repetitions; i++) {
    const turn = [time(ours), time(theirs)] as const;
    if (i >= 0) turn.forEach((value, j) => times[j]?.push(value));
  }
  const [own, other] = times.map(median) as [number, number];
  console.log(
    `${dtype.padEnd(7)} ${`[${outer}, ${size}, ${inner}]`.padEnd(16)} glissade ${
      own.toFixed(3).padStart(7)
    } ms  TypedArray.sort ${other.toFixed(3).padStart(7)} ms  ratio ${(own / other).toFixed(2)}` +
      `  (${(own / numbers * 1e6).toFixed(1)} ns a number)`,
  );
}

for (const shape of shapes) measure(shape, Number(Deno.args[0] ?? 9));
