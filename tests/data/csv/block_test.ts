/**
 * CSV read in blocks: what the kernel cuts is what a parser of one character after the other cuts,
 * wherever blocks, chunks and reads begin and end.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { ByteSource } from "../../../src/data/bytes/byte_source.ts";
import type { CsvOptions } from "../../../src/data/csv/csv.ts";
import { CsvTable } from "../../../src/data/csv/table.ts";
import { END, type State } from "../../../src/data/stage.ts";
import { seed } from "../../seed.ts";

type Cells = readonly unknown[];

/** A file whose reads give `first` bytes, and then up to `piece` at once. */
function fileOf(content: string | Uint8Array, first = Infinity, piece = first): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    name: "table.csv",
    sync: true,
    size: () => bytes.length,
    open(at) {
      return {
        read(into) {
          const most = at < first ? first - at : piece;
          const part = bytes.subarray(at, at + Math.min(most, into.length));
          into.set(part);
          at += part.length;
          return part.length;
        },
        close() {},
      };
    },
  };
}

/** All chunks of a table from a place on: the place where each begins, and its columns. */
function chunksOf(
  source: ByteSource,
  options: CsvOptions,
  from: State | null = null,
): { place: State; columns: Cells[] }[] {
  const reader = new CsvTable([source], options, "csv()").open("csv()", from);
  const chunks: { place: State; columns: Cells[] }[] = [];
  for (;;) {
    const place = reader.place();
    const chunk = reader.next();
    if (chunk instanceof Promise) throw new Error("Cannot wait for a local file");
    if (chunk === END) return chunks;
    chunks.push({ place, columns: chunk.columns.map(({ values }) => [...values]) });
  }
}

function columnsOf(source: ByteSource, options: CsvOptions): Cells[] {
  const chunks = chunksOf(source, options);
  return (chunks[0]?.columns ?? []).map((_, k) => chunks.flatMap(({ columns }) => columns[k]!));
}

/** The rows of a table, cut character by character; null is nothing at all. */
function parse(content: string, delimiter: string, quote: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [], cell = "", quoted = false, p = 0;
  const endCell = () => {
    row.push(quoted ? cell : cell === "" ? null : cell);
    cell = "";
    quoted = false;
  };
  while (p < content.length) {
    const c = content[p++]!;
    if (c === quote && cell === "" && !quoted) {
      quoted = true;
      for (;; p++) {
        if (content[p] !== quote) cell += content[p];
        else if (content[p + 1] === quote) cell += content[++p];
        else break;
      }
      p++;
    } else if (c === delimiter) {
      endCell();
    } else if (c === "\n") {
      if (!quoted && cell.endsWith("\r")) cell = cell.slice(0, -1);
      if (row.length > 0 || cell !== "" || quoted) {
        endCell();
        rows.push(row);
      }
      row = [];
      cell = "";
    } else if (!quoted || c !== "\r") cell += c;
  }
  return rows;
}

function numberOf(text: string): number {
  if (/nan/i.test(text)) return NaN;
  return /inf/i.test(text) ? (text.includes("-") ? -Infinity : Infinity) : Number(text);
}

const digits = (least: number, most: number) =>
  fc.stringMatching(new RegExp(`^[0-9]{${least},${most}}$`));
