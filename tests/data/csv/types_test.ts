/** Types of columns of CSV: what cells and defaults make of them, and which defaults are refused. @module */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { type CsvDefault, type CsvOptions, Dataset } from "../../../src/data/mod.ts";
import { withFile } from "../broken_files.ts";

type Columns = Record<string, HostArray | string[]>;

/** The type of the column "a", and its values. */
function columnOf(path: string, options: CsvOptions): [type: string, values: unknown[]] {
  const { a } = [...Dataset.csv<Columns>(path, options).batch(10_000)][0]!;
  return Array.isArray(a) ? ["string", a] : [a!.dtype, [...a!.values]];
}

/** Rows that count, with one number missing: within the sample of 1000, or behind it. */
const counting = (hole: number) =>
  "a,b\n" + Array.from({ length: 1200 }, (_, i) => `${i === hole ? "" : i},1\n`).join("");

const EARLY = 5, LATE = 1100;

Deno.test("a default widens the type that is inferred, wherever a cell is missing", async () => {
  const cases: [CsvDefault, type: string][] = [
    [7, "int32"],
    [-(2 ** 31), "int32"],
    [NaN, "float32"],
    [1.5, "float32"],
    [-Infinity, "float32"],
    [2 ** 31, "float64"],
    [1e12, "float64"],
    [1e300, "float64"],
  ];
  for (const hole of [EARLY, LATE]) {
    await withFile(counting(hole), ".csv", (path) => {
      for (const [value, type] of cases) {
        const [found, values] = columnOf(path, { defaults: { a: value } });
        assertEquals([found, values[hole]], [type, value]);
        assertEquals(values.filter((x) => x === LATE - 1), [LATE - 1]);
      }
    });
  }
});

Deno.test("a default of another kind than the column is refused, wherever a cell is missing", async () => {
  const refused = (text: string, value: CsvDefault, type: string) =>
    withFile(text, ".csv", (path) => {
      const e = assertThrows(
        () => Dataset.csv(path, { defaults: { a: value } }),
        TypeError,
        `the default of column "a" is ${JSON.stringify(value)}, but its type is ${type}: give`,
      );
      assertStringIncludes(e.message, `Cannot read CSV of ${path} in csv(`);
    });
  for (const hole of [EARLY, LATE]) {
    await refused(counting(hole), "zz", "int32");
    await refused(counting(hole), "7", "int32");
    await refused(counting(hole), true, "int32");
    await refused(counting(hole).replace("\n3,", "\n3.5,"), "zz", "float32");
    await refused(counting(hole).replaceAll(/^\d+/gm, "true"), "true", "bool");
    await refused(counting(hole).replaceAll(/^\d+/gm, "true"), 2, "bool");
    await refused(counting(hole).replaceAll(/^\d+/gm, "word"), 7, "string");
  }
});

Deno.test("a default that the given type cannot hold is refused", () => {
  const refused = (
    type: NonNullable<CsvOptions["types"]>[string],
    value: CsvDefault,
    kind: typeof TypeError,
    what: string,
  ) =>
    assertThrows(
      () => Dataset.csv("never-read.csv", { types: { a: type }, defaults: { a: value } }),
      kind,
      `Cannot read CSV: the default of column "a" is ${what}`,
    );
  refused(
    "uint8",
    300,
    RangeError,
    "300, which uint8 (integers from 0 to 255) does not hold: give",
  );
  refused("uint8", -1, RangeError, "-1, which uint8");
  refused("uint32", 2 ** 32, RangeError, "4294967296, which uint32");
  refused("int32", 1.5, RangeError, "1.5, which int32");
  refused("int32", NaN, RangeError, "NaN, which int32");
  refused("int32", 1e12, RangeError, "1000000000000, which int32");
  refused("float32", 1e300, RangeError, "1e+300, which float32");
  refused("bool", 2, TypeError, "2, but its type is bool");
  refused("int32", true, TypeError, "true, but its type is int32");
  refused("int32", "1", TypeError, `"1", but its type is int32`);
  refused("string", 1, TypeError, "1, but its type is string");
  assertThrows(
    () => Dataset.csv("never-read.csv", { defaults: { a: null as never } }),
    TypeError,
    `Cannot read CSV with default null for column "a"`,
  );
});

