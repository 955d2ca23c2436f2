/**
 * How fast pipelines read files, against what cannot be avoided and against the peers in the same
 * run, taking turns: (a) a 2 GB file of fixed-length records with shuffle and batch, against readSync
 * into one buffer, and against a loop that only reads and copies what fresh batches in another order
 * need, with the greatest memory on the way; (b) CSV and TFRecords in batches, against tf.data, pandas
 * and tfjs-data. `--records` and `--parsers` ask one question only.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32c } from "../src/data/bytes/crc32c.ts";
import { Dataset, parseExample } from "../src/data/mod.ts";
import { printAbsent, startPeers } from "./shared/peer.ts";

const [mode, ...given] = Deno.args;
const folder = Deno.makeTempDirSync();
const ROUNDS = Number(Deno.env.get("GLISSADE_BENCH_ROUNDS") ?? 8);
const SIZE = Number(Deno.env.get("GLISSADE_BENCH_BYTES") ?? 2e9);

/** The pipeline over records; batches are fresh memory, or the same again and again. */
function pipelineOf(path: string, record: number, reuse: boolean): () => void {
  const d = Dataset.fixedLengthRecords(path, record).shuffle(WINDOW)
    .batch(batchOf(record), { reuse });
  return () => {
    for (const x of d) sink += x.values[0]!;
  };
}

const batchOf = (record: number): number => Math.max(1, PIECE / record);

/** The greatest resident memory of a process that runs the pipeline and nothing else. */
async function peakMegabytes(path: string, record: number): Promise<number> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(import.meta.url), "--peak", path, String(record)],
  }).output();
  return Number(new TextDecoder().decode(stdout)) / 1000;
}

function printPeak(path: string, record: number): void {
  pipelineOf(path, record, false)();
  const status = readFileSync("/proc/self/status", "utf8");
  console.log(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? NaN);
}

/** The shortest time of each, in seconds. */
async function fastest(...works: (() => unknown)[]): Promise<number[]> {
  const best = works.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, work] of works.entries()) {
      best[i] = Math.min(best[i]!, await seconds(work));
    }
  }
  return best;
}

let sink = 0;

/** Records that a shuffle holds; bytes of a batch; from which size on records need no copy. */
const WINDOW = 64, PIECE = 1 << 18, LARGE = 1 << 15;

async function fixedLength(): Promise<void> {
  const path = `${folder}/records.bin`;
  const block = new Uint8Array(4 << 20);
  crypto.getRandomValues(block.subarray(0, 65536));
  const bytes = Math.floor(SIZE / block.length) * block.length;
  const file = Deno.openSync(path, { create: true, write: true });
  for (let at = 0; at < bytes; at += block.length) file.writeSync(block);
  file.close();
  const byHand = () => {
    const file = Deno.openSync(path);
    while (file.readSync(block) !== null) sink += block[0]!;
    file.close();
  };
  const rate = (seconds: number): string => `${(bytes / seconds / 1e9).toFixed(2)} GB/s`;
  for (const record of [4096, 65536, 1 << 20]) {
    const peak = await peakMegabytes(path, record);
    const [hand, copies, reusedCopies, ours, reusing] = await fastest(
      byHand,
      () => onlyCopies(path, record, false),
      () => onlyCopies(path, record, true),
      pipelineOf(path, record, false),
      pipelineOf(path, record, true),
    );
    const told = (what: string, copies: number, ours: number): string =>
      `  ${what}: only copies ${rate(copies)}, pipeline ${rate(ours)}: ` +
      `${(hand! / ours).toFixed(2)} of readSync, ${(copies / ours).toFixed(2)} of the copies`;
    console.log(
      `records of ${record} bytes, shuffle(${WINDOW}).batch(${batchOf(record)}): ` +
        `readSync ${rate(hand!)}; peak RSS ${peak.toFixed(0)} MB`,
    );
    console.log(told("fresh batches", copies!, ours!));
    console.log(told("{ reuse: true }", reusedCopies!, reusing!));
  }
  Deno.removeSync(path);
}

/**
 * The least that batches of shuffled records take, in fresh memory or in two batches' memory in turn:
 * large records are read into the batch, small ones copied there from pieces that were read before,
 * chosen at random.
 */
