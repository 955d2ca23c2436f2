import { assert, assertEquals, assertThrows } from "@std/assert";
import { DonatedError, jit, np, type Tensor, valueAndGrad } from "../../mod.ts";
import { makeBatches, makeDigits, makeParts, type Parts, startOf, type State } from "./guide.ts";

/** The guide's second program: its steps, and how often their functions ran. */
function makeSteps({ model, optimizer, lossFn, metric }: Parts, donate = true) {
  const runs = { train: 0, eval: 0 };
  const computeLoss = (
    tv: Tensor[],
    ntv: Tensor[],
    mv: Tensor[],
    x: Tensor,
    y: Tensor,
  ): [Tensor, [Tensor[], Tensor[]]] => {
    const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
    return [lossFn(y, yPred), [updated, metric.statelessUpdateState(mv, y, yPred)]];
  };
  const gradFn = valueAndGrad(computeLoss, { hasAux: true });
  const trainStep = jit((state: State, [x, y]: [Tensor, Tensor]): [Tensor, State] => {
    runs.train++;
    const [tv, ntv, ov, mv] = state;
    const [[loss, [newNtv, newMv]], grads] = gradFn(tv, ntv, mv, x, y);
    const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
    return [loss, [newTv, newNtv, newOv, newMv]];
  }, donate ? { donate: [0] } : {});
  const evalStep = jit((tv: Tensor[], ntv: Tensor[], mv: Tensor[], [x, y]: [Tensor, Tensor]) => {
    runs.eval++;
    const [yPred] = model.statelessCall(tv, ntv, x, { training: false });
    return [lossFn(y, yPred), metric.statelessUpdateState(mv, y, yPred)] as const;
  });
  return { trainStep, evalStep, runs };
}

Deno.test("an epoch with a ragged last batch compiles each step function twice, and runs it twice", () => {
  const parts = makeParts();
  const { trainStep, evalStep, runs } = makeSteps(parts);
  let state = startOf(parts);
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const batch of makeBatches(32 * 5 + 16)) [, state] = trainStep(state, batch);
    let totals = parts.metric.statelessResetState();
    for (const batch of makeBatches(32 * 3 + 16)) {
      [, totals] = evalStep(state[0], state[1], totals, batch);
    }
  }
  assertEquals([trainStep.compiles, evalStep.compiles], [2, 2]);
  assertEquals(runs, { train: 2, eval: 2 });
});

Deno.test("batches of one size compile each step function once", () => {
  const parts = makeParts();
  const { trainStep } = makeSteps(parts);
  let state = startOf(parts);
  for (const batch of makeBatches(32 * 4)) [, state] = trainStep(state, batch);
  assertEquals(trainStep.compiles, 1);
});

Deno.test("the loop learns, and its metrics count every sample once, training and validation apart", () => {
  const parts = makeParts();
  const { trainStep, evalStep } = makeSteps(parts);
  let state = startOf(parts);
  for (let epoch = 0; epoch < 3; epoch++) {
    state = [state[0], state[1], state[2], parts.metric.statelessResetState()];
    for (const batch of makeBatches(1000)) [, state] = trainStep(state, batch);
  }
  assertEquals(state[3].length, 2);
  assertEquals(state[3][1]!.item(), 1000);
  let totals = parts.metric.statelessResetState();
  assertEquals(totals.map((t) => t.item()), [0, 0]);
  for (const batch of makeBatches(200)) {
    [, totals] = evalStep(state[0], state[1], totals, batch);
  }
  assertEquals(totals[1]!.item(), 200);
  const accuracy = parts.metric.statelessResult(totals).item();
  assertEquals(accuracy, Math.fround(totals[0]!.item() / 200));
  assert(accuracy > 0.9, `accuracy ${accuracy}`);
});

