/**
 * linearize: one run, many directions.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  jit,
  jvp,
  linearize,
  vmap,
} from "../../src/transform/mod.ts";

const f = (x: Tensor, y: Tensor) => ({ p: x.mul(y).mul(x), m: np.sort(x).max() });
const at = [np.array([1, 3]), np.array([5, 7])] as const;

Deno.test("many directions cost one run, and agree with jvp", () => {
  let runs = 0;
  const [value, push] = linearize((x: Tensor, y: Tensor) => {
    runs++;
    return f(x, y);
  }, [...at]);
  assertEquals(value.p.toArray(), [5, 63]);
  for (const [a, b] of [[[1, 0], [0, 0]], [[0, 2], [1, 1]]] as const) {
    const got = push(np.array([...a]), np.array([...b]));
    const want = jvp(f, [...at], [np.array([...a]), np.array([...b])])[1];
    assertEquals([got.p.toArray(), got.m.item()], [want.p.toArray(), want.m.item()]);
  }
  assertEquals(runs, 1);
});

Deno.test("it may be pushed under vmap, jit and grad", () => {
  const [, push] = linearize((x: Tensor) => x.mul(x).sum(), [np.array([1, 3])]);
  assertEquals(vmap(push)(np.array([[1, 0], [0, 1]])).toArray(), [2, 6]);
  assertEquals(jit(push)(np.array([1, 1])).item(), 8);
  assertEquals(grad(push)(np.array([0, 0])).toArray(), [2, 6]);
});

Deno.test("it goes through rules of users and through checkpoints", () => {
  const twice = customJvp((x: Tensor) => x.mul(2), ([x], [dx]) => [x!.mul(2), dx!.mul(20)]);
  const part = checkpoint((x: Tensor) => x.square());
  const [y, push] = linearize((x: Tensor) => part(twice(x)), [3]);
  assertEquals([y.item(), push(1).item()], [36, 240]);
  const backwards = customVjp((x: Tensor) => x, (x: Tensor) => [x, null], (_, g: Tensor) => [g]);
  const [, refused] = linearize((x: Tensor) => backwards(x), [3]);
  assertThrows(() => refused(1), TypeError, "reverse mode only");
});

Deno.test("hasAux, and tangents that do not fit", () => {
  const [y, push, aux] = linearize((x: Tensor) => [x, "aux"] as const, [np.ones(2)], {
    hasAux: true,
  });
  assertEquals([y.shape, aux], [[2], "aux"]);
  assertThrows(() => push(np.ones(3)), TypeError, "tangents[0], float32[3]");
});
