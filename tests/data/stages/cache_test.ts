/** Caches and snapshots: what is kept, when, and what damaged files do. @module */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HostArray } from "../../../src/base/host_array.ts";
import { Dataset } from "../../../src/data/mod.ts";

const numbers = (d: Iterable<HostArray>) => Array.from(d, (x) => x.item());

async function inFolder(f: (file: string, folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await f(`${folder}/elements`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const filesIn = (folder: string) => [...Deno.readDirSync(folder)].map((f) => f.name);

Deno.test("a cache in memory is filled by the first complete pass only", () => {
  let calls = 0;
  const d = Dataset.range(4).map((x) => (calls++, x)).cache();
  for (const _ of d) break;
  assertEquals(numbers(d), [0, 1, 2, 3]);
  assertEquals(calls, 5);
  assertEquals(numbers(d.repeat(2)), [0, 1, 2, 3, 0, 1, 2, 3]);
  assertEquals(calls, 5);
});

Deno.test("a cache behind a shuffle freezes the order", () => {
  const d = Dataset.range(20).shuffle(20).cache();
  assertEquals(numbers(d), numbers(d));
});

Deno.test("a cache in a file serves later pipelines, whatever their stages", async () => {
  await inFolder((file, folder) => {
    const first = Dataset.range(4).map((x) => x.item() * 2).cache(file);
    for (const _ of first) break;
    assertEquals(filesIn(folder), []);
    assertEquals(numbers(first), [0, 2, 4, 6]);
    assertEquals(filesIn(folder), ["elements"]);
    const fail = (): number => {
      throw new Error("Never called");
    };
    assertEquals(numbers(Dataset.range(4).map(fail).cache(file)), [0, 2, 4, 6]);
  });
});

Deno.test({
  name: "passes over a file cache resume, whether the file is there by then or not",
  sanitizeResources: true,
  fn: () =>
    inFolder(async (file) => {
      const build = () => Dataset.range(7).shuffle(3, { seed: 1 }).map((x) => x).cache(file);
      const it = build().iterate();
      for (const _ of it) break;
      const early = JSON.parse(JSON.stringify(it.state()));
      const rest = numbers(build().iterate({ state: early }));
      assertEquals(rest.length, 6);
      assertEquals(numbers(build().iterate({ state: early })), rest);
      assertEquals(numbers(build()).slice(1), rest);
      await Promise.resolve();
    }),
});

Deno.test("a snapshot keeps nests, dtypes, shapes, the spec and the number of elements", async () => {
  await inFolder(async (file) => {
    const d = Dataset.fromTensorSlices({
      x: new HostArray(new Float32Array([1, 2, 3, 4, NaN, -0]), [3, 2]),
      y: [new Uint8Array(3), new HostArray(new Uint8Array([1, 0, 1]), [3], "bool")],
      none: new HostArray(new Float64Array(0), [3, 0]),
    });
    await d.save(file);
    const back = Dataset.load<{ x: HostArray; y: HostArray[]; none: HostArray }>(file);
    assertEquals(back.cardinality, 3);
    assertEquals(String(back.elementSpec), String(d.elementSpec));
    assertEquals(back.elementSpec, d.elementSpec);
    const [a, b] = [[...back], [...d]];
    for (const [i, e] of a.entries()) {
      assertEquals(e.x.values, b[i]!.x.values.slice());
      assertEquals([e.y[1]!.dtype, e.none.shape], ["bool", [0]]);
    }
    const it = back.iterate();
    for (const _ of it) break;
    const again = Dataset.load(file).iterate({ state: it.state() });
    assertEquals([...again].length, 2);
  });
});

Deno.test("a snapshot that fails leaves the old file and nothing else", async () => {
  await inFolder(async (file, folder) => {
    await Dataset.range(3).save(file);
    const failing = Dataset.range(9).map((x) => {
      if (x.item() === 5) throw new Error("Out of tape");
      return x;
    });
    await assertRejects(() => failing.save(file), Error, "Out of tape");
    assertEquals(filesIn(folder), ["elements"]);
    assertEquals(numbers(Dataset.load(file)), [0, 1, 2]);
    await assertRejects(() => Dataset.range(3).repeat().save(file), RangeError, "without end");
    await assertRejects(() => Dataset.range(3).save(`${folder}/none/x`), Error, "Cannot write");
  });
});

Deno.test({
  name: "every truncation of a snapshot and every changed byte is noticed",
  sanitizeResources: true,
  fn: () =>
    inFolder(async (file) => {
      await Dataset.range(3).save(file);
      const bytes = Deno.readFileSync(file);
      const damaged = `${file}.damaged`;
      for (let n = 0; n < bytes.length; n++) {
        Deno.writeFileSync(damaged, bytes.subarray(0, n));
        assertThrows(() => numbers(Dataset.load(damaged)), RangeError, damaged);
      }
      for (let i = 0; i < bytes.length; i++) {
        const changed = bytes.slice();
        changed[i]! ^= 0x55;
        Deno.writeFileSync(damaged, changed);
        assertThrows(() => numbers(Dataset.load(damaged)), Error, damaged, `byte ${i}`);
      }
      Deno.writeFileSync(damaged, new Uint8Array([...bytes, 0]));
      assertThrows(() => numbers(Dataset.load(damaged)), RangeError, damaged);
    }),
});

Deno.test("a cache that cannot be written names its file and leaves nothing", async () => {
  await inFolder((_file, folder) => {
    Deno.writeTextFileSync(`${folder}/notAFolder`, "");
    const d = Dataset.range(3).cache(`${folder}/notAFolder/cache`);
    assertThrows(() => [...d], Error, `Cannot write ${folder}/notAFolder/cache`);
    assertEquals(filesIn(folder), ["notAFolder"]);
  });
});

Deno.test("parts of caches that killed processes left an hour ago are cleared away", async () => {
  await inFolder(async (file, folder) => {
    const uuid = "12345678-1234-1234-1234-123456789ab";
    const parts = ["elements", "elements", "other"].map((name, i) => `.${name}.${uuid}${i}.tmp`);
    for (const name of parts) await Deno.writeTextFile(`${folder}/${name}`, "glissade elements 1");
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const i of [0, 2]) await Deno.utime(`${folder}/${parts[i]}`, old, old);
    assertEquals(numbers(Dataset.range(3).cache(file)), [0, 1, 2]);
    assertEquals(filesIn(folder).sort(), [...parts.slice(1), "elements"].sort());
  });
});

Deno.test("a process that is killed while it writes a cache leaves none, and the next one writes it", async () => {
  await inFolder(async (file, folder) => {
    const script = `import { Dataset } from "${new URL(
      "../../../src/data/mod.ts",
      import.meta.url,
    )}";
      let n = 0;
      for (const _ of Dataset.range(200).map(() => new Float64Array(9000)).cache(Deno.args[0])) {
        if (++n === 150) Deno.kill(Deno.pid, "SIGKILL");
      }`;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", script, file],
    }).output();
    assertEquals(success, false);
    assertEquals(filesIn(folder).includes("elements"), false);
    assertEquals(numbers(Dataset.range(3).cache(file)), [0, 1, 2]);
    assertEquals(numbers(Dataset.load(file)), [0, 1, 2]);
  });
});
