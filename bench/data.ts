/**
 * How fast batches of MNIST come out of a shuffled pipeline, into fresh arrays as by default and
 * into arrays that serve again, against rows gathered by hand into fresh arrays, here and in NumPy,
 * and against other loaders, which all give fresh arrays, taking turns with ours; what turns of
 * the event loop and states cost; what a shuffle's random numbers cost; what two workers gain over
 * one; whether shuffling 10^8 numbers takes memory. `--epochs` asks the first question only.
 *
 * @module
 */
import { HostArray } from "../src/base/host_array.ts";
import { Dataset } from "../src/data/mod.ts";
import { Philox } from "../src/data/random/philox.ts";
import { printAbsent, startPeers } from "./shared/peer.ts";

const ROWS = 60_000, BATCH = 32, ROW = 784;
const ROUNDS = Number(Deno.env.get("GLISSADE_BENCH_ROUNDS") ?? 5);

/** The row numbers of an epoch, for those who gather by hand. */
function orderOfAnEpoch(): Int32Array {
  const [order] = Dataset.range(ROWS).shuffle(1024, { seed: 1 }).batch(ROWS);
  return order!.values as Int32Array;
}

/** The work that no pipeline can avoid: two fresh arrays a batch, 32 rows copied into each. */
function byHand(x: Uint8Array | Float32Array, y: Uint8Array, order: Int32Array): number {
  let batches = 0;
  for (let at = 0; at < ROWS; at += BATCH, batches++) {
    const xs = x instanceof Uint8Array
      ? new Uint8Array(BATCH * ROW)
      : new Float32Array(BATCH * ROW);
    const ys = new Uint8Array(BATCH);
    for (let i = 0; i < BATCH; i++) {
      const row = order[at + i]!;
      xs.set(rowOf(x, row), i * ROW);
      ys[i] = y[row]!;
    }
    sink = xs[0]! + ys[0]!;
  }
  return batches;
}

/** A view of a row; `subarray` would take longer. */
function rowOf(x: Uint8Array | Float32Array, row: number): Uint8Array | Float32Array {
  return x instanceof Uint8Array
    ? new Uint8Array(x.buffer, row * ROW, ROW)
    : new Float32Array(x.buffer, 4 * row * ROW, ROW);
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

/** Microseconds a batch of each epoch function: the least of rounds in which they take turns. */
async function measure(
  rounds: number,
  ...epochs: (() => number | Promise<number>)[]
): Promise<number[]> {
  const least = epochs.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [i, epoch] of epochs.entries()) {
      const start = performance.now();
      const batches = await epoch();
      least[i] = Math.min(least[i]!, (performance.now() - start) * 1000 / batches);
    }
  }
  return least;
}

function line(name: string, us: number, base: number): void {
  console.log(
    `  ${name.padEnd(36)} ${us.toFixed(1).padStart(7)} us/batch ` +
      `${Math.round(1e6 / us).toString().padStart(7)} batches/s ` +
      `${(us / base).toFixed(2).padStart(7)}x the time of for...of`,
  );
}

function images(dtype: "float32" | "uint8") {
  const values = dtype === "uint8" ? new Uint8Array(ROWS * ROW) : new Float32Array(ROWS * ROW);
  for (let i = 0; i < values.length; i++) values[i] = i & 255;
  const labels = Uint8Array.from({ length: ROWS }, (_, i) => i % 10);
  const x = new HostArray(values, [ROWS, 28, 28]), y = new HostArray(labels);
  return { values, labels, rows: Dataset.fromTensorSlices([x, y]) };
}

