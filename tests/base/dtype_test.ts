/**
 * Element types: how they meet, and how numbers convert.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import {
  checkDType,
  convertArray,
  convertNumber,
  type DType,
  dtypeOf,
  isFloat,
  isTypedArray,
  promote,
} from "../../src/base/mod.ts";
import * as metrics from "../../src/metrics/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as random from "../../src/random/mod.ts";

const ORDER: DType[] = ["bool", "uint8", "int32", "uint32", "float32", "float64"];
/** jax.numpy.promote_types with 64-bit types off, but for float64. */
const TABLE = [
  "bool uint8 int32 uint32 float32 float64",
  "uint8 uint8 int32 uint32 float32 float64",
  "int32 int32 int32 int32 float32 float64",
  "uint32 uint32 int32 uint32 float32 float64",
  "float32 float32 float32 float32 float32 float64",
  "float64 float64 float64 float64 float64 float64",
].map((row) => row.split(" "));

Deno.test("every two dtypes meet where JAX says", () => {
  const got = ORDER.map((a) => ORDER.map((b) => promote(a, b)));
  assertEquals(got as string[][], TABLE);
});

Deno.test("floats become integers by truncation, saturate, and NaN becomes 0", () => {
  const cases: [number, DType, number][] = [
    [2.9, "int32", 2],
    [-2.9, "int32", -2],
    [3e9, "int32", 2147483647],
    [-3e9, "int32", -2147483648],
    [300, "uint8", 255],
    [-5, "uint8", 0],
    [5e9, "uint32", 4294967295],
    [NaN, "int32", 0],
    [Infinity, "uint8", 255],
    [-Infinity, "int32", -2147483648],
    [0.5, "bool", 1],
    [NaN, "bool", 1],
    [0.1, "float32", Math.fround(0.1)],
    [0.1, "float64", 0.1],
  ];
  for (const [x, d, want] of cases) {
    assertEquals(convertNumber(x, d), want, `${x} to ${d}`);
    assertEquals(convertArray(Float64Array.of(x), "float64", d)[0], want, `array ${x} to ${d}`);
  }
  assertEquals(Object.is(convertNumber(-0.5, "int32"), 0), true);
});

Deno.test("integers narrow by wrapping", () => {
  assertEquals([...convertArray(Int32Array.of(300, -1), "int32", "uint8")], [44, 255]);
  assertEquals([...convertArray(Uint32Array.of(4294967295), "uint32", "int32")], [-1]);
  assertEquals([...convertArray(Int32Array.of(-1), "int32", "uint32")], [4294967295]);
  assertEquals([...convertArray(Int32Array.of(-1, 0), "int32", "bool")], [1, 0]);
});

Deno.test("a conversion never shares memory with its source", () => {
  const source = Float32Array.of(1);
  const out = convertArray(source, "float32", "float32");
  out[0] = 2;
  assertEquals(source[0], 1);
});

Deno.test("typed arrays have a dtype; narrow integers count as int32", () => {
  assertEquals(dtypeOf(new Int8Array(1)), "int32");
  assertEquals(dtypeOf(new Uint16Array(1)), "int32");
  assertEquals(dtypeOf(new Uint8ClampedArray(1)), "uint8");
  assertEquals(dtypeOf(new Float64Array(1)), "float64");
});

Deno.test("BigInt arrays and DataViews are no typed arrays of numbers", () => {
  assertEquals(isTypedArray(new BigInt64Array(1)), false);
  assertEquals(isTypedArray(new DataView(new ArrayBuffer(1))), false);
  assertEquals(isTypedArray([1]), false);
  assertEquals(isTypedArray(new Uint8Array(1)), true);
});

Deno.test("an unknown dtype is an error that lists those there are", () => {
  const e = assertThrows(() => checkDType("float16", "make zeros"), TypeError);
  assertEquals(
    e.message,
    'Cannot make zeros with dtype "float16": known dtypes are bool, uint8, uint32, int32, float32, float64',
  );
  assertThrows(() => checkDType("toString", "x"), TypeError);
});

Deno.test("a dtype that is none is named, whatever it is", () => {
  for (const odd of [1n, [1n], null, undefined, Symbol("s"), "constructor", np.ones([2])]) {
    assertThrows(() => checkDType(odd, "use"), TypeError, "known dtypes are bool");
    assertEquals(isFloat(odd as never), false);
    assertThrows(() => new metrics.Mean({ dtype: odd as never ?? "x" }), TypeError, "wanted");
    const draw = () => random.normal(random.key(0), { dtype: odd as never ?? "x" });
    assertThrows(draw, TypeError, 'wanted "float32" or "float64"');
  }
});
