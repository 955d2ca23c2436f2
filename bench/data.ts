/**
 * How fast batches of MNIST come out of a shuffled pipeline, against rows gathered by hand into
 * fresh arrays and against other loaders on the same machine; what turns of the event loop and states
 * cost; what two workers gain over one; whether shuffling 10^8 numbers takes memory.
 *
 * Other loaders are asked through the Python of `deno task bench:peers`, or of `--python PATH`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
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

function line(name: string, us: number, base: number, of = "by hand"): void {
  console.log(
    `  ${name.padEnd(28)} ${us.toFixed(1).padStart(6)} us/batch ` +
      `${Math.round(1e6 / us).toString().padStart(7)} batches/s ` +
      `${(us / base).toFixed(2)}x the time ${of}`,
  );
}

function images(dtype: "float32" | "uint8") {
  const values = dtype === "uint8" ? new Uint8Array(ROWS * ROW) : new Float32Array(ROWS * ROW);
  for (let i = 0; i < values.length; i++) values[i] = i & 255;
  const labels = Uint8Array.from({ length: ROWS }, (_, i) => i % 10);
  const x = new HostArray(values, [ROWS, 28, 28]), y = new HostArray(labels);
  return { values, labels, rows: Dataset.fromTensorSlices([x, y]) };
}

/** What a whole epoch costs in both loops, and with a state kept. */
async function epochs(): Promise<number> {
  let ours = Infinity;
  for (const dtype of ["float32", "uint8"] as const) {
    const { values, labels, rows } = images(dtype);
    const batches = rows.shuffle(1024).batch(BATCH);
    const order = permutation(ROWS);
    const times = await measure(
      9,
      () => byHand(values, labels, order),
      () => fromPipeline(batches),
      () => fromPipelineAsync(batches),
      () => fromPipeline(batches.iterate()),
      () => fromPipeline(rows.globalShuffle().batch(BATCH)),
    );
    console.log(`${dtype}[${ROWS},28,28], shuffle 1024, batch ${BATCH}`);
    const names = [
      "by hand, one permutation",
      "for...of",
      "for await",
      "for...of, keeping states",
      "globalShuffle, for...of",
    ];
    for (const [i, name] of names.entries()) line(name, times[i]!, times[0]!);
    ours = times[1]!;
  }
  return ours;
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

/** The same epoch by other loaders, where they are there. */
async function peers(ours: number): Promise<void> {
  console.log("other loaders, uint8[60000,28,28], batch 32");
  const given = Deno.args.indexOf("--python");
  const python = given >= 0
    ? Deno.args[given + 1]!
    : fileURLToPath(new URL("./peers/.venv/bin/python", import.meta.url));
  const script = fileURLToPath(new URL("./shared/data_peers.py", import.meta.url));
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(python, { args: [script], stderr: "null" }).output();
  } catch {
    console.log(`  absent: there is no ${python}; deno task bench:peers makes it`);
    return;
  }
  for (const text of new TextDecoder().decode(output.stdout).split("\n")) {
    if (text === "") continue;
    const { name, us, absent } = JSON.parse(text) as { name: string; us?: number; absent?: string };
    if (us === undefined) console.log(`  ${name}: absent (${absent})`);
    else line(name, us, ours, "of for...of");
  }
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

const ours = await epochs();
await turns();
await peers(ours);
await workers();
wholeShuffle();
if (Number.isNaN(sink)) console.log(sink);
