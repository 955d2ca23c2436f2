import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { literal, toTensor } from "../../src/core/mod.ts";
import * as optax from "../../src/optax/mod.ts";

const bad = <T>(x: T): never => x as never;
const f = (...values: number[]) => toTensor(Float32Array.from(values));
const params = () => ({ dense: { kernel: f(1, 2), bias: f(3) } });

/** The message of the error that a function throws. */
function message(run: () => unknown, kind: new () => Error): string {
  return assertThrows(run, kind).message;
}

Deno.test("trees that differ are named by path, and so are shapes", () => {
  const tx = optax.adam(0.1);
  const state = tx.init(params());
  assertStringIncludes(
    message(() => tx.update({ dense: { kernel: f(1, 2), bias: null } }, state), TypeError),
    "Cannot update with adam: grads.dense.bias is null in one and a leaf in the other " +
      "(grads against state.mu)",
  );
  assertEquals(
    message(() => tx.update({ dense: { kernel: f(1, 2), bias: f(1, 2) } }, state), RangeError),
    "Cannot update with adam: grads.dense.bias is [2], but state.mu.dense.bias is [1]",
  );
  assertStringIncludes(
    message(() => optax.applyUpdates(params(), { dense: { kernel: f(1, 2) } }), TypeError),
    "Cannot apply updates: params.dense is an object with keys",
  );
  assertStringIncludes(
    message(
      () => optax.applyUpdates(params(), { dense: { kernel: f(1), bias: f(1) } }),
      RangeError,
    ),
    "params.dense.kernel is [2], but updates.dense.kernel is [1]",
  );
  const decay = optax.addDecayedWeights(0.1);
  assertStringIncludes(
    message(() => decay.update(params(), decay.init(params()), [f(1)]), TypeError),
    "(grads against params)",
  );
});

Deno.test("an optimizer without a learning rate is refused, unless it needs none", () => {
  const wanted = "with learningRate null: wanted a number or a schedule";
  for (const make of [optax.sgd, optax.adam, optax.lion, optax.rmsprop, optax.adagrad]) {
    assertStringIncludes(message(() => make(bad(null)), TypeError), wanted);
  }
  for (const tx of [optax.adadelta(null), optax.adafactor(null), optax.scaleByLearningRate(null)]) {
    tx.init(params());
  }
});

Deno.test("leaves that have no gradients are named by path", () => {
  const tx = optax.adam(0.1);
  const steps = literal(3, "int32");
  assertStringIncludes(
    message(() => tx.init({ w: f(1), counters: [steps] }), TypeError),
    "Cannot initialize adam: params.counters[0] is int32",
  );
  assertStringIncludes(
    message(() => tx.init({ w: "kernel" }), TypeError),
    'Cannot initialize adam: params.w is "kernel"',
  );
  assertStringIncludes(
    message(() => optax.sgd(0.1).update([steps], [null, null]), TypeError),
    "Cannot update with sgd: grads[0] is int32",
  );
});

Deno.test("what needs params says so, and how to give them", () => {
  const grads = [f(1, 2)];
  const makers: Record<string, optax.GradientTransformation> = {
    adamw: optax.adamw(0.1),
    nadamw: optax.nadamw(0.1),
    adamaxw: optax.adamaxw(0.1),
    lion: optax.lion(0.1),
    lamb: optax.lamb(0.1),
    adafactor: optax.adafactor(0.1),
    novograd: optax.novograd(0.1),
    addDecayedWeights: optax.addDecayedWeights(0.1),
    scaleByTrustRatio: optax.scaleByTrustRatio(),
  };
  for (const [name, tx] of Object.entries(makers)) {
    for (const none of [undefined, null]) {
      assertEquals(
        message(() => tx.update(grads, tx.init(grads), none), TypeError),
        `Cannot update with ${name} without params: it needs their values: ` +
          `call tx.update(grads, state, params)`,
      );
    }
  }
  const masked = optax.masked(optax.adamw(0.1), [true]);
  assertStringIncludes(
    message(() => masked.update(grads, masked.init(grads)), TypeError),
    "Cannot update with adamw without params",
  );
});

Deno.test("hyperparameters out of their range are refused when the transformation is made", () => {
  assertEquals(
    message(() => optax.adam(0.1, { b1: 1.5 }), RangeError),
    "Cannot make adam with b1 1.5: it must be in 0..1",
  );
  assertStringIncludes(
    message(() => optax.adam(0.1, bad({ beta1: 0.9 })), TypeError),
    'Cannot make adam with the option "beta1": the options are b1, b2,',
  );
  assertStringIncludes(
    message(() => optax.adam(bad({ learningRate: 0.1 })), TypeError),
    "Cannot make adam with learningRate {learningRate}: wanted a number or a schedule",
  );
  assertEquals(
    message(() => optax.sgd(NaN), RangeError),
    "Cannot make sgd with learningRate NaN: it must be finite",
  );
  assertThrows(() => optax.adam(f(1, 2).reshape([2])), TypeError, "float32[2]");
  assertThrows(() => optax.adam(0.1, { muDtype: bad("half") }), TypeError, "half");
  assertThrows(() => optax.clip(-1), RangeError, "Cannot make clip with maxDelta -1");
  assertThrows(() => optax.sgd(0.1, { momentum: bad("0.9") }), TypeError, 'momentum "0.9"');
  assertThrows(() => optax.applyIfFinite(optax.sgd(1), -1), RangeError, "at least 0");
  assertThrows(() => new optax.MultiSteps(optax.sgd(1), 0), RangeError, "at least 1");
  assertThrows(() => optax.adafactor(0.1, { minDimSizeToFactor: 1.5 }), RangeError, "an integer");
  assertThrows(() => optax.lookahead(optax.sgd(1), 0, 0.5), RangeError, "syncPeriod 0");
  assertThrows(() => optax.periodicUpdate(f(1), f(1), 1, 0.5), RangeError, "every 0.5 steps");
});

