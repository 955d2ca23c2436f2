/**
 * In place: which values take whose memory.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compile } from "../../src/compile/mod.ts";
import { assertSame, floats } from "./passes.ts";
import { type Body, programOf } from "./random_programs.ts";

const scratchOf = (body: Body, passesOff: string[], ...shape: number[]): number =>
  compile(programOf(body, [floats(...shape)]), { passesOff }).scratchBytes;

Deno.test("a chain of kernels works in the memory of its output", () => {
  const chain: Body = (x) => [x.matmul(x).exp().matmul(x).neg()];
  assertEquals(scratchOf(chain, [], 16, 16), 1024);
  assertEquals(scratchOf(chain, ["inPlace"], 16, 16), 2048);
  assertSame(chain, [floats(16, 16)], ["inPlace"], 0);
});

Deno.test("a value that is read later, or at other points, keeps its own memory", () => {
  const flipped: Body = (x) => {
    const h = x.matmul(x);
    return [h.transpose().add(h)];
  };
  assertEquals(scratchOf(flipped, [], 16, 16), 1024);
  const later: Body = (x) => {
    const h = x.matmul(x);
    return [h.exp().matmul(h)];
  };
  assertEquals(scratchOf(later, [], 16, 16), 2048);
  for (const body of [flipped, later]) assertSame(body, [floats(16, 16)], ["inPlace"], 0);
});

Deno.test("inputs and outputs are never written over", () => {
  const body: Body = (x) => {
    const h = x.matmul(x);
    return [h, h.exp(), x.exp()];
  };
  const x = floats(16, 16);
  const before = x.data.slice();
  assertSame(body, [x], ["inPlace"], 0);
  assertEquals(x.data, before);
});
