/**
 * Second derivatives: Hessians and products with them, every way round.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, hessian, jacfwd, jacrev, jit, jvp, vjp, vmap } from "../../src/transform/mod.ts";

// f = x0^2 x1 + sin(x2): [[2 x1, 2 x0, 0], [2 x0, 0, 0], [0, 0, -sin x2]]
const f = (x: Tensor) => x.at(0).square().mul(x.at(1)).add(x.at(2).sin());
const at = np.array([3, 5, Math.PI / 2], "float64");
const H = [[10, 6, 0], [6, 0, 0], [0, 0, -1]];
const v = np.array([1, 2, 3], "float64");
const Hv = [22, 6, -3];

const close = (a: Tensor, want: number[] | number[][]) =>
  [...a.data()].forEach((x, i) => assertAlmostEquals(x, want.flat()[i]!, 1e-12));

Deno.test("every composition of modes gives the same Hessian", () => {
  type Derive = (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor;
  const outers: Derive[] = [(f) => jacfwd(f), (f) => jacrev(f)];
  for (const outer of outers) {
    for (const inner of [...outers, grad as Derive]) {
      const h = outer(inner(f));
      close(h(at), H);
      close(jit(h)(at), H);
    }
  }
  close(hessian(f)(at), H);
});

Deno.test("every composition of modes gives the same product with the Hessian", () => {
  const products: ((x: Tensor, v: Tensor) => Tensor)[] = [
    (x, v) => jvp(grad(f), [x], [v])[1],
    (x, v) => grad((x: Tensor) => grad(f)(x).mul(v).sum())(x),
    (x, v) => vjp(grad(f), [x])[1](v)[0]!,
    (x, v) => grad((x: Tensor) => jvp(f, [x], [v])[1])(x),
    (x, v) => jvp((x: Tensor) => vjp(f, [x])[1](1)[0]!, [x], [v])[1],
    (x, v) => hessian(f)(x).matmul(v),
  ];
  for (const p of products) {
    close(p(at, v), Hv);
    close(jit(p)(at, v), Hv);
    close(vmap(p)(np.stack([at, at]), np.stack([v, v])).at(1), Hv);
  }
});

Deno.test("third derivatives", () => {
  const third = jacfwd(jacrev(jacfwd((x: Tensor) => x.pow(3).sum())));
  assertEquals(third(np.array([1, 2])).toArray(), [[[6, 0], [0, 0]], [[0, 0], [0, 6]]]);
});
