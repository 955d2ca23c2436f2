/**
 * How fast pipelines read files, against what cannot be avoided and against the peers in the same
 * run, taking turns: (a) a 2 GB file of fixed-length records with shuffle and batch, against readSync
 * into one buffer, with the greatest memory on the way; (b) CSV and TFRecords in batches, against
 * tf.data and pandas where a Python that has them is named by GLISSADE_BENCH_PYTHON.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { crc32c } from "../src/data/crc32c.ts";
import { Dataset, parseExample } from "../src/data/mod.ts";

const folder = Deno.makeTempDirSync();
const ROUNDS = Number(Deno.env.get("GLISSADE_BENCH_ROUNDS") ?? 5);
const SIZE = Number(Deno.env.get("GLISSADE_BENCH_BYTES") ?? 2e9);

function peakMegabytes(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1000;
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
  for (const record of [4096, 65536, 1 << 20]) {
    const batch = Math.max(1, (1 << 18) / record);
    const d = Dataset.fixedLengthRecords(path, record).shuffle(64).batch(batch);
    const [hand, ours] = await fastest(byHand, () => {
      for (const x of d) sink += x.values[0]!;
    });
    console.log(
      `records of ${record} bytes, shuffle(64).batch(${batch}): ` +
        `readSync ${(bytes / hand! / 1e9).toFixed(2)} GB/s, ` +
        `pipeline ${(bytes / ours! / 1e9).toFixed(2)} GB/s, ratio ${(hand! / ours!).toFixed(2)}, ` +
        `peak RSS ${peakMegabytes().toFixed(0)} MB`,
    );
  }
  Deno.removeSync(path);
}

const PEERS = `
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf, pandas as pd
csv, rec = sys.argv[1:3]
types = [tf.float32] * 9 + [tf.int32]
spec = {"x": tf.io.FixedLenFeature([64], tf.float32), "y": tf.io.FixedLenFeature([], tf.int64)}
A = tf.data.AUTOTUNE
works = {
  "csv tf.data CsvDataset": lambda: tf.data.experimental.CsvDataset(csv, types, header=True).batch(256),
  "csv tf.data decode_csv": lambda: tf.data.TextLineDataset(csv).skip(1).batch(256).map(
    lambda l: tf.io.decode_csv(l, [0.0] * 9 + [0]), num_parallel_calls=A).prefetch(A),
  "csv pandas in pieces of 256": lambda: pd.read_csv(csv, chunksize=256),
  "csv pandas whole": lambda: [pd.read_csv(csv)],
  "tfrecord tf.data records": lambda: tf.data.TFRecordDataset(rec).batch(256),
  "tfrecord tf.data examples": lambda: tf.data.TFRecordDataset(rec).batch(256).map(
    lambda b: tf.io.parse_example(b, spec), num_parallel_calls=A).prefetch(A),
}
for line in sys.stdin:
  start = time.perf_counter()
  for x in works[line.strip()](): pass
  print(time.perf_counter() - start, flush=True)
`;

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
    "csv glissade shuffled": () => consume(Dataset.csv(csv).shuffle(1024).batch(256)),
    "tfrecord glissade records": () => consume(Dataset.tfRecord(records)),
    "tfrecord glissade examples": () => consume(Dataset.tfRecord(records).map(parse).batch(256)),
  };
  const python = Deno.env.get("GLISSADE_BENCH_PYTHON");
  const names = Object.keys(ours);
  const works = Object.values(ours) as (() => unknown)[];
  const times: number[] = [];
  if (python === undefined) {
    console.log("no peers: GLISSADE_BENCH_PYTHON names no Python with tensorflow and pandas");
    times.push(...await fastest(...works));
  } else {
    const child = new Deno.Command(python, {
      args: ["-c", PEERS, csv, records],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const peers = [...PEERS.matchAll(/"((?:csv|tfrecord) [^"]+)"/g)].map((m) => m[1]!);
    const best = [...names, ...peers].map(() => Infinity);
    let said = "";
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, work] of works.entries()) {
        best[i] = Math.min(best[i]!, await seconds(work));
      }
      for (const [i, name] of peers.entries()) {
        await writer.write(new TextEncoder().encode(name + "\n"));
        while (!said.includes("\n")) {
          const { value } = await reader.read();
          if (value === undefined) throw new Error(`The Python peer ended at ${name}`);
          said += value;
        }
        const end = said.indexOf("\n");
        best[names.length + i] = Math.min(best[names.length + i]!, Number(said.slice(0, end)));
        said = said.slice(end + 1);
      }
    }
    await writer.close();
    await reader.cancel();
    await child.status;
    names.push(...peers);
    times.push(...best);
  }
  for (const [i, name] of names.entries()) {
    const size = Deno.statSync(name.startsWith("csv") ? csv : records).size;
    console.log(`${name.padEnd(32)} ${(size / times[i]! / 1e6).toFixed(1).padStart(8)} MB/s`);
  }
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

try {
  await fixedLength();
  await parsers();
} finally {
  Deno.removeSync(folder, { recursive: true });
}
if (Number.isNaN(sink)) console.log(sink);
