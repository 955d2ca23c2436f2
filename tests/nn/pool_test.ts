import { assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import { averagePool, maxPool } from "../../src/nn/pool.ts";
import * as np from "../../src/numpy/mod.ts";
import { checkGrads, grad } from "../../src/transform/mod.ts";
import { draw } from "../numpy/samples.ts";

const line = (...values: number[]): Tensor => np.array([values.map((v) => [v])]);
const flat = (x: Tensor) => x.flatten().toArray();

Deno.test("pooling has the derivatives of its central differences, to second order", () => {
  for (const pool of [maxPool, averagePool]) {
    const square = (x: Tensor) => x.mul(x);
    const same = { padding: "same", strides: 1 } as const;
    checkGrads((x) => square(pool(x, 2)), [draw([1, 5, 2])], { order: 2 });
    checkGrads((x) => square(pool(x, 2, same)), [draw([1, 3, 4, 2])], { order: 2 });
    checkGrads((x) => square(pool(x, [2, 1, 2])), [draw([1, 2, 3, 2, 1])], { order: 2 });
  }
});

Deno.test("the first of the greatest gets the whole gradient, also where windows overlap", () => {
  const g = grad((x: Tensor) => maxPool(x, 2, { strides: 1 }).sum());
  assertEquals(flat(g(line(1, 1, 1, 0))), [1, 1, 1, 0]);
  assertEquals(flat(g(line(0, 5, 0, 5))), [0, 2, 0, 1]);
});

Deno.test("NaN counts as greatest, and spreads to every window that sees it", () => {
  assertEquals(flat(maxPool(line(1, NaN, 3, 4), 2, { strides: 1 })), [NaN, NaN, 4]);
});

Deno.test("what padding adds is never the greatest, in any dtype", () => {
  for (const dtype of ["float32", "float64", "int32", "uint8"] as const) {
    const low = dtype === "uint8" ? 0 : -7;
    const x = np.array([[[low], [low], [low]]], { dtype });
    const y = maxPool(x, 3, { padding: "same", strides: 1 });
    assertEquals([y.dtype, flat(y)], [dtype, [low, low, low]]);
  }
  assertEquals(flat(maxPool(line(-Infinity, -Infinity), 2)), [-Infinity]);
});

Deno.test("what padding adds is not counted in a mean", () => {
  const options = { padding: [[2, 1]], strides: 1 } as const;
  assertEquals(flat(averagePool(line(6, 2, 4), 3, options)), [6, 4, 4, 3]);
});

Deno.test("the mean of integers is float32; pooling no examples gives none", () => {
  const y = averagePool(np.array([[[1], [2]]], { dtype: "int32" }), 2);
  assertEquals([y.dtype, y.item()], ["float32", 1.5]);
  for (const pool of [maxPool, averagePool]) {
    assertEquals(pool(np.zeros([0, 4, 4, 3]), 2).shape, [0, 2, 2, 3]);
  }
});
