/**
 * Accumulation: which sums become part of a product.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { assertSame, floats, stepsOf } from "./passes.ts";
import type { Body } from "./random_programs.ts";

const names = (body: Body, shapes: number[][]): string[] =>
  stepsOf(body, shapes.map((s) => floats(...s))).map((s) =>
    s.startsWith("call gemm") ? `gemm beta=${/beta=(\d)/.exec(s)![1]}` : s.split(" ")[1]!
  );
const square = [24, 24];

Deno.test("a sum of products is summed by the products", () => {
  const body: Body = (x, y, z) => [x.matmul(y).add(y.matmul(z)).add(z.matmul(x))];
  assertEquals(names(body, [square, square, square]), [
    "gemm beta=0",
    "gemm beta=1",
    "gemm beta=1",
  ]);
  assertSame(body, [1, 2, 3].map(() => floats(...square)), ["accumulate"], 1e-5);
});

Deno.test("a bias that no kernel would add is what the product starts from", () => {
  const body: Body = (x, w, b) => [x.matmul(w).add(b)];
  assertEquals(names(body, [[8, 24], square, [24]]), ["start", "gemm beta=1"]);
  assertSame(body, [floats(8, 24), floats(...square), floats(24)], ["accumulate"], 1e-5);
});

Deno.test("a residual is added by the product, and stays what it was", () => {
  const body: Body = (x, w) => [x.add(x.matmul(w)), x];
  assertEquals(names(body, [square, square]), ["start", "gemm beta=1"]);
  assertSame(body, [floats(...square), floats(...square)], ["accumulate"], 1e-5);
});

Deno.test("a sum that a kernel reads is left to that kernel", () => {
  const body: Body = (x, w, b) => [x.matmul(w).add(b).maximum(0)];
  assertEquals(names(body, [[8, 24], square, [24]]), ["gemm beta=0", "add+maximum"]);
});

Deno.test("a product that is read elsewhere too is not changed", () => {
  const body: Body = (x, w, b) => {
    const h = x.matmul(w);
    return [h.add(b), h];
  };
  assertEquals(names(body, [[8, 24], square, [24]]), ["gemm beta=0", "add"]);
  assertSame(body, [floats(8, 24), floats(...square), floats(24)], ["accumulate"], 1e-5);
});
