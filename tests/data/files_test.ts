/** Sources over files: the files that reference implementations wrote, whole. @module */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { crc32c } from "../../src/data/crc32c.ts";
import { type CsvOptions, Dataset, parseExample } from "../../src/data/mod.ts";
import { HostArray } from "../../src/base/host_array.ts";
import { type GoldenArray, type GoldenRecord, readGolden } from "../goldens/read.ts";

const FILES = new URL("../goldens/data/files/", import.meta.url);
const path = (name: string) => new URL(name, FILES);
const cases = readGolden("data_files").cases;
const golden = (fn: string) => cases.find((c) => c.fn === fn)!;

function assertSame(got: unknown, want: unknown): void {
  if (typeof want === "number") assertEquals((got as HostArray).toArray(), want);
  else if (got instanceof HostArray) {
    const w = want as GoldenArray;
    assertEquals([got.dtype, [...got.shape], [...got.values]], [w.dtype, [...w.shape], [
      ...w.data,
    ]]);
  } else assertEquals(got, want);
}

Deno.test("crc32c of the check value", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa); // RFC 3720, B.4
  assertEquals(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

Deno.test("TFRecords of TensorFlow, plain, gzip and zlib", async () => {
  const want = (golden("tfRecord").want as number[][]).map((v) => Array.from(v));
  assertEquals([...Dataset.tfRecord(path("plain.tfrecord"))].map((x) => [...x.values]), want);
  for (const name of ["plain.tfrecord", "gzip.tfrecord.gz", "zlib.tfrecord.zz"]) {
    const got = await Array.fromAsync(Dataset.tfRecord(path(name)));
    assertEquals(got.map((x) => [...x.values]), want, name);
  }
  assertThrows(() => [...Dataset.tfRecord(path("gzip.tfrecord.gz"))], TypeError, "asynchronously");
});

Deno.test("Examples are parsed as TensorFlow parses them", () => {
  const parse = parseExample({
    id: { dtype: "int32", shape: [] },
    size: { dtype: "float32", shape: [2] },
    words: { dtype: "string" },
    big: { dtype: "float64", shape: [] },
    neg: { dtype: "int32" },
    gone: { dtype: "float32", shape: [2], default: [1, 2] },
  });
  const got = [...Dataset.tfRecord(path("examples.tfrecord"))].map(parse);
  const want = golden("parseExample").want as GoldenRecord[];
  assertEquals(got.length, want.length);
  for (const [i, example] of got.entries()) {
    for (const [name, value] of Object.entries(example)) assertSame(value, want[i]![name]);
  }
});

Deno.test("an Example that is not what was asked for", () => {
  const [first] = [...Dataset.tfRecord(path("examples.tfrecord"))];
  const fails = (
    feature: Parameters<typeof parseExample>[0],
    kind: typeof TypeError,
    what: string,
  ) => assertThrows(() => parseExample(feature)(first!), kind, what);
  for (const wrong of [undefined, null, 3, []]) {
    fails(wrong as never, TypeError, "Cannot parse Examples by ");
  }
  fails({ size: { dtype: "int32", shape: [2] } }, TypeError, "it is a list of float");
  fails({ size: { dtype: "float32", shape: [3] } }, RangeError, "holds 2 values where shape [3]");
  fails({ lost: { dtype: "float32", shape: [] } }, RangeError, "none of that name");
  fails({ big: { dtype: "int32", shape: [] } }, RangeError, "does not fit");
  fails({ words: { dtype: "float32" } }, TypeError, "a list of bytes");
  for (let n = 0; n < first!.size; n++) {
    try {
      parseExample({ id: { dtype: "int32" } })(first!.values.slice(0, n) as Uint8Array);
    } catch (e) {
      assert(e instanceof RangeError && e.message.includes("tf.train.Example"), String(e));
    }
  }
});

Deno.test("CSV of Python's writer, in four dialects, row by row and in batches", () => {
  const want = golden("csv").want as GoldenRecord;
  for (const [name, delimiter] of [["lf.csv"], ["crlf.csv"], ["quoted.csv"], ["tabs.tsv", "\t"]]) {
    const types: CsvOptions["types"] = name === "quoted.csv" ? { big: "float64" } : {};
    const d = Dataset.csv<Record<string, unknown>>(path(name!), { delimiter, types });
    const [batch] = [...d.batch(10)];
    for (const [column, value] of Object.entries(batch!)) assertSame(value, want[column]);
    const rows = [...d];
    assertEquals(rows.length, 5);
    assertEquals(rows.map((r) => r.text), want.text);
    assertEquals(rows.map((r) => (r.x as HostArray).item()), [...(want.x as GoldenArray).data]);
  }
});

Deno.test("numbers of CSV are rounded as Python rounds them", async () => {
  const { cells, want } = golden("csvNumbers") as unknown as { cells: string[]; want: GoldenArray };
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `x\n${cells.join("\n")}\n`);
  const [batch] = [...Dataset.csv(file, { types: { x: "float64" } }).batch(100)];
  assertEquals([...batch!.x!.values], [...want.data]);
  await Deno.remove(file);
});

