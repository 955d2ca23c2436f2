/**
 * What users write type-checks as it stands: compiling this file is most of the test.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { HostArray } from "../../src/base/mod.ts";
import { type Tensor, Variable } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit, stopGradient, valueAndGrad } from "../../src/transform/mod.ts";

/** Compiles only when the value has exactly this type. */
function exactly<T>() {
  return <U>(
    value: U,
    ..._same: (<V>() => V extends T ? 1 : 2) extends (<V>() => V extends U ? 1 : 2) ? []
      : ["not the same type"]
  ): U => value;
}

Deno.test("untyped lambdas take tensors and give tensors", () => {
  exactly<Tensor>()(jit((x) => x.mul(2))(1));
  exactly<Tensor>()(jit((x, y) => x.add(y))(np.ones(2), new HostArray([1, 2])));
  exactly<Tensor>()(grad((x) => x.mul(x))(3));
  exactly<Tensor>()(grad(grad((x) => x.mul(x)))(3));
  exactly<Tensor>()(jit(grad((x) => x.mul(x)))(3));
  const [value, gradient] = valueAndGrad((w) => w.sum())(np.ones(2));
  exactly<Tensor>()(value);
  exactly<Tensor>()(gradient);
});

type State = [Tensor[], Tensor[]];

Deno.test("a typed state passes through jit and valueAndGrad with hasAux", () => {
  function computeLoss(tv: Tensor[], ntv: Tensor[], x: Tensor, y: Tensor): [Tensor, Tensor[]] {
    return [x.mul(tv[0]!).sub(y).square().mean(), ntv.map((t) => t.add(1))];
  }
  const gradFn = valueAndGrad(computeLoss, { hasAux: true });
  const trainStep = jit((state: State, batch: [Tensor, Tensor]): [Tensor, State] => {
    const [tv, ntv] = state;
    const [[loss, updated], grads] = gradFn(tv, ntv, ...batch);
    exactly<Tensor[]>()(updated);
    exactly<Tensor[]>()(grads);
    return [loss, [tv.map((t, i) => t.sub(grads[i]!.mul(0.1))), updated]];
  }, { donate: [0] });

  let state: State = [[np.array(0)], [np.array(0)]];
  const batches: Iterable<[HostArray, HostArray]> = [
    [new HostArray([1, 2]), new HostArray([2, 4])],
    [new HostArray([3, 4]), new HostArray([6, 8])],
  ];
  let loss: Tensor = np.array(0);
  for (const batch of batches) [loss, state] = trainStep(state, batch);
  exactly<Tensor>()(loss);
  assertEquals([state[1][0]!.item(), trainStep.compiles], [2, 1]);
});

Deno.test("records, Variables and numbers type-check where tensors are declared", () => {
  interface Params {
    w: Tensor;
    b: Tensor;
  }
  const loss = (p: Params, x: Tensor): Tensor => x.mul(p.w).add(p.b).sum();
  const g = grad(loss)({ w: new Variable(2), b: 1 }, [1, 2].length);
  exactly<Tensor>()(g.w);
  assertEquals([g.w.item(), g.b.item()], [2, 1]);
  assertEquals(jit(loss)({ w: new Variable(2), b: 1 }, new Float32Array([1])).item(), 3);
  const both = grad(loss, { argnums: 1 })({ w: 3, b: 1 }, 2);
  exactly<Tensor>()(both);
  assertEquals(both.item(), 3);
});

Deno.test("results keep their types: tuples, records, statics", () => {
  const f = jit(
    (x: Tensor, mode: "up" | "down") => ({ y: mode === "up" ? x : x.neg(), all: [x] }),
    {
      staticArgs: 1,
    },
  );
  const out = f(1, "down");
  exactly<Tensor>()(out.y);
  exactly<Tensor[]>()(out.all);
  exactly<number>()(f.compiles);
  const [a, b] = jit((x: Tensor): [Tensor, Tensor] => [x, x])(1);
  exactly<Tensor>()(a);
  exactly<Tensor>()(b);
  exactly<Tensor>()(stopGradient(np.ones(1)));
  // @ts-expect-error: a string is no tensor
  const wrong = () => jit((x: Tensor) => x)("a");
  assertEquals(typeof wrong, "function");
});
