/**
 * The training loop from scratch with optax in the place of the optimizer: the guide's model, its
 * loss, and a chain of gradient transformations, all of it in one jitted step.
 */
import { data, datasets, jit, layers, losses } from "../mod.ts";
import { models, optax, type Tensor, utils, valueAndGrad } from "../mod.ts";

function getModel() {
  const inputs = layers.input({ shape: [784], name: "digits" });
  const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
  const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
  const outputs = new layers.Dense(10, { name: "predictions" }).apply(x2);
  return new models.Model({ inputs, outputs });
}
const model = getModel();

// 50,000 images to train on; labels become rows of zeros with a one.
const batchSize = 32;
const [[images, labels]] = await datasets.mnist.loadData();
const xTrain = images.reshape([-1, 784]).astype("float32").slice(0, -10000);
const yTrain = utils.toCategorical(labels).slice(0, -10000);
const trainDataset = data.Dataset.fromTensorSlices([xTrain, yTrain]).shuffle(1024).batch(batchSize);

// The learning rate rises for 100 steps and falls along a cosine until the epoch ends.
const rate = optax.warmupCosineDecaySchedule(0, 3e-3, 100, Math.ceil(xTrain.shape[0]! / batchSize));
const tx = optax.chain(optax.clipByGlobalNorm(1), optax.adam(rate));

const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
function computeLossAndUpdates(
  trainableVariables: Tensor[],
  nonTrainableVariables: Tensor[],
  x: Tensor,
  y: Tensor,
): [Tensor, Tensor[]] {
  const pixels = x.div(255);
  const [yPred, nonTrainable] = model.statelessCall(
    trainableVariables,
    nonTrainableVariables,
    pixels,
    { training: true },
  );
  return [lossFn(y, yPred), nonTrainable];
}
const gradFn = valueAndGrad(computeLossAndUpdates, { hasAux: true });

type State = [Tensor[], Tensor[], ReturnType<typeof tx.init>];

// One step, compiled: gradients, updates and new weights. The state is donated.
const trainStep = jit((state: State, batch: [Tensor, Tensor]): [Tensor, State] => {
  const [trainableVariables, nonTrainableVariables, optState] = state;
  const [x, y] = batch;
  const [[loss, updated], grads] = gradFn(trainableVariables, nonTrainableVariables, x, y);
  const [updates, next] = tx.update(grads, optState);
  return [loss, [optax.applyUpdates(trainableVariables, updates), updated, next]];
}, { donate: [0] });

const weights = model.trainableVariables.map((v) => v.value);
let state: State = [
  weights,
  model.nonTrainableVariables.map((v) => v.value),
  tx.init(weights),
];
let step = 0;
for (const batch of trainDataset) {
  let loss: Tensor;
  [loss, state] = trainStep(state, batch);
  if (step % 100 === 0) {
    console.log(`Training loss (for 1 batch) at step ${step}: ${loss.item().toFixed(4)}`);
    console.log(`Seen so far: ${(step + 1) * batchSize} samples`);
  }
  step++;
}

// The model has not changed so far. Attach what was learned before saving or calling it.
model.trainableVariables.forEach((v, i) => v.assign(state[0][i]!));