Deno.test("numbers of CSV of every length, with a point anywhere, are what JavaScript reads", async () => {
  const digits = "90071992547409931234";
  const cells = [
    "-0",
    "+7",
    "0000000001.50",
    "-0.000",
    "2147483648",
    "4294967296.5",
    "1e5",
    "12.5E-3",
  ];
  for (let n = 1; n <= digits.length; n++) {
    const text = digits.slice(0, n);
    for (let point = 0; point <= n; point++) {
      cells.push(`${point % 2 ? "-" : ""}${text.slice(0, point)}.${text.slice(point)}`, text);
    }
  }
  const file = await Deno.makeTempFile();
  for (const end of ["\n", "\r\n"]) {
    await Deno.writeTextFile(file, `x,y${end}${cells.map((c) => `${c},${c}`).join(end)}${end}`);
    const types = { x: "float64", y: "float64" } as const;
    const [batch] = [...Dataset.csv(file, { types }).batch(cells.length)];
    assertEquals([...batch!.x!.values], cells.map(Number));
    assertEquals([...batch!.y!.values], cells.map(Number));
  }
  await Deno.remove(file);
});

Deno.test("gzip and zstd are unpacked as they stream, in several members and frames", async () => {
  for (const name of ["lines.txt.zst", "lines.txt.gz"]) {
    const lines = await Array.fromAsync(Dataset.textLines(path(name)));
    assertEquals(lines.length, golden("lines").count);
    assertEquals([lines[0], lines.at(-1)], ["line 0", "line 1999"]);
  }
});

Deno.test("Parquet of pyarrow in five compressions, in row groups of four", async () => {
  const want = golden("parquet").want as GoldenRecord;
  for (const codec of ["none", "snappy", "gzip", "zstd", "brotli"]) {
    const d = Dataset.parquet<Record<string, unknown>>(path(`${codec}.parquet`));
    const [batch] = await Array.fromAsync(d.batch(20));
    for (const [column, value] of Object.entries(batch!)) {
      if (column === "list") {
        const rows = (value as HostArray[]).flatMap((x) => [...x.values]);
        assertEquals(rows, [...(want.list as GoldenArray).data], codec);
      } else assertSame(value, want[column]);
    }
    const some = Dataset.parquet(path(`${codec}.parquet`), { select: ["f32", "i64"] });
    const rows = await Array.fromAsync(some);
    assertEquals(rows.length, 10);
    assertEquals(Object.keys(rows[0]!), ["f32", "i64"]);
    assertAlmostEquals(rows[9]!.f32!.item(), 3);
  }
  await assertRejects(
    () => Array.fromAsync(Dataset.parquet(path("none.parquet"), { select: ["nothing"] })),
    RangeError,
    "no column",
  );
  assertThrows(() => [...Dataset.parquet(path("none.parquet"))], TypeError, "asynchronously");
});

