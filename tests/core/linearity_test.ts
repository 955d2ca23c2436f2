/** Forward rules of users that are not linear have no transpose, and are told so. @module */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { customJvp, grad, jit, jvp, np, type Tensor, vmap } from "../../mod.ts";

const x = np.array([0.5, 2]);
const ones = np.ones([2]);

/** The gradient of the sum of sines, whose tangents `tangent` makes of x and its tangent. */
const slope = (tangent: (x: Tensor, dx: Tensor) => Tensor) =>
  grad((x: Tensor) =>
    np.sum(
      customJvp(
        function wave(x: Tensor) {
          return np.sin(x);
        },
        ([x], [dx]) => [np.sin(x!), tangent(x!, dx!)],
      )(x),
    )
  );

const NOT_LINEAR: [RegExp, (x: Tensor, dx: Tensor) => Tensor][] = [
  [/it does not depend on them, and is not zero/, (x) => np.cos(x)],
  [/it does not depend on them, and is not zero/, () => ones],
  [/it does not depend on them, and is not zero/, (x) => np.onesLike(x)],
  [/it adds a constant to them/, (x, dx) => np.cos(x).mul(dx).add(1)],
  [/it adds a constant to them/, (x, dx) => np.subtract(np.onesLike(x), dx)],
  [/it puts a constant in their place/, (x, dx) => np.where(x.gt(1), dx, 1)],
  [/it multiplies them by one another/, (_, dx) => dx.mul(dx)],
  [/it multiplies them by one another/, (x, dx) => np.dot(dx, dx).mul(x)],
  [/it divides by them/, (x, dx) => np.divide(x, dx)],
  [/it computes sin of them/, (_, dx) => np.sin(dx)],
  [/it computes abs of them/, (x, dx) => np.cos(x).mul(np.abs(dx)).add(dx)],
  [/it computes maximum of them/, (_, dx) => np.clip(dx, -1, 1)],
  [/it computes max of them/, (_, dx) => dx.mul(2).sub(np.max(dx))],
  [/it computes gt of them/, (_, dx) => np.where(dx.gt(0), dx, dx.mul(2))],
  [/it computes exp of them/, (_, dx) => np.exp(np.flip(np.reshape(dx, [2, 1]))).reshape([2])],
  [/it computes sort of them/, (_, dx) => np.sort(dx)],
];

Deno.test("a rule that is not linear in its tangents is told what it does, eager and jitted", () => {
  for (const [why, tangent] of NOT_LINEAR) {
    for (const f of [slope(tangent), jit(slope(tangent))]) {
      const { message } = assertThrows(() => f(x), TypeError);
      const told = why.test(message);
      assertEquals(told, true, `${tangent}: ${message}`);
      const start =
        "Cannot differentiate customJvp(wave) in reverse mode: the tangent that its rule";
      assertEquals(message.startsWith(start), true, message);
    }
  }
});

const LINEAR: [(x: number) => number, (x: Tensor, dx: Tensor) => Tensor][] = [
  [Math.cos, (x, dx) => np.cos(x).mul(dx)],
  [(x) => 2 / x + 1, (x, dx) => dx.div(x).mul(2).add(dx)],
  [() => -1, (x, dx) => np.subtract(np.zerosLike(x), dx)],
  [(x) => x > 1 ? 3 : 0, (x, dx) => np.where(x.gt(1), dx.mul(3), 0)],
  [() => 0, (_, dx) => dx.mul(0)],
  [() => 0, (x) => np.zerosLike(x)],
  [() => 0, () => np.zeros([2])],
  [() => 0, (x) => x.mul(0)],
  [() => 1, (_, dx) => np.where(np.isnan(dx), 0, dx)],
  [(x) => x < 1 ? 2 : 1, (_, dx) => np.cumsum(dx)],
  [() => 1, (_, dx) => np.flip(np.concatenate([dx.slice([0, 1]), dx.slice([1, 2])]))],
  [() => 1, (_, dx) => np.broadcastTo(np.mean(dx), [2])],
  [() => 1, (_, dx) => np.matmul(np.eye(2), dx)],
  [() => 1, (_, dx) => jit((t: Tensor) => t)(dx)],
];

Deno.test("rules that are linear are left alone, eager, jitted and in batches", () => {
  for (const [want, tangent] of LINEAR) {
    const f = slope(tangent);
    const batched = vmap(f)(np.stack([x, x]));
    for (const got of [f(x), jit(f)(x), batched.at(0), batched.at(1)]) {
      [0.5, 2].forEach((at, i) => {
        assertAlmostEquals(got.at(i).item(), want(at), 1e-6, `${tangent}`);
      });
    }
  }
});

Deno.test("forward mode and second derivatives of linear rules work as before", () => {
  const cube = customJvp(
    (x: Tensor) => x.mul(x).mul(x),
    ([x], [dx]) => [x!.mul(x!).mul(x!), x!.mul(x!).mul(3).mul(dx!)],
  );
  assertEquals(jvp(cube, [2], [1])[1].item(), 12);
  assertEquals(grad(grad(cube))(2).item(), 12);
  assertEquals(jvp(grad(cube), [2], [1])[1].item(), 12);
  assertEquals(grad((x: Tensor) => jvp(cube, [x], [1])[1])(2).item(), 12);
});

Deno.test("several outputs are looked at each, integers not", () => {
  const f = customJvp(
    (x: Tensor): [Tensor, Tensor] => [x.mul(2), np.floor(x).astype("int32")],
    ([x], [dx]) => [[x!.mul(2), np.floor(x!).astype("int32")], [dx!.mul(2), np.ones([])]],
  );
  assertEquals(grad((x: Tensor) => f(x)[0]!)(3).item(), 2);
});
