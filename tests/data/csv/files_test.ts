/** CSV files that Python wrote, and numbers as it reads them. @module */
import { assertEquals } from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { type CsvOptions, Dataset } from "../../../src/data/mod.ts";
import type { GoldenArray, GoldenRecord } from "../../goldens/read.ts";
import { assertSame, golden, path } from "../golden_files.ts";

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
