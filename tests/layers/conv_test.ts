import { assert, assertEquals, assertThrows } from "@std/assert";
import { clearNames, type Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import { Model, Sequential } from "../../src/models/mod.ts";
import * as np from "../../src/numpy/mod.ts";

Deno.test("a convolution that cannot be is refused, with the layer's name", () => {
  const make = (f: () => unknown, Kind: ErrorConstructor, ...says: string[]) => {
    clearNames();
    const { message } = assertThrows(f, Kind);
    for (const part of says) assert(message.includes(part), message);
    assert(/^Cannot .+[^.]$/s.test(message), message);
  };
  const { Conv1D, Conv2D } = layers;
  make(() => new Conv2D(0, 3), RangeError, '"conv2d"', "filters 0");
  make(() => new Conv2D(2.5, 3), RangeError, '"conv2d"', "filters 2.5");
  make(() => new Conv2D(4, [3, 3, 3]), RangeError, "kernelSize", "each of 2 axes");
  make(() => new Conv2D(4, 0), RangeError, "kernelSize 0");
  make(() => new Conv2D(4, undefined as unknown as number), TypeError, "kernelSize");
  make(() => new Conv2D(4, 3, { groups: 3 }), RangeError, "4 filters in 3 groups");
  make(
    () => new Conv2D(4, 3, { strides: 2, dilationRate: 2 }),
    RangeError,
    "strides [2,2]",
    "only one of them",
  );
  make(() => new Conv2D(4, 3, { padding: "causal" }), RangeError, '"valid", "same"');
  make(() => new Conv1D(4, 3, { padding: 1 as unknown as "same" }), TypeError, "ZeroPadding2D");
  make(() => new Conv1D(4, 3, { dilation: 2 } as object), TypeError, "dilationRate");
  const apply = (x: Tensor) => () => new Conv2D(4, 3, { groups: 2 }).apply(x);
  make(apply(np.zeros([1, 5, 5, 3])), RangeError, "3 channels in 2 groups", 'in layer "conv2d"');
  make(apply(np.zeros([5, 5, 2])), RangeError, "2 spatial axes", 'in layer "conv2d"');
  make(apply(np.zeros([1, 2, 5, 2])), RangeError, "larger than", 'in layer "conv2d"');
  const built = new Conv1D(1, 1);
  built.apply(np.zeros([1, 4, 2]));
  make(() => built.apply(np.zeros([1, 4, 3])), RangeError, "[1,4,3]", "2 channels");
});

Deno.test("a kernel starts as glorotUniform over its whole window, the bias as zeros", () => {
  const conv = new layers.Conv2D(8, [3, 5]);
  conv.build([-1, 9, 9, 4]);
  const limit = Math.sqrt(6 / (15 * 4 + 15 * 8));
  const most = np.max(np.abs(conv.kernel!.value)).item();
  assert(most <= limit && most > 0.9 * limit, `${most} of ${limit}`);
  assertEquals(conv.bias!.value.toArray(), new Array(8).fill(0));
  assertEquals(conv.countParams(), 15 * 4 * 8 + 8);
});

Deno.test("a model of convolutions runs at any batch, as a graph and layer by layer", () => {
  const inputs = layers.input({ shape: [8, 8, 1] });
  const stack = [
    new layers.Conv2D(4, 3, { padding: "same", activation: "relu" }),
    new layers.MaxPooling2D(),
    new layers.ZeroPadding2D(),
    new layers.Conv2D(6, 3, { strides: 2, groups: 2 }),
    new layers.AveragePooling2D(2, { padding: "same", strides: 1 }),
    new layers.GlobalMaxPooling2D(),
    new layers.Dense(3),
  ];
  const outputs = stack.reduce((x: Tensor, layer) => layer.apply(x), inputs);
  const model = new Model({ inputs, outputs });
  assertEquals(outputs.shape.slice(1), [3]);
  const row = new Sequential(stack);
  for (const batch of [1, 3]) {
    const x = np.reshape(np.arange(batch * 64), [batch, 8, 8, 1]).mul(0.01);
    const y = model.apply(x);
    assertEquals(y.shape, [batch, 3]);
    assertEquals(y.toArray(), row.apply(x).toArray());
    const [again] = model.statelessCall(model.trainableVariables.map((v) => v.value), [], x);
    assertEquals(again.toArray(), y.toArray());
  }
});