Deno.test("a default that the given type holds stands for missing cells", async () => {
  await withFile('a,b\n,1\n"",1\n', ".csv", (path) => {
    for (
      const [type, value, held] of [
        ["uint8", 255, 255],
        ["uint32", 2 ** 32 - 1, 2 ** 32 - 1],
        ["float32", 0.1, Math.fround(0.1)],
        ["float32", Infinity, Infinity],
        ["float64", 1e300, 1e300],
        ["bool", true, 1],
        ["bool", 0, 0],
      ] as const
    ) {
      const found = columnOf(path, { types: { a: type }, defaults: { a: value } });
      assertEquals(found, [type, [held, held]]);
    }
  });
});

Deno.test("missing integers within the sample are NaN, of a type that rounds no other", async () => {
  const cases: [cells: string[], type: string, values: number[]][] = [
    [["16777216", ""], "float32", [16777216, NaN]],
    [["16777217", ""], "float64", [16777217, NaN]],
    [["123456789", ""], "float64", [123456789, NaN]],
    [["3000000000", ""], "float64", [3000000000, NaN]],
  ];
  for (const [cells, type, values] of cases) {
    await withFile(`a,b\n${cells.map((c) => `${c},0\n`).join("")}`, ".csv", (path) => {
      assertEquals(columnOf(path, {}), [type, values]);
      assertEquals(columnOf(path, { defaults: { a: NaN } }), [type, values]);
    });
  }
  // cells that are looked at in one block, and none of them missing
  await withFile("a,b\n" + "16777217,0\n".repeat(1000) + ",0\n", ".csv", (path) => {
    const [type, values] = columnOf(path, { defaults: { a: NaN } });
    assertEquals([type, values[0], values[1000]], ["float64", 16777217, NaN]);
  });
});

Deno.test("a missing bool is an error wherever it is, unless it has a default", async () => {
  for (const hole of [EARLY, LATE]) {
    await withFile(counting(hole).replaceAll(/^\d+/gm, "true"), ".csv", (path) => {
      const e = assertThrows(
        () => columnOf(path, {}),
        RangeError,
        `column "a" has no value, which bool cannot say: give it a default, or the type "string"`,
      );
      assertStringIncludes(e.message, `record ${hole} of`);
      for (const value of [false, 0]) {
        const [type, values] = columnOf(path, { defaults: { a: value } });
        assertEquals([type, values[hole], values[0]], ["bool", 0, 1]);
      }
      assertEquals(columnOf(path, { types: { a: "string" } })[1][hole], "");
    });
  }
});

Deno.test("a missing cell in quotes is missing as one without is", async () => {
  for (const nothing of ["", '""']) {
    await withFile(`a,b\n${nothing},x\n1,y\n`, ".csv", (path) => {
      assertEquals(columnOf(path, { defaults: { a: 9 } }), ["int32", [9, 1]]);
      assertEquals(columnOf(path, { defaults: { a: 0.5 } }), ["float32", [0.5, 1]]);
      assertEquals(columnOf(path, {}), ["float32", [NaN, 1]]);
    });
  }
});

Deno.test("a column without cells is of the type of its default", async () => {
  const cases: [CsvDefault | undefined, type: string, value: unknown][] = [
    [undefined, "string", ""],
    ["none", "string", "none"],
    [3, "int32", 3],
    [0.5, "float32", 0.5],
    [2 ** 40, "float64", 2 ** 40],
    [true, "bool", 1],
  ];
  await withFile("a,b\n,1\n", ".csv", (path) => {
    for (const [value, type, held] of cases) {
      const options: CsvOptions = value === undefined ? {} : { defaults: { a: value } };
      assertEquals(columnOf(path, options), [type, [held]]);
    }
  });
});

Deno.test("columns may have names that all objects know", async () => {
  await withFile("a,constructor\n1,2\n,3\n", ".csv", (path) => {
    assertEquals(columnOf(path, { types: { a: "int32" }, defaults: { a: 3 } }), ["int32", [1, 3]]);
    const [batch] = Dataset.csv(path).batch(2).map(({ a, ...rest }) => [a, Object.keys(rest)]);
    assertEquals(batch![1], ["constructor"]);
  });
});