Deno.test("a state of Variables is taken as it is, without a second compile", () => {
  const parts = makeParts();
  const { trainStep } = makeSteps(parts, false);
  const { model, optimizer, metric } = parts;
  const variables = [
    model.trainableVariables,
    model.nonTrainableVariables,
    optimizer.variables,
    metric.variables,
  ];
  const expected = startOf(parts);
  const [batch] = makeBatches(32);
  const [want] = trainStep(expected, batch!);
  let [loss, state] = trainStep(variables as unknown as State, batch!);
  assertEquals(loss.item(), want.item());
  [loss, state] = trainStep(state, batch!);
  assertEquals(trainStep.compiles, 1);
  assert(loss.item() < want.item());
  assertEquals(state[2][0]!.item(), 2);
});

Deno.test("Variables in a donated state keep their values", () => {
  const parts = makeParts();
  const { trainStep } = makeSteps(parts);
  const before = parts.model.trainableVariables.map((v) => [...v.value.data()]);
  const [batch] = makeBatches(32);
  const variables = [
    parts.model.trainableVariables,
    parts.model.nonTrainableVariables,
    parts.optimizer.variables,
    parts.metric.variables,
  ] as unknown as State;
  let [, state] = trainStep(variables, batch!);
  [, state] = trainStep(state, batch!);
  assertEquals(trainStep.compiles, 1);
  assertEquals(parts.model.trainableVariables.map((v) => [...v.value.data()]), before);
  assertEquals(state[2][0]!.item(), 2);
});

Deno.test("the model's variables change only when they are assigned", () => {
  const parts = makeParts();
  const { trainStep } = makeSteps(parts);
  const { model, optimizer } = parts;
  const x = makeDigits(4)[0];
  const before = model.trainableVariables.map((v) => [...v.value.data()]);
  const predicted = model.apply(x).toArray();
  let state = startOf(parts);
  for (const batch of makeBatches(96)) [, state] = trainStep(state, batch);
  assertEquals(model.trainableVariables.map((v) => [...v.value.data()]), before);
  assertEquals(model.apply(x).toArray(), predicted);
  assertEquals(optimizer.variables[0]!.value.item(), 0);

  model.trainableVariables.forEach((v, i) => v.assign(state[0][i]!));
  optimizer.variables.forEach((v, i) => v.assign(state[2][i]!));
  model.trainableVariables.forEach((v, i) => {
    assertEquals([...v.value.data()], [...state[0][i]!.data()], v.path);
  });
  assertEquals(optimizer.variables[0]!.value.item(), 3);
  const [y] = model.statelessCall(state[0], state[1], x);
  assertEquals(model.apply(x).toArray(), y.toArray());
});

Deno.test("assigned variables survive training that goes on with a donated state", () => {
  const parts = makeParts();
  const { trainStep } = makeSteps(parts);
  let state = startOf(parts);
  const [batch] = makeBatches(32);
  [, state] = trainStep(state, batch!);
  parts.model.trainableVariables.forEach((v, i) => v.assign(state[0][i]!));
  const kept = parts.model.trainableVariables.map((v) => [...v.value.data()]);
  [, state] = trainStep(state, batch!);
  assertEquals(parts.model.trainableVariables.map((v) => [...v.value.data()]), kept);
  assert(state[0][0]!.data()[0] !== undefined);
});

Deno.test("a donated state cannot be read, and the error names the call that took it", () => {
  const parts = makeParts();
  const { trainStep } = makeSteps(parts);
  const [batch] = makeBatches(32);
  const [, first] = trainStep(startOf(parts), batch!);
  const [, second] = trainStep(first, batch!);
  const error = assertThrows(() => first[0][0]!.data(), DonatedError);
  assert(error.message.includes("donated to jit"), error.message);
  assertThrows(() => trainStep(first, batch!), DonatedError);
  assertEquals(second[2][0]!.item(), 2);
});

/** A gradient of the right shapes, and everything that one update needs. */
function oneUpdate() {
  const parts = makeParts();
  const state = startOf(parts);
  return { ...parts, state, grads: state[0].map((t) => np.onesLike(t)) };
}

