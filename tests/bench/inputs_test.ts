import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  cnnParameters,
  digest,
  labels,
  loopData,
  mlpParameters,
  oneHot,
  permutation,
  shuffledBatches,
  uniform,
} from "../../bench/peers/contestants/inputs.ts";

// The expected numbers were made by bench/peers/contestants/inputs.py.

Deno.test("both languages draw the same numbers, bit for bit", () => {
  const first = [-0.05675947666168213, 0.9447352886199951, -0.05637562274932861];
  assertEquals([...uniform(7, 3)], first);
  const scaled = [-0.2506473660469055, -0.15839366614818573, -0.15406973659992218];
  assertEquals([...uniform(1003, 3, 0.3)], scaled);
  assertEquals([...labels(2005, 12, 10)], [6, 5, 1, 0, 0, 3, 9, 2, 9, 3, 3, 2]);
});

Deno.test("weights of a convolution have the same scale in both languages", () => {
  const made = [0.025518229231238365, -0.04671282693743706, -0.0253997053951025];
  const { values, shape } = cnnParameters()[2]!;
  assertEquals([...values.slice(0, 3)], made);
  assertEquals(shape, [3, 3, 32, 64]);
});

Deno.test("a digest tells the same numbers in both languages", () => {
  const [mean, ...some] = digest(uniform(3, 1000));
  assertAlmostEquals(mean!, 0.5117857348918915, 1e-12);
  const made = [-0.7884372472763062, 0.6454092264175415, -0.03074324131011963, -0.7511932849884033];
  assertEquals(some, made);
});

Deno.test("a dense net has weights and biases in turn", () => {
  const shapes = mlpParameters({ features: 5, hidden: [4, 3], classes: 2 }).map((p) => p.shape);
  assertEquals(shapes, [[5, 4], [4], [4, 3], [3], [3, 2], [2]]);
  assertEquals([...oneHot(Int32Array.of(2, 0), 3)], [0, 0, 1, 1, 0, 0]);
});

Deno.test("an epoch by hand has every row once, with its label", () => {
  const rows = loopData({ rows: 70, features: 3, classes: 10 });
  const batches = [...shuffledBatches(rows, 32)];
  assertEquals(batches.map(({ x }) => x.shape[0]), [32, 32, 6]);
  const key = (x: Float32Array, y: Float32Array, i: number): string =>
    `${x.slice(3 * i, 3 * i + 3)} ${y.slice(10 * i, 10 * i + 10)}`;
  const seen = batches.flatMap(({ x, y }) =>
    Array.from({ length: x.shape[0]! }, (_, i) => key(x.values, y.values, i))
  );
  const all = Array.from({ length: 70 }, (_, i) => key(rows.x.values, rows.y.values, i));
  assertEquals(seen.sort(), all.sort());
  assertEquals([...permutation(50)].sort((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i));
});
