/** safetensors files that are wrong in every way. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { formatSafetensors, parseSafetensors } from "../../src/formats/safetensors.ts";

/** A file with any header, `values` bytes long behind it. */
function file(header: unknown, values = 0, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const out = new Uint8Array(8 + text.length + values);
  new DataView(out.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  out.set(text, 8);
  return out;
}

const entry = (dtype: unknown, shape: unknown, data_offsets: unknown) => ({
  dtype,
  shape,
  data_offsets,
});
const parse = (bytes: Uint8Array) => parseSafetensors(bytes, "a.safetensors");

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((p) => [...p]));
}

Deno.test("parseSafetensors notices every truncation and every byte too many", () => {
  const whole = join(formatSafetensors({
    tensors: { a: new HostArray([1, 2, 3]), b: new HostArray(new Uint8Array([1])) },
    metadata: { k: "v" },
  }));
  assertEquals(parse(whole).tensors.a!.toArray(), [1, 2, 3]);
  for (let n = 0; n < whole.length; n++) {
    assertThrows(() => parse(whole.slice(0, n)), RangeError, `ends at byte ${n} where`);
  }
  assertThrows(() => parse(join([whole, new Uint8Array(1)])), RangeError, "but the file has");
});

Deno.test("parseSafetensors never crashes on a changed byte", () => {
  const whole = join(formatSafetensors({
    tensors: { a: new HostArray([1, 2, 3]), b: new HostArray(new Uint8Array([1])) },
    metadata: {},
  }));
  const start = 8 + Number(new DataView(whole.buffer).getBigUint64(0, true));
  for (let i = 0; i < start; i++) {
    for (const flip of [1, 2, 4, 8, 16, 32, 64, 128]) {
      const wrong = whole.slice();
      wrong[i]! ^= flip;
      try {
        const { tensors } = parse(wrong);
        for (const x of Object.values(tensors)) assert(x.values.byteLength <= 13);
      } catch (e) {
        assert(e instanceof RangeError || e instanceof TypeError, String(e));
        assert((e as Error).message.startsWith("Cannot read safetensors file a.safetensors: "));
      }
    }
  }
});

Deno.test("parseSafetensors refuses huge lengths before it makes anything", () => {
  assertThrows(() => parse(file({}, 0, 2n ** 64n - 1n)), RangeError, "header claims 1844674407");
  assertThrows(() => parse(file({}, 0, 100_000_001n)), RangeError, "at most 100000000");
  assertThrows(() => parse(file({}, 0, 99_999_999n)), RangeError, "it is truncated");
  const huge = 2 ** 50;
  assertThrows(() => parse(file({ a: entry("U8", [huge], [0, huge]) })), RangeError, "truncated");
  assertThrows(
    () => parse(file({ a: entry("F64", [2 ** 30, 2 ** 30], [0, 8]) }, 8)),
    RangeError,
    '"a" lies at offsets 0 to 8 of the values: F64[1073741824,1073741824] needs 9223372036854776000',
  );
  const most = Number.MAX_SAFE_INTEGER;
  assertThrows(() => parse(file({ a: entry("U8", [most], [0, most]) })), RangeError, "lies at");
});

Deno.test("parseSafetensors refuses places that overlap, leave gaps or do not fit", () => {
  const two = (a: unknown, b: unknown) => ({ a: entry("U8", [2], a), b: entry("U8", [2], b) });
  assertEquals(Object.keys(parse(file(two([2, 4], [0, 2]), 4)).tensors).sort(), ["a", "b"]);
  for (
    const [x, what] of [
      [two([0, 2], [0, 2]), '"b" starts at byte'],
      [two([0, 2], [1, 3]), '"b" starts at byte'],
      [two([0, 2], [3, 5]), '"b" starts at byte'],
      [two([1, 3], [3, 5]), '"a" starts at byte'],
      [two([0, 2], [4, 2]), '"b" lies at offsets 4 to 2'],
      [two([0, 2], [2, 5]), '"b" lies at offsets 2 to 5'],
      [two([0, 2], [2, 3]), '"b" lies at offsets 2 to 3'],
    ] as const
  ) assertThrows(() => parse(file(x, 5)), RangeError, what);
  assertThrows(() => parse(file(two([0, 2], [2, 4]), 3)), RangeError, "it is truncated");
});

Deno.test("parseSafetensors refuses headers that are not what they should be", () => {
  for (
    const [header, what] of [
      ["", "is not JSON"],
      ["{", "is not JSON"],
      ["[]", "no record"],
      ["null", "no record"],
      ["3", "no record"],
      [{ a: 1 }, "a record is wanted"],
      [{ a: null }, "a record is wanted"],
      [{ a: entry("F4x", [0], [0, 0]) }, 'is of type "F4x"'],
      [{ a: entry("toString", [0], [0, 0]) }, 'is of type "toString"'],
      [{ a: entry(["U8"], [0], [0, 0]) }, "is of type"],
      [{ a: entry("U8", 3, [0, 3]) }, "a list of sizes"],
      [{ a: entry("U8", [-1], [0, 0]) }, "a list of sizes"],
      [{ a: entry("U8", [0.5], [0, 0]) }, "a list of sizes"],
      [{ a: entry("U8", ["1"], [0, 1]) }, "a list of sizes"],
      [{ a: entry("U8", [0], [0]) }, "two offsets"],
      [{ a: entry("U8", [0], [0, 0, 0]) }, "two offsets"],
      [{ a: entry("U8", [0], [-1, -1]) }, "two offsets"],
      [{ a: entry("U8", [0], ["0", "0"]) }, "two offsets"],
      [{ a: { shape: [0] } }, "two offsets"],
      [{ __metadata__: 1 }, "not a record of texts"],
      [{ __metadata__: { a: 1 } }, "not a record of texts"],
      [`{"a":${"[".repeat(100_000)}`, "is not JSON"],
    ] as const
  ) assertThrows(() => parse(file(header)), TypeError, what);
  const invalid = file("{}");
  invalid[8] = 0xff;
  assertThrows(() => parse(invalid), TypeError, "is not JSON");
});

Deno.test("64-bit integers beyond int32 are refused with their place", () => {
  const bytes = file({ a: entry("I64", [2], [0, 16]) }, 16);
  const start = bytes.length - 16;
  new DataView(bytes.buffer).setBigInt64(start + 8, -(2n ** 31n), true);
  assertEquals(parse(bytes).tensors.a!.toArray(), [0, -(2 ** 31)]);
  new DataView(bytes.buffer).setBigInt64(start + 8, -(2n ** 31n) - 1n, true);
  assertThrows(() => parse(bytes), RangeError, `"a" holds -2147483649 at byte ${start + 8}`);
});

Deno.test("a name that objects inherit is an ordinary name", () => {
  const tensors = Object.fromEntries(
    ["__proto__", "constructor", "2", "1"].map((n, i) => [n, new HostArray([i])]),
  );
  const back = parse(join(formatSafetensors({ tensors, metadata: {} }))).tensors;
  assertEquals(Object.keys(back).sort(), ["1", "2", "__proto__", "constructor"]);
  assertEquals(Object.getOwnPropertyDescriptor(back, "__proto__")!.value.toArray(), [0]);
});

Deno.test("formatSafetensors refuses the name of the metadata, and metadata that are not texts", () => {
  const tensors = { __metadata__: new HostArray([1]) };
  assertThrows(() => formatSafetensors({ tensors, metadata: {} }), TypeError, "choose another");
  const metadata = { n: 1 as unknown as string };
  assertThrows(() => formatSafetensors({ tensors: {}, metadata }), TypeError, "JSON.stringify");
});
