import { assertEquals, assertThrows } from "@std/assert";
import { literal, type Tensor, toTensor, Variable } from "../../src/core/mod.ts";
import {
  BinaryAccuracy,
  CategoricalAccuracy,
  Mean,
  SparseCategoricalAccuracy,
} from "../../src/metrics/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const bad = <T>(x: T): never => x as never;

Deno.test("two metrics of a class have the same fixed name", () => {
  assertEquals(new CategoricalAccuracy().name, "categorical_accuracy");
  assertEquals(new CategoricalAccuracy().name, "categorical_accuracy");
});

Deno.test("a stateless update changes nothing, and starts from what it is given", () => {
  const mean = new Mean();
  mean.updateState([1, 2]);
  const state = mean.statelessUpdateState([10, 1], [2]);
  assertEquals(state.map((t) => t.item()), [12, 2]);
  assertEquals(mean.statelessResult(state).item(), 6);
  assertEquals(mean.result().item(), 1.5);
  assertEquals(mean.statelessResetState().map((t) => t.item()), [0, 0]);
  assertEquals(mean.result().item(), 1.5);
  mean.resetState();
  assertEquals(mean.result().item(), 0);
});

Deno.test("the variables themselves serve as the list", () => {
  const mean = new Mean();
  mean.updateState([4]);
  assertEquals(mean.statelessResult(mean.variables).item(), 4);
  assertEquals(mean.statelessUpdateState(mean.variables, [6]).map((t) => t.item()), [10, 2]);
});

Deno.test("a list of the wrong length names the variables, a wrong shape its variable", () => {
  const mean = new Mean({ name: "loss" });
  const call = (variables: unknown) => () => mean.statelessUpdateState(bad(variables), [1]);
  assertThrows(
    call([literal(0, "float32")]),
    RangeError,
    'update the metric "loss" with 1 variables: wanted 2 ("loss/total", "loss/count")',
  );
  assertThrows(
    call([0, [1, 2]]),
    RangeError,
    'variables[1] is [2], but the variable "loss/count" is []',
  );
  assertThrows(call(3), TypeError, "wanted a list of tensors");
  assertThrows(() => mean.statelessResult([]), RangeError, "take the result");
  assertEquals(mean.result().item(), 0);
});

Deno.test("labels and predictions that do not match are named with the remedy", () => {
  const p = [[0.5, 0.5], [0.2, 0.8]];
  assertThrows(
    () => new CategoricalAccuracy().updateState([0, 1], p),
    RangeError,
    "yTrue [2] and yPred [2,2]: both are [..., classes]; for class numbers use metrics.Sparse",
  );
  assertThrows(
    () => new SparseCategoricalAccuracy().updateState(p, p),
    RangeError,
    "for one-hot labels use metrics.CategoricalAccuracy",
  );
  assertThrows(() => new BinaryAccuracy().updateState([1, 0, 1], [1, 0]), RangeError, "[3]");
});

Deno.test("bad options and weights are named", () => {
  assertThrows(() => new Mean(bad({ nme: "x" })), TypeError, 'make Mean with the option "nme"');
  assertThrows(() => new Mean({ dtype: "int32" }), TypeError, '"float32" or "float64"');
  assertThrows(() => new BinaryAccuracy({ threshold: bad("x") }), TypeError, "threshold");
  const mean = new Mean();
  assertThrows(() => mean.updateState([1], bad([1])), TypeError, "{ sampleWeight }");
  assertThrows(() => mean.updateState([1], bad({ weight: 1 })), TypeError, '"weight"');
  assertThrows(() => mean.updateState([1, 2], { sampleWeight: [1, 2, 3] }), RangeError, "[3]");
  assertEquals(mean.result().item(), 0);
});

Deno.test("float64 metrics count beyond 2^24", () => {
  const mean = new Mean({ dtype: "float64" });
  const state = mean.statelessUpdateState([toTensor(2 ** 24), toTensor(2 ** 24)], [1]);
  assertEquals(state.map((t) => t.item()), [2 ** 24 + 1, 2 ** 24 + 1]);
  assertEquals(mean.result().dtype, "float64");
});

Deno.test("a stateful update inside jit is refused, a stateless one is traced", () => {
  const mean = new Mean();
  assertThrows(
    () => jit((x) => (mean.updateState(x), x))(Float32Array.of(1)),
    TypeError,
    "mean/total",
  );
  const step = jit((state: Tensor[], x: Tensor) => mean.statelessUpdateState(state, x));
  assertEquals(step([0, 0].map((x) => toTensor(x)), new Variable([1, 3])).map((t) => t.item()), [
    4,
    2,
  ]);
});

Deno.test("a metric stands in a text with its name and figure", () => {
  const mean = new Mean({ name: "loss" });
  mean.updateState([1, 2]);
  assertEquals(`${mean}`, "Mean(loss: 1.5)");
});
