/**
 * Aliases: which copies go, and which must stay.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { assertSame, floats, stepsOf } from "./passes.ts";
import type { Body } from "./random_programs.ts";

const count = (body: Body, ...shape: number[]): number =>
  stepsOf(body, [floats(...shape)], { passesOff: ["fuse"] }).length;

Deno.test("a reshape between routines and kernels costs no step", () => {
  const body: Body = (x) => [x.matmul(x).reshape([36]).exp()];
  assertEquals(count(body, 6, 6), 2);
  assertSame(body, [floats(6, 6)], ["alias"], 0);
});

Deno.test("a reshape that is an output is where its source is written", () => {
  const body: Body = (x) => [x.exp().reshape([4, 9])];
  assertEquals(count(body, 6, 6), 1);
  assertSame(body, [floats(6, 6)], ["alias"], 0);
});

Deno.test("a reshape of an input, or beside its source, is a copy", () => {
  const body: Body = (x) => {
    const e = x.exp();
    return [x.reshape([36]), e, e.reshape([36])];
  };
  assertEquals(count(body, 6, 6), 3);
  assertSame(body, [floats(6, 6)], ["alias"], 0);
});

Deno.test("a transposition moves data, one of a row does not", () => {
  assertEquals(count((x) => [x.exp().transpose().exp()], 4, 6), 3);
  assertEquals(count((x) => [x.exp().transpose().exp()], 1, 6), 2);
});

Deno.test("a copy that is written to further is not its source", () => {
  const body: Body = (x) => {
    const e = x.exp();
    return [e.set(0, 7), e];
  };
  assertSame(body, [floats(6, 6)], ["alias"], 0);
});
