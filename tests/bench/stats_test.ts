import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  disagreements,
  fastestOf,
  geometricMean,
  judge,
  median,
  repetitions,
} from "../../bench/peers/stats.ts";

Deno.test("the median is the middle, or the mean of the two in the middle", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assert(Number.isNaN(median([])));
});

Deno.test("the geometric mean multiplies", () => {
  assertAlmostEquals(geometricMean([1, 4, 16]), 4);
  assert(Number.isNaN(geometricMean([])));
});

Deno.test("a sample has at least one repetition and lasts as long as wanted", () => {
  assertEquals(repetitions(0.001, 0.05), 50);
  assertEquals(repetitions(3, 0.05), 1);
});

Deno.test("results that agree within the tolerance are no disagreement", () => {
  const checks = new Map([["a", [1, 2]], ["b", [1.00001, 2]], ["c", [1, 2.00001]]]);
  assertEquals(disagreements(checks, 1e-4).size, 0);
});

Deno.test("the one that differs from the others is named, not the others", () => {
  const checks = new Map([["a", [1, 2]], ["b", [1, 2]], ["c", [1, 2.1]]]);
  const wrong = disagreements(checks, 1e-3);
  assertEquals([...wrong.keys()], ["c"]);
  assertEquals(wrong.get("c"), "result 1 is 2.1, not 2");
});

Deno.test("NaN and a result of another length disagree", () => {
  const checks = new Map([["a", [1, 2]], ["b", [1, 2]], ["c", [1, NaN]], ["d", [1]]]);
  assertEquals([...disagreements(checks, 1e-3).keys()].sort(), ["c", "d"]);
});

Deno.test("who has nothing to compare, agrees", () => {
  assertEquals(disagreements(new Map([["a", []], ["b", [1]]]), 1e-3).size, 0);
});

const times = new Map([["glissade", 2], ["jax", 3], ["torch", 2.5], ["openblas", 1.9]]);
const peers = ["jax", "torch"];

Deno.test("a target against a named column is the ratio of the times", () => {
  const judged = judge({ against: "jax", atLeast: 1.5 }, times, peers);
  assertEquals([judged.ratio, judged.isMet], [1.5, true]);
  assertEquals(judge({ against: "jax", atLeast: 1.6 }, times, peers).isMet, false);
});

Deno.test("the fastest peer is found, and what is no peer does not count", () => {
  assertEquals(judge({ against: "fastest", atLeast: 1 }, times, peers).against, "torch");
  assertEquals(fastestOf(times, ["nobody"]), null);
});

Deno.test("grace is added to the time that is allowed", () => {
  assertEquals(judge({ against: "openblas", atLeast: 1 }, times, peers).isMet, false);
  assertEquals(judge({ against: "openblas", atLeast: 1, grace: 0.2 }, times, peers).isMet, true);
});

Deno.test("a target can judge another lane; what was not measured is not judged", () => {
  const of = "glissade-builtin";
  const both = new Map([...times, [of, 3.8]]);
  assertAlmostEquals(judge({ of, against: "openblas", atLeast: 0.4 }, both, peers).ratio!, 0.5);
  const { ratio, isMet } = judge({ of, against: "openblas", atLeast: 0.4 }, times, peers);
  assertEquals([ratio, isMet], [null, null]);
});
