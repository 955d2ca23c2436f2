/**
 * jvp: tangents of trees, and every way to call it wrongly.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit, jvp, stopGradient, vmap } from "../../src/transform/mod.ts";

Deno.test("tangents follow the trees of arguments and of the value", () => {
  const f = (p: { a: Tensor; b: Tensor[] }) => ({ s: p.a.mul(p.b[0]!), t: [p.a.sum()] });
  const [y, dy] = jvp(f, [{ a: np.array([1, 2]), b: [np.array(3)] }], [{
    a: np.array([10, 20]),
    b: [np.array(100)],
  }]);
  assertEquals([y.s.toArray(), y.t[0]!.item()], [[3, 6], 3]);
  assertEquals([dy.s.toArray(), dy.t[0]!.item()], [[130, 260], 30]);
});

Deno.test("numbers serve as primals and tangents; those of float64 stay float64", () => {
  const [y, dy] = jvp((x) => x.sin(), [np.array(0.5, "float64")], [2]);
  assertEquals(dy.dtype, "float64");
  assertAlmostEquals(y.item(), Math.sin(0.5), 1e-15);
  assertAlmostEquals(dy.item(), 2 * Math.cos(0.5), 1e-15);
});

Deno.test("what does not depend on the arguments, and integers, have zeros as tangents", () => {
  const [, dy] = jvp(
    (x: Tensor) => [np.ones([2]), x.astype("int32"), stopGradient(x).mul(3), x],
    [1.5],
    [1],
  );
  assertEquals(dy.map((t) => t.toArray()), [[0, 0], 0, 0, 1]);
  assertEquals(dy.map((t) => t.dtype), ["float32", "int32", "float32", "float32"]);
});

Deno.test("it runs the function once and compiles once", () => {
  let runs = 0;
  const f = jit((x: Tensor, t: Tensor) =>
    jvp(
      (x) => {
        runs++;
        return x.exp();
      },
      [x],
      [t],
    )
  );
  const [y, dy] = f(0, 3);
  f(1, 4);
  assertEquals([y.item(), dy.item(), runs, f.compiles], [1, 3, 1, 1]);
});

Deno.test("hasAux passes on whatever is returned beside the value", () => {
  const [y, dy, aux] = jvp((x: Tensor) => [x.square(), ["kept"]] as const, [3], [1], {
    hasAux: true,
  });
  assertEquals([y.item(), dy.item(), aux], [9, 6, ["kept"]]);
});

Deno.test("it nests with itself, grad and vmap", () => {
  const cube = (x: Tensor) => x.mul(x).mul(x);
  const d = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(f, [x], [1])[1];
  assertEquals(d(d(d(cube)))(np.array(2)).item(), 6);
  assertEquals(grad(d(cube))(2).item(), 12);
  assertEquals(d(grad(cube))(np.array(2)).item(), 12);
  assertEquals(vmap(d(d(cube)))(np.array([1, 2])).toArray(), [6, 12]);
  const along = vmap((t: Tensor) => jvp((x) => cube(x).sum(), [np.array([1, 2])], [t])[1]);
  assertEquals(along(np.array([[1, 0], [0, 1], [1, 1]])).toArray(), [3, 12, 15]);
});

Deno.test("primals and tangents that do not fit are told with their path", () => {
  const f = (x: Tensor) => x;
  const e = assertThrows(() => jvp(f, [np.ones([2])], [np.ones([3])]), TypeError);
  assertEquals(
    e.message,
    "Cannot take tangents[0], float32[3]: it must be float32[2], as the primal is",
  );
  assertThrows(() => jvp(f, [np.ones([2])], []), TypeError, "of another structure than the primal");
  assertThrows(
    () => jvp(f, [np.arange(2)], [np.arange(2)]),
    TypeError,
    "primals[0] of dtype int32",
  );
  assertThrows(() => jvp(f, [1], 1 as never), TypeError, "structure");
  assertThrows(() => jvp(f, 1 as never, [1]), TypeError, "as a list");
  assertThrows(() => jvp((x: Tensor) => Promise.resolve(x) as never, [1], [1]), TypeError, "async");
});
