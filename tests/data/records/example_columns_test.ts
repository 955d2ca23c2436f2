/** Batches of tf.train.Examples parsed at once against the same Examples parsed one by one. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { ExampleColumns } from "../../../src/data/records/example_columns.ts";
import { Dataset, type Feature, parseExample } from "../../../src/data/mod.ts";

const varint = (n: number): number[] => n < 128 ? [n] : [n & 127 | 128, ...varint(n >>> 7)];
const field = (tag: number, body: number[]) => [tag, ...varint(body.length), ...body];
const text = (s: string) => [...new TextEncoder().encode(s)];
const bytesOf = (list: number[]) => [...new Uint8Array(Float32Array.from(list).buffer)];
const floats = (list: number[]) => field(18, field(10, bytesOf(list)));
const ints = (list: number[]) => field(26, field(10, list.flatMap(varint)));
const entry = (name: string, value: number[]) =>
  field(10, [...field(10, text(name)), ...field(18, value)]);
const example = (...entries: number[][]) => Uint8Array.from(field(10, entries.flat()));

const FEATURES = {
  y: { dtype: "int32", shape: [] },
  x: { dtype: "float32", shape: [2] },
  w: { dtype: "float64", shape: [1, 1], default: 7 },
  long: { dtype: "float32", shape: [20], default: Array.from({ length: 20 }, (_, i) => i) },
  b: { dtype: "bool", shape: [2], default: 0 },
} as const satisfies Record<string, Feature>;

const parse = parseExample(FEATURES);
const { parse: oneByOne } = { parse: (x: HostArray) => parse(x) };

const minusOne = [...new Array(9).fill(255), 1];
const x = entry("x", floats([0.5, -2])), y = entry("y", ints([300]));
/** Records, each beside whether it is of the common form. */
const RECORDS: readonly (readonly [Uint8Array, boolean])[] = [
  [example(x, y), true],
  [example(y, x), true],
  [example(x, y, entry("w", floats([3])), entry("long", floats([...new Array(20).keys()]))), true],
  [example(x, y, entry("w", ints([70000])), entry("b", ints([1, 0]))), true],
  [example(x, y, entry("other", [1, 2, 3]), entry("more", floats([1]))), true],
  [example(x, entry("y", field(26, field(10, minusOne)))), true],
  [example(x, y, entry("w", [])), true],
  [example(x, y, entry("w", [18, 0])), true],
  [Uint8Array.from([...example(x), ...example(y)]), true],
  // empty packed lists, lists that are not packed, names that come twice, fields nobody knows
  [example(x, entry("y", field(26, [8, 5]))), false],
  [example(entry("x", field(18, [13, 0, 0, 128, 63, 13, 0, 0, 0, 64])), y), false],
  [example(x, y, entry("w", floats([]))), false],
  [example(x, y, entry("y", ints([9]))), false],
  [example(x, y, entry("größe", ints([9]))), false],
  [Uint8Array.from([...example(x, y), 16, 1]), false],
];

function outcome(records: readonly Uint8Array[], f: typeof oneByOne, size: number): unknown {
  const all = Dataset.fromSource({ length: records.length, at: (i) => records[i]! });
  try {
    return [...all.map(f).batch(size)];
  } catch (e) {
    return (e as Error).message;
  }
}

Deno.test("examples of the common form are parsed at once, others one by one, to the same batches", () => {
  const columns = ExampleColumns.of(new Map<string, Feature>(Object.entries(FEATURES)))!;
  for (const [record, common] of RECORDS) {
    assertEquals(columns.parse([record]) !== null, common, [...record].join(" "));
  }
  const records = RECORDS.map(([record]) => record);
  for (const size of [1, 2, 5, 100]) {
    const batches = outcome(records, parse, size);
    assert(Array.isArray(batches), String(batches));
    assertEquals(batches, outcome(records, oneByOne, size) as typeof batches);
  }
  const [batch] = outcome(records.slice(0, 2), parse, 2) as ReturnType<typeof parse>[];
  assertEquals(batch!.y.toArray(), [300, 300]);
  assertEquals(batch!.x.toArray(), [[0.5, -2], [0.5, -2]]);
  assertEquals(batch!.w.toArray(), [[[7]], [[7]]]);
  assertEquals(batch!.b.dtype, "bool");
});

Deno.test("an Example with any byte changed or cut off gives the same batch or the same error at once", () => {
  const good = RECORDS[3]![0];
  for (let at = 0; at < good.length; at++) {
    for (const byte of [0, 1, 10, 18, 127, 128, 255]) {
      const record = good.with(at, byte);
      assertEquals(outcome([good, record], parse, 2), outcome([good, record], oneByOne, 2));
    }
    const cut = good.slice(0, at);
    assertEquals(outcome([good, cut], parse, 2), outcome([good, cut], oneByOne, 2));
  }
});

Deno.test("values that do not fit are refused with the element's number", () => {
  const wrong: Uint8Array[] = [
    example(x, entry("y", floats([1]))),
    example(x, entry("y", ints([1, 2]))),
    example(x, entry("y", field(26, field(10, [255, 255, 255, 255, 127])))),
    example(x, y, entry("b", ints([2, 0]))),
    example(entry("x", floats([1])), y),
    example(y),
  ];
  for (const record of wrong) {
    const d = Dataset.fromSource({ length: 5, at: (i) => i === 3 ? record : RECORDS[0]![0] });
    assertThrows(() => [...d.map(parse).batch(2)], Error, "Cannot compute element 3 in map(parse)");
  }
});

Deno.test("batches of parsed Examples go on at every position", () => {
  const records = RECORDS.map(([record]) => record);
  const d = Dataset.fromSource({ length: records.length, at: (i) => records[i]! })
    .shuffle(4, { seed: 1, reshuffleEachIteration: false }).map(parse).batch(3);
  const whole = [...d];
  for (let given = 0; given <= whole.length; given++) {
    const it = d.iterate();
    let left = given;
    if (left > 0) { for (const _ of it) if (--left === 0) break; }
    const state = JSON.parse(JSON.stringify(it.state()));
    assertEquals([...d.iterate({ state })], whole.slice(given));
  }
});
