import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { type Tensor, toTensor, Variable, withNameScope } from "../../src/core/mod.ts";
import { Adam, AdamW, RMSprop, schedules, SGD } from "../../src/optimizers/mod.ts";
import { jit } from "../../src/transform/mod.ts";

const bad = <T>(x: T): never => x as never;
const variables = (): Variable[] =>
  withNameScope("dense", () => [
    new Variable([[1, 2], [3, 4]], { name: "kernel" }),
    new Variable([0, 0], { name: "bias" }),
  ]);
const grads = [[[1, 1], [1, 1]], [1, 1]];
const decay = new schedules.ExponentialDecay({
  initialLearningRate: 0.1,
  decaySteps: 1,
  decayRate: 0.5,
});

Deno.test("the guide's wrong order of arguments fails with the right one", () => {
  const adam = new Adam();
  const own = variables();
  adam.build(own);
  assertThrows(
    () => adam.statelessApply(grads, own, adam.variables),
    RangeError,
    "Cannot apply gradients with Adam with 2 optimizerVariables: wanted 6",
  );
  assertThrows(
    () => adam.statelessApply(grads, own, adam.variables),
    RangeError,
    "call statelessApply(optimizerVariables, grads, trainableVariables)",
  );
});

Deno.test("what is no record of options is named with the optimizer", () => {
  for (const Kind of [Adam, AdamW, RMSprop, SGD]) {
    for (const wrong of ["x", 0.1, null, [0.1]]) {
      const message = `Cannot make ${Kind.name} of `;
      assertThrows(() => new Kind(bad(wrong)), TypeError, message);
    }
  }
  assertThrows(() => new AdamW({ weightDecay: bad(null) }), TypeError, "use optimizers.Adam");
});

Deno.test("as many optimizer variables as weights do not hide the wrong order", () => {
  const sgd = new SGD();
  const scalars = [new Variable(1, { name: "a" }), new Variable(2, { name: "b" })];
  sgd.build(scalars);
  const strong = [1, 2].map((x) => toTensor(Float32Array.of(x)).reshape([]));
  assertThrows(
    () => sgd.statelessApply(strong, strong, sgd.variables),
    TypeError,
    'iteration" is int32; call statelessApply(optimizerVariables, grads, trainableVariables)',
  );
});

Deno.test("lengths and shapes that do not fit name the variable, and change nothing", () => {
  const adam = new Adam({ name: "adam" });
  const own = variables();
  adam.build(own);
  const state = adam.variables;
  assertThrows(
    () => adam.statelessApply(state.slice(1), grads, own),
    RangeError,
    '5 optimizerVariables: wanted 6 ("adam/iteration", "adam/learning_rate", ',
  );
  assertThrows(
    () => adam.statelessApply(state, grads, own.slice(1)),
    RangeError,
    '1 trainableVariables: wanted 2 ("dense/kernel", "dense/bias")',
  );
  assertThrows(() => adam.statelessApply(state, grads.slice(1), own), RangeError, "1 grads");
  assertThrows(
    () => adam.statelessApply(state, [...grads].reverse(), own),
    RangeError,
    'grads[0] is [2], but the variable "dense/kernel" is [2,2]',
  );
  assertThrows(
    () => adam.statelessApply([...state.slice(0, 2), ...state.slice(2).reverse()], grads, own),
    RangeError,
    '"adam/dense_kernel_momentum" is [2,2]',
  );
  assertThrows(() => adam.apply(grads.slice(1)), RangeError, "call apply(grads, variables)");
  assertThrows(() => adam.apply([null, null]), RangeError, "no variable has a gradient");
  assertThrows(() => adam.apply(bad(3)), TypeError, "wanted a list of tensors");
  assertEquals(adam.iterations.item(), 0);
  assertEquals(own[1]!.value.toArray(), [0, 0]);
});

Deno.test("an optimizer that is not built, or built for other variables, says so", () => {
  const adam = new Adam();
  const own = variables();
  assertThrows(() => adam.apply(grads), TypeError, "optimizer.build(model.trainableVariables)");
  assertThrows(() => adam.statelessApply([], grads, own), TypeError, "before it is built");
  adam.build(own);
  adam.build(own);
  assertThrows(() => adam.build(variables()), RangeError, '"dense/kernel", "dense/bias"');
  assertThrows(() => adam.apply(grads, variables()), RangeError, "make a new optimizer");
  assertThrows(() => new Adam().build(bad([toTensor(1)])), TypeError, "not a Variable");
  assertThrows(() => new Adam().build([own[0]!, own[0]!]), RangeError, "given twice");
  const steps = new Variable(toTensor(Int32Array.of(1)), { name: "steps" });
  assertThrows(() => new Adam().build([steps]), TypeError, '"steps" is int32');
});

