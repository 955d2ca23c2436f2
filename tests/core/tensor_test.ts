/**
 * What users do with a tensor beside computing: read it, show it, release it.
 *
 * @module
 */
import { assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  ConcretizationError,
  HostArray,
  LeakedTracerError,
  OutOfMemoryError,
} from "../../src/base/mod.ts";
import { current, type Tensor, Variable, within } from "../../src/core/mod.ts";
import { backend } from "../../src/core/runtime.ts";
import * as np from "../../src/numpy/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const six = () => np.array([[1, 2, 3], [4, 5, 6]]);
/** What JavaScript's operators do with a tensor, which types forbid. */
const asNumber = (x: unknown) => x as number;

Deno.test("a tensor tells its shape, dtype and size", () => {
  const x = six();
  assertEquals([x.shape, x.dtype, x.ndim, x.size, x.length, x.device], [
    [2, 3],
    "float32",
    2,
    6,
    2,
    backend().device,
  ]);
  assertThrows(() => np.array(1).length, TypeError, "scalar");
});

Deno.test("item reads the only value", () => {
  assertEquals(np.array([[2.5]]).item(), 2.5);
  assertEquals(np.array(true).item(), 1);
  assertEquals(np.array(4294967295, "uint32").item(), 4294967295);
  assertThrows(() => six().item(), RangeError, "it holds 6 values");
});

Deno.test("data is a fresh ordinary copy", () => {
  const x = six();
  const a = x.data();
  a[0] = 99;
  assertNotStrictEquals(x.data(), a);
  assertEquals([...x.data()], [1, 2, 3, 4, 5, 6]);
  assertEquals(x.data().byteOffset, 0);
  assertEquals(x.data().buffer.byteLength, 24);
  assertEquals(np.array([true, false]).data(), Uint8Array.of(1, 0));
});

Deno.test("toArray nests, booleans as booleans, empty axes too", () => {
  assertEquals(six().toArray(), [[1, 2, 3], [4, 5, 6]]);
  assertEquals(np.array([true]).toArray(), [true]);
  assertEquals(np.zeros([2, 0]).toArray(), [[], []]);
});

Deno.test("iteration gives the rows of the first axis", () => {
  const [a, b] = six();
  assertEquals([a!.toArray(), b!.toArray()], [[1, 2, 3], [4, 5, 6]]);
  assertThrows(() => [...np.array(1)], TypeError, "scalar");
});

Deno.test("a + b and a == b throw and name the method", () => {
  const x = np.array(1);
  assertThrows(() => asNumber(x) + 1, TypeError, "use a.add(b)");
  // deno-lint-ignore eqeqeq
  assertThrows(() => asNumber(x) == 1, TypeError, "a.eq(b)");
  assertThrows(() => asNumber(six()) * 2, TypeError, "a.mul(b)");
  assertThrows(() => asNumber(six()) < 2, TypeError, "a.lt(b)");
});

Deno.test("a number hint reads a scalar, a string hint prints", () => {
  assertEquals(Number(np.array(2.5)), 2.5);
  assertEquals(Math.max(asNumber(np.array(2)), 1), 2);
  assertEquals(`${np.array([1, 2])}`, "[1. 2.]");
  assertEquals(String(np.array(0.7)), "0.7");
});

Deno.test("console.log and notebooks show values, dtype and shape", () => {
  assertEquals(
    Deno.inspect(np.array([[1, 2], [3, 4]])),
    "Tensor([[1. 2.]\n        [3. 4.]], float32[2,2])",
  );
  const show = np.array([1]) as unknown as Record<symbol, () => unknown>;
  assertEquals(show[Symbol.for("Jupyter.display")]!(), {
    "text/plain": "Tensor([1.], float32[1])",
  });
});

Deno.test("slices of rows count as Array.prototype.slice does", () => {
  const x = np.arange(5);
  const array = [0, 1, 2, 3, 4];
  const bounds = [[-10000], [2], [-2], [0, 3], [1, -1], [3, 1], [9], [-3, 99], []] as number[][];
  for (const [a, b] of bounds) {
    const want = array.slice(a, b);
    assertEquals(x.slice(a, b).toArray(), want, `${a} ${b}`);
    assertEquals(x.slice(a, b).shape, [want.length]);
  }
});

Deno.test("slices per axis take pairs, steps, null and numbers", () => {
  const x = np.arange(12).reshape([3, 4]);
  assertEquals(x.slice([0, 2], [1, 3]).toArray(), [[1, 2], [5, 6]]);
  assertEquals(x.slice(null, [0, 4, 3]).toArray(), [[0, 3], [4, 7], [8, 11]]);
  assertEquals(x.slice([-1], null).toArray(), [[8, 9, 10, 11]]);
  assertEquals(x.slice(null, -1).toArray(), [3, 7, 11]);
  assertEquals(x.slice([2, 0], null).shape, [0, 4]);
  assertEquals(x.at(1).toArray(), [4, 5, 6, 7]);
  assertEquals(x.at(-1, -2).item(), 10);
});

