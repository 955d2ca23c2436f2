/**
 * A small file of each format that pipelines read, cut off at every byte and with every byte changed:
 * an error that names the file, or what the format cannot know better. Nothing hangs.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { HostArray } from "../../src/base/host_array.ts";
import { Dataset } from "../../src/data/mod.ts";
import { formatNpy } from "../../src/formats/npy.ts";
import { formatNpz } from "../../src/formats/npz.ts";
import { formatSafetensors } from "../../src/formats/safetensors.ts";

const FILES = new URL("../goldens/data/files/", import.meta.url);
const golden = (name: string) => Deno.readFileSync(new URL(name, FILES));
const text = (s: string) => new TextEncoder().encode(s);
const joined = (parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((p) => [...p]));

/** Longer than any of these files takes; in a run that hangs it is never reached. */
const LONGEST = 10_000;

interface Case {
  /** How the name of the file ends. */
  readonly ending: string;
  readonly bytes: Uint8Array;
  /** The elements, as plain data. */
  readonly read: (path: string) => Promise<unknown[]>;
  /** What stands behind the file in the message; default: nothing is asked. */
  readonly stage?: string;
  /** Whether what is cut off may be read, and how far, as text and lines are. */
  readonly cut?: (elements: unknown[]) => boolean;
  /** Whether what has been changed may be read as this; default: only as it was. */
  readonly changed?: (elements: unknown[]) => boolean;
}

const plain = (x: unknown): unknown =>
  x instanceof HostArray
    ? x.toArray()
    : Array.isArray(x)
    ? x.map(plain)
    : typeof x === "object" && x !== null
    ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, plain(v)]))
    : x;

async function all(d: AsyncIterable<unknown>): Promise<unknown[]> {
  const elements: unknown[] = [];
  for await (const x of d) {
    elements.push(plain(x));
    assert(elements.length < 10_000, "More elements than bytes");
  }
  return elements;
}

/** Reads every damaged version; gives how many were errors. */
async function everyByte({ ending, bytes, read, stage, cut, changed }: Case): Promise<number> {
  const path = await Deno.makeTempFile({ suffix: ending });
  let errors = 0;
  const attempt = async (damaged: Uint8Array, what: string, allowed?: Case["cut"]) => {
    await Deno.writeFile(path, damaged);
    const start = performance.now();
    let elements: unknown[] | null = null;
    try {
      elements = await read(path);
    } catch (e) {
      errors++;
      assert(e instanceof RangeError || e instanceof TypeError, `${what}: ${e}`);
      const { message } = e as Error;
      assert(message.startsWith("Cannot "), `${what}: ${message}`);
      assert(message.includes(path), `${what}: ${message}`);
      if (stage !== undefined) assert(message.includes(`${stage}(${path}`), `${what}: ${message}`);
    }
    assert(performance.now() - start < LONGEST, `${what} took too long`);
    if (elements === null) return;
    if (allowed !== undefined) assert(allowed(elements), `${what}: ${JSON.stringify(elements)}`);
    else assertEquals(elements, whole, what);
  };
  await Deno.writeFile(path, bytes);
  const whole = await read(path);
  try {
    for (let n = 0; n < bytes.length; n++) {
      await attempt(bytes.slice(0, n), `${ending} cut at ${n}`, cut ?? (() => false));
      // each of the bits in turn, or all of them
      const bits = n % 9 === 8 ? 0xff : 1 << (n % 9);
      const other = bytes.slice();
      other[n]! ^= bits;
      await attempt(other, `${ending} with byte ${n} changed by ${bits}`, changed);
    }
  } finally {
    await Deno.remove(path);
  }
  return errors;
}

const records = { read: (p: string) => all(Dataset.tfRecord(p)), stage: "tfRecord" };
const none = (x: unknown[]) => x.length === 0;
const smallRecord = golden("examples.tfrecord");

Deno.test("TFRecords in gzip, zlib and zstd", async () => {
  await everyByte({ ending: ".tfrecord.gz", bytes: golden("gzip.tfrecord.gz"), ...records });
  await everyByte({ ending: ".tfrecord.zz", bytes: golden("zlib.tfrecord.zz"), ...records });
  // without a checksum of zstd's own, but the records have theirs
  const bytes = zstdCompressSync(smallRecord);
  await everyByte({ ending: ".tfrecord.zst", bytes, ...records });
});

