import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/mod.ts";
import { LeakedTracerError } from "../../src/base/errors.ts";
import { type Tensor, toTensor, Variable } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import { Model } from "../../src/models/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { cond, jit, scan, whileLoop } from "../../src/transform/mod.ts";

/** Rows 0..n-1 of [n, 6]: row i holds 6 i, 6 i + 1, ... */
function rows(n: number, width = 6): Tensor {
  return toTensor(
    new HostArray(Float32Array.from({ length: n * width }, (_, k) => k), [n, width], "float32"),
  );
}

/**
 * Records `f` on a symbol and runs the model at several batch sizes. The same function of the real
 * batch, whose operations have golden tests of their own, says what must come out.
 */
function agrees(f: (x: Tensor) => Tensor, sizes = [1, 2, 3, 7, 0], width = 6): void {
  const x = layers.input({ shape: [width] });
  const model = new Model({ inputs: x, outputs: f(x) });
  for (const n of sizes) {
    const batch = rows(n, width);
    const want = f(batch);
    for (const run of [(x: Tensor) => model.apply(x), jit((x: Tensor) => model.apply(x))]) {
      const got = run(batch);
      assertEquals([got.dtype, ...got.shape], [want.dtype, ...want.shape], `batch of ${n}`);
      assertEquals(got.toArray(), want.toArray(), `batch of ${n}`);
    }
  }
}

Deno.test("arithmetic, comparisons and unary methods are recorded", () => {
  agrees((x) => x.add(1).mul(2).sub(x).div(3));
  agrees((x) => x.neg().exp().add(x.sqrt()));
  agrees((x) => x.gt(2).astype("float32"));
  agrees((x) => x.sub(x.mean({ axis: -1, keepdims: true })));
  agrees((x) => nn.softmax(x.mul(0.1)));
  agrees((x) => np.clip(x, 1, 4));
  agrees((x) => np.where(x.gt(3), x, 0));
});

Deno.test("an operand that is concrete is a constant of the graph", () => {
  const v = new Variable([1, 2, 3, 4, 5, 6]);
  agrees((x) => x.add([1, 2, 3, 4, 5, 6]));
  agrees((x) => np.add([1, 2, 3, 4, 5, 6], x));
  agrees((x) => x.mul(v));
  agrees((x) => x.matmul(np.ones([6, 2])));
  agrees((x) => np.einsum("ij,jk->ik", x, np.ones([6, 2])));
});

Deno.test("control flow is recorded, programs within programs and all", () => {
  // along the features, then along the batch
  agrees((x) => {
    const [h, ys] = scan(
      (h: Tensor, c: Tensor) => [h.mul(0.5).add(c), h.sum()],
      np.sum(x, { axis: 1 }).mul(0),
      x.T,
    );
    return h.add(ys.sum());
  });
  agrees((x) => scan((h: Tensor, r: Tensor) => [h.add(r), h.mul(r)], np.zeros([6]), x)[1]);
  agrees((x) => cond(x.sum().gt(20), () => x.mul(2), () => x.add(x.mean({ axis: 0 }))), [1, 2, 7]);
  agrees((x) => whileLoop((y) => y.sum().gt(1), (y) => y.mul(0.5), x));
});

Deno.test("reductions over the batch divide by the real batch size", () => {
  agrees((x) => np.sum(x, { axis: 0 }));
  agrees((x) => x.mean());
  agrees((x) => x.mean({ axis: 0, keepdims: true }));
  agrees((x) => x.var({ axis: 0 }), [1, 2, 3, 7]);
  agrees((x) => x.std({ axis: 0, ddof: 1 }), [2, 3, 7]);
  agrees((x) => x.max({ axis: 0 }), [1, 2, 5]);
  agrees((x) => np.argmax(x, { axis: 0 }), [1, 2, 5]);
  agrees((x) => np.cumsum(x, { axis: 0 }));
});

Deno.test("shapes computed from the batch size are filled in", () => {
  agrees((x) => x.reshape([-1, 2, 3]));
  agrees((x) => x.reshape([-1, 3]));
  agrees((x) => x.reshape(-1, 3, 2));
  agrees((x) => x.reshape([-1, 4]), [1, 2, 5, 0], 8);
  agrees((x) => x.reshape([x.shape[0]!, 3, 2]));
  agrees((x) => x.reshape([-1]));
  agrees((x) => x.T);
  agrees((x) => np.expandDims(x, 1));
  agrees((x) => x.broadcastTo([4, x.shape[0]!, 6]));
  agrees((x) => np.concatenate([x, x.mul(2)], { axis: 0 }));
  agrees((x) => np.concatenate([x, x.mul(2)], { axis: 1 }));
  agrees((x) => np.stack([x, x]));
  agrees((x) => np.pad(x, [[1, 2], [0, 0]]));
  agrees((x) => x.slice(100), [101, 150]);
  agrees((x) => np.tile(x, [2, 1]));
  agrees((x) => np.flip(x, { axis: 0 }));
  agrees((x) => np.roll(x, 2, { axis: 0 }), [2, 3, 7]);
});

Deno.test("numbers computed from the batch size are filled in", () => {
  agrees((x) => x.mul(x.shape[0]!));
  agrees((x) => x.div(x.shape[0]!), [1, 2, 5]);
  agrees((x) => x.mul(1 / x.shape[0]!), [1, 2, 4]);
  agrees((x) => x.sum().mul(2 / x.shape[0]!), [1, 2, 4]);
  agrees((x) => x.add(x.shape[0]! * 3 - 1));
  agrees((x) => x.add(x.size));
});