Deno.test("a wrong slice is an error that says what is wanted", () => {
  const x = six();
  assertThrows(() => x.slice(null, 3), RangeError, "entry 3 of axis 1: its size is 3");
  assertThrows(() => x.slice(null, null, 0), RangeError, "it has 2 axes");
  assertThrows(() => x.slice(0.5), TypeError, "0.5");
  assertThrows(() => x.slice("a" as never), TypeError, "np.take");
  assertThrows(() => x.slice([0, 2, -1]), RangeError, "np.flip");
  assertThrows(() => x.at(2), RangeError, "Cannot read entry 2");
  assertThrows(() => np.array(1).slice(0), TypeError, "scalar");
  assertThrows(() => np.array(1).at(0), TypeError, "scalar");
});

Deno.test("set and addAt give changed copies", () => {
  const x = np.zeros([2, 3]);
  assertEquals(x.set(0, 5).toArray(), [[5, 5, 5], [0, 0, 0]]);
  assertEquals(x.set([1, 2], 7).toArray(), [[0, 0, 0], [0, 0, 7]]);
  assertEquals(x.set([null, [0, 2]], [[1, 2], [3, 4]]).toArray(), [[1, 2, 0], [3, 4, 0]]);
  assertEquals(x.set([null, [0, 3, 2]], 1).toArray(), [[1, 0, 1], [1, 0, 1]]);
  assertEquals(six().addAt([-1, [1]], 10).toArray(), [[1, 2, 3], [4, 15, 16]]);
  assertEquals(six().addAt([null, [0, 3, 2]], [1, 2]).toArray(), [[2, 2, 5], [5, 5, 8]]);
  assertEquals(six().set([[1, 1]], 7).toArray(), [[1, 2, 3], [4, 5, 6]]);
  assertEquals(x.toArray(), [[0, 0, 0], [0, 0, 0]]);
  assertThrows(() => x.set(0, [1, 2]), RangeError);
  assertThrows(() => x.set([0, 9], 1), RangeError, "Cannot set entry 9 of axis 1");
});

Deno.test("where a window starts is data: a loop over offsets compiles once", () => {
  const told = (f: () => unknown): string[] => {
    const ops: string[] = [];
    const below = current();
    within({
      emit(op, ins, params) {
        ops.push(`${op} ${JSON.stringify(params)}`);
        return below.emit(op, ins, params);
      },
      literal: (...args) => below.literal(...args),
    }, f);
    return ops;
  };
  const x = np.arange(12);
  const uses = [
    (i: number) => x.at(i),
    (i: number) => x.slice(i, i + 3),
    (i: number) => x.slice([i, i + 7, 3]),
    (i: number) => x.set([[i, i + 7, 3]], 0),
    (i: number) => x.addAt([[i, i + 7, 3]], 1),
  ];
  for (const use of uses) assertEquals(told(() => use(1)), told(() => use(4)));
});

Deno.test("an element-wise method per operator agrees with numbers", () => {
  const x = np.array([7, -7]);
  assertEquals(x.add(2).toArray(), [9, -5]);
  assertEquals(x.sub(2).toArray(), [5, -9]);
  assertEquals(x.mul(2).toArray(), [14, -14]);
  assertEquals(x.div(2).toArray(), [3.5, -3.5]);
  assertEquals(x.mod(3).toArray(), [1, 2]);
  assertEquals(x.floorDivide(2).toArray(), [3, -4]);
  assertEquals(x.pow(2).toArray(), [49, 49]);
  assertEquals(x.gt(0).toArray(), [true, false]);
  assertEquals(x.le(-7).toArray(), [false, true]);
  assertEquals(x.T.toArray(), [7, -7]);
});

Deno.test("using a tensor after dispose is an error", () => {
  const x = np.array([1, 2]);
  x.dispose();
  assertThrows(() => x.data(), Error, "Cannot use a disposed tensor");
  assertThrows(() => x.item(), Error);
  assertThrows(() => x.add(1), Error, "Cannot use a disposed tensor");
  assertThrows(() => jit((a: Tensor) => a)(x), Error, "Cannot use a disposed tensor");
  assertEquals(Deno.inspect(x), "Tensor(released float32[2], float32[2])");
});

Deno.test("disposing of one handle, even twice, leaves an alias alone", () => {
  const x = np.array([1, 2]);
  const alias = jit((a: Tensor) => a)(x);
  x.dispose();
  x.dispose();
  assertEquals(alias.toArray(), [1, 2]);
  assertThrows(() => x.data(), Error, "disposed");
  alias.dispose();
  assertThrows(() => alias.data(), Error, "disposed");
});

Deno.test("using releases at the end of the block", () => {
  let kept: Tensor;
  {
    using x = np.array([1]);
    kept = x;
    assertEquals(x.item(), 1);
  }
  assertThrows(() => kept.data(), Error, "disposed");
});