/** What a whole epoch costs in both loops, with a state kept, by hand and by other loaders. */
async function epochs(): Promise<void> {
  const orderFile = Deno.makeTempFileSync();
  const order = orderOfAnEpoch();
  Deno.writeFileSync(orderFile, new Uint8Array(order.buffer));
  const peers = await startPeers("images", orderFile);
  for (const dtype of ["float32", "uint8"] as const) {
    const { values, labels, rows } = images(dtype);
    const batches = rows.shuffle(1024).batch(BATCH);
    const reusing = rows.shuffle(1024).batch(BATCH, { reuse: true });
    const ours: Record<string, () => number | Promise<number>> = {
      "for...of": () => fromPipeline(batches),
      "for...of, { reuse: true }": () => fromPipeline(reusing),
      "for await": () => fromPipelineAsync(batches),
      "for...of, keeping states": () => fromPipeline(batches.iterate()),
      "the same, { reuse: true }": () => fromPipeline(reusing.iterate()),
      "globalShuffle, for...of": () => fromPipeline(rows.globalShuffle().batch(BATCH)),
      "these rows by hand, JavaScript": () => byHand(values, labels, order),
    };
    const least = new Map<string, number>();
    const note = (name: string, us: number) =>
      least.set(name, Math.min(least.get(name) ?? Infinity, us));
    for (let round = 0; round < ROUNDS; round++) {
      const us = await measure(3, ...Object.values(ours));
      for (const [i, name] of Object.keys(ours).entries()) note(name, us[i]!);
      for (const peer of peers) {
        for (const work of peer.works.filter((name) => name.startsWith(dtype))) {
          const { seconds, batches } = await peer.run(work);
          note(work.slice(dtype.length + 1), seconds * 1e6 / batches);
        }
      }
    }
    console.log(`${dtype}[${ROWS},28,28], shuffle 1024, batch ${BATCH}`);
    for (const [name, us] of least) line(name, us, least.get("for...of")!);
  }
  printAbsent(peers);
  for (const peer of peers) await peer.stop();
  Deno.removeSync(orderFile);
}

/** What the turns of the event loop cost that `for await` takes every 5 ms. */
async function turns(): Promise<void> {
  const [us] = await measure(20, async () => {
    for (let i = 0; i < 500; i++) await new Promise<void>((done) => setImmediate(done));
    return 500;
  });
  console.log(
    `a turn of the event loop: ${us!.toFixed(1)} us, every 5 ms: ${(us! / 50).toFixed(2)}%`,
  );
}

/** What the random numbers of a batch of 32 cost, taken one by one and all at once. */
async function randomNumbers(): Promise<void> {
  const stream = new Philox(1, 2, 3, 4), words = new Uint32Array(32), batches = 100_000;
  const [singly, together] = await measure(
    5,
    () => {
      for (let b = 0; b < batches; b++) {
        for (let i = 0; i < words.length; i++) words[i] = stream.next();
      }
      return batches;
    },
    () => {
      for (let b = 0; b < batches; b++) stream.fill(words, words.length);
      return batches;
    },
  );
  console.log(
    `32 random numbers: one by one ${(singly! * 1000).toFixed(0)} ns, ` +
      `all at once ${(together! * 1000).toFixed(0)} ns`,
  );
}

/** How much faster a heavy map is on two workers than on one. */
async function workers(): Promise<void> {
  const module = new URL("./shared/busy_map.ts", import.meta.url);
  const n = 300;
  const loops = [1, 2].map((count) => {
    const it = Dataset.range(1_000_000)
      .parallelMap(module, { workers: count, buffer: 8 }).iterate();
    return {
      it,
      async run(): Promise<number> {
        for (let i = 0; i < n; i++) await it.next();
        return n;
      },
    };
  });
  for (const loop of loops) await loop.run();
  const [one, two] = await measure(4, ...loops.map((loop) => () => loop.run()));
  for (const { it } of loops) await it.return();
  console.log("a map that computes, in workers");
  console.log(
    `  one ${(one! / 1000).toFixed(2)} ms an element, two ${(two! / 1000).toFixed(2)} ms`,
  );
  console.log(`  two workers are ${(one! / two!).toFixed(2)} times as fast as one`);
}

/** Memory while 10^8 numbers are given in random order. */
function wholeShuffle(): void {
  const n = 1e8;
  const before = Deno.memoryUsage().rss;
  let most = 0, sum = 0, count = 0;
  const start = performance.now();
  for (const batch of Dataset.range(n).globalShuffle({ seed: 1 }).batch(8192)) {
    for (const v of batch.values) sum += v;
    count += batch.length;
    if (count % (8192 * 64) === 0) most = Math.max(most, Deno.memoryUsage().rss);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log("globalShuffle of 10^8 numbers");
  console.log(
    `  ${(seconds * 10).toFixed(1)} ns a number, ` +
      `${
        ((most - before) / 2 ** 20).toFixed(0)
      } MiB more than before at most; a list of them has ` +
      `${(n * 4 / 2 ** 20).toFixed(0)} MiB; ` +
      `${sum === n * (n - 1) / 2 ? "every number came" : "WRONG: numbers are missing"}`,
  );
}

await epochs();
if (!Deno.args.includes("--epochs")) {
  await turns();
  await randomNumbers();
  await workers();
  wholeShuffle();
}
if (Number.isNaN(sink)) console.log(sink);
