/**
 * jacfwd, jacrev and hessian beyond their values, which goldens_test.ts holds against JAX.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { hessian, jacfwd, jacrev, jit, vmap } from "../../src/transform/mod.ts";

const f = (x: Tensor) => np.stack([x.at(0).mul(x.at(1)), x.at(2).square()]);
const at = np.array([2, 3, 5]);
const J = [[3, 2, 0], [0, 0, 10]];

Deno.test("both modes give the same matrix, in jit and under vmap too", () => {
  for (const jac of [jacfwd, jacrev]) {
    assertEquals(jac(f)(at).toArray(), J);
    assertEquals(jit(jac(f))(at).toArray(), J);
    assertEquals(vmap(jac(f))(np.stack([at, at.mul(2)])).toArray(), [J, [[6, 4, 0], [0, 0, 20]]]);
  }
});

Deno.test("the function runs once", () => {
  let runs = 0;
  const g = (x: Tensor) => {
    runs++;
    return f(x);
  };
  jacfwd(g)(at);
  jacrev(g)(at);
  assertEquals(runs, 2);
});

Deno.test("scalars, empty arrays and unused inputs have Jacobians", () => {
  for (const jac of [jacfwd, jacrev]) {
    assertEquals(jac((x: Tensor) => x.square())(3).item(), 6);
    assertEquals(jac((x: Tensor) => x.mul(2))(np.zeros([0])).shape, [0, 0]);
    assertEquals(jac((_: Tensor) => np.ones([2]))(np.ones([3])).toArray(), [[0, 0, 0], [0, 0, 0]]);
    const [a, b] = jac((x: Tensor, y: Tensor) => x.mul(y), { argnums: [0, -1] })(2, 3);
    assertEquals([a!.item(), b!.item()], [3, 2]);
    assertEquals(jac((x: Tensor) => x.mul(2))(np.ones([1], "float64")).dtype, "float64");
  }
});

Deno.test("hasAux gives a pair", () => {
  for (const jac of [jacfwd, jacrev]) {
    const [d, aux] = jac((x: Tensor) => [f(x), { n: x.sum() }] as const, { hasAux: true })(at);
    assertEquals([d.toArray(), aux.n.item()], [J, 10]);
  }
  const [h, aux] = hessian((x: Tensor) => [x.prod(), "aux"] as const, { hasAux: true })(at);
  assertEquals([h.toArray(), aux], [[[0, 5, 3], [5, 0, 2], [3, 2, 0]], "aux"]);
});

Deno.test("settings among the other arguments arrive as they are", () => {
  const g = (x: Tensor, o: { by: number; mode: string }) => o.mode === "up" ? x.mul(o.by) : x;
  assertEquals(jacrev(g)(np.array([1]), { by: 3, mode: "up" }).toArray(), [[3]]);
});

Deno.test("integers, on either side, are refused with their path", () => {
  for (const jac of [jacfwd, jacrev, hessian]) {
    assertThrows(
      () => jac((x: Tensor) => x)(np.arange(2)),
      TypeError,
      "args[0] of dtype int32",
    );
  }
  assertThrows(
    () => jacrev((x: Tensor) => ({ a: x, n: x.astype("int32") }))(at),
    TypeError,
    "Cannot take the Jacobian of result.n of dtype int32",
  );
  assertThrows(() => jacfwd(f, { argnum: 0 } as never), TypeError, "argnums, hasAux");
  assertThrows(() => jacfwd(f, { argnums: 1 })(at), RangeError, "argument 1");
});