Deno.test("options of the wrong kind or value are named", () => {
  assertThrows(() => new Adam(bad({ lr: 1 })), TypeError, 'make Adam with the option "lr"');
  assertThrows(() => new Adam(bad(0.1)), TypeError, "{ learningRate: 0.001 }");
  assertThrows(() => new Adam({ learningRate: bad("0.1") }), TypeError, "a number or a schedule");
  assertThrows(() => new Adam({ learningRate: -1 }), RangeError, "at least 0");
  assertThrows(() => new Adam({ beta1: 2 }), RangeError, "in 0..1");
  assertThrows(() => new SGD({ momentum: 1.5 }), RangeError, "momentum 1.5");
  assertThrows(() => new SGD({ clipnorm: 1, clipvalue: 1 }), RangeError, "clipnorm and clipvalue");
  assertThrows(() => new SGD({ clipnorm: 0 }), RangeError, "must be positive");
  assertThrows(() => new SGD({ gradientAccumulationSteps: 1 }), RangeError, "at least 2");
  assertThrows(() => new SGD({ emaOverwriteFrequency: 0.5 }), RangeError, "at least 1");
  assertThrows(() => new RMSprop({ rho: bad(null), epsilon: -1 }), RangeError, "epsilon -1");
  assertThrows(() => new AdamW({ weightDecay: null }), TypeError, "use optimizers.Adam");
});

Deno.test("the learning rate can be set, also before the build; one of a schedule cannot", () => {
  const own = [new Variable([1, 1], { name: "w" })];
  const sgd = new SGD({ learningRate: 1 });
  sgd.learningRate = 0.5;
  sgd.apply([[1, 1]], own);
  assertEquals(own[0]!.value.toArray(), [0.5, 0.5]);
  sgd.learningRate = 0.25;
  sgd.apply([[1, 1]]);
  assertEquals(own[0]!.value.toArray(), [0.25, 0.25]);
  assertEquals(sgd.learningRate.item(), 0.25);
  assertThrows(() => sgd.learningRate = NaN, RangeError, "NaN");
  assertThrows(() => sgd.learningRate = decay, TypeError, "make a new optimizer");
  const scheduled = new SGD({ learningRate: 1 });
  scheduled.learningRate = decay;
  assertEquals(scheduled.variables.length, 1);
  assertThrows(() => scheduled.learningRate = 1, TypeError, "it follows a schedule");
  scheduled.apply([[1, 1]], [new Variable([1, 1], { name: "w" })]);
  assertEquals(scheduled.learningRate.item(), Math.fround(0.05));
});

Deno.test("beside float64 weights the learning rate is the double that was given", () => {
  const w = new Variable(new Float64Array([1]), { name: "w" });
  const sgd = new SGD({ learningRate: 0.1 });
  sgd.apply([[1]], [w]);
  assertEquals([w.dtype, w.value.item(), sgd.learningRate.item()], ["float64", 0.9, 0.1]);
});

Deno.test("variables without a gradient stay as they are, decay and slots included", () => {
  const own = variables();
  const adam = new AdamW({ learningRate: 0.1 });
  adam.apply([null, [1, 1]], own);
  assertEquals(own[0]!.value.toArray(), [[1, 2], [3, 4]]);
  assertEquals(adam.variables[2]!.value.toArray(), [[0, 0], [0, 0]]);
  adam.apply([[2, 2]], [own[1]!]);
  assertEquals(adam.iterations.item(), 2);
  adam.apply([]);
  assertEquals(adam.iterations.item(), 2);
});

Deno.test("excluded variables do not decay, by variable or by name", () => {
  const zeros = [[[0, 0], [0, 0]], [0, 0]];
  const run = (exclusions: (own: Variable[]) => object, method: boolean): unknown[] => {
    const own = variables();
    own[1]!.assign([4, 4]);
    const options = { learningRate: 0.5, weightDecay: 0.5 };
    const excludeFromWeightDecay = exclusions(own);
    const sgd = new SGD(method ? options : { ...options, excludeFromWeightDecay });
    if (method) sgd.excludeFromWeightDecay(excludeFromWeightDecay);
    sgd.apply(zeros, own);
    return own.map((v) => v.value.flatten().at(0).item());
  };
  assertEquals(run(() => ({}), true), [0.75, 3]);
  assertEquals(run(() => ({ varNames: ["bia"] }), true), [0.75, 4]);
  assertEquals(run((own) => ({ varList: [own[0]] }), false), [1, 3]);
});

Deno.test("apply inside jit is refused; Variables and tensors take the same compiled program", () => {
  const own = variables();
  const adam = new Adam();
  adam.build(own);
  const g = grads.map((x) => toTensor(x));
  const inside = jit((g: Tensor[]) => (adam.apply(g), g));
  assertThrows(() => inside(g), TypeError, "dense/kernel");
  const step = jit((s: Tensor[], g: Tensor[], w: Tensor[]) => adam.statelessApply(s, g, w));
  const [weights, state] = step(bad(adam.variables), g, bad(own));
  step(state, g, weights);
  assertEquals(step.compiles, 1);
  assertStrictEquals(own[0]!.value.dtype, "float32");
});

Deno.test("the loss is scaled by the factor that gradients are divided by", () => {
  const sgd = new SGD({ learningRate: 1, lossScaleFactor: 4 });
  assertEquals(sgd.scaleLoss(2).item(), 8);
  const w = new Variable([1], { name: "w" });
  sgd.apply([[4]], [w]);
  assertEquals(w.value.item(), 0);
});

Deno.test("an optimizer of no variables says that the model is not built yet", () => {
  assertThrows(() => new SGD().build([]), RangeError, "call model.apply(x) on a batch");
});

Deno.test("an optimizer describes itself in texts", () => {
  assertEquals(`${new SGD({ name: "sgd" })}`, "SGD(sgd, not built)");
});

Deno.test("null in the place of an optimizer's options is an error that names the optimizer", () => {
  for (const Kind of [SGD, Adam, AdamW, RMSprop]) {
    assertThrows(() => new Kind(null as never), TypeError, Kind.name);
  }
});
