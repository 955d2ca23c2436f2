/**
 * Variables: named places for tensors, and the scopes that stand in for them.
 *
 * @module
 */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { DonatedError } from "../../src/base/errors.ts";
import type { Tensor } from "../../src/core/mod.ts";
import { StatelessScope, Variable, withNameScope } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad, jit } from "../../src/transform/mod.ts";

Deno.test("assign replaces the value and keeps the dtype", () => {
  const v = new Variable([1, 2]);
  const held = v.assign(np.array([3, 4], "int32"));
  assertEquals([held.dtype, v.dtype, v.shape], ["float32", "float32", [2]]);
  assertEquals(v.value.toArray(), [3, 4]);
  v.assignAdd(1);
  v.assignSub([0, 2]);
  assertEquals(v.value.toArray(), [4, 3]);
});

Deno.test("a value of another shape is refused, naming the variable and both shapes", () => {
  const v = new Variable([1, 2], { name: "w" });
  const e = assertThrows(() => v.assign([1, 2, 3]), RangeError);
  assertEquals(
    e.message,
    'Cannot assign a value of shape [3] to the variable "w" of shape [2]: shapes must be equal',
  );
  assertEquals(v.value.toArray(), [1, 2]);
});

Deno.test("the path is the name after the names of the scopes", () => {
  const v = withNameScope(
    "model",
    () => withNameScope("dense", () => new Variable(0, { name: "kernel" })),
  );
  assertEquals([v.name, v.path], ["kernel", "model/dense/kernel"]);
  assertMatch(new Variable(0).path, /^variable(_\d+)?$/);
  assertThrows(() => new Variable(0, { name: "a/b" }), TypeError, 'must not hold a "/"');
  assertThrows(() => new Variable(0, { dtype: "float16" as never }), TypeError, "float16");
});

Deno.test("operators throw and name the method; a number hint reads a scalar", () => {
  const v = new Variable(2) as unknown as number;
  assertThrows(() => v + 1, TypeError, "use a.add(b)");
  // deno-lint-ignore eqeqeq
  assertThrows(() => v == 2, TypeError, "a.eq(b)");
  assertEquals(Number(v), 2);
  assertMatch(`${v}`, /^Variable\(variable/);
  assertEquals(
    Deno.inspect(new Variable([1, 2], { name: "w" })),
    "Variable(w, float32[2], [1. 2.])",
  );
});

Deno.test("inside a scope reads see its values and assignments go to it", () => {
  const v = new Variable([1, 2]);
  const w = new Variable(0);
  const scope = new StatelessScope([[v, [10, 20]]]);
  scope.run(() => {
    assertEquals(v.value.toArray(), [10, 20]);
    v.assign([5, 6]);
    w.assign(7);
    assertEquals([v.value.toArray(), w.value.item()], [[5, 6], 7]);
  });
  assertEquals([v.value.toArray(), w.value.item()], [[1, 2], 0]);
  assertEquals(scope.get(v)!.toArray(), [5, 6]);
  assertThrows(() => new StatelessScope([[v, [1]]]), RangeError, "shapes must be equal");
});

Deno.test("a scope ends also when its function throws", () => {
  const v = new Variable(1);
  assertThrows(() =>
    new StatelessScope([[v, 2]]).run(() => {
      throw new Error("stop");
    })
  );
  assertEquals(v.value.item(), 1);
});

Deno.test("the inner of two scopes wins, the outer shows through", () => {
  const [a, b] = [new Variable(1), new Variable(1)];
  new StatelessScope([[a, 2], [b, 2]]).run(() => {
    new StatelessScope([[a, 3]]).run(() => {
      assertEquals([a.value.item(), b.value.item()], [3, 2]);
    });
    assertEquals(a.value.item(), 2);
  });
});

Deno.test("assigning under a trace or a tape outside of a scope is an error", () => {
  const v = new Variable(1, { name: "w" });
  const assign = (x: Tensor) => {
    v.assign(x);
    return x;
  };
  assertThrows(() => jit(assign)(2), TypeError, 'Cannot assign to the variable "w"');
  assertThrows(() => grad(assign)(2), TypeError, "return the new value and assign it outside");
  assertEquals(v.value.item(), 1);
});

Deno.test("assigning under a trace inside a scope records", () => {
  const v = new Variable(1);
  const f = jit((x: Tensor) => {
    const scope = new StatelessScope([[v, x]]);
    scope.run(() => v.assign(v.value.add(1)));
    return scope.get(v)!;
  });
  assertEquals([f(5).item(), f(6).item(), v.value.item()], [6, 7, 1]);
});

Deno.test("a variable cannot be made from a traced value", () => {
  assertThrows(() => jit((x: Tensor) => new Variable(x).value)(1), TypeError, "traced value");
  const cast = jit((x: Tensor) => new Variable([1], { dtype: "float64" }).value.mul(x));
  assertThrows(() => cast(1), TypeError, "traced value");
});

Deno.test("donating a variable's tensor leaves the variable as it was", () => {
  const v = new Variable([1, 2]);
  const step = jit((s: Tensor[]) => s.map((t) => t.add(1)), { donate: 0 });
  const once = step([v.value]);
  assertEquals(once[0]!.toArray(), [2, 3]);
  assertEquals(step([v])[0]!.toArray(), [2, 3]);
  assertEquals(v.value.toArray(), [1, 2]);
  v.assign(once[0]!);
  step([once[0]!]);
  assertEquals(v.value.toArray(), [2, 3]);
});

Deno.test("a tensor whose memory is gone cannot become the value of a variable", () => {
  const step = jit((x) => x.add(1), { donate: [0] });
  const donated = np.ones([2]);
  step(donated);
  const disposed = np.ones([2]);
  disposed.dispose();
  const v = new Variable([5, 6], { name: "v" });
  assertThrows(() => v.assign(donated), DonatedError, "Cannot use a tensor that was donated");
  assertThrows(() => v.assign(disposed), Error, "Cannot use a disposed tensor");
  assertThrows(() => new Variable(donated), DonatedError);
  assertEquals(v.value.toArray(), [5, 6]);
});
