/**
 * Ranges of products in a native library: whatever the pieces and whoever takes which, each number of
 * each result is the sum over the whole depth, taken in order.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  type NativeProduct,
  type NativeRange,
  runRange,
} from "../../../src/device/cpu/native_range.ts";

/** Numbers of the memory that stands for the real one. */
const numbers = new Float64Array(4096);
const BASE = 1n << 40n;

/** The product of a library, number by number, over {@linkcode numbers}. */
const product: NativeProduct = (ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) => {
  const [x, y, z] = [a, b, c].map((at) => Number(at - BASE) / 8) as [number, number, number];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = beta === 0 ? 0 : numbers[z + i * ldc + j]! * beta;
      for (let l = 0; l < k; l++) {
        const left = numbers[x + (ta ? l * lda + i : i * lda + l)]!;
        sum += alpha * left * numbers[y + (tb ? j * ldb + l : l * ldb + j)]!;
      }
      numbers[z + i * ldc + j] = sum;
    }
  }
};

Deno.test("pieces and units give what the whole product gives, in any order of the units", () => {
  const [m, n, k, batch] = [7, 9, 11, 2];
  let seed = 1;
  const random = (below: number): number => (seed = seed * 48271 % 2147483647) % below;
  for (let turn = 0; turn < 200; turn++) {
    const [ta, tb, beta] = [random(2), random(2), random(2)];
    const [rows, columns, depth] = [1 + random(m), 1 + random(n), 1 + random(k)];
    const [tall, wide] = [rows * (1 + random(3)), columns * (1 + random(3))];
    const [a, b, c] = [0, batch * m * k, batch * (m * k + k * n)];
    const start = Float64Array.from(numbers, () => random(100) - 50.5);
    const range = (cut: readonly number[], begin: number, end: number): NativeRange =>
      [ta, tb, m, n, k, a * 8, b * 8, c * 8, beta, ...cut, begin, end] as unknown as NativeRange;
    numbers.set(start);
    runRange(product, BASE, 8, range([m, n, k, m, n], 0, batch));
    const wanted = numbers.slice();
    assert(wanted.slice(c, c + batch * m * n).some((x, i) => x !== start[c + i]));
    numbers.set(start);
    const units = Array.from(
      { length: batch * Math.ceil(m / tall) * Math.ceil(n / wide) },
      (_, i) => i,
    );
    for (const unit of units.sort(() => random(2) - 0.5)) {
      runRange(product, BASE, 8, range([rows, columns, depth, tall, wide], unit, unit + 1));
    }
    assertEquals(numbers, wanted);
  }
});