Deno.test("a step between two trees is a number or a scalar", () => {
  const step = (x: unknown) => () => optax.incrementalUpdate(f(1), f(2), bad(x));
  assertStringIncludes(message(step(undefined), TypeError), "stepSize undefined: wanted a number");
  assertStringIncludes(message(step({ stepSize: 0.5 }), TypeError), "stepSize {stepSize}");
  assertStringIncludes(message(step(NaN), RangeError), "must be finite");
  assertStringIncludes(message(step(f(1, 2)), TypeError), "floating-point scalar");
  assertEquals(optax.incrementalUpdate(f(1), f(2), literal(0.25, "float32")).toArray(), [1.75]);
});

Deno.test("what is no transformation is named, and so are strange states", () => {
  assertStringIncludes(
    message(() => optax.chain(optax.clip(1), bad(optax.adam)), TypeError),
    "Cannot make chain with argument 1 function adam: wanted a gradient transformation",
  );
  assertThrows(() => optax.masked(bad(0.1), true), TypeError, "Cannot make masked with inner 0.1");
  assertThrows(() => optax.multiTransform(bad([]), "a"), TypeError, "transformations by label");
  assertThrows(
    () => optax.injectHyperparams(optax.adam as never)({ learningRate: 0.1 }).init(f(1)),
    TypeError,
    "Cannot make adam with learningRate {learningRate}",
  );
  const tx = optax.adam(0.1);
  assertThrows(() => tx.update(f(1), bad([])), TypeError, "with the state []: wanted a list of 2");
  assertThrows(
    () => tx.update(f(1), bad([{ mu: f(1) }, null])),
    TypeError,
    "with the state {mu}: it has no nu",
  );
});

Deno.test("masks and labels that do not fit are named by path", () => {
  const masked = optax.masked(optax.sgd(1), { dense: { kernel: true, bias: bad(1) } });
  assertStringIncludes(
    message(() => masked.init(params()), TypeError),
    "Cannot initialize masked: mask.dense.bias is 1 where the tree has Tensor: " +
      "wanted a tree of booleans",
  );
  const short = optax.masked(optax.sgd(1), { dense: { kernel: true } });
  assertStringIncludes(
    message(() => short.init(params()), TypeError),
    "mask.dense is {kernel} where the tree has {kernel,bias}",
  );
  const labeled = optax.multiTransform({ a: optax.sgd(1) }, { dense: "b" });
  assertStringIncludes(
    message(() => labeled.init(params()), RangeError),
    'there is no transformation for the label "b": there are a',
  );
});

Deno.test("schedules refuse what they cannot use", () => {
  assertThrows(() => optax.linearSchedule(1, 0, -1), RangeError, "transitionSteps -1");
  assertThrows(() => optax.linearSchedule(1, bad("0"), 3), TypeError, 'endValue "0"');
  assertThrows(() => optax.cosineDecaySchedule(1, 0), RangeError, "decaySteps 0");
  assertThrows(() => optax.warmupCosineDecaySchedule(0, 1, 5, 5), RangeError, "must be more");
  assertThrows(
    () => optax.joinSchedules([optax.constantSchedule(1)], [3]),
    RangeError,
    "list of 0",
  );
  assertThrows(
    () => optax.piecewiseConstantSchedule(1, { 3: -1 }),
    RangeError,
    "the scale -1 at 3",
  );
  assertThrows(() => optax.cosineOnecycleSchedule(0, 1), RangeError, "transitionSteps 0");
  assertThrows(() => optax.linearOnecycleSchedule(9, 1, { pctStart: 2 }), RangeError, "0..1");
  assertThrows(
    () => optax.piecewiseInterpolateSchedule(bad("square"), 1, {}),
    RangeError,
    '"linear" or "cosine"',
  );
  const vector = optax.sgd((count) => count.reshape([1]));
  assertThrows(
    () => vector.update(f(1), vector.init(f(1))),
    TypeError,
    "its schedule gave a value of shape [1]",
  );
});

Deno.test("nadam keeps its Nesterov momentum where the option is undefined", () => {
  const first = (options: optax.AdamOptions) => {
    const tx = optax.nadam(0.1, options);
    return tx.update(f(2), tx.init(f(1)))[0].item();
  };
  assertEquals(first({ nesterov: undefined }), first({}));
  assertNotEquals(first({ nesterov: false }), first({}));
});
