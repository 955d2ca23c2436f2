/** Cells of CSV: every spelling of numbers, texts and line ends, wherever the reads cut them. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { HostArray } from "../../../src/base/host_array.ts";
import { type CsvOptions, Dataset } from "../../../src/data/mod.ts";
import { seed } from "../../seed.ts";

type Columns = Record<string, HostArray | string[]>;

function columnsOf(content: string | Uint8Array, options: CsvOptions): Record<string, unknown> {
  const path = Deno.makeTempFileSync({ suffix: ".csv" });
  try {
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    const [batch] = Dataset.csv<Columns>(path, options).batch(1_000_000);
    return Object.fromEntries(
      Object.entries(batch ?? {}).map(([k, x]) => [k, Array.isArray(x) ? x : [...x.values]]),
    );
  } finally {
    Deno.removeSync(path);
  }
}

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
const sign = fc.constantFrom("", "", "-", "+");
/** Numbers as files spell them: short and long, with a point anywhere, with an exponent. */
const numbers = fc.oneof(
  fc.tuple(sign, digits(12), fc.constant("."), digits(12)).map((x) => x.join("")),
  fc.tuple(sign, digits(20)).map((x) => x.join("")),
  fc.tuple(sign, digits(9), fc.constant(".")).map((x) => x.join("")),
  fc.tuple(sign, fc.constant("."), digits(9)).map((x) => x.join("")),
  fc.tuple(sign, digits(17), fc.constantFrom("e", "E"), sign, digits(3)).map((x) => x.join("")),
  fc.tuple(sign, digits(2), fc.constant("."), digits(5), fc.constant("e-"), digits(2))
    .map((x) => x.join("")),
  fc.tuple(fc.constant(" "), digits(3), fc.constant(" ")).map((x) => x.join("")),
  fc.constantFrom(
    "",
    "nan",
    "inf",
    "-inf",
    "0",
    "-0",
    "000",
    "1e22",
    "1e23",
    "123456789",
    "1234567890",
  ),
);
const valueOf = (cell: string): number =>
  cell === "" || /nan/i.test(cell)
    ? NaN
    : /inf/.test(cell)
    ? (cell.startsWith("-") ? -Infinity : Infinity)
    : Number(cell);
const texts = fc.stringMatching(/^[a-zA-Z0-9 ,"\nöß€.-]{0,8}$/);
const quote = (text: string): string =>
  /[,"\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

Deno.test("numbers of every spelling, beside texts and integers, are the nearest of their type", () => {
  const row = fc.tuple(numbers, texts, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), numbers);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      fc.constantFrom("\n", "\r\n", "\n\n", "\r\n\n"),
      fc.boolean(),
      fc.boolean(),
      (rows, lineEnd, lastEnd, mark) => {
        const lines = ["a,b,c,d", ...rows.map(([a, b, c, d]) => [a, quote(b), c, d].join(","))];
        const content = (mark ? "\ufeff" : "") + lines.join(lineEnd) + (lastEnd ? lineEnd : "");
        const types = { a: "float64", b: "string", c: "int32", d: "float32" } as const;
        assertEquals(columnsOf(content, { types }), {
          a: rows.map(([a]) => valueOf(a)),
          b: rows.map(([, b]) => b),
          c: rows.map(([, , c]) => c),
          d: rows.map(([, , , d]) => Math.fround(valueOf(d))),
        });
        assertEquals(columnsOf(content, { types, select: ["c"] }), { c: rows.map((r) => r[2]) });
      },
    ),
    { seed, numRuns: 300 },
  );
});

Deno.test("types are inferred as the cells are spelled", () => {
  const cases: [cells: string[], type: string][] = [
    [["1", "-2", "+3", " 4 "], "int32"],
    [["1", "2147483648"], "float64"],
    [["1", "2.", "-.5", "1e3"], "float32"],
    [["-1.5", "nan"], "float32"],
    [["1", "2.0"], "float32"],
    [["1", "2147483648.5"], "float32"],
    [["1", ""], "float32"],
    [["-"], "string"],
    [["1.5.5"], "string"],
    [["."], "string"],
    [["1-2"], "string"],
    [["true", "FALSE"], "bool"],
  ];
  for (const [cells, type] of cases) {
    const path = Deno.makeTempFileSync({ suffix: ".csv" });
    Deno.writeTextFileSync(path, `x,y\n${cells.map((c) => `${c},0\n`).join("")}`);
    // a sample of all rows is looked at in one block, a larger one row by row
    for (const sample of [cells.length, 1000]) {
      const [batch] = Dataset.csv<Columns>(path, { sample }).batch(9);
      const { x } = batch!;
      assertEquals(Array.isArray(x) ? "string" : (x as HostArray).dtype, type, cells.join(" | "));
    }
    Deno.removeSync(path);
  }
});

Deno.test("numbers are told from delimiters that they could hold", () => {
  assertEquals(columnsOf("a.b\n1.2\n3.4\n", { delimiter: "." }), { a: [1, 3], b: [2, 4] });
  assertEquals(columnsOf("a-b\n1-2\n-4\n", { delimiter: "-" }), { a: [1, NaN], b: [2, 4] });
  assertEquals(columnsOf("a0b\n102\n304\n", { delimiter: "0" }), { a: [1, 3], b: [2, 4] });
});

Deno.test("integers are not taken from numbers that are none", () => {
  const types = { a: "int32" } as const;
  for (const cell of ["1.5", "2147483648", "1e-1"]) {
    assertThrows(() => columnsOf(`a,b\n1,2\n${cell},3\n`, { types }), TypeError, "record 1 of");
  }
  assertEquals(columnsOf("a,b\n1e3,2.0\n-0,7.0\n", { types: { a: "int32", b: "int32" } }), {
    a: [1000, 0],
    b: [2, 7],
  });
});

Deno.test("a number of very many digits that ends in a letter is an error at once", () => {
  for (const digits of ["0", "1", "5"]) {
    for (const before of ["", "0."]) {
      const cell = before + digits.repeat(300_000) + "x";
      const read = () => columnsOf(`a\n1\n${cell}\n`, { types: { a: "float32" } });
      const started = performance.now();
      assertThrows(read, TypeError, "record 1 of");
      // where each digit is tried as the first of those behind the point, it takes minutes
      assert(performance.now() - started < 10_000);
    }
  }
});

Deno.test("rows are cut wherever a read ends", () => {
  // cells and line ends lie at every offset from the end of a read of 256 KiB
  for (let pad = 0; pad < 40; pad++) {
    const first = "x".repeat((1 << 18) - 20 - pad);
    const rows = ['1.25,"a ""b""",7', "-3e2,ö,8", ',"c\r\nd",9'];
    const content = `a,b,c\r\n0,${first},6\r\n${rows.join("\r\n")}`;
    assertEquals(columnsOf(content, {}), {
      a: [0, 1.25, -300, NaN],
      b: [first, 'a "b"', "ö", "c\r\nd"],
      c: [6, 7, 8, 9],
    });
  }
});
