/**
 * Observers of calls: told of each step while they watch, and of nothing else.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { currentDevice, observe } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const f = jit(function twoSteps(x) {
  return x.matmul(x).sum();
});
const x = np.ones([4, 4]);

Deno.test("an observer hears the steps of each call in order, until it stops", () => {
  const heard: string[] = [];
  f(x);
  const stop = observe({
    before: ({ label }, k) => heard.push(`${label} ${k}`),
    after: (_call, k, start, end) => heard.push(`${k} ${end >= start}`),
    end: ({ plan }, start, end) => heard.push(`end of ${plan.steps.length} ${end >= start}`),
  });
  f(x);
  stop();
  f(x);
  const step = (k: number) => [`jit(twoSteps) ${k}`, `${k} true`];
  assertEquals(heard, [...step(0), ...step(1), "end of 2 true"]);
});

Deno.test("several observers watch at once, eager operations too; stopping twice is nothing", () => {
  const [a, b]: [string[], string[]] = [[], []];
  const stopA = observe({ end: ({ label }) => a.push(label) });
  const stopB = observe({ end: ({ label }) => b.push(label) });
  x.sum();
  stopA();
  stopA();
  x.exp();
  stopB();
  assertEquals([a, b], [["sum"], ["sum", "exp"]]);
});

Deno.test("what an observer throws ends the call, and nothing stays pinned", () => {
  const { pinned } = currentDevice().heap.stats();
  const stop = observe({
    after() {
      throw new Error("Seen enough");
    },
  });
  try {
    assertThrows(() => f(x), Error, "Seen enough");
  } finally {
    stop();
  }
  assertEquals(currentDevice().heap.stats().pinned, pinned);
  assertEquals(f(x).item(), 64);
});

Deno.test("a watched call gives the same numbers", () => {
  const y = np.linspace(0, 3, 16).reshape([4, 4]);
  const alone = f(y).item();
  const stop = observe({});
  const watched = f(y).item();
  stop();
  assert(watched === alone);
});