Deno.test("two batch axes in one array, and what is computed from their product", () => {
  agrees((x) => x.matmul(x.T));
  agrees((x) => x.matmul(x.T).reshape([-1]));
  agrees((x) => x.matmul(x.T).mean(), [1, 2, 4]);
  agrees((x) => np.expandDims(x.matmul(x.T), 2).mul([1, 2, 3, 4]).mean(), [1, 2, 4]);
});

Deno.test("windows of examples and of the batch", () => {
  agrees((x) => x.slice(null, [1, 4]));
  agrees((x) => x.slice(null, 2));
  agrees((x) => x.slice(null, [0, 6, 2]));
  agrees((x) => x.slice(1), [1, 2, 7]);
  agrees((x) => x.slice(0, -1), [1, 2, 7]);
  agrees((x) => x.slice(-2), [2, 3, 7]);
  agrees((x) => x.at(0), [1, 3]);
  agrees((x) => x.at(-1), [1, 3]);
  agrees((x) => np.take(x, [0, 2], { axis: 1 }));
});

Deno.test("large constants of a program are not read as the batch size", () => {
  for (const c of [2 ** 26, 2 ** 27, 1e8, 1e9, -1e9, 1e30, 123456789, 1e-7, 2 ** -20, 3.5e-5]) {
    agrees((x) => x.mul(0).add(c), [2]);
  }
  agrees((x) => np.bitwiseOr(x.astype("int32"), np.array(2147483647, { dtype: "int32" })), [2]);
});

Deno.test("a graph whose input has wide examples", () => {
  agrees((x) => x.reshape([-1, 100, 100, 3]).mean({ axis: [1, 2] }), [1, 2], 30000);
});

Deno.test("operations without operands are recorded inside of layers", () => {
  class Positions extends layers.Layer {
    override call(x: Tensor): Tensor {
      // nobody could hold this many while the batch is a placeholder
      const ones = np.ones([x.shape[0]!, 1, 10000]).mean({ axis: -1 });
      return np.concatenate([x, ones, np.arange(x.shape[0]!).reshape([-1, 1])], { axis: 1 });
    }
  }
  const x = layers.input({ shape: [1] });
  const y = new Positions().apply(x);
  assertEquals(y.shape.slice(1), [3]);
  assertEquals(new Model({ inputs: x, outputs: y }).apply([[5], [6]]).toArray(), [
    [5, 1, 0],
    [6, 1, 1],
  ]);
});

Deno.test("random layers that train in the graph draw anew for each batch", () => {
  const x = layers.input({ shape: [400] });
  const dropped = new layers.Dropout(0.5, { seed: 1 }).apply(x, { training: true });
  const model = new Model({ inputs: x, outputs: dropped });
  const a = model.apply(np.ones([2, 400])).data();
  const b = model.apply(np.ones([2, 400])).data();
  assert(a.some((v, i) => v !== b[i]));
  assertEquals(model.nonTrainableVariables[0]!.value.toArray(), [1, 2]);
});

Deno.test("recording a call that trains changes no variable", () => {
  const norm = new layers.BatchNormalization({ momentum: 0.5 });
  const x = layers.input({ shape: [1] });
  const model = new Model({ inputs: x, outputs: norm.apply(x, { training: true }) });
  assertEquals(norm.movingMean!.value.toArray(), [0]);
  model.apply([[2], [4]]);
  assertEquals(norm.movingMean!.value.toArray(), [1.5]);
});

Deno.test("a symbol cannot be read, iterated over its batch, or used in a trace", () => {
  const x = layers.input({ shape: [3], name: "pixels" });
  assertThrows(() => x.item(), TypeError, "the graph of a model");
  assertThrows(() => [...x], TypeError, "Cannot iterate over the batch");
  assertEquals([...x.T].length, 3);
  assertThrows(() => jit((t: Tensor) => t.add(x))(np.ones([1, 3])), LeakedTracerError);
  assertEquals(String(x), `symbolic float32[-1,3] of "pixels"`);
});

Deno.test("messages about symbols say batch where the placeholder stands", () => {
  const x = layers.input({ shape: [3] });
  const e = assertThrows(() => np.concatenate([x, np.ones([2, 4])], { axis: 0 }), RangeError);
  assertStringIncludes(e.message, "[batch,3]");
  const f = assertThrows(() => new layers.Concatenate({ axis: 0 }).apply([x, np.ones([2, 4])]));
  assertStringIncludes((f as Error).message, `[batch,3]`);
  assertStringIncludes((f as Error).message, `in layer "concatenate`);
});

Deno.test("what cannot hold for every batch size is an error", () => {
  const x = layers.input({ shape: [6] });
  assertThrows(() => x.reshape([-1, 4]), RangeError, "it must hold for every batch size");
  const firstFive = new Model({ inputs: x, outputs: x.slice(0, 5), name: "five" });
  assertEquals(firstFive.apply(rows(7)).shape, [5, 6]);
  assertThrows(() => firstFive.apply(rows(3)), RangeError, `in layer "five"`);
});

Deno.test("input checks what it is given", () => {
  type Loose = (options?: unknown) => Tensor;
  const input = layers.input as Loose;
  assertThrows(() => input(), TypeError, "layers.input({ shape: [784] })");
  assertThrows(() => input([784]), TypeError, "layers.input({ shape: [784] })");
  assertThrows(() => input({ shape: [-1] }), RangeError, "sizes must be integers >= 0");
  assertThrows(() => input({ shape: [3], dtype: "float8" }), TypeError, "float8");
  assertThrows(() => input({ shape: [3], batch: 2 }), TypeError, `"batch"`);
  assertEquals(input({ shape: [] }).shape.length, 1);
});
