/**
 * The stages of fusion: what moves into its readers, what ends a reduction, what is joined.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { GoldenArray } from "../../goldens/read.ts";
import { assertSame, floats, stepsOf } from "../passes.ts";
import type { Body } from "../random_programs.ts";

const ALONE = ["group", "inPlace"];
/** Numbers in (0, 1]. */
const positive = (...shape: number[]): GoldenArray => {
  const { data, ...rest } = floats(...shape);
  return { ...rest, data: (data as Float32Array).map((x) => 1 - Math.abs(x) / 2) } as GoldenArray;
};
const steps = (body: Body, ...shape: number[]): string[] =>
  stepsOf(body, [floats(...shape)], { passesOff: ALONE });

Deno.test("what is cheap is computed in both its readers, what is dear is stored by the first", () => {
  const twice = (f: Body): Body => (x) => {
    const [y] = f(x);
    return [y!.sum({ axis: 0 }), y!.sum({ axis: 1 })];
  };
  const cheap = twice((x) => [x.mul(2)]);
  assertEquals(steps(cheap, 40, 30), [
    "kernel mul+sum [30] over [40]",
    "kernel mul+sum [40] over [30]",
  ]);
  const dear = twice((x) => [x.exp().tanh()]);
  assertEquals(steps(dear, 40, 30).length, 3);
  for (const body of [cheap, dear]) assertSame(body, [floats(40, 30)], ["fuse"], 1e-5);
});

Deno.test("a reduction ends with what is done with its results", () => {
  const body: Body = (x) => [x.sum({ axis: 1 }).div(30).sqrt()];
  assertEquals(steps(body, 40, 30).length, 1);
  assertSame(body, [positive(40, 30)], ["fuse"], 1e-6);
});

Deno.test("reductions of one value over the same axes are one kernel", () => {
  const body: Body = (x) => [x.sum({ axis: 1 }), x.max({ axis: 1 })];
  assertEquals(steps(body, 40, 30), ["kernel sum, max [40] over [30]"]);
  const apart: Body = (x) => [x.sum({ axis: 1 }), x.max({ axis: 0 })];
  assertEquals(steps(apart, 40, 30).length, 2);
  // one kernel for both may add in another order
  for (const b of [body, apart]) assertSame(b, [floats(40, 30)], ["fuse"], 1e-6);
});

Deno.test("a value that a routine reads is stored, by the kernel that computes it", () => {
  const body: Body = (x) => {
    const y = x.mul(2).add(1);
    return [y.matmul(y)];
  };
  assertEquals(steps(body, 8, 8).map((s) => s.split(" ")[0]), ["kernel", "call"]);
  assertSame(body, [floats(8, 8)], ["fuse"], 0);
});
