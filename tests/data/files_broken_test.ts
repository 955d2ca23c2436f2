/** Files that are cut off, changed or not what they should be: errors that say where. @module */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { gunzipSync } from "node:zlib";
import { maskedCrc32c } from "../../src/data/crc32c.ts";
import { Dataset } from "../../src/data/mod.ts";

const FILES = new URL("../goldens/data/files/", import.meta.url);
const bytesOf = (name: string) => Deno.readFileSync(new URL(name, FILES));

async function withFile<T>(
  bytes: Uint8Array | string,
  ending: string,
  f: (path: string) => T | Promise<T>,
): Promise<T> {
  const path = await Deno.makeTempFile({ suffix: ending });
  try {
    await Deno.writeFile(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    return await f(path);
  } finally {
    await Deno.remove(path);
  }
}

/** How many elements come, and the error after them. */
async function outcome(d: AsyncIterable<unknown>): Promise<[count: number, error: Error | null]> {
  let count = 0;
  try {
    for await (const _ of d) count++;
    return [count, null];
  } catch (e) {
    return [count, e as Error];
  }
}

function named(e: Error | null, path: string, stage: string): void {
  if (e === null) throw new Error(`Found no error from ${path}`);
  assert(e instanceof RangeError || e instanceof TypeError, `${e}`);
  assertStringIncludes(e.message, path);
  assertStringIncludes(e.message, `in ${stage}(${path}`);
  assertStringIncludes(e.message, "(stage 0)");
}

Deno.test("TFRecords cut off at every byte, and with every byte changed", async () => {
  const whole = bytesOf("examples.tfrecord");
  const first = 16 + new DataView(whole.buffer).getUint32(0, true);
  for (let n = 0; n < whole.length; n++) {
    await withFile(whole.slice(0, n), ".tfrecord", async (path) => {
      const [count, e] = await outcome(Dataset.tfRecord(path));
      assertEquals(count, n >= first ? 1 : 0);
      if (n === 0 || n === first) assertEquals(e, null);
      else named(e, path, "tfRecord");
    });
    const changed = whole.slice();
    changed[n]! ^= 0x41;
    await withFile(changed, ".tfrecord", async (path) => {
      const [count, e] = await outcome(Dataset.tfRecord(path));
      assertEquals(count, n < first ? 0 : 1);
      named(e, path, "tfRecord");
      assertStringIncludes(e!.message, `record ${count} of`);
    });
  }
});

Deno.test("a length beyond the file is refused before anything is read or allocated", async () => {
  for (
    const [low, high] of [[0xffffffff, 0], [0, 0x7fffffff], [0xffffffff, 0xffffffff], [100, 0]]
  ) {
    const head = new Uint8Array(12);
    const view = new DataView(head.buffer);
    view.setUint32(0, low!, true);
    view.setUint32(4, high!, true);
    view.setUint32(8, maskedCrc32c(head, 0, 8), true);
    await withFile(head, ".tfrecord", (path) => {
      assertThrows(() => [...Dataset.tfRecord(path)], RangeError, "at byte 0 in tfRecord");
    });
  }
});

Deno.test("packed files cut off at every byte, and with bytes changed", async () => {
  for (const name of ["gzip.tfrecord.gz", "zlib.tfrecord.zz"]) {
    const whole = bytesOf(name);
    for (let n = 0; n < whole.length; n += 3) {
      await withFile(whole.slice(0, n), name.slice(-3), async (path) => {
        const [count, e] = await outcome(Dataset.tfRecord(path));
        assert(count <= 4);
        named(e, path, "tfRecord");
      });
    }
  }
  for (const name of ["lines.txt.gz", "lines.txt.zst"]) {
    const whole = bytesOf(name);
    for (let n = 0; n < whole.length; n += 61) {
      await withFile(whole.slice(0, n), name.slice(-4), async (path) => {
        const [count, e] = await outcome(Dataset.textLines(path, {
          compression: name.endsWith("gz") ? "gzip" : "zstd",
        }));
        assert(count < 2000);
        if (e === null) assert(count === 1010 || count === 1011, `${name} ${n}: ${count}`);
        else named(e, path, "textLines");
      });
    }
  }
  const text = gunzipSync(bytesOf("lines.txt.gz"));
  await withFile(text, ".gz", async (path) => {
    named((await outcome(Dataset.textLines(path)))[1], path, "textLines");
  });
});

Deno.test("Parquet cut off and changed gives an error or an end, and never hangs", async () => {
  for (const name of ["none.parquet", "snappy.parquet", "zstd.parquet"]) {
    const whole = bytesOf(name);
    for (let n = 0; n < whole.length; n += 61) {
      await withFile(whole.slice(0, n), ".parquet", async (path) => {
        const [count, e] = await outcome(Dataset.parquet(path));
        assertEquals(count, 0);
        named(e, path, "parquet");
      });
      const changed = whole.slice();
      changed[n]! ^= 0xff;
      await withFile(changed, ".parquet", async (path) => {
        const [count, e] = await outcome(Dataset.parquet(path));
        if (e !== null) named(e, path, "parquet");
        else assert(count <= 10, `${count}`);
      });
    }
  }
});

Deno.test("pages of Parquet that claim what cannot be are refused before they are read", async () => {
  // the first page is a dictionary; byte 7 holds its size, 9 its packed size, in zigzag
  const whole = bytesOf("tiny.zstd.parquet");
  assertEquals([...whole.subarray(4, 11)], [21, 4, 21, 16, 21, 34, 76]);
  const refused = (at: number, bytes: readonly number[], what: string) => {
    const wrong = whole.slice();
    wrong.set(bytes, at);
    return withFile(wrong, ".parquet", async (path) => {
      const start = performance.now();
      const e = (await outcome(Dataset.parquet(path)))[1];
      named(e, path, "parquet");
      assertStringIncludes(e!.message, what);
      assert(performance.now() - start < 2000);
    });
  };
  // without a packed size, or with a negative one, hyparquet would go in circles
  await refused(8, [85], 'Column "a" is damaged: the page at byte 4 does not tell its size');
  await refused(9, [33], "the page at byte 4 claims -17 bytes where ");
  await refused(9, [126], "the page at byte 4 claims 63 bytes where ");
  await refused(7, [15], "claims to unpack to -8 bytes");
  await refused(12, [126], "claims 63 values where at most 2 are left");
  await refused(4, [0x1b], "has no readable header (It holds a field of type 11)");
  await withFile(whole.subarray(0, 300), ".parquet", async (path) => {
    const e = (await outcome(Dataset.parquet(path)))[1];
    assertStringIncludes(e!.message, "It does not end, at byte 300, with PAR1: it is truncated");
  });
  await withFile("", ".parquet", async (path) => {
    named((await outcome(Dataset.parquet(path)))[1], path, "parquet");
  });
});

Deno.test("CSV that is not what it should be says where", async () => {
  const fails = (text: string, kind: typeof TypeError, what: string, options = {}) =>
    withFile(text, ".csv", (path) => {
      const e = assertThrows(() => [...Dataset.csv(path, options)], kind, what);
      assertStringIncludes(e.message, path);
      assertStringIncludes(e.message, "(stage 0)");
    });
  const many = "1,2\n".repeat(2000);
  await fails(`a,b\n${many}3\n`, RangeError, "record 2000 of");
  await fails(`a,b\n${many}3\n`, RangeError, "at byte 8004 in csv");
  await fails(`a,b\n${many}3,4,5\n`, RangeError, "more than the 2 fields");
  await fails(`a,b\n${many}x,4\n`, TypeError, `column "a" holds "x", which is no int32`);
  await fails(`a,b\n${many}1.5,4\n`, TypeError, `column "a" holds "1.5"`);
  await fails(`a,b\n${many},4\n`, RangeError, `column "a" has no value`);
  await fails(`a,b\n${many}"1,4\n`, RangeError, "a quote is opened and never closed");
  await fails(`a,b\n${many}"1"x,4\n`, RangeError, "a closing quote is followed by");
  await fails("a,b\n1\n", RangeError, "the row has 1 fields where 2");
  await fails("a,a\n1,2\n", RangeError, `two columns are named "a"`);
  await fails("", RangeError, "it has no header");
  await fails("a\n1\n", RangeError, `select names column "b"`, { select: ["b"] });
  assertThrows(() => Dataset.csv("x", { delimiter: "ab" }), TypeError, "one ASCII character");
  assertThrows(() => Dataset.csv("x", { header: false }), TypeError, "give their names");
  assertThrows(() => Dataset.csv("/nowhere/x.csv"), Deno.errors.NotFound, "/nowhere/x.csv");
});

Deno.test("CSV files of other columns than the first are refused, and lines that end in CR", async () => {
  const folder = await Deno.makeTempDir();
  const [one, two] = [`${folder}/one.csv`, `${folder}/two.csv`];
  try {
    await Deno.writeTextFile(one, "a,b\n1,2\n");
    for (const header of ["a,c", "b,a", "a", "a,b,c"]) {
      await Deno.writeTextFile(two, `${header}\n3,4\n`);
      const e = assertThrows(
        () => [...Dataset.csv([one, two])],
        RangeError,
        `that of ${one} is "a", "b"`,
      );
      assertStringIncludes(e.message, `Cannot read record 0 of ${two} at byte 0 in csv(`);
    }
    await Deno.writeTextFile(two, '\ufeff"a",b\r\n3,4\r\n');
    assertEquals([...Dataset.csv([one, two])].map((r) => r.a!.item()), [1, 3]);
    const renamed = Dataset.csv([one, two], { columns: ["x", "y"] });
    assertEquals([...renamed].map((r) => r.y!.item()), [2, 4]);
    await Deno.writeTextFile(two, "a,b\r1,2\r3,4\r");
    assertThrows(() => [...Dataset.csv(two)], RangeError, "its lines end in CR alone");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("CSV cut off at every byte gives the rows before, or an error", async () => {
  const text = 'a,b\n1,"x\ny"\n22,"z"\n333,w\n';
  for (let n = 3; n < text.length; n++) {
    await withFile(text.slice(0, n), ".csv", async (path) => {
      const types = { a: "int32", b: "string" };
      const [count, e] = await outcome(Dataset.csv(path, { types: types as never }));
      if (e === null) assert(count <= 3);
      else assert(/never closed|fields where 2/.test(e.message), e.message);
    }).catch((e) => assert(/never closed|fields where 2|there are "a"/.test(e.message), e.message));
  }
});

Deno.test("missing cells, defaults, selections and types of CSV", async () => {
  await withFile("a,b,c,d\n1,,x,NA\n2,0.5,,-7\n", ".csv", (path) => {
    const d = Dataset.csv<Record<string, unknown>>(path, {
      select: ["d", "a", "b", "c"],
      types: { a: "uint8", d: "int32" },
      defaults: { d: -1, c: "none" },
      missing: ["NA"],
    });
    const [batch] = [...d.batch(2)];
    assertEquals(Object.keys(batch!), ["d", "a", "b", "c"]);
    assertEquals(
      Object.values(batch!).map((x) =>
        Array.isArray(x) ? x : [...(x as Dataset<number>)].map(Number)
      ),
      [[-1, -7], [1, 2], [NaN, 0.5], ["x", "none"]],
    );
  });
  await withFile("1;2\n3;4", ".csv", (path) => {
    const d = Dataset.csv(path, { header: false, columns: ["x", "y"], delimiter: ";" });
    assertEquals([...d].map((r) => r.y!.item()), [2, 4]);
  });
});

Deno.test("lines that are not JSON or not UTF-8 say where", async () => {
  await withFile('{"a":1}\n{"a":}\n', ".jsonl", (path) => {
    const e = assertThrows(() => [...Dataset.jsonLines(path)], TypeError, "is not JSON");
    assertStringIncludes(e.message, `record 1 of ${path} at byte 8 in jsonLines`);
  });
  await withFile(new Uint8Array([97, 10, 0xff, 10]), ".txt", async (path) => {
    assertThrows(() => [...Dataset.textLines(path)], RangeError, "at byte 2 in textLines");
    await assertRejects(() => Array.fromAsync(Dataset.textLines(path)), RangeError, "UTF-8");
  });
  await assertRejects(
    () => Array.fromAsync(Dataset.textLines(Deno.cwd())),
    TypeError,
    "it is no file",
  );
});