const sign = fc.constantFrom("", "", "-", "-", "+");
const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((p) => p.join(""));
const point = fc.constant(".");
const common = joined(fc.constantFrom("", "-"), digits(1, 3), point, digits(1, 5));
const numbers = fc.oneof(
  { weight: 8, arbitrary: common },
  { weight: 2, arbitrary: joined(sign, digits(1, 20)) },
  { weight: 2, arbitrary: joined(sign, digits(0, 9), point, digits(1, 12)) },
  { weight: 1, arbitrary: joined(sign, digits(1, 18), point) },
  {
    weight: 1,
    arbitrary: joined(
      sign,
      digits(1, 9),
      point,
      digits(0, 19),
      fc.constantFrom("e", "E"),
      sign,
      digits(1, 3),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("nan", "-inf", " 4 ", "1 ", "-0", "-0.0", "00", "9e22") },
);
const whole = (least: number, most: number) => fc.integer({ min: least, max: most }).map(String);
const texts = fc.oneof(
  fc.stringMatching(/^[a-z ]{0,9}$/),
  fc.stringMatching(/^[a-zöß€.",;'\n-]{0,30}$/),
);
const VALUES = {
  float32: numbers,
  float64: numbers,
  int32: fc.oneof(whole(-(2 ** 31), 2 ** 31 - 1), whole(-9, 99), fc.constant("7.0")),
  uint32: whole(0, 2 ** 32 - 1),
  uint8: whole(0, 255),
  bool: fc.constantFrom("true", "False", "0", "1"),
  string: texts,
} as const;
type Kind = keyof typeof VALUES;

/** A table: its types, options, text, and what its columns hold. */
const tables = fc.record({
  kinds: fc.array(fc.constantFrom(...Object.keys(VALUES) as Kind[]), {
    minLength: 1,
    maxLength: 6,
  }),
  delimiter: fc.constantFrom(",", ",", ";", "\t", "-", "e", "7"),
  quote: fc.constantFrom('"', '"', "'", "5"),
  lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
  lastEnd: fc.boolean(),
  mark: fc.boolean(),
  missing: fc.constantFrom([], ["NA"], ["-999"]),
  chosen: fc.boolean(),
  repeat: fc.constantFrom(1, 1, 1, 40),
}).chain((table) => {
  const { delimiter, quote, missing } = table;
  const row = fc.record({
    cells: fc.tuple(...table.kinds.map((kind) => VALUES[kind])),
    empty: fc.array(fc.nat({ max: 20 }), { maxLength: 1 }),
    quoted: fc.array(fc.nat({ max: 12 }), { maxLength: 1 }),
    blank: fc.nat({ max: 15 }).map((x) => x === 0),
  });
  const write = (text: string, quoted: boolean): string =>
    quoted || text.includes(delimiter) || text.includes(quote) || text.includes("\n")
      ? quote + text.replaceAll(quote, quote + quote) + quote
      : text;
  return fc.array(row, { minLength: 1, maxLength: 12 }).map((some) => {
    const rows = Array.from({ length: table.repeat }, () => some).flat();
    const names = table.kinds.map((_, k) => `c_${k + 10}`).map((name) => write(name, true));
    const lines = rows.map(({ cells, empty, quoted, blank }) => {
      const line = cells.map((cell, k) =>
        empty.includes(k)
          ? write(missing[0] ?? "", false)
          : write(cell as string, quoted.includes(k))
      );
      return line.join(delimiter) + (blank ? table.lineEnd : "");
    });
    const content = (table.mark ? "\ufeff" : "") + [names.join(delimiter), ...lines]
      .join(table.lineEnd) +
      (table.lastEnd ? table.lineEnd : "");
    return { ...table, content };
  });
});

/** What a cell becomes, by the words of the documentation. */
function valueOf(kind: Kind, cell: string | null, missing: readonly string[]): unknown {
  if (cell === null || missing.includes(cell) || (cell === "" && kind !== "string")) {
    return kind === "string" ? "none" : kind === "bool" ? 1 : 3;
  }
  if (kind === "string") return cell;
  if (kind === "bool") return /^(true|1)$/i.test(cell) ? 1 : 0;
  const x = numberOf(cell);
  if (kind === "float32") return Math.fround(x);
  return kind === "float64" || x !== 0 ? x : 0; // whole numbers have no -0
}

Deno.test("tables of all kinds are what a parser of single characters makes of them", () => {
  fc.assert(
    fc.property(tables, fc.constantFrom(1, 3, 64, 1000, Infinity), (table, piece) => {
      const { kinds, delimiter, quote, missing, content } = table;
      const names = kinds.map((_, k) => `c_${k + 10}`);
      const options: CsvOptions = {
        delimiter,
        quote,
        missing,
        types: Object.fromEntries(names.map((name, k) => [name, kinds[k]!])),
        defaults: Object.fromEntries(names.map((name, k) => {
          return [name, kinds[k] === "string" ? "none" : kinds[k] === "bool" ? true : 3];
        })),
        ...(table.chosen ? { select: [names.at(-1)!] } : {}),
      };
      const cut = parse(content.replace("\ufeff", "") + "\n", delimiter, quote).slice(1);
      const wanted = kinds.map((kind, k) => cut.map((row) => valueOf(kind, row[k]!, missing)));
      assertEquals(
        columnsOf(fileOf(content, piece), options),
        cut.length === 0 ? [] : table.chosen ? wanted.slice(-1) : wanted, // blank lines: no chunk
      );
    }),
    {
      seed,
      numRuns: 300,
      examples: [[{
        kinds: ["string"],
        delimiter: ",",
        quote: '"',
        lineEnd: "\n",
        lastEnd: true,
        mark: false,
        missing: [],
        chosen: false,
        repeat: 1,
        content: "c_10\n\n\n",
      }, 64]],
    },
  );
});

Deno.test("numbers of every length, with the point at every place, are the nearest there is", () => {
  const spelled: string[] = [];
  for (let length = 1; length <= 20; length++) {
    for (let place = 0; place <= length; place++) {
      for (const first of ["", "-"]) {
        for (const digit of ["9", "5", String(1 + (7 * length + 3 * place) % 9)]) {
          const all = `${digit}8765432109876543219`.slice(0, length);
          spelled.push(`${first}${all.slice(0, place)}.${all.slice(place)}`);
          if (place === length) spelled.push(first + all);
        }
      }
    }
  }
  const content = `a,b\n${spelled.map((x) => `${x},${x}\r\n`).join("")}`;
  const types = { a: "float32", b: "float64" } as const;
  const [a, b] = columnsOf(fileOf(content), { types });
  for (const [i, text] of spelled.entries()) {
    assertEquals([a![i], b![i]], [Math.fround(Number(text)), Number(text)], text);
  }
});

/** Numbers that are hard to round: of many digits, and halfway between two of float64. */
const hard = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x.toExponential(18)),
  fc.tuple(fc.bigInt(2n ** 53n, 2n ** 54n), fc.integer({ min: 0, max: 4 })).map(([x, k]) => {
    const spelled = String((2n * x + 1n) * 5n ** BigInt(k));
    return `${spelled.slice(0, spelled.length - k)}.${spelled.slice(spelled.length - k)}`;
  }),
  fc.tuple(fc.bigInt(1n, 2n ** 64n), fc.integer({ min: -90, max: 70 })).map((x) => x.join("e")),
  fc.tuple(
    fc.constantFrom("1", "9007199254740993", "0", String(2n ** 64n)),
    fc.constantFrom("e22", "e23", "e-22"),
  )
    .map((x) => x.join("")),
);

Deno.test("long numbers, and those with exponents, are the nearest there is", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(sign, hard), { minLength: 1, maxLength: 40 }), (cells) => {
      const spelled = cells.map(([s, x]) => x.startsWith("-") ? x : s + x);
      const content = `a,b\n${spelled.map((x) => `${x},${x}\n`).join("")}`;
      const types = { a: "float32", b: "float64" } as const;
      assertEquals(columnsOf(fileOf(content), { types }), [
        spelled.map((x) => Math.fround(Number(x))),
        spelled.map(Number),
      ]);
    }),
    { seed, numRuns: 200 },
  );
});