function onlyCopies(path: string, record: number, reuse: boolean): void {
  const file = Deno.openSync(path);
  const size = Math.max(PIECE, record);
  const turns = [new Uint8Array(size), new Uint8Array(size)];
  const memory = (k: number): Uint8Array => reuse ? turns[k % 2]! : new Uint8Array(size);
  if (record >= LARGE) {
    for (let k = 0;; k++) {
      const batch = memory(k);
      for (let at = 0; at < size; at += record) {
        if (file.readSync(batch.subarray(at, at + record)) === null) return file.close();
      }
      sink += batch[0]!;
    }
  }
  const perPiece = PIECE / record;
  const pieces = Array.from(
    { length: Math.ceil(WINDOW / perPiece) + 1 },
    () => new Uint8Array(PIECE),
  );
  let random = 1;
  for (let k = 0; file.readSync(pieces[k % pieces.length]!) !== null; k++) {
    const batch = memory(k);
    for (let i = 0; i < perPiece; i++) {
      random = Math.imul(random, 1103515245) + 12345 & 0x7fffffff;
      const { buffer } = pieces[(random >>> 20) % pieces.length]!;
      batch.set(new Uint8Array(buffer, (random >>> 4) % perPiece * record, record), i * record);
    }
    sink += batch[0]!;
  }
  file.close();
}

function writeCsv(path: string): void {
  const lines = ["a,b,c,d,e,f,g,h,i,label"];
  for (let i = 0; i < 100_000; i++) {
    const row = Array.from({ length: 9 }, () => (Math.random() * 10).toFixed(4));
    lines.push(`${row.join(",")},${i % 10}`);
  }
  Deno.writeTextFileSync(path, lines.join("\n") + "\n");
}

function writeRecords(path: string): void {
  const masked = (bytes: Uint8Array) => {
    const c = crc32c(bytes);
    return (((c >>> 15) | (c << 17)) + 0xa282ead8) >>> 0;
  };
  const field = (tag: number, body: number[]) => [tag, ...varint(body.length), ...body];
  const varint = (n: number): number[] => n < 128 ? [n] : [n & 127 | 128, ...varint(n >>> 7)];
  const entry = (name: string, value: number[]) =>
    field(10, [...field(10, [...new TextEncoder().encode(name)]), ...field(18, value)]);
  const file = Deno.openSync(path, { create: true, write: true });
  for (let i = 0; i < 20_000; i++) {
    const x = new Uint8Array(Float32Array.from({ length: 64 }, Math.random).buffer);
    const features = [
      ...entry("x", field(18, field(10, [...x]))),
      ...entry("y", field(26, field(10, [i % 10]))),
    ];
    const data = Uint8Array.from(field(10, features));
    const record = new Uint8Array(data.length + 16);
    const view = new DataView(record.buffer);
    view.setUint32(0, data.length, true);
    view.setUint32(8, masked(record.subarray(0, 8)), true);
    record.set(data, 12);
    view.setUint32(12 + data.length, masked(data), true);
    file.writeSync(record);
  }
  file.close();
}

function consume(d: Iterable<unknown>): void {
  for (const x of d) if (x === null) sink++;
}

async function parsers(): Promise<void> {
  const csv = `${folder}/numbers.csv`, records = `${folder}/examples.tfrecord`;
  writeCsv(csv);
  writeRecords(records);
  const parse = parseExample({
    x: { dtype: "float32", shape: [64] },
    y: { dtype: "int32", shape: [] },
  });
  const ours: Record<string, () => void> = {
    "csv glissade": () => consume(Dataset.csv(csv).batch(256)),
    "csv glissade, { reuse: true }": () => consume(Dataset.csv(csv).batch(256, { reuse: true })),
    "csv glissade shuffled": () => consume(Dataset.csv(csv).shuffle(1024).batch(256)),
    "csv glissade, batches of 1": () => consume(Dataset.csv(csv).batch(1)),
    "records glissade": () => consume(Dataset.tfRecord(records)),
    "examples glissade": () => consume(Dataset.tfRecord(records).map(parse).batch(256)),
  };
  const peers = await startPeers("files", csv, records);
  const least = new Map<string, number>();
  const note = (name: string, seconds: number) =>
    least.set(name, Math.min(least.get(name) ?? Infinity, seconds));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(ours)) note(name, await seconds(work));
    for (const peer of peers) {
      for (const work of peer.works) note(work, (await peer.run(work)).seconds);
    }
  }
  for (const peer of peers) await peer.stop();
  for (const kind of ["csv", "records", "examples"]) {
    const size = Deno.statSync(kind === "csv" ? csv : records).size;
    const own = least.get(`${kind} glissade`)!;
    for (const [name, time] of least) {
      if (!name.startsWith(`${kind} `)) continue;
      console.log(
        `${name.padEnd(36)} ${(size / time / 1e6).toFixed(1).padStart(8)} MB/s ` +
          `${(time / own).toFixed(2).padStart(6)}x the time of glissade`,
      );
    }
  }
  printAbsent(peers);
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

try {
  if (mode === "--peak") printPeak(given[0]!, Number(given[1]));
  else {
    if (mode !== "--parsers") await fixedLength();
    if (mode !== "--records") await parsers();
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}
if (Number.isNaN(sink)) console.log(sink);