Deno.test("a tensor that a Variable holds cannot be disposed of", () => {
  const v = new Variable([1, 2]);
  const held = v.value;
  held.dispose();
  assertEquals(v.value.toArray(), [1, 2]);
  v.assign([3, 4]);
  held.dispose();
  assertThrows(() => held.data(), Error, "disposed");
  assertEquals(v.value.toArray(), [3, 4]);
});

Deno.test("reading a traced value is a ConcretizationError with advice", () => {
  const reads: [string, (x: Tensor) => unknown][] = [
    ["item()", (x) => x.item()],
    ["data()", (x) => x.data()],
    ["data()", (x) => x.toArray()],
    ["a number conversion", (x) => Number(x)],
    ["a number conversion", (x) => asNumber(x) > 0],
  ];
  for (const [name, read] of reads) {
    const f = jit(function step(x: Tensor) {
      read(x);
      return x;
    });
    const e = assertThrows(() => f(np.array(1)), ConcretizationError);
    assertEquals(
      e.message,
      `Cannot read a traced float32[] with ${name} inside jit(step): it has no value yet; use ` +
        "np.where instead of if, return the tensor and read it outside, or pass the number in " +
        "staticArgs",
    );
  }
});

Deno.test("a traced tensor prints as what it stands for", () => {
  let text = "";
  jit((x: Tensor) => {
    text = `${x}`;
    return x;
  })(np.array([1]));
  assertEquals(text, "traced float32[1]");
});

Deno.test("a tensor that leaked from a trace is named when it is read or used", () => {
  let leak: Tensor | null = null;
  const f = jit(function step(x: Tensor) {
    leak = x.add(1);
    return x;
  });
  f(1);
  assertThrows(() => leak!.item(), LeakedTracerError, "jit(step) that has ended");
  assertThrows(() => leak!.add(1), LeakedTracerError, "jit(step)");
  assertThrows(() => jit((x: Tensor) => x.add(leak!))(1), LeakedTracerError, "jit(step)");
});

Deno.test("results too large for the memory are errors, and the operands live on", () => {
  const a = np.ones([1_000_000, 1]);
  assertThrows(() => a.mul(a.reshape([1, -1])), OutOfMemoryError);
  assertThrows(() => np.ones([1]).broadcastTo([1e9, 1e9]), RangeError);
  assertEquals(a.sum().item(), 1_000_000);
});

Deno.test("ready resolves to the tensor itself", async () => {
  const x = np.array(1);
  assertStrictEquals(await x.ready(), x);
  x.dispose();
  assertThrows(() => x.ready(), Error, "disposed");
});

Deno.test("everything that holds numbers serves as an operand", () => {
  const x = np.array([1, 2]);
  for (
    const y of [
      [1, 1],
      new Float32Array([1, 1]),
      new HostArray([1, 1]),
      new Variable([1, 1]),
      np.ones(2),
      1,
      true,
    ]
  ) {
    assertEquals(x.add(y).toArray(), [2, 3]);
  }
  assertThrows(() => x.add("1" as never), TypeError, 'Cannot add "1"');
  assertThrows(() => x.add(undefined as never), TypeError, "undefined");
  assertThrows(() => x.add(null as never), TypeError, "null");
});

Deno.test("JSON of a tensor is its nested lists", () => {
  assertEquals(JSON.stringify({ x: np.array([[1, 2]]) }), '{"x":[[1,2]]}');
});

Deno.test("transpose takes its axes in a list or one by one, as NumPy's", () => {
  const x = np.arange(6).reshape([2, 3, 1]);
  assertEquals(x.transpose(2, 0, 1).toArray(), x.transpose([2, 0, 1]).toArray());
  assertEquals(x.transpose(-1, 0, 1).shape, [1, 2, 3]);
  assertEquals(np.arange(3).transpose(0).shape, [3]);
  assertThrows(() => x.transpose(1, 0), RangeError, "each of its 3 axes must be named once");
  assertThrows(
    () => x.transpose("x" as never),
    TypeError,
    'Cannot transpose by "x": wanted all axes, as transpose([1, 0])',
  );
});

Deno.test("a part of an axis has up to three numbers, of which null leaves one out", () => {
  const x = np.arange(10);
  assertEquals(x.slice([null, null, 4]).toArray(), [0, 4, 8]);
  assertEquals(x.slice([7, null]).toArray(), [7, 8, 9]);
  assertEquals(x.slice([undefined, 2]).toArray(), [0, 1]);
  assertThrows(
    () => x.slice([2, 5, 7, 8] as never),
    RangeError,
    "Cannot slice with [2,5,7,8] on axis 0: wanted [start, end] or [start, end, step]; for entries " +
      "at these positions use np.take",
  );
  assertThrows(() => x.set([2, 5, 1, 8] as never, 0), RangeError);
  assertThrows(() => x.slice(0, x as never), TypeError, "with index Tensor on axis 1");
});
