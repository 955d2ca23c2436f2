import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/mod.ts";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit } from "../../src/transform/mod.ts";

Deno.test("explain compiles what the next call runs, and runs nothing", () => {
  let traced = 0;
  const f = jit((x: Tensor) => {
    traced++;
    return x.exp().sum();
  });
  const { kernels, notes } = f.explain(np.ones([4]));
  assertEquals([traced, f.compiles], [1, 1]);
  assertEquals(kernels.map((k) => k.name), ["exp+sum [] over [4]"]);
  assertEquals(notes, ["fused %1 (exp) into sum"]);
  f(np.ones([4]));
  f.explain(new HostArray([1, 2, 3, 4]));
  assertEquals([traced, f.compiles], [1, 1]);
  f.explain(np.ones([5]));
  assertEquals(f.compiles, 2);
});

Deno.test("explain shows donation and takes nothing", () => {
  const f = jit((s: Tensor[]) => s.map((t) => t.add(1)), { donate: [0] });
  const state = [np.zeros([3])];
  const { plan, arena } = f.explain(state);
  assertEquals([plan.split("\n").at(-1), arena], ["outputs donated 0", 0]);
  assertEquals(state[0]!.toArray(), [0, 0, 0]);
  assertEquals(f(state)[0]!.toArray(), [1, 1, 1]);
});

Deno.test("static arguments and captured tensors are part of what is explained", () => {
  const w = np.ones([2]);
  const f = jit((x: Tensor, mode: string) => mode === "sum" ? x.mul(w).sum() : x.mul(w), {
    staticArgs: 1,
  });
  assertStringIncludes(f.explain(np.ones([2]), "sum").program, "constants %1:f32[2]");
  assertEquals(f.explain(np.ones([2]), "all").kernels[0]!.name, "mul [2]");
  assertEquals(f.compiles, 2);
});

Deno.test("an explanation prints as its text", () => {
  const text = jit(function norm(x: Tensor) {
    return x.mul(x).sum();
  }).explain(np.ones([3]));
  assertEquals(Deno.inspect(text), String(text));
  assertEquals(String(text).split("\n").slice(0, 2), [
    "jit(norm) of (f32[3])",
    "6 FLOP, 16 B read and written, 0 B of arena",
  ]);
});

Deno.test("a training step is explained with its gradient", () => {
  const loss = (w: Tensor, x: Tensor) => x.matmul(w).tanh().sum();
  const { kernels, flops } = jit((w, x) => w.sub(grad(loss)(w, x))).explain(
    np.ones([4, 2]),
    np.ones([8, 4]),
  );
  const products = kernels.filter((k) => k.name.startsWith("gemm"));
  assertEquals(products.map((k) => k.flops), [2 * 8 * 2 * 4, 2 * 4 * 2 * 8]);
  assert(flops > 256);
});

Deno.test("what a call refuses, explain refuses", () => {
  const f = jit((x: Tensor) => x.exp());
  assertThrows(() => f.explain("one" as never), TypeError, "args[0]");
  assertThrows(
    () => jit((x: Tensor) => (f.explain(x), x))(np.ones(1)),
    TypeError,
    "Cannot explain jit inside another transformed function: explain the outermost",
  );
});

Deno.test("explain without the arguments of a call asks for them", () => {
  const f = jit(function both(x: Tensor, y: Tensor) {
    return x.add(y);
  }) as unknown as { explain(): unknown };
  assertThrows(
    () => f.explain(),
    TypeError,
    "Cannot explain jit(both) without arguments (Cannot read properties of undefined (reading " +
      "'add')): give the 2 arguments of a call",
  );
  const none = jit((x?: Tensor) => x ?? np.ones([2])) as unknown as { explain(): unknown };
  none.explain();
});
