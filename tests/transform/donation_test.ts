/**
 * Donation: the memory of arguments becomes that of results, and nobody is harmed.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { DonatedError, HostArray } from "../../src/base/mod.ts";
import { currentDevice, inside, type Tensor, Variable } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

/** Where the bytes of a tensor lie. */
function addressOf(x: Tensor): number {
  const { heap } = currentDevice();
  const address = heap.pin(inside(x).storage!);
  heap.unpin(inside(x).storage!);
  return address;
}

const values = (list: readonly Tensor[]) => list.map((t) => t.toArray());

Deno.test("a donated state is updated in place, at the same addresses, step after step", () => {
  const step = jit((s: { w: Tensor; m: Tensor[] }, g: Tensor) => {
    const m = s.m.map((t) => t.mul(0.5).add(g));
    return [g.sum(), { w: s.w.sub(m[0]!), m }] as const;
  }, { donate: 0 });
  let state = { w: np.zeros([4]).add(0), m: [np.ones([4]), np.full([4], 2)] };
  const before = [state.w, ...state.m].map(addressOf);
  for (let i = 0; i < 3; i++) [, state] = step(state, np.ones([4]));
  assertEquals([state.w, ...state.m].map(addressOf), before);
  assertEquals(values(state.m), [[1.875, 1.875, 1.875, 1.875], [2, 2, 2, 2]]);
  assertEquals(state.w.toArray(), [-5.125, -5.125, -5.125, -5.125]);
});

Deno.test("reading a donated tensor is an error that names the call", () => {
  const step = jit(function step(x: Tensor) {
    return x.add(1);
  }, { donate: [0] });
  const x = np.ones([3]);
  step(x);
  for (const read of [() => x.data(), () => x.add(1), () => step(x)]) {
    assertThrows(read, DonatedError, "donated to jit(step)");
  }
  assertEquals(Deno.inspect(x), "Tensor(released float32[3], float32[3])");
});

Deno.test("a tensor donated in two places, or also passed beside, is copied first", () => {
  const both = jit((s: Tensor[]) => s.map((t, i) => t.add(i + 1)), { donate: 0 });
  const x = np.zeros([2]);
  assertEquals(values(both([x, x])), [[1, 1], [2, 2]]);
  const beside = jit((s: Tensor, y: Tensor) => [s.add(1), y.add(10)], { donate: 0 });
  const y = np.zeros([2]);
  assertEquals(values(beside(y, y)), [[1, 1], [10, 10]]);
  assertEquals(y.toArray(), [0, 0]);
});

Deno.test("an aliased tensor is copied first", () => {
  const x = np.ones([2]);
  const alias = jit((t: Tensor) => t)(x);
  const y = jit((t: Tensor) => t.add(1), { donate: 0 })(x);
  assertEquals(values([alias, y]), [[1, 1], [2, 2]]);
});

Deno.test("what a Variable or a compiled constant holds is copied first", () => {
  const v = new Variable([1, 2]);
  const add = jit((t: Tensor) => t.add(1), { donate: 0 });
  assertEquals([add(v.value).toArray(), v.value.toArray()], [[2, 3], [1, 2]]);
  const c = np.array([5, 6]);
  const plus = jit((t: Tensor) => t.add(c), { donate: 0 });
  assertEquals(plus(c).toArray(), [10, 12]);
  assertEquals(plus(np.array([1, 1])).toArray(), [6, 7]);
});

Deno.test("outputs that are donated inputs in another order stay right", () => {
  const abc = () => [np.array([1]), np.array([2]), np.array([3])];
  const run = (f: (s: Tensor[]) => Tensor[]) => values(jit(f, { donate: 0 })(abc()));
  assertEquals(run(([a, b, c]) => [b!, a!, c!]), [[2], [1], [3]]);
  assertEquals(run(([a, b, c]) => [b!, c!, a!.add(1)]), [[2], [3], [2]]);
  assertEquals(run(([a]) => [a!, a!, a!.add(1)]), [[1], [1], [2]]);
  assertEquals(run(([a, b, c]) => [b!.add(c!), a!.add(c!), a!.add(b!)]), [[5], [4], [3]]);
  assertEquals(run(([a, b, c]) => [a!.add(1), a!.add(1), b!.add(c!)]), [[2], [2], [5]]);
  assertEquals(run(([a]) => [np.ones([1]), np.ones([1]), a!]), [[1], [1], [1]]);
});

Deno.test("an input that is returned as it is keeps its block under a new handle", () => {
  const f = jit((s: Tensor[]) => [s[0]!, s[1]!.add(1)], { donate: 0 });
  const [a, b] = [np.array([1]), np.array([2])];
  const address = addressOf(a);
  const [x, y] = f([a, b]);
  assertEquals([x!.toArray(), y!.toArray(), addressOf(x!)], [[1], [3], address]);
  assertThrows(() => a.data(), DonatedError);
});

Deno.test("a donated argument that fits no output stays alive", () => {
  const x = np.ones([2]);
  assertEquals(jit((t: Tensor) => t.sum(), { donate: 0 })(x).item(), 2);
  assertEquals(x.toArray(), [1, 1]);
});

Deno.test("a matrix product of a donated factor is right", () => {
  const f = jit((w: Tensor) => w.matmul(w), { donate: 0 });
  assertEquals(f(np.array([[1, 2], [3, 4]])).toArray(), [[7, 10], [15, 22]]);
});

Deno.test("donated numbers, HostArrays and Variables are copies to begin with", () => {
  const f = jit((s: Tensor[]) => s.map((t) => t.add(1)), { donate: 0 });
  const host = new HostArray([1, 2]);
  const v = new Variable([3]);
  assertEquals(values(f([1 as never, host as never, v as never])), [2, [2, 3], [4]]);
  assertEquals([host.toArray(), v.value.toArray()], [[1, 2], [3]]);
});

Deno.test("donation changes no value", () => {
  const body = (s: Tensor[]) => [s[1]!.sub(s[0]!).exp(), s[0]!.mul(s[1]!).sum().add(s[0]!)];
  const make = () => [np.linspace(0, 1, 33), np.linspace(2, 3, 33)];
  assertEquals(values(jit(body, { donate: 0 })(make())), values(jit(body)(make())));
});

Deno.test("donating an argument that the call lacks is an error", () => {
  assertThrows(
    () => jit((x: Tensor) => x, { donate: 1 })(1),
    RangeError,
    "Cannot donate argument 1",
  );
});
