/**
 * vmap: axes, trees, what is mapped and what is not, and every way to call it wrongly.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConcretizationError, HostArray, LeakedTracerError } from "../../src/base/mod.ts";
import { type Tensor, Variable } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as random from "../../src/random/mod.ts";
import { grad, jit, makeProgram, vmap } from "../../src/transform/mod.ts";

const x = np.arange(6, { dtype: "float32" }).reshape([2, 3]);

Deno.test("a function sees one example, and is called once", () => {
  const shapes: string[] = [];
  const f = vmap((a: Tensor, b: Tensor) => {
    shapes.push(`${a.shape}|${b.shape}`);
    return a.mul(b);
  }, { inAxes: [0, 1] });
  assertEquals(f(x, np.array([[1, 10], [2, 20], [3, 30]])).toArray(), [[0, 2, 6], [30, 80, 150]]);
  assertEquals(shapes, ["3|3"]);
});

Deno.test("Variables, HostArrays and typed arrays are mapped, and numbers used whole", () => {
  const f = vmap((a: Tensor, b: Tensor) => a.mul(b), { inAxes: [0, null] });
  for (const a of [new Variable([1, 2]), new HostArray([1, 2]), new Float32Array([1, 2])]) {
    assertEquals(f(a, 3).toArray(), [3, 6]);
  }
  assertEquals(f(np.array([1, 2]), new Variable(5)).toArray(), [5, 10]);
});

Deno.test("settings arrive as they are where they are not mapped", () => {
  const f = vmap(
    (a: Tensor, o: { up: boolean; by: (t: Tensor) => Tensor }) => o.up ? o.by(a) : a,
    { inAxes: [0, null] },
  );
  assertEquals(f(np.array([1, 2]), { up: true, by: (t) => t.neg() }).toArray(), [-1, -2]);
});

Deno.test("results that are the same for all are repeated, or given once", () => {
  const f = (a: Tensor) => ({ each: a, same: np.array([7, 8]), number: 5 as unknown as Tensor });
  const all = vmap(f)(np.array([1, 2]));
  assertEquals(all.same.toArray(), [[7, 8], [7, 8]]);
  assertEquals(all.number.toArray(), [5, 5]);
  const once = vmap(f, { outAxes: { each: 0, same: null, number: null } })(np.array([1, 2]));
  assertEquals([once.each.toArray(), once.same.toArray(), once.number.item()], [[1, 2], [7, 8], 5]);
});

Deno.test("no example, and one", () => {
  const f = vmap((a: Tensor) => a.mul(2).sum());
  assertEquals(f(np.zeros([0, 3])).shape, [0]);
  assertEquals(f(np.ones([1, 3])).toArray(), [6]);
});

Deno.test("examples keep their dtype, and weak numbers stay weak", () => {
  assertEquals(vmap((a: Tensor) => a.add(1))(np.arange(3)).dtype, "int32");
  assertEquals(vmap((a: Tensor) => a.mul(0.5))(np.ones(3, "float64")).dtype, "float64");
  assertEquals(vmap((a: Tensor) => a.gt(1))(np.arange(3)).dtype, "bool");
});

Deno.test("what differs from example to example has no value yet", () => {
  const e = assertThrows(
    () =>
      vmap(function pick(a: Tensor) {
        return a.item() > 0 ? a : a.neg();
      })(np.array([1, 2])),
    ConcretizationError,
  );
  assert(e.message.includes("vmap(pick)"), e.message);
  // what is the same for all does
  assertEquals(
    vmap((a: Tensor, b: Tensor) => b.item() > 0 ? a : a.neg(), { inAxes: [0, null] })(
      np.array([1, 2]),
      -1,
    ).toArray(),
    [-1, -2],
  );
});

Deno.test("an example that escapes is named", () => {
  const kept: Tensor[] = [];
  vmap(function leaky(a: Tensor) {
    kept.push(a);
    return a;
  })(np.array([1, 2]));
  const e = assertThrows(() => kept[0]!.add(1), LeakedTracerError);
  assert(e.message.includes("vmap(leaky)"), e.message);
  assertThrows(() => kept[0]!.item(), LeakedTracerError);
});

Deno.test("a batch stays in one program, and small products become one large one", () => {
  const w = np.ones([4, 3]);
  const program = makeProgram(vmap((a: Tensor) => w.matmul(a)))(np.ones([5, 3]));
  assertEquals(program.ops.filter((op) => op === "dot").length, 1);
  assertEquals(program.outputs[0]!.shape, [5, 4]);
  assert(!program.toString().includes("f32[5,4,3]"), "the matrix was repeated");
  const f = jit(vmap((a: Tensor) => w.matmul(a)));
  assertEquals(f(np.ones([5, 3])).toArray(), Array(5).fill([3, 3, 3, 3]));
  f(np.zeros([5, 3]));
  assertEquals(f.compiles, 1);
});

Deno.test("each example has a key of its own, and dropout masks differ", () => {
  const keys = random.split(random.key(3), 4);
  const masks = vmap((k: Tensor) => random.bernoulli(k, { p: 0.5, shape: [32] }))(keys);
  const rows = [...masks].map((m) => m.toArray());
  assertEquals(rows, [...keys].map((k) => random.bernoulli(k, { p: 0.5, shape: [32] }).toArray()));
  assert(new Set(rows.map((r) => JSON.stringify(r))).size === 4);
});

Deno.test("assigning to a variable in a batch is refused", () => {
  const v = new Variable(0);
  const e = assertThrows(() => vmap((a: Tensor) => v.assign(a))(np.array([1, 2])), TypeError);
  assert(e.message.includes("Cannot assign"), e.message);
});

// ---- bad input

const says = (run: () => unknown, kind: new (m: string) => Error, message: string) =>
  assertEquals(assertThrows(run, kind).message, message);

Deno.test("sizes that differ are told with both leaves", () => {
  const f = vmap(function f(p: { a: Tensor; b: Tensor[] }, c: Tensor) {
    return p.a.add(c);
  }, { inAxes: [0, 1] });
  says(
    () => f({ a: np.ones([3, 2]), b: [np.ones([3])] }, np.ones([3, 4])),
    RangeError,
    "Cannot call vmap(f): all mapped axes must have one size, but args[0].a of shape [3,2] has 3 " +
      "along axis 0 and args[1] of shape [3,4] has 4 along axis 1",
  );
});

Deno.test("an axis that is not there is told with its leaf", () => {
  says(
    () => vmap((a: Tensor, b: Tensor) => a.add(b))(np.ones([2]), 3),
    RangeError,
    "Cannot map args[1] of shape [] along axis 0: a scalar has no axis; give null in inAxes where " +
      "it is the same for all",
  );
  says(
    () => vmap((a: Tensor) => a, { inAxes: -3 })(np.ones([2, 2])),
    RangeError,
    "Cannot map args[0] of shape [2,2] along axis -3: it must be in -2..1; give null in inAxes " +
      "where it is the same for all",
  );
  says(
    () => vmap((a: Tensor) => [a], { outAxes: 2 })(np.ones([2, 2])),
    RangeError,
    "Cannot return result[0] of shape [2,2] along axis 2: it must be in -2..1",
  );
});

Deno.test("axes that do not follow the tree are told", () => {
  const f = (p: { a: Tensor }, b: Tensor) => p.a.add(b);
  const wrong = (inAxes: unknown) => () =>
    vmap(f, { inAxes } as never)({ a: np.ones(2) }, np.ones(2));
  says(
    wrong([{ b: 0 }, 0]),
    TypeError,
    "Cannot vmap with inAxes [{b},0]: it must follow the tree that it is for, but [0] is an object " +
      'with keys ["b"] in one and an object with keys ["a"] in the other',
  );
  assertThrows(wrong([0]), RangeError, "with 2 arguments: inAxes has 1 entries");
  assertThrows(wrong(0.5), TypeError, "an axis is an integer, or null");
  assertThrows(wrong(["0", 0]), TypeError, 'Cannot vmap with "0" in inAxes');
  assertThrows(wrong(null), RangeError, "no argument is mapped");
  assertThrows(() => vmap(f, { in_axes: 0 } as never), TypeError, "inAxes, outAxes");
  assertThrows(() => vmap(3 as never), TypeError, "give a function");
});

Deno.test("null in outAxes is for what is the same for all", () => {
  says(
    () => vmap((a: Tensor) => ({ y: a.mul(2) }), { outAxes: null })(np.ones([2])),
    TypeError,
    "Cannot return result.y of shape [] from vmap with null in outAxes: it differs from example to " +
      "example; give an axis",
  );
});

Deno.test("leaves that are no arrays, and promises, are told", () => {
  assertThrows(
    () => vmap((p: { mode: string }) => p as never)({ mode: "fast" }),
    TypeError,
    'args[0].mode is "fast"',
  );
  assertThrows(() => vmap((a: Tensor) => Promise.resolve(a) as never)(x), TypeError, "async");
  assertThrows(() => vmap(() => "no" as never)(x), TypeError, 'result is "no"');
});

Deno.test("errors inside speak of one example", () => {
  const e = assertThrows(() => vmap((a: Tensor) => a.matmul(np.ones([4, 2])))(x), RangeError);
  assert(e.message.startsWith("Cannot matmul [3] with [4,2]"), e.message);
});

Deno.test("a failure leaves everything usable", () => {
  const f = vmap((a: Tensor) => {
    if (a.shape.length === 1) throw new Error("mine");
    return a;
  });
  assertThrows(() => f(x), Error, "mine");
  assertEquals(np.array([1]).add(1).toArray(), [2]);
  assertEquals(f(np.array([1, 2])).toArray(), [1, 2]);
  assertEquals(grad((a: Tensor) => vmap((b: Tensor) => b.square())(a).sum())(x).shape, [2, 3]);
});

Deno.test("axes without a name, lists and settings are told what to write", () => {
  const f = (x: Tensor) => x.mul(2);
  assertThrows(
    () => vmap(f, [0, null] as never),
    TypeError,
    "Cannot vmap with [0,null] as options: name the axes, as { inAxes: [0, null] }",
  );
  assertThrows(() => vmap(f, 1 as never), TypeError, "name the axes, as { inAxes: 1 }");
  const list = "a list is a tree of its entries: for an array write np.array([...])";
  assertThrows(() => vmap(f)([1, 2, 3] as never), RangeError, list);
  const alone = assertThrows(() => vmap(f)(1 as never), RangeError);
  assertEquals(alone.message.includes(list), false);
  const setting = vmap((x: Tensor, _on: unknown) => x) as (...args: unknown[]) => unknown;
  assertThrows(() => setting(np.ones([2]), true), TypeError, "settings have null in inAxes");
});
