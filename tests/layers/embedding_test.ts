import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import { Model } from "../../src/models/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { grad } from "../../src/transform/mod.ts";

Deno.test("the gradient of an embedding adds up where an integer comes twice", () => {
  const layer = new layers.Embedding(4, 2);
  const x = np.array([[1, 3, 1]], { dtype: "int32" });
  layer.apply(x);
  const loss = (tv: Tensor[]) => layer.statelessCall(tv, [], x)[0].sum();
  const [g] = grad(loss)(layer.trainableVariables.map((v) => v.value));
  assertEquals(g!.toArray(), [[0, 0], [2, 2], [0, 0], [1, 1]]);
});

Deno.test("embeddings start between -0.05 and 0.05 under the name embeddings", () => {
  const layer = new layers.Embedding(100, 8, { name: "words" });
  layer.build();
  assertEquals(layer.weights.map((v) => [v.path, v.shape]), [["words/embeddings", [100, 8]]]);
  const most = np.max(np.abs(layer.embeddings!.value)).item();
  assert(most <= 0.05 && most > 0.045, `${most}`);
});

Deno.test("an embedding in a model takes integers of any batch", () => {
  const inputs = layers.input({ shape: [3], dtype: "int32" });
  const outputs = new layers.Dense(2).apply(new layers.Embedding(5, 4).apply(inputs));
  const model = new Model({ inputs, outputs });
  assertEquals(model.apply(np.array([[0, 1, 2], [4, 4, 4]], { dtype: "int32" })).shape, [2, 3, 2]);
});

Deno.test("an embedding of wrong sizes or options is refused", () => {
  assertThrows(() => new layers.Embedding(0, 2), RangeError, "inputDim 0");
  assertThrows(() => new layers.Embedding(3, -1), RangeError, "outputDim -1");
  const wrong = { maskZero: true } as object;
  assertThrows(() => new layers.Embedding(3, 2, wrong), TypeError, "embeddingsInitializer");
});
