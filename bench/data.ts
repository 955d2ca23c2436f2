/**
 * How fast batches of MNIST come out of a shuffled pipeline, against rows gathered by hand into
 * fresh arrays in the same run. Prints batches per second and the ratio of the times.
 *
 * @module
 */
import { HostArray } from "../src/base/host_array.ts";
import { Dataset } from "../src/data/mod.ts";

const ROWS = 60_000, BATCH = 32, ROW = 784;

/** Random row orders, as both sides need one. */
function permutation(n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The work that no pipeline can avoid: two fresh arrays a batch, 32 rows copied into each. */
function byHand(x: Uint8Array | Float32Array, y: Uint8Array, order: Uint32Array): number {
  let batches = 0;
  for (let at = 0; at < ROWS; at += BATCH, batches++) {
    const xs = x instanceof Uint8Array
      ? new Uint8Array(BATCH * ROW)
      : new Float32Array(BATCH * ROW);
    const ys = new Uint8Array(BATCH);
    for (let i = 0; i < BATCH; i++) {
      const row = order[at + i]!;
      xs.set(x.subarray(row * ROW, (row + 1) * ROW), i * ROW);
      ys[i] = y[row]!;
    }
    sink = xs[0]! + ys[0]!;
  }
  return batches;
}

let sink = 0;

function fromPipeline(batches: Iterable<readonly [HostArray, HostArray]>): number {
  let count = 0;
  for (const [xs, ys] of batches) {
    sink = xs.values[0]! + ys.values[0]!;
    count++;
  }
  return count;
}

async function fromPipelineAsync(
  batches: AsyncIterable<readonly [HostArray, HostArray]>,
): Promise<number> {
  let count = 0;
  for await (const [xs, ys] of batches) {
    sink = xs.values[0]! + ys.values[0]!;
    count++;
  }
  return count;
}

/** Microseconds a batch of each epoch function: medians of rounds in which they take turns. */
async function measure(...epochs: (() => number | Promise<number>)[]): Promise<number[]> {
  const times = epochs.map(() => [] as number[]);
  for (let round = 0; round < 9; round++) {
    for (const [i, epoch] of epochs.entries()) {
      const start = performance.now();
      const batches = await epoch();
      times[i]!.push((performance.now() - start) * 1000 / batches);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[4]!);
}

for (const dtype of ["float32", "uint8"] as const) {
  const values = dtype === "uint8" ? new Uint8Array(ROWS * ROW) : new Float32Array(ROWS * ROW);
  for (let i = 0; i < values.length; i++) values[i] = i & 255;
  const labels = Uint8Array.from({ length: ROWS }, (_, i) => i % 10);
  const x = new HostArray(values, [ROWS, 28, 28]), y = new HostArray(labels);
  const batches = Dataset.fromTensorSlices([x, y]).shuffle(1024).batch(BATCH);
  const order = permutation(ROWS);
  const times = await measure(
    () => byHand(values, labels, order),
    () => fromPipeline(batches),
    () => fromPipelineAsync(batches),
  );
  console.log(`${dtype}[${ROWS},28,28], batch ${BATCH}`);
  const names = [
    "by hand, one permutation",
    "shuffle, batch, for...of",
    "shuffle, batch, for await",
  ];
  for (const [i, name] of names.entries()) {
    const us = times[i]!;
    console.log(
      `  ${name.padEnd(28)} ${us.toFixed(1).padStart(6)} us/batch ` +
        `${Math.round(1e6 / us).toString().padStart(7)} batches/s ` +
        `${(us / times[0]!).toFixed(2)}x by hand`,
    );
  }
}
if (Number.isNaN(sink)) console.log(sink);
