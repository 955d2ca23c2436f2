/** CSV that is not what it should be, and what options make of it. @module */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type CsvOptions, Dataset } from "../../../src/data/mod.ts";
import { outcome, withFile } from "../broken_files.ts";

Deno.test("CSV that is not what it should be says where", async () => {
  const fails = (text: string, kind: typeof TypeError, what: string, options = {}) =>
    withFile(text, ".csv", (path) => {
      const e = assertThrows(() => [...Dataset.csv(path, options)], kind, what);
      assertStringIncludes(e.message, path);
      assertStringIncludes(e.message, "(stage 0)");
    });
  const many = "1,2\n".repeat(2000);
  await fails(`a,b\n${many}3\n`, RangeError, "record 2000 of");
  await fails(`a,b\n${many}3\n`, RangeError, "at byte 8004 (line 2002) in csv");
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
      assertStringIncludes(e.message, `Cannot read record 0 of ${two} at byte 0 (line 1) in csv(`);
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

Deno.test("rows of another number of fields say how to mend them", async () => {
  const fails = (text: string, what: string, options = {}) =>
    withFile(text, ".csv", (path) => {
      assertThrows(() => [...Dataset.csv(path, options)], RangeError, what);
    });
  const many = "1;2\n".repeat(2000);
  for (const rows of ["", many]) {
    await fails(`a;b\n${rows}1;2;3\n`, `: put ' around fields that hold ";"`, {
      delimiter: ";",
      quote: "'",
    });
    await fails(`a;b\n${rows}1\n`, `or name the delimiter if it is another than ";"`, {
      delimiter: ";",
    });
  }
});

Deno.test("options of CSV that do not fit the file are told as such, with the columns there are", async () => {
  await withFile("a,b\n1,2\n3,4\n5,6\n", ".csv", (path) => {
    const fails = (options: CsvOptions, what: string) => {
      const e = assertThrows(() => Dataset.csv(path, options), RangeError, what);
      assertStringIncludes(e.message, `Cannot read CSV of ${path} in csv(`);
      assert(!/record|byte/.test(e.message), e.message);
    };
    fails({ select: ["a", "c"] }, `select names column "c", but there are "a", "b": name`);
    fails({ types: { c: "int32" } }, `types names column "c", but there are "a", "b": name`);
    fails({ defaults: { c: 1 } }, `defaults names column "c", but there are "a", "b": name`);
    fails({ columns: ["x"] }, `columns names 1 columns, but there are 2: name all of "a", "b"`);
    fails({ columns: ["x", "y"], select: ["a"] }, `but there are "x", "y"`);
  });
});

Deno.test("a cell that does not fit is told by whether the type was given", async () => {
  const fails = (cell: string, options: CsvOptions, what: string) =>
    withFile(`a,b\n${"1,2\n".repeat(1000)}${cell},2\n`, ".csv", (path) => {
      const e = assertThrows(() => [...Dataset.csv(path, options)], TypeError, what);
      assertStringIncludes(e.message, `column "a" holds "${cell}", which `);
    });
  const given = "does not fit the type that types gives it, ";
  await fails("300", { types: { a: "uint8" } }, `${given}uint8 (integers from 0 to 255): give`);
  await fails("-1", { types: { a: "uint32" } }, `${given}uint32 (`);
  await fails("1.5", { types: { a: "int32" } }, `${given}int32 (`);
  await fails("yes", { types: { a: "bool" } }, `${given}bool (true, false, 1 or 0): give`);
  await fails("x", { types: { a: "float64" } }, `${given}float64: give it another, or name`);
  await fails("x", {}, "is no int32, as the first rows are: say its type with types, or name");
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
