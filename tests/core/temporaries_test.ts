/**
 * Temporaries are given back, results and what others hold are not.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { inside, releasing, type Tensor } from "../../src/core/mod.ts";
import { np, random, Variable } from "../../mod.ts";

const isGone = (t: Tensor): boolean => inside(t).storage!.disposed;

Deno.test("what a function computes on its way is gone, its result is not", () => {
  let middle!: Tensor;
  const x = np.ones([3]);
  const y = releasing(() => {
    middle = x.add(1);
    return middle.mul(2);
  });
  assertEquals([isGone(middle), isGone(y), isGone(x)], [true, false, false]);
  assertEquals(y.toArray(), [4, 4, 4]);
});

Deno.test("a result that shares memory with a temporary keeps it", () => {
  const y = releasing(() => np.arange(6).add(1).reshape([2, 3]));
  assertEquals(y.toArray(), [[1, 2, 3], [4, 5, 6]]);
});

Deno.test("what a Variable took meanwhile stays", () => {
  const v = new Variable(np.zeros([2]));
  releasing(() => {
    v.assign(np.ones([2]).add(1));
    return np.zeros([1]).add(1);
  });
  assertEquals(v.value.toArray(), [2, 2]);
});

Deno.test("within another the result is a temporary of the outer one", () => {
  let inner!: Tensor;
  const y = releasing(() => {
    inner = releasing(() => random.uniform(random.key(0), [4]).add(1));
    return inner.mul(2);
  });
  assertEquals([isGone(inner), isGone(y)], [true, false]);
});

Deno.test("a failure ends the scope", () => {
  assertThrows(() =>
    releasing(() => {
      throw new Error("no");
    })
  );
  const x = np.ones([2]).add(1);
  assertEquals(isGone(x), false);
});