Deno.test("7a: statelessApply with its arguments in the wrong order names the right one", () => {
  const { optimizer, state: [tv, , ov], grads } = oneUpdate();
  const error = assertThrows(() => optimizer.statelessApply(grads, tv, ov), RangeError);
  for (const word of ["optimizerVariables", "grads", "trainableVariables", "14", "6"]) {
    assert(error.message.includes(word), `${word} is not in: ${error.message}`);
  }
  const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
  assertEquals([newTv.length, newOv.length], [6, 14]);
});

Deno.test("7b: three values from a function with auxiliary output name the pair that is wanted", () => {
  const x = np.ones([3]);
  const wrong = (w: Tensor) => [w.mul(x).sum(), [w], [x]];
  const error = assertThrows(
    () => valueAndGrad(wrong as unknown as (w: Tensor) => [Tensor, Tensor[]], { hasAux: true })(x),
    TypeError,
  );
  assert(/\[loss, aux\]|\[value, aux\]/.test(error.message), error.message);
  const right = (w: Tensor): [Tensor, [Tensor[], Tensor[]]] => [w.mul(x).sum(), [[w], [x]]];
  const [[loss, aux], grad] = valueAndGrad(right, { hasAux: true })(x);
  assertEquals([loss.item(), aux.length, grad.toArray()], [3, 2, [1, 1, 1]]);
});

Deno.test("7f: the sum of a list of losses names the ways that work", () => {
  const parts = [np.array(1), np.array(2)];
  const error = assertThrows(() => np.sum(parts as unknown as Tensor), TypeError);
  assert(error.message.includes("np.stack"), error.message);
  assertEquals(np.sum(np.stack(parts)).item(), 3);
  assertEquals(parts.reduce((a, b) => a.add(b)).item(), 3);
});

Deno.test("a list of the wrong length or with a wrong shape is refused with the variable's name", () => {
  const { model, optimizer, state: [tv, ntv, ov], grads } = oneUpdate();
  const x = np.zeros([2, 784]);
  const wrong = tv.map((t, i) => i === 2 ? np.zeros([64, 63]) : t);
  const slots = ov.map((t, i) => i === 3 ? np.zeros([1]) : t);
  const path = model.trainableVariables[2]!.path;
  const slotPath = optimizer.variables[3]!.path;
  const cases: [() => unknown, string[]][] = [
    [() => model.statelessCall(tv.slice(1), ntv, x), ["5", "6", path]],
    [() => model.statelessCall(tv, [np.array(0)], x), ["1", "0"]],
    [() => model.statelessCall(wrong, ntv, x), [path, "[64,63]", "[64,64]"]],
    [() => optimizer.statelessApply(ov.slice(1), grads, tv), ["13", "14"]],
    [() => optimizer.statelessApply(ov, grads.slice(1), tv), ["5", "6"]],
    [() => optimizer.statelessApply(ov, grads, wrong), [path, "[64,63]", "[64,64]"]],
    [() => optimizer.statelessApply(ov, wrong, tv), [path, "[64,63]", "[64,64]"]],
    [() => optimizer.statelessApply(slots, grads, tv), [slotPath, "[1]", "[784,64]"]],
  ];
  for (const [call, words] of cases) {
    const { message } = assertThrows(call, RangeError);
    for (const word of words) assert(message.includes(word), `${word} is not in: ${message}`);
  }
});

Deno.test("printing inside a jitted function happens once, at its trace", () => {
  const printed: string[] = [];
  const f = jit((x: Tensor) => {
    printed.push(String(x.shape));
    return x.add(1);
  });
  for (let i = 0; i < 5; i++) f(np.zeros([3]));
  f(np.zeros([4]));
  assertEquals(printed, ["3", "4"]);
});

Deno.test("a state from another model is refused where its shapes differ", () => {
  const { trainStep } = makeSteps(makeParts(784));
  const other = startOf(makeParts(100));
  const [batch] = makeBatches(32);
  const { message } = assertThrows(() => trainStep(other, batch!), RangeError);
  assert(message.includes("[100,64]") && message.includes("[784,64]"), message);
});