Deno.test("what is no number is told from numbers, whatever character it holds", () => {
  for (let byte = 32; byte < 256; byte++) {
    const cell = [49, 50, byte, 51];
    const content = Uint8Array.from([
      ...new TextEncoder().encode("a,b\n1,2\n"),
      ...cell,
      44,
      52,
      10,
    ]);
    const text = String.fromCharCode(byte);
    const read = () =>
      columnsOf(fileOf(content), { types: { a: "float64", b: "float64" }, sample: 1 });
    if (/[0-9.e]/i.test(text)) {
      assertEquals(read(), [[1, Number(`12${text}3`)], [2, 4]]);
    } else {
      assertThrows(read, Error, text === "," ? "more than the 2 fields" : "Cannot read record 1");
    }
  }
});

Deno.test("a letter anywhere in a long number is told", () => {
  for (const number of ["123.4567890123456789", "1.234567890123456789e+00", "-12345678901234567"]) {
    for (let at = 0; at < number.length; at++) {
      const content = `a\n1\n${number.slice(0, at)}x${number.slice(at + 1)}\n`;
      const read = () => columnsOf(fileOf(content), { types: { a: "float64" }, sample: 1 });
      assertThrows(read, TypeError, "Cannot read record 1");
    }
  }
});

/** Rows with everything in them that a cut could hurt. */
const EVERYTHING = [
  "a,b,c,d",
  "1.25,text,7,x",
  '-3.5e2,"qu""oted, with\r\nall",8,',
  "",
  ',ö"e,9,"y"',
  "0.1234567890123456789,,-10,z",
  '"2.5",plain,11,""""',
].join("\r\n");

