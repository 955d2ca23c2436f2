import { assertEquals, assertThrows } from "@std/assert";
import { toTensor } from "../../src/core/mod.ts";
import * as losses from "../../src/losses/mod.ts";

const factories = Object.entries(losses) as [string, (options?: object) => losses.Loss][];
const bad = <T>(x: T): never => x as never;

Deno.test("a factory called with tensors names the right form", () => {
  for (const [name, factory] of factories) {
    const form = name.includes("rossentropy") ? "({ fromLogits: true })" : "()";
    for (const y of [toTensor([[1, 0]]), [[1, 0]], Float32Array.of(1, 0)]) {
      assertThrows(
        () => factory(bad(y)),
        TypeError,
        `call losses.${name}${form}(yTrue, yPred)`,
      );
    }
  }
});

Deno.test("unknown options of the factory and of the call are named", () => {
  for (const [name, factory] of factories) {
    assertThrows(() => factory({ from_logits: true }), TypeError, `make ${name} with the option`);
    const loss = factory();
    assertThrows(() => loss([[1, 0]], [[1, 0]], bad({ weight: 1 })), TypeError, '"weight"');
    assertThrows(() => loss([[1, 0]], [[1, 0]], bad([1])), TypeError, "{ sampleWeight }");
  }
});

Deno.test("options of the wrong kind or value are refused when the loss is made", () => {
  const { categoricalCrossentropy, sparseCategoricalCrossentropy, huber } = losses;
  assertThrows(() => categoricalCrossentropy({ labelSmoothing: 2 }), RangeError, "in 0..1");
  assertThrows(() => categoricalCrossentropy({ fromLogits: bad(1) }), TypeError, "true or false");
  assertThrows(() => categoricalCrossentropy({ axis: 0.5 }), TypeError, "axis 0.5");
  assertThrows(() => sparseCategoricalCrossentropy({ ignoreClass: 0.5 }), TypeError, "ignoreClass");
  assertThrows(() => huber({ delta: -1 }), RangeError, "at least 0");
  assertThrows(() => huber({ delta: bad("1") }), TypeError, "wanted a number");
  assertThrows(
    () => huber({ reduction: bad("average") }),
    RangeError,
    "sumOverBatchSize, mean, sum",
  );
});

Deno.test("shapes that do not match are named, with the remedy", () => {
  const { categoricalCrossentropy, sparseCategoricalCrossentropy, meanSquaredError } = losses;
  const p = [[0.5, 0.5], [0.2, 0.8]];
  assertThrows(
    () => categoricalCrossentropy()([0, 1], p),
    RangeError,
    "yTrue [2] and yPred [2,2]: their shapes must be equal; for class numbers use losses.sparse",
  );
  assertThrows(
    () => sparseCategoricalCrossentropy()(p, p),
    RangeError,
    "yTrue must be [2]; for one-hot labels use losses.categoricalCrossentropy",
  );
  assertThrows(() => meanSquaredError()([1, 2, 3], [1, 2]), RangeError, "[3] and yPred [2]");
  assertThrows(() => meanSquaredError()(1, 2), RangeError, "0 axes");
});

Deno.test("weights that would broadcast unseen are refused, with the shape to give", () => {
  const loss = losses.meanSquaredError();
  const y = toTensor([[[1], [2]], [[3], [4]]]);
  assertThrows(
    () => loss(y, y, { sampleWeight: [1, 2] }),
    RangeError,
    "values of shape [2,2] by sampleWeight [2]: each size must be the same or 1; reshape it to [2,1]",
  );
  assertThrows(() => loss([[1]], [[1]], { sampleWeight: [1, 2] }), RangeError, "[2]");
  assertEquals(loss(y, y, { sampleWeight: [[1], [2]] }).item(), 0);
});

Deno.test("a loss has a name, and computes in the type of the predictions", () => {
  assertEquals(losses.categoricalCrossentropy().name, "categorical_crossentropy");
  assertEquals(losses.huber({ name: "mine" }).name, "mine");
  const p = toTensor([1, 2]).astype("float64");
  assertEquals(losses.meanSquaredError()([1, 2], p).dtype, "float64");
  assertEquals(losses.meanSquaredError()(p, [1, 2]).dtype, "float32");
  assertEquals(losses.meanSquaredError()([1, 2], Int32Array.of(1, 3)).item(), 0.5);
});

Deno.test("nothing to lose is a loss of 0", () => {
  const none = toTensor(new Float32Array(0)).reshape([0, 3]);
  assertEquals(losses.meanSquaredError({ reduction: "sum" })(none, none).toArray(), []);
  assertEquals(
    losses.meanSquaredError()(none.reshape([0, 2, 3]), none.reshape([0, 2, 3])).item(),
    0,
  );
});

Deno.test("null in the place of a loss's options is an error that names the loss", () => {
  for (const [name, factory] of Object.entries(losses)) {
    assertThrows(() => (factory as (o: never) => unknown)(null as never), TypeError, name);
  }
});