Deno.test("lines end in LF or CRLF, the last one also nowhere, in several files", async () => {
  const folder = await Deno.makeTempDir();
  const long = "x".repeat(700_000);
  await Deno.writeTextFile(`${folder}/a`, `\ufeffone\r\n\ntwo\n${long}`);
  await Deno.writeTextFile(`${folder}/b`, "");
  await Deno.writeTextFile(`${folder}/c`, "drei ä\r\n");
  const files = [`${folder}/a`, new URL(`file://${folder}/b`), `${folder}/c`];
  const want = ["one", "", "two", long, "drei ä"];
  assertEquals([...Dataset.textLines(files)], want);
  assertEquals(await Array.fromAsync(Dataset.textLines(files)), want);
  assertEquals([...Dataset.fromFiles(`${folder}/*`)], ["a", "b", "c"].map((f) => `${folder}/${f}`));
  assertThrows(() => Dataset.fromFiles(`${folder}/*.none`), Deno.errors.NotFound, "none matches");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("lines over HTTP, gone on with in the middle", async () => {
  const text = new TextEncoder().encode("a\nbb\nccc\n");
  const server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    const range = /bytes=(\d+)-/.exec(request.headers.get("range") ?? "");
    if (new URL(request.url).pathname === "/gone") return new Response("", { status: 404 });
    return range === null
      ? new Response(text)
      : new Response(text.slice(Number(range[1])), { status: 206 });
  });
  const url = `http://127.0.0.1:${server.addr.port}/lines.txt`;
  assertEquals(await Array.fromAsync(Dataset.textLines(url)), ["a", "bb", "ccc"]);
  await assertRejects(
    () => Array.fromAsync(Dataset.textLines(url.replace("lines.txt", "gone"))),
    Error,
    "404",
  );
  await assertRejects(
    () => Array.fromAsync(Dataset.parquet(url.replace("lines.txt", "gone"))),
    RangeError,
    `in parquet(${url.replace("lines.txt", "gone")}) (stage 0): It could not be fetched (`,
  );
  await server.shutdown();
});

