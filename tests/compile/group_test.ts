/**
 * Groups: which kernels walk rows in step, and that they compute what they do alone.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { grad } from "../../src/transform/mod.ts";
import { softmax } from "../../src/nn/mod.ts";
import { createCpu } from "../../src/device/cpu/mod.ts";
import { compile } from "../../src/compile/mod.ts";
import { Executable } from "../../src/core/mod.ts";
import { assertSame, floats, stepsOf } from "./passes.ts";
import { type Body, programOf } from "./random_programs.ts";

const normed: Body = (x) => {
  const centred = x.sub(x.mean({ axis: -1, keepdims: true }));
  const variance = centred.mul(centred).mean({ axis: -1, keepdims: true });
  return [centred.mul(variance.add(1e-5).rsqrt())];
};
const slope = (f: Body): Body => (x, c) => [grad((y) => f(y)[0]!.mul(c!).sum())(x!)];

Deno.test("a softmax and a layer norm walk their rows in step, and so do their gradients", () => {
  const x = floats(256, 300);
  const kinds = (body: Body, count: number) =>
    stepsOf(body, Array.from({ length: count }, () => x)).map((s) => s.split(" ")[0]);
  assertEquals(kinds((x) => [softmax(x)], 1), ["group"]);
  assertEquals(kinds(normed, 1), ["group"]);
  assertEquals(kinds(slope((x) => [softmax(x)]), 2), ["group"]);
  assertEquals(kinds(slope(normed), 2), ["group"]);
});

Deno.test("leading axes are rows where they lie one behind the other", () => {
  const x = floats(4, 64, 300);
  assertEquals(stepsOf((x) => [softmax(x)], [x]).map((s) => s.split(" ")[0]), ["group"]);
  assertSame((x) => [softmax(x)], [x], ["group"], 1e-6);
});

Deno.test("kernels that need other rows, few bytes, or the memory of a donated argument stay alone", () => {
  const kinds = (body: Body, ...shape: number[]) =>
    stepsOf(body, [floats(...shape)]).map((s) => s.split(" ")[0]);
  const columns: Body = (x) => [x.div(x.sum(0))];
  assertEquals(kinds(columns, 300, 300).includes("group"), false);
  assertEquals(kinds((x) => [softmax(x)], 8, 30).includes("group"), false);
  const x = floats(256, 300);
  const options = { donated: new Map([[0, 0]]) };
  const update: Body = (x) => [x.sub(x.mean({ axis: 1, keepdims: true }))];
  assertEquals(stepsOf(update, [x]).map((s) => s.split(" ")[0]), ["group"]);
  assertEquals(stepsOf(update, [x], options).some((s) => s.startsWith("group")), false);
});

Deno.test("a group computes what its kernels compute alone", () => {
  const [x, c] = [floats(257, 301), floats(301, 257)];
  const twin = { ...c, shape: [257, 301] };
  for (const f of [(x) => [softmax(x)], normed] as Body[]) {
    assertSame(f, [x], ["group"], 2e-6);
    assertSame(slope(f), [x, twin], ["group"], 2e-6);
    assertSame(slope(f), [x, twin], ["group", "inPlace", "fuse", "alias"], 2e-6);
  }
});

Deno.test("a group gives the same bits on any number of threads", () => {
  const x = floats(2048, 301);
  const plan = compile(programOf((x) => [softmax(x)], [x]));
  const run = (threads: number): Float32Array => {
    const device = createCpu({ threads, eager: true, worth: 0 });
    const executable = new Executable(plan, device);
    const bytes = new Uint8Array(x.data.buffer as ArrayBuffer);
    const [out] = executable.run([device.heap.fromBytes(bytes)], "test");
    return new Float32Array(device.heap.read(out!).buffer);
  };
  assertEquals(run(1), run(3));
});