Deno.test("Parquet, packed with snappy and zstd", async () => {
  // without checksums: other values may come, but three rows of the three columns that there are
  const shaped = (rows: unknown[]) =>
    rows.length === 3 && rows.every((row) => {
      const values = Object.values(row as object);
      return values.length === 3;
    });
  for (const codec of ["snappy", "zstd"]) {
    const errors = await everyByte({
      ending: ".parquet",
      bytes: golden(`tiny.${codec}.parquet`),
      read: (p) => all(Dataset.parquet(p)),
      stage: "parquet",
      changed: shaped,
    });
    assert(errors > 900, `${errors}`);
  }
});

Deno.test("CSV and JSON lines in gzip", async () => {
  const rows = 'a,s\n1,"x\ny"\n2,z\n-3,w\n';
  await everyByte({
    ending: ".csv.gz",
    bytes: gzipSync(text(rows)),
    read: (p) => all(Dataset.csv(p, { types: { a: "int32", s: "string" } })),
    stage: "csv",
  });
  await everyByte({
    ending: ".jsonl.gz",
    bytes: gzipSync(text('{"a":1,"b":[1,2]}\n{"a":2,"b":[3]}\n')),
    read: (p) => all(Dataset.jsonLines(p)),
    stage: "jsonLines",
  });
  const lines = "one\ntwo\nthree\n";
  await everyByte({
    ending: ".txt.gz",
    bytes: gzipSync(text(lines)),
    read: (p) => all(Dataset.textLines(p)),
    stage: "textLines",
  });
});

Deno.test("CSV and JSON lines as they are: rows of the columns asked for, or an error", async () => {
  await everyByte({
    ending: ".csv",
    bytes: text('a,s\n1,"x\ny"\n22,"z"\n333,w\n'),
    read: (p) => all(Dataset.csv(p, { types: { a: "int32", s: "string" } })),
    cut: (rows) => rows.length <= 3,
    changed: (rows) =>
      rows.length <= 4 &&
      rows.every((r) => Number.isInteger((r as { a: number }).a) && "s" in (r as object)),
  });
  await everyByte({
    ending: ".jsonl",
    bytes: text('{"a":1}\n{"a":22}\n[3]\n'),
    read: (p) => all(Dataset.jsonLines(p)),
    stage: "jsonLines",
    cut: (rows) => rows.length <= 3,
    changed: (rows) => rows.length <= 4,
  });
});

const x = new HostArray(new Int32Array([1, -2, 3, 4, 5, 6]), [3, 2]);
const arrays = (p: string) => Dataset.fromArrayFile(p).then(all);
const threeRows = (rows: unknown[]) => rows.length <= x.values.byteLength;

Deno.test("files of arrays, packed and as they are", async () => {
  const idx = new Uint8Array([0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6]);
  const npy = joined(formatNpy(x));
  const safetensors = joined(formatSafetensors({ tensors: { x }, metadata: {} }));
  const npz = await formatNpz({ x }, true);
  await everyByte({ ending: ".idx.gz", bytes: gzipSync(idx), read: arrays });
  await everyByte({ ending: ".npy.gz", bytes: gzipSync(npy), read: arrays });
  await everyByte({ ending: ".safetensors.gz", bytes: gzipSync(safetensors), read: arrays });
  await everyByte({
    ending: ".npz",
    bytes: npz,
    read: arrays,
    changed: (r) => none(r) || r.length === 3,
  });
  await everyByte({ ending: ".idx", bytes: idx, read: arrays, changed: threeRows });
  await everyByte({ ending: ".npy", bytes: npy, read: arrays, changed: threeRows });
  await everyByte({
    ending: ".safetensors",
    bytes: safetensors,
    read: arrays,
    changed: threeRows,
  });
});

Deno.test("the file of a cache", async () => {
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  const build = (p: string) => Dataset.range(3).map((x) => [x, x.item() / 2]).cache(p);
  try {
    await all(build(path));
    await everyByte({
      ending: ".cache",
      bytes: await Deno.readFile(path),
      read: (p) => all(build(p)),
    });
  } finally {
    await Deno.remove(path);
  }
});
