/**
 * The guide's training loop with checkpoints. Kill it at any moment and run it again: it goes on, and
 * its losses are, to the bit, those of a run that was never interrupted.
 *
 *     deno run -A examples/resume_training.ts [folder] [steps]
 */
import { data, datasets, io, jit, layers, losses, metrics } from "../mod.ts";
import { models, optimizers, type Tensor, utils, valueAndGrad } from "../mod.ts";

const [folder = "checkpoints", steps = "500"] = Deno.args;
utils.setRandomSeed(42);

const inputs = layers.input({ shape: [784] });
const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
const x2 = new layers.Dropout(0.2).apply(x1);
const outputs = new layers.Dense(10).apply(x2);
const model = new models.Model({ inputs, outputs });

const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
const metric = new metrics.CategoricalAccuracy();
const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
optimizer.build(model.trainableVariables);

const [[images, labels]] = await datasets.mnist.loadData();
const x = images.reshape([-1, 784]).astype("float32");
const dataset = data.Dataset.fromTensorSlices([x, utils.toCategorical(labels)])
  .shuffle(1024, { seed: 7 }).batch(32).repeat();

function computeLoss(
  trainable: Tensor[],
  nonTrainable: Tensor[],
  x: Tensor,
  y: Tensor,
): [Tensor, [Tensor, Tensor[]]] {
  const [yPred, updated] = model.statelessCall(trainable, nonTrainable, x, { training: true });
  return [lossFn(y, yPred), [yPred, updated]];
}
const gradFn = valueAndGrad(computeLoss, { hasAux: true });

type State = [Tensor[], Tensor[], Tensor[], Tensor[]];

const trainStep = jit((state: State, [x, y]: [Tensor, Tensor]): [Tensor, State] => {
  const [before, nonTrainable, optimizerVariables, metricVariables] = state;
  const [[loss, [yPred, updated]], grads] = gradFn(before, nonTrainable, x, y);
  const [after, moments] = optimizer.statelessApply(optimizerVariables, grads, before);
  return [loss, [after, updated, moments, metric.statelessUpdateState(metricVariables, y, yPred)]];
}, { donate: [0] });

// What a fresh training begins with. A checkpoint of the same structure takes its place, if any.
const fresh: { state: State; batches: data.State } = {
  state: [
    model.trainableVariables.map((v) => v.value),
    model.nonTrainableVariables.map((v) => v.value),
    optimizer.variables.map((v) => v.value),
    metric.variables.map((v) => v.value),
  ],
  batches: null, // where the pipeline stands: any JSON
};
const manager = new io.CheckpointManager(folder, { keep: 2 });
const restored = await manager.restore(fresh);
let { state } = restored?.state ?? fresh;
let step = restored?.step ?? 0;
const batches = dataset.iterate({ state: restored?.state.batches ?? undefined });

for (const batch of batches) {
  if (step >= Number(steps)) break;
  let loss: Tensor;
  [loss, state] = trainStep(state, batch);
  console.log(`Step ${++step}: loss ${loss.item()}`);
  if (step % 20 === 0) await manager.save(step, { state, batches });
}
console.log(`Accuracy: ${metric.statelessResult(state[3]).item()}`);

// What was learned, for the model as an object and for other programs.
model.trainableVariables.forEach((v, i) => v.assign(state[0][i]!));
model.nonTrainableVariables.forEach((v, i) => v.assign(state[1][i]!));
await model.saveWeights(`${folder}/weights.safetensors`);
