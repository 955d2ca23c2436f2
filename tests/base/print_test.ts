/**
 * Arrays print as NumPy prints them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { allocate, type DType, HostArray, printArray } from "../../src/base/mod.ts";
import golden from "../goldens/data/print.json" with { type: "json" };

for (const dtype of ["float32", "float64", "int32", "uint32", "uint8", "bool"]) {
  Deno.test(`${dtype} arrays print as NumPy prints them`, () => {
    const cases = golden.cases.filter((c) => c.dtype === dtype);
    assertEquals(cases.length > 3, true);
    for (const c of cases) {
      const values = allocate(dtype as DType, c.values.length);
      values.set(c.values.map(Number));
      const text = printArray(values, c.shape, dtype as DType, c.indent);
      assertEquals(text, c.text, `${c.shape} of ${c.values.slice(0, 8)}`);
    }
  });
}

Deno.test("a float32 prints its own shortest digits, not those of the double beside it", () => {
  assertEquals(printArray(new Float32Array([0.7]), [1], "float32"), "[0.7]");
  assertEquals(printArray(new Float32Array([0.7]), [], "float32"), "0.7");
});

Deno.test("console.log of a HostArray starts later lines below its first number", () => {
  const x = new HostArray(new Float32Array([1, 2, 3, 4]), [2, 2]);
  assertEquals(Deno.inspect(x), "HostArray([[1. 2.]\n           [3. 4.]], float32[2,2])");
});
