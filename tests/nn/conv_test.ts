import { assertEquals } from "@std/assert";
import { type Tensor, Trace, within } from "../../src/core/mod.ts";
import { makeAval } from "../../src/ir/aval.ts";
import { conv, type ConvOptions } from "../../src/nn/conv.ts";
import * as np from "../../src/numpy/mod.ts";
import { checkGrads, jit } from "../../src/transform/mod.ts";
import { draw } from "../numpy/samples.ts";

Deno.test("nn.conv has the derivatives of its central differences, to second order", () => {
  const forms: [number[], number[], ConvOptions][] = [
    [[2, 5, 2], [3, 2, 3], {}],
    [[1, 6, 2], [2, 2, 2], { strides: 2, padding: "same" }],
    [[1, 5, 2], [2, 2, 2], { dilation: 2, padding: "causal" }],
    [[1, 4, 3, 2], [2, 2, 2, 2], { padding: [[1, 0], [0, 2]] }],
    [[1, 3, 3, 4], [2, 2, 2, 2], { groups: 2 }],
    [[1, 3, 3, 2], [2, 2, 1, 4], { groups: 2 }],
    [[2, 3, 3, 2], [1, 1, 2, 2], {}],
    [[1, 2, 3, 2, 1], [2, 2, 2, 1, 2], {}],
    [[0, 3, 1], [2, 1, 1], {}],
  ];
  for (const [x, k, options] of forms) {
    checkGrads((x, k) => conv(x, k, options), [draw(x), draw(k)], { order: 2 });
  }
});

Deno.test("a convolution of no examples has no positions to fill", () => {
  assertEquals(conv(np.zeros([0, 5, 5, 2]), np.zeros([3, 3, 2, 4])).shape, [0, 3, 3, 4]);
});

Deno.test("integers are convolved in float32, float64 stays", () => {
  const y = conv(np.array([[[1], [2]]], { dtype: "int32" }), np.array([[[3]], [[4]]]));
  assertEquals([y.dtype, y.item()], ["float32", 11]);
  const wide = np.ones([1, 2, 1], { dtype: "float64" });
  assertEquals(conv(wide, np.ones([2, 1, 1])).dtype, "float64");
});

/** The ops that a function records. */
function opsOf(f: (...xs: Tensor[]) => Tensor, ...shapes: number[][]): string[] {
  const trace = new Trace("test");
  const ins = shapes.map((shape) => trace.input(makeAval(shape, "float32")));
  const out = within(trace, () => f(...ins));
  return trace.finish(ins, [out]).program.steps.map((s) => s.op);
}

Deno.test("a convolution is one product of matrices; one of single cells takes no windows", () => {
  const ops = opsOf((x, k) => conv(x, k), [2, 5, 5, 3], [3, 3, 3, 4]);
  assertEquals(ops.filter((op) => op === "windows" || op === "dot"), ["windows", "dot"]);
  const single = opsOf((x, k) => conv(x, k), [2, 5, 5, 3], [1, 1, 3, 4]);
  assertEquals([...new Set(single)], ["reshape", "dot"]);
});

Deno.test("a kernel of size 1 at every second place reads every second cell", () => {
  const x = np.reshape(np.arange(5), [1, 5, 1]);
  const y = conv(x, np.ones([1, 1, 1]), { strides: 2 });
  assertEquals(y.flatten().toArray(), [0, 2, 4]);
});

Deno.test("a convolution in jit equals the eager one, whatever the batch", () => {
  const k = np.reshape(np.arange(2 * 2 * 2 * 3), [2, 2, 2, 3]);
  const f = jit((x: Tensor) => conv(x, k, { padding: "same" }));
  for (const batch of [1, 3]) {
    const x = np.reshape(np.arange(batch * 24), [batch, 3, 4, 2]);
    assertEquals(f(x).toArray(), conv(x, k, { padding: "same" }).toArray());
  }
});
