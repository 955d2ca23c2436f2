import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  backend,
  config,
  HostArray,
  jit,
  layers,
  losses,
  models,
  NativeLibraryError,
  optimizers,
  type Tensor,
  utils,
  valueAndGrad,
} from "../../mod.ts";
import { findBlas } from "../../ffi/mod.ts";
import { type GoldenArray, readGuide } from "../goldens/read.ts";

type Dtype = "float32" | "float64";
type State = [trainable: HostArray[], nonTrainable: HostArray[], optimizer: HostArray[]];
type Tensors = [Tensor[], Tensor[], Tensor[]];

const guide = readGuide();
const hosts = (all: readonly GoldenArray[], dtype?: Dtype): HostArray[] =>
  all.map((a) => {
    const array = new HostArray(a.data, a.shape, a.dtype);
    return dtype === undefined ? array : array.astype(dtype);
  });

/** The guide's model, loss and optimizer, and its step, which here also returns the gradients. */
function makeGuide(dtype: Dtype) {
  const inputs = layers.input({ shape: [784], name: "digits", dtype });
  const x1 = new layers.Dense(64, { activation: "relu", dtype }).apply(inputs);
  const x2 = new layers.Dense(64, { activation: "relu", dtype }).apply(x1);
  const outputs = new layers.Dense(10, { name: "predictions", dtype }).apply(x2);
  const model = new models.Model({ inputs, outputs, dtype });
  const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
  const optimizer = new optimizers.Adam({ learningRate: guide.learningRate });
  optimizer.build(model.trainableVariables);
  const computeLoss = (tv: Tensor[], ntv: Tensor[], x: Tensor, y: Tensor): [Tensor, Tensor[]] => {
    const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
    return [lossFn(y, yPred), updated];
  };
  const gradFn = valueAndGrad(computeLoss, { hasAux: true });
  const trainStep = jit(
    (state: Tensors, [x, y]: [Tensor, Tensor]): [Tensor, Tensor[], Tensors] => {
      const [tv, ntv, ov] = state;
      const [[loss, updated], grads] = gradFn(tv, ntv, x, y);
      const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
      return [loss, grads, [newTv, updated, newOv]];
    },
    { donate: [0] },
  );
  return { model, optimizer, trainStep };
}

/** Batch number t, as the model of this dtype is given it. */
function batchOf(t: number, dtype: Dtype): [HostArray, HostArray] {
  const { pixels, labels } = guide.images(t);
  const [x, y] = hosts([pixels, labels]) as [HostArray, HostArray];
  return [x.astype(dtype), utils.toCategorical(y, 10).astype(dtype)];
}

/** The largest difference, as a multiple of the largest magnitude wanted. */
function worst(got: Tensor, want: GoldenArray): number {
  assertEquals([...got.shape], [...want.shape]);
  assertEquals(got.dtype, want.dtype);
  const values = got.data();
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < want.data.length; i++) {
    difference = Math.max(difference, Math.abs(values[i]! - want.data[i]!));
    scale = Math.max(scale, Math.abs(want.data[i]!));
  }
  return scale === 0 ? difference : difference / scale;
}

/** The largest difference between entries. */
function distance(got: Tensor, want: GoldenArray): number {
  assertEquals([...got.shape], [...want.shape]);
  const values = got.data();
  let d = 0;
  for (let i = 0; i < want.data.length; i++) {
    d = Math.max(d, Math.abs(values[i]! - want.data[i]!));
  }
  return d;
}

/** Notes the worst of many numbers, and fails where one passes its bound. */
function within(bound: number, value: number, what: string): number {
  assert(value <= bound, `${what}: ${value}, at most ${bound} is allowed`);
  return value;
}

function follow64(): void {
  const { trainStep, optimizer, model } = makeGuide("float64");
  assertEquals(optimizer.variables.length, 14);
  assertEquals(model.trainableVariables.map((v) => v.dtype), Array(6).fill("float64"));
  let state = [
    hosts(guide.initial, "float64"),
    [],
    optimizer.variables.map((v) => new HostArray(v.value.data(), v.shape, v.dtype)),
  ] as State | Tensors;
  for (let t = 0; t < guide.steps; t++) {
    const [loss, grads, next] = trainStep(state, batchOf(t, "float64"));
    const want = guide.float64.losses[t]!;
    within(1e-10, Math.abs(loss.item() - want) / want, `loss of step ${t}`);
    if (t === 0) {
      guide.float64.firstGradients.forEach((g, i) =>
        within(1e-10, worst(grads[i]!, g), `gradient ${i}`)
      );
    }
    for (const { step, trainable } of guide.float64.weights) {
      if (step !== t + 1) continue;
      trainable.forEach((w, i) =>
        within(1e-9, distance(next[0][i]!, w), `weights ${i} after ${step} steps`)
      );
    }
    for (const { step, sumOfMagnitudes } of guide.float64.checks) {
      if (step !== t + 1) continue;
      let sum = 0;
      for (const w of next[0]) for (const v of w.data()) sum += Math.abs(v);
      within(1e-9, Math.abs(sum - sumOfMagnitudes) / sumOfMagnitudes, `weights after ${step}`);
    }
    state = next;
  }
  assertEquals(trainStep.compiles, 1);
}

function follow32(): void {
  const { trainStep, optimizer, model } = makeGuide("float32");
  const paths = [...model.trainableVariables, ...optimizer.variables].map((v) => v.shape.join());
  assertEquals(paths, guide.variables.map((v) => v.shape.join()));
  let t = 0;
  for (const { loss, before, gradients, after } of guide.float32()) {
    const start: State = [hosts(before.trainable), [], hosts(before.optimizer)];
    const [gotLoss, gotGrads, [tv, , ov]] = trainStep(start, batchOf(t, "float32"));
    within(2e-6, Math.abs(gotLoss.item() - loss) / loss, `loss of step ${t}`);
    gradients.forEach((g, i) => within(5e-5, worst(gotGrads[i]!, g), `gradient ${i} of step ${t}`));
    after.trainable.forEach((w, i) =>
      within(1e-4, distance(tv[i]!, w), `weights ${i} after step ${t}`)
    );
    assertEquals(ov[0]!.item(), t + 1);
    after.optimizer.slice(1).forEach((m, i) =>
      within(1e-4, worst(ov[i + 1]!, m), `optimizer variable ${i + 1} after step ${t}`)
    );
    t++;
  }
  assertEquals([t, trainStep.compiles], [guide.steps, 1]);
}

const installed = findBlas({ mode: "auto" }).blas !== null;
const before = config().blas;

function useOpenBlas(): void {
  config({ blas: "openblas" });
  backend();
}

for (const blas of ["openblas", "builtin"] as const) {
  const name = blas === "openblas" ? "OpenBLAS" : "the built-in matmul";
  for (
    const [dtype, how, follow] of [
      ["float64", "freely for 50 steps as Keras does", follow64],
      ["float32", "each of 50 steps from where Keras was", follow32],
    ] as const
  ) {
    Deno.test(`the guide runs in ${dtype} ${how}, with ${name}`, () => {
      try {
        if (blas === "openblas" && !installed) {
          // nothing takes its place behind the user's back
          assertThrows(() => useOpenBlas(), NativeLibraryError, "--allow-ffi");
          return;
        }
        config({ blas });
        assertEquals(backend().blas === "builtin", blas === "builtin");
        follow();
      } finally {
        config({ blas: before });
      }
    });
  }
}
