/**
 * Run by `deno test`: prints as CUDA C what the goldens of layers, models and optimizers and steps of
 * training compile, while a CPU computes it, and writes the kernels that differ in more than numbers
 * to the file that GLISSADE_TEST_PRINTED names. With GLISSADE_TEST_ALL it writes all that differ, and
 * runs the contract of devices as well, of which thousands of kernels come.
 *
 * @module
 */
import { HostArray, jit, layers, losses, np, optimizers, type Tensor } from "../../../mod.ts";
import { models, nn, random, type Variable } from "../../../mod.ts";
import { useDevice } from "../../../src/core/mod.ts";
import type { DeviceStep } from "../../../src/compile/plan.ts";
import { createCpu } from "../../../src/device/cpu/mod.ts";
import { type Limits, printStep, textKey } from "../../../src/device/cuda/print/mod.ts";
import { printProduct } from "../../../src/device/cuda/product_kernel.ts";
import type { Device } from "../../../src/device/device.ts";
import { valueAndGrad } from "../../../src/transform/mod.ts";
import { contract } from "../contract.ts";
import { digits, guideTraining, losses as lossesOf } from "./train_step.ts";

/** An H100. */
const LIMITS: Limits = { multiprocessors: 132, threadsPerBlock: 1024, sharedPerBlock: 49152 };
/** The place in a text of its number, which functions have in their names. */
const PREFIX = "kNUMBER";

const all = Deno.env.has("GLISSADE_TEST_ALL");
const seen = new Set<string>();
const texts = new Map<string, string>();

function collect(step: DeviceStep): void {
  const key = textKey(step);
  if (seen.has(key)) return;
  seen.add(key);
  const isProduct = step.kind === "call" && step.call.name === "gemm";
  const { source } = isProduct ? printProduct(step.call, PREFIX) : printStep(step, PREFIX, LIMITS);
  if (source === "") return;
  const text = source.replace(/\/\/.*/g, "");
  texts.set(all ? text : text.replace(/\d+/g, "0"), source);
}

const cpu = createCpu({ threads: 1 });
const device: Device = {
  name: cpu.name,
  heap: cpu.heap,
  link(step, slots) {
    collect(step);
    return cpu.link(step, slots);
  },
  describe: () => cpu.describe(),
  reconfigure: () => cpu.reconfigure(),
};
useDevice(device);

if (all) contract({ name: "printed", make: () => device });
for (const room of ["layers", "optimizers", "models", ...(all ? ["nn", "losses"] : [])]) {
  await import(`../../${room}/goldens_test.ts`);
}

Deno.test("the guide's steps, one batch and another", () => {
  for (const rows of [32, 128]) lossesOf(guideTraining(), digits(1, rows));
});

type State = [Tensor[], Tensor[], Tensor[]];

/** One step of training of a model with Adam. */
function train(model: models.Sequential, x: HostArray, classes: number): void {
  const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
  const lossFn = losses.sparseCategoricalCrossentropy({ fromLogits: true });
  const loss = (tv: Tensor[], ntv: Tensor[], x: Tensor, y: Tensor): [Tensor, Tensor[]] => {
    const [logits, updated] = model.statelessCall(tv, ntv, x, { training: true });
    return [lossFn(y, logits), updated];
  };
  const slope = valueAndGrad(loss, { hasAux: true });
  const step = jit(([tv, ntv, ov]: State, x: Tensor, y: Tensor): [Tensor, State] => {
    const [[value, updated], gradients] = slope(tv, ntv, x, y);
    const [tv1, ov1] = optimizer.statelessApply(ov, gradients, tv);
    return [value, [tv1, updated, ov1]];
  }, { donate: [0] });
  optimizer.build(model.trainableVariables);
  const values = (variables: readonly Variable[]) => variables.map((v) => v.value);
  const state: State = [
    values(model.trainableVariables),
    values(model.nonTrainableVariables),
    values(optimizer.variables),
  ];
  const rows = x.shape[0]!;
  const y = new HostArray(Int32Array.from({ length: rows }, (_, i) => i % classes), [rows]);
  step(state, x as never, y as never);
}

Deno.test("a step of a convolutional network", () => {
  const model = new models.Sequential([
    layers.input({ shape: [28, 28, 1] }),
    new layers.Rescaling(1 / 255),
    new layers.Conv2D(32, 3, { activation: "relu" }),
    new layers.BatchNormalization(),
    new layers.Conv2D(64, 3, { activation: "relu", padding: "same", strides: 2 }),
    new layers.MaxPooling2D(),
    new layers.Flatten(),
    new layers.Dense(128, { activation: "gelu" }),
    new layers.Dropout(0.25),
    new layers.Dense(10),
  ]);
  train(model, new HostArray(new Float32Array(8 * 784), [8, 28, 28, 1]), 10);
});

Deno.test("a step of a transformer", () => {
  const [batch, length, words, wide, heads] = [4, 64, 500, 128, 4];
  const key = random.key(1);
  const weights = {
    embedding: random.normal(key, [words, wide]),
    qkv: random.normal(key, [wide, 3 * wide]),
    out: random.normal(key, [wide, wide]),
    up: random.normal(key, [wide, 4 * wide]),
    down: random.normal(key, [4 * wide, wide]),
    scale: np.ones([wide]),
  };
  type Weights = typeof weights;
  const norm = (x: Tensor, scale: Tensor): Tensor => {
    const mean = x.mean({ axis: -1, keepdims: true });
    const centred = x.sub(mean);
    const variance = centred.square().mean({ axis: -1, keepdims: true });
    return centred.div(variance.add(1e-5).sqrt()).mul(scale);
  };
  const loss = (w: Weights, tokens: Tensor): Tensor => {
    let x = np.take(w.embedding, tokens, 0);
    const parts = np.split(norm(x, w.scale).matmul(w.qkv), 3, -1)
      .map((t) => t.reshape([batch, length, heads, wide / heads])) as [Tensor, Tensor, Tensor];
    const attended = nn.dotProductAttention(...parts, { causal: true });
    x = x.add(attended.reshape([batch, length, wide]).matmul(w.out));
    x = x.add(nn.gelu(norm(x, w.scale).matmul(w.up)).matmul(w.down));
    const logits = norm(x, w.scale).matmul(w.embedding.transpose());
    return nn.logSoftmax(logits).mul(nn.oneHot(tokens, words)).sum().neg();
  };
  const step = jit((w: Weights, tokens: Tensor): [Tensor, Weights] => {
    const [value, slope] = valueAndGrad(loss)(w, tokens) as [Tensor, Weights];
    const next = Object.fromEntries(
      Object.entries(w).map(([name, t]) => [name, t.sub(slope[name as keyof Weights].mul(1e-3))]),
    );
    return [value, next as Weights];
  }, { donate: [0] });
  const tokens = Int32Array.from({ length: batch * length }, (_, i) => i * 7 % words);
  step(weights, np.array(new HostArray(tokens, [batch, length])));
});

Deno.test("what was printed is written", () => {
  Deno.writeTextFileSync(
    Deno.env.get("GLISSADE_TEST_PRINTED")!,
    JSON.stringify([...texts.values()]),
  );
});
