/**
 * How much does it cost to start an operation? Microseconds of one eager op on 64 numbers, where the
 * work itself takes nanoseconds, and of one call of a jitted function of one such op; beside them a
 * plain loop over typed arrays, which is what the cost is weighed against.
 *
 * Run with `deno run bench/dispatch.ts`.
 * @module
 */
import { HostArray } from "../src/base/mod.ts";
import type { Tensor } from "../src/core/mod.ts";
import * as np from "../src/numpy/mod.ts";
import { jit } from "../src/transform/mod.ts";

/** Median microseconds of a call, over batches of a thousand. */
function time(run: () => void): number {
  const end = performance.now() + 400;
  const times: number[] = [];
  while (performance.now() < end || times.length < 10) {
    const start = performance.now();
    for (let i = 0; i < 1000; i++) run();
    times.push(performance.now() - start);
  }
  times.splice(0, Math.floor(times.length / 3)); // while the engine warms up
  return times.sort((x, y) => x - y)[Math.floor(times.length / 2)]!;
}

const N = 64;
const x = np.linspace(0, 1, N);
const y = np.ones(N);
const host = new HostArray(new Float32Array(N).fill(1));
const a = new Float32Array(N).fill(1);
const b = new Float32Array(N).fill(2);

const one = jit((p: Tensor, q: Tensor) => p.add(q));
const state = jit((s: Tensor[]) => s.map((t) => t.mul(0.5)));
const donating = jit((s: Tensor[]) => s.map((t) => t.mul(0.5)), { donate: [0] });
const eight = Array.from({ length: 8 }, () => np.ones(N));
let own = eight.map((t) => t.add(1));

const rows: [string, () => void][] = [
  ["a loop over typed arrays, into a new one", () => {
    const out = new Float32Array(N);
    for (let i = 0; i < N; i++) out[i] = a[i]! + b[i]!;
  }],
  ["eager x.add(y)", () => x.add(y)],
  ["eager x.add(1)", () => x.add(1)],
  ["eager x.sum()", () => x.sum()],
  ["eager x.slice(3, 9)", () => x.slice(3, 9)],
  ["jitted x + y", () => one(x, y)],
  ["jitted x + HostArray", () => one(x, host)],
  ["jitted x + 1", () => one(x, 1)],
  ["jitted, eight tensors in and out", () => state(eight)],
  ["the same, donated", () => own = donating(own) as Tensor[]],
];
for (const [name, run] of rows) {
  console.log(`${name.padEnd(44)} ${time(run).toFixed(2).padStart(7)} us`);
}
