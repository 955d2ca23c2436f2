/** Drawn points: scikit-learn's shapes, spread, seeds. @module */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { blobs, moons, spiral } from "../../src/datasets/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

Deno.test("moons without noise are scikit-learn's", () => {
  for (const c of readGolden("data_files").cases.filter((c) => c.fn === "moons")) {
    const [x, y] = moons(c.n as number, { shuffle: false });
    const want = (c.x as GoldenArray).data;
    for (let i = 0; i < want.length; i++) assertAlmostEquals(x.values[i]!, want[i]!, 1e-7);
    assertEquals([...y.values], [...(c.y as GoldenArray).data]);
  }
});

Deno.test("blobs lie about their centers with their spread", () => {
  const [x, y] = blobs(30_001, { centers: [[0, 5], [8, -5]], clusterStd: [1, 3], seed: 7 });
  for (const [k, center, std] of [[0, [0, 5], 1], [1, [8, -5], 3]] as const) {
    const rows = [...y.values].flatMap((c, i) => c === k ? [i] : []);
    assertEquals(rows.length, k === 0 ? 15_001 : 15_000);
    for (const d of [0, 1]) {
      const values = rows.map((i) => x.values[2 * i + d]!);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length;
      // Five standard errors of a mean and of a deviation of 15,000 values.
      assertAlmostEquals(mean, center[d]!, 5 * std / Math.sqrt(15_000));
      assertAlmostEquals(Math.sqrt(variance), std, 5 * std / Math.sqrt(30_000));
    }
  }
  const [drawn] = blobs(50, { centers: 5, features: 3, clusterStd: 0, centerBox: [2, 3], seed: 1 });
  assertEquals(drawn.shape, [50, 3]);
  assert([...drawn.values].every((v) => v >= 2 && v < 3));
  assertEquals(new Set(drawn.values).size, 15);
  assertThrows(() => blobs(5, { centers: [[0], [1, 2]] }), RangeError, "equally many");
  assertThrows(() => blobs(1.5), RangeError, "whole number");
});

Deno.test("a spiral's arms have radius t and angle 4 (k + t)", () => {
  const [x, y] = spiral(303, { noise: 0, shuffle: false });
  for (let i = 0; i < 303; i++) {
    const t = (i % 101) / 100, angle = 4 * (y.values[i]! + t);
    assertAlmostEquals(x.values[2 * i]!, t * Math.sin(angle), 1e-6);
    assertAlmostEquals(x.values[2 * i + 1]!, t * Math.cos(angle), 1e-6);
  }
});

Deno.test("a seed makes a draw again, another one another", () => {
  for (const draw of [moons, blobs, spiral]) {
    const [a, ya] = draw(40, { seed: 3 });
    const [b, yb] = draw(40, { seed: 3 });
    const [c] = draw(40, { seed: 4 });
    assertEquals([a.toArray(), ya.toArray()], [b.toArray(), yb.toArray()]);
    assertNotEquals(a.toArray(), c.toArray());
    assert(![...ya.values].every((v, i) => i === 0 || v >= ya.values[i - 1]!));
  }
});

Deno.test("draws that make no sense are refused before anything is drawn", () => {
  const bad = (x: unknown): never => x as never;
  for (const draw of [moons, blobs, spiral]) {
    for (const n of [-1, 1.5, NaN, "3", null, {}]) {
      assertThrows(() => draw(bad(n)), RangeError, "points: it must be a whole number");
    }
    assertThrows(() => draw(1e10), RangeError, "points: at most");
    assertThrows(
      () => draw(3, { seed: bad("x") }),
      TypeError,
      'with seed "x": a seed is an integer',
    );
  }
  for (const draw of [moons, spiral]) {
    assertThrows(() => draw(3, { noise: -1 }), RangeError, "with noise -1: it must be");
    assertThrows(() => draw(3, { noise: NaN }), RangeError, "with noise NaN");
    assertThrows(() => draw(3, { noise: bad("x") }), TypeError, 'with noise "x": it must be');
  }
  assertThrows(() => spiral(3, { classes: 1e9 }), RangeError, "classes: at most 65536");
  assertThrows(() => blobs(3, { centers: 1e9 }), RangeError, "centers: at most 65536");
  assertThrows(() => blobs(3, { centers: bad("2") }), RangeError, 'Cannot draw "2" centers');
  assertThrows(() => blobs(3, { centers: [[bad("a"), 1]] }), TypeError, 'about a center with "a"');
  assertThrows(
    () => blobs(3, { clusterStd: [1, 2] }),
    RangeError,
    "clusterStd one number for each",
  );
  assertThrows(() => blobs(3, { clusterStd: -1 }), RangeError, "with clusterStd -1");
  assertThrows(
    () => blobs(3, { centerBox: [0, Infinity] }),
    TypeError,
    "in the centerBox of Infinity",
  );
});
