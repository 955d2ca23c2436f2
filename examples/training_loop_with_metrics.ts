/**
 * A training loop from scratch, second program of the guide: metrics kept in the state, and a
 * validation loop. This is `deno task mnist`.
 */
import * as gl from "../mod.ts";
import { datasets, jit, layers, losses, metrics, models, optimizers, utils } from "../mod.ts";

const inputs = layers.input({ shape: [784], name: "digits" });
const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
const outputs = new layers.Dense(10, { name: "predictions" }).apply(x2);
const model = new models.Model({ inputs, outputs });
const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
const trainAccMetric = new metrics.CategoricalAccuracy();
const valAccMetric = new metrics.CategoricalAccuracy();

const batchSize = 32;
const [[images, labels]] = await datasets.mnist.loadData();
const x = images.reshape([-1, 784]).astype("float32");
const y = utils.toCategorical(labels);
const part = (from: number, to?: number) =>
  gl.data.Dataset.fromTensorSlices([x.slice(from, to), y.slice(from, to)]);
const trainDataset = part(0, -10000).shuffle(1024).batch(batchSize);
const valDataset = part(-10000).batch(batchSize);

type Vars = gl.Tensor[];
type Batch = [gl.Tensor, gl.Tensor];
function computeLossAndUpdates(tv: Vars, ntv: Vars, mv: Vars, [x, y]: Batch): [gl.Tensor, Vars[]] {
  const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
  return [lossFn(y, yPred), [updated, trainAccMetric.statelessUpdateState(mv, y, yPred)]];
}
const gradFn = gl.valueAndGrad(computeLossAndUpdates, { hasAux: true });

const trainStep = jit(([tv, ntv, ov, mv]: [Vars, Vars, Vars, Vars], batch: Batch) => {
  const [[loss, [ntv1, mv1]], grads] = gradFn(tv, ntv, mv, batch);
  const [tv1, ov1] = optimizer.statelessApply(ov, grads, tv);
  return [loss, [tv1, ntv1!, ov1, mv1!]] as [gl.Tensor, [Vars, Vars, Vars, Vars]];
}, { donate: [0] });

const evalStep = jit((tv: Vars, ntv: Vars, mv: Vars, [x, y]: Batch): [gl.Tensor, Vars] => {
  const [yPred] = model.statelessCall(tv, ntv, x);
  return [lossFn(y, yPred), valAccMetric.statelessUpdateState(mv, y, yPred)];
});

const bar = new utils.ProgressBar({ total: trainDataset.cardinality!, label: "Training" });
function report(kind: string, step: number, loss: gl.Tensor, metric: metrics.Metric, mv: Vars) {
  bar.log(`${kind} loss (for 1 batch) at step ${step}: ${loss.item().toFixed(4)}
${kind} accuracy: ${metric.statelessResult(mv).item()}
Seen so far: ${(step + 1) * batchSize} samples`);
}

optimizer.build(model.trainableVariables);
let state: [Vars, Vars, Vars, Vars] = [
  model.trainableVariables.map((v) => v.value),
  model.nonTrainableVariables.map((v) => v.value),
  optimizer.variables.map((v) => v.value),
  trainAccMetric.variables.map((v) => v.value),
];
const started = performance.now();
let [step, loss] = [0, gl.np.array(0)];
for (const batch of trainDataset) {
  [loss, state] = trainStep(state, batch);
  if (step % 100 === 0) report("Training", step, loss, trainAccMetric, state[3]);
  bar.update(++step);
}
bar.finish();
const rate = step / (performance.now() - started) * 1000;
const [tv, ntv] = state;
let mv: Vars = valAccMetric.statelessResetState(); // fresh totals, not those of training
step = 0;
for (const batch of valDataset) {
  [loss, mv] = evalStep(tv, ntv, mv, batch);
  if (step % 100 === 0) report("Validation", step, loss, valAccMetric, mv);
  step++;
}
const { device, blas, version, threads } = gl.backend();
console.log(`Validation accuracy over all: ${valAccMetric.statelessResult(mv).item()}`);
console.log(`${device}, ${blas} ${version}, ${threads} threads: ${rate.toFixed(0)} steps/s`);