Deno.test("a read may end at every byte", () => {
  const options = { types: { c: "int32" } } as const;
  const whole = columnsOf(fileOf(EVERYTHING), options);
  assertEquals(whole, [
    [1.25, -350, NaN, Math.fround(0.1234567890123456789), 2.5],
    ["text", 'qu"oted, with\r\nall', 'ö"e', "", "plain"],
    [7, 8, 9, -10, 11],
    ["x", "", "y", "z", '"'],
  ]);
  const bytes = new TextEncoder().encode(EVERYTHING);
  for (let at = 1; at < bytes.length; at++) {
    assertEquals(columnsOf(fileOf(bytes, at, Infinity), options), whole, `cut at ${at}`);
  }
});

/** Many rows of which a few are strange, over several blocks and chunks. */
function longTable(rows: number): string {
  const lines = ["n,i,s"];
  for (let i = 0; i < rows; i++) {
    const text = i % 97 === 5 ? '"a ""b"", c\nd"' : i % 89 === 7 ? 'a"b' : `text ${i % 7}`;
    lines.push(`${i % 83 === 3 ? "" : i / 8},${i},${text}${i % 101 === 9 ? "\n" : ""}`);
  }
  return lines.join("\n") + "\n";
}

Deno.test("strange rows among many plain ones are told apart in every block", () => {
  const rows = 30_000;
  const numbers = Array.from({ length: rows }, (_, i) => i % 83 === 3 ? NaN : Math.fround(i / 8));
  const texts = Array.from(
    { length: rows },
    (_, i) => i % 97 === 5 ? 'a "b", c\nd' : i % 89 === 7 ? 'a"b' : `text ${i % 7}`,
  );
  const wanted = [numbers, numbers.map((_, i) => i), texts];
  for (const piece of [Infinity, 10_007]) {
    const got = columnsOf(fileOf(longTable(rows), piece), { types: { n: "float32" } });
    for (const k of [0, 1, 2]) assertEquals(got[k]!.length, rows);
    assertEquals(got, wanted);
  }
});

