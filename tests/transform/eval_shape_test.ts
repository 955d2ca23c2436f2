/**
 * evalShape and makeProgram: what would come out, and what would be done.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConcretizationError, LeakedTracerError } from "../../src/base/mod.ts";
import type { Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as random from "../../src/random/mod.ts";
import {
  evalShape,
  grad,
  jit,
  makeProgram,
  ShapeDtypeStruct,
  valueAndGrad,
  vmap,
} from "../../src/transform/mod.ts";

const huge = new ShapeDtypeStruct([100_000, 100_000]);

Deno.test("shapes of trees come out without anything being computed", () => {
  const f = (p: { w: Tensor; b: Tensor }, x: Tensor) => ({
    y: x.matmul(p.w).add(p.b),
    n: [x.argmax(1)],
    none: null,
  });
  const out = evalShape(f, { w: huge, b: np.zeros(100_000) }, huge);
  assertEquals(`${out.y} ${out.n[0]} ${out.none}`, "float32[100000,100000] int32[100000] null");
});

Deno.test("transformations inside, captured tensors and nesting in others", () => {
  const w = np.ones([3]);
  const [value, g] = evalShape(
    (x: Tensor) => valueAndGrad((x: Tensor) => x.mul(w).sum())(x),
    new ShapeDtypeStruct([7, 3], "float64"),
  );
  assertEquals(`${value} ${g}`, "float64[] float64[7,3]");
  const inner = (x: Tensor) => x.sum().mul(evalShape((y: Tensor) => y.mul(x), x).shape.length);
  assertEquals(grad(inner)(np.ones([2, 2])).toArray(), [[2, 2], [2, 2]]);
  assertEquals(jit(inner)(np.ones([2, 2])).item(), 8);
  assertEquals(vmap(inner)(np.ones([2, 2])).toArray(), [2, 2]);
  assertEquals(`${evalShape((k: Tensor) => random.normal(k, [5]), random.key(0))}`, "float32[5]");
});

Deno.test("the function's own errors come, reading values is one, and nothing leaks", () => {
  const x = new ShapeDtypeStruct([2, 3]);
  assertThrows(() => evalShape((x: Tensor) => x.matmul(x), x), RangeError, "Cannot matmul [2,3]");
  const e = assertThrows(
    () =>
      evalShape(function read(x: Tensor) {
        return np.array(x.sum().item());
      }, x),
    ConcretizationError,
  );
  assert(e.message.includes("evalShape(read)"), e.message);
  let kept: Tensor | undefined;
  evalShape((x: Tensor) => kept = x, x);
  assertThrows(() => kept!.add(1), LeakedTracerError, "evalShape");
  assertThrows(() => evalShape((x: Tensor) => x, "no" as never), TypeError, 'args[0] is "no"');
  assertThrows(() => evalShape((_: Tensor) => "no" as never, x), TypeError, 'result is "no"');
  assertThrows(() => evalShape((x: Tensor) => Promise.resolve(x), x), TypeError, "async");
  assertThrows(() => evalShape(3 as never), TypeError, "give a function");
  assertThrows(() => new ShapeDtypeStruct([-1]), RangeError);
  assertThrows(() => new ShapeDtypeStruct([1], "half" as never), TypeError, "known dtypes");
});

Deno.test("a program lists operations as they come, with what was captured", () => {
  const w = np.ones([3]);
  const program = makeProgram((x: Tensor) => [x.mul(w), x.mul(w)])(np.ones([2, 3]));
  assertEquals(program.ops, ["mul", "mul"]);
  assertEquals(program.inputs.map((a) => a.key), ["f32[2,3]"]);
  assertEquals(program.constants.map((a) => a.key), ["f32[3]"]);
  assertEquals(program.outputs.map((a) => a.key), ["f32[2,3]", "f32[2,3]"]);
  assertEquals(
    `${program}`,
    "inputs %0:f32[2,3]\nconstants %1:f32[3]\n%2:f32[2,3] = mul %0 %1\n" +
      "%3:f32[2,3] = mul %0 %1\noutputs %2 %3",
  );
  assertEquals(Deno.inspect(program), `${program}`);
});

Deno.test("derivatives and batches are operations like others", () => {
  const f = makeProgram(vmap(grad((x: Tensor) => x.mul(x).sum())));
  assert(f(np.ones([4, 3])).ops.includes("mul"));
  assertThrows(() => makeProgram((x: Tensor) => x)("no" as never), TypeError, 'args[0] is "no"');
  assertThrows(() => makeProgram((x: Tensor) => x.item() as never)(1), ConcretizationError);
});