Deno.test("a connection that ends early is told with its file and offset", async () => {
  using listener = Deno.listen({ port: 0 });
  const answered = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\na\nb";
    await connection.write(new TextEncoder().encode(answer));
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/lines.txt`;
  await assertRejects(
    () => Array.fromAsync(Dataset.textLines(url)),
    Error,
    `Cannot read record 1 of ${url} at byte 3 in textLines(${url}) (stage 0): `,
  );
  await answered;
});

Deno.test("fixed-length records are rows, over several files", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/a`, new Uint8Array([9, 1, 2, 3, 4]));
  await Deno.writeFile(`${folder}/b`, new Uint8Array([9, 5, 6]));
  const d = Dataset.fixedLengthRecords([`${folder}/a`, `${folder}/b`], 2, { headerBytes: 1 });
  assertEquals(d.cardinality, 3);
  assertEquals([...d].map((x) => x.toArray()), [[1, 2], [3, 4], [5, 6]]);
  assertEquals([...d.batch(2)].map((x) => x.toArray()), [[[1, 2], [3, 4]], [[5, 6]]]);
  assertEquals(
    [...d.shuffle(3, { seed: 1 })].map((x) => x.values[0]).sort(),
    [1, 3, 5],
  );
  assertThrows(() => Dataset.fixedLengthRecords(`${folder}/a`, 2), RangeError, "no whole number");
  const rows = d[Symbol.iterator]();
  rows.next();
  await Deno.truncate(`${folder}/b`, 2);
  assertThrows(() => [...rows], RangeError, `${folder}/b at byte 2 in fixedLengthRecords`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("records come whole from blocks that are let go, read again, and shared by two passes", async () => {
  const file = await Deno.makeTempFile();
  // more than is kept of a file; the records but for their numbers are a hole in it
  const bytes = 1 << 14, n = 4000;
  {
    using f = Deno.openSync(file, { write: true });
    f.truncateSync(n * bytes);
    for (let i = 0; i < n; i++) {
      f.seekSync(i * bytes, Deno.SeekMode.Start);
      f.writeSync(new Uint8Array([i & 255, i >> 8]));
    }
  }
  const number = (values: ArrayLike<number>, at = 0) => values[at]! + 256 * values[at + 1]!;
  const numbers = (d: Iterable<HostArray>) =>
    Array.from(d, (x) => Array.from({ length: x.length }, (_, i) => number(x.values, i * bytes)))
      .flat();
  const d = Dataset.fixedLengthRecords(file, bytes);
  const once = Array.from({ length: n }, (_, i) => i);
  assertEquals(numbers(d.batch(7)), once);
  assertEquals(numbers(d.repeat(2).batch(9)), [...once, ...once]);
  for (const window of [5, 3990]) {
    const given = numbers(d.shuffle(window, { seed: 1 }).repeat(2).batch(8));
    assertEquals(given.slice(0, n).sort((a, b) => a - b), once);
    assertEquals(given.slice(n).sort((a, b) => a - b), once);
  }
  const pairs = [...Dataset.zip([d.take(30), d.skip(3).take(30)])];
  assertEquals(
    pairs.map(([a, b]) => [number(a.values), number(b.values)]),
    once.slice(0, 30).map((i) => [i, i + 3]),
  );
  await Deno.remove(file);
});

Deno.test("large records are read in any order into the batch itself", async () => {
  const file = await Deno.makeTempFile();
  const bytes = 1 << 15, n = 40;
  const all = new Uint8Array(n * bytes).map((_, i) => (i >> 15) * 3 + (i & 1));
  await Deno.writeFile(file, all);
  const d = Dataset.fixedLengthRecords(file, bytes);
  const given = [...d.shuffle(9, { seed: 1 }).batch(7)].flatMap((x) =>
    Array.from({ length: x.length }, (_, i) => x.values.subarray(i * bytes, (i + 1) * bytes))
  );
  const order = given.map((record) => record[0]! / 3);
  assertEquals(order.toSorted((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
  assertNotEquals(order, order.toSorted((a, b) => a - b));
  for (const [i, record] of given.entries()) {
    assertEquals(record, all.subarray(order[i]! * bytes, (order[i]! + 1) * bytes));
  }
  await Deno.remove(file);
});

Deno.test("rows of CSV come whole out of many chunks, in batches of every size", async () => {
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  const n = 9000;
  const row = (i: number) => ({ id: i, half: i / 2, name: i % 2 === 0 ? `n${i}` : `größer ${i}` });
  const rows = Array.from({ length: n }, (_, i) => Object.values(row(i)).join(","));
  await Deno.writeTextFile(file, `id,half,name\n${rows.join("\n")}\n`);
  const d = Dataset.csv(file);
  const fixed = { seed: 1, reshuffleEachIteration: false };
  for (
    const order of [d, d.shuffle(50, fixed), d.shuffle(n, fixed), d.repeat(2).shuffle(700, fixed)]
  ) {
    const ids = Array.from(order, (x) => (x.id as HostArray).item());
    assertEquals([...new Set(ids)].sort((a, b) => a - b), [...rows.keys()]);
    for (const size of [1, 17, 3999]) {
      let at = 0;
      for (const batch of order.take(3000).batch(size)) {
        const want = ids.slice(at, at += (batch.id as HostArray).length).map(row);
        assertEquals((batch.id as HostArray).toArray(), want.map((x) => x.id));
        assertEquals((batch.half as HostArray).toArray(), want.map((x) => x.half));
        assertEquals(batch.name, want.map((x) => x.name));
      }
      assertEquals(at, 3000);
    }
  }
  await Deno.remove(file);
});

Deno.test("files of arrays are rows", async () => {
  const file = await Deno.makeTempFile({ suffix: ".idx" });
  await Deno.writeFile(file, new Uint8Array([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]));
  const d = await Dataset.fromArrayFile(file);
  assertEquals([...d].map((x) => x.toArray()), [[1, 2], [3, 4]]);
  await Deno.writeFile(file, new Uint8Array([0, 0, 8, 0, 7]));
  await assertRejects(
    () => Dataset.fromArrayFile(file),
    RangeError,
    `Cannot read rows from ${file}: it is uint8[]: all need a first axis of one size`,
  );
  await assertRejects(() => Dataset.fromArrayFile("x.txt"), TypeError, "its name must end in");
  await Deno.remove(file);
});