Deno.test("a quote within a cell is a letter, wherever it stands", () => {
  const both: CsvOptions = { types: { s: "string", t: "string" }, sample: 1 };
  for (let pad = 0; pad < 130; pad++) {
    const rows = ["x".repeat(pad), 'a"b', '""', '"c,""d"', 'e"', '"f"'];
    const content = `s,t\n${rows.map((s) => `${s},7\n`).join("")}`;
    const wanted = ["x".repeat(pad), 'a"b', "", 'c,"d', 'e"', "f"];
    assertEquals(columnsOf(fileOf(content), {}), [wanted, wanted.map(() => 7)]);
    const three = `s,t\n${"x".repeat(pad)},7\na"b,c",7\n`;
    assertThrows(() => columnsOf(fileOf(three), both), RangeError, "more than the 2");
  }
});

Deno.test("blank lines are passed over in tables of one column, where a cell may be nothing", () => {
  for (const end of ["\n", "\r\n"]) {
    const content = ["a", "", "1", "2", "", "", '""', "3", ""].join(end);
    assertEquals(columnsOf(fileOf(content), { defaults: { a: 9 }, types: { a: "int32" } }), [
      [1, 2, 9, 3],
    ]);
  }
});

Deno.test("every chunk is the same when reading begins with it", () => {
  const source = fileOf(longTable(20_000), 50_000);
  const chunks = chunksOf(source, {});
  assertEquals(chunks.length > 4, true);
  for (const [i, { place }] of chunks.entries()) {
    assertEquals(chunksOf(source, {}, place), chunks.slice(i));
  }
});

Deno.test("readers that take turns leave each other's rows alone", () => {
  const sources = [fileOf(longTable(9000)), fileOf(longTable(9000).replaceAll("text", "other"))];
  const alone = sources.map((source) => chunksOf(source, {}).map(({ columns }) => columns));
  const readers = sources.map((source) => new CsvTable([source], {}, "csv()").open("csv()", null));
  for (let i = 0; i < alone[0]!.length; i++) {
    for (const [r, reader] of readers.entries()) {
      const chunk = reader.next();
      if (chunk instanceof Promise || chunk === END) {
        throw new Error("Cannot read on: more rows are wanted");
      }
      assertEquals(chunk.columns.map(({ values }) => [...values]), alone[r]![i]!);
    }
  }
});

Deno.test("of several faults the first in the file is told", () => {
  const plain = Array.from({ length: 50 }, (_, i) => `${i},${i},x`);
  const faults: [row: string, message: string][] = [
    ["1.5,2,x", 'column "a" holds "1.5", which does not fit'],
    ["1,300,x", 'column "b" holds "300", which does not fit'],
    ["1,,x", 'column "b" has no value'],
    ["1,2,3,4", "the row has more than the 3 fields"],
    ["1,2", "the row has 2 fields where 3 are wanted"],
    ['1,2,"x"y', "a closing quote is followed by neither"],
    ["1,2,\xff", "a field is not UTF-8"],
  ];
  const types = { a: "int32", b: "uint8", c: "string" } as const;
  for (const [first, message] of faults) {
    for (const [second] of faults) {
      const lines = ["a,b,c", ...plain, first, "7,8,x", second, ...plain];
      const content = Uint8Array.from(lines.join("\n"), (c) => c.charCodeAt(0));
      const at = lines.slice(0, 51).join("\n").length + 1;
      const error = assertThrows(
        () => columnsOf(fileOf(content), { types, sample: 1 }),
        Error,
        message,
      );
      assertEquals(/record (\d+)/.exec(error.message)![1], "50", error.message);
      const byte = Number(/at byte (\d+)/.exec(error.message)![1]);
      assertEquals(byte >= at && byte <= at + first.length, true, error.message);
    }
  }
});

Deno.test("a row longer than a block is cut like any other", () => {
  const wide = 60_000;
  const names = Array.from({ length: wide }, (_, k) => `c${k}`);
  const row = (at: number) => names.map((_, k) => String((k + at) % 10)).join(",");
  const content = [names.join(","), row(0), row(1), row(2)].join("\n");
  assertEquals(
    columnsOf(fileOf(content), { sample: 1 }),
    names.map((_, k) => [k % 10, (k + 1) % 10, (k + 2) % 10]),
  );
});
