/**
 * A training loop from scratch, first program of the guide: a model, a loss, an optimizer, a jitted
 * step, and a plain `for` over batches.
 */
import { data, datasets, jit, layers, losses } from "../mod.ts";
import { models, optimizers, type Tensor, utils, valueAndGrad } from "../mod.ts";

function getModel() {
  const inputs = layers.input({ shape: [784], name: "digits" });
  const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
  const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
  const outputs = new layers.Dense(10, { name: "predictions" }).apply(x2);
  return new models.Model({ inputs, outputs });
}
const model = getModel();

// 50,000 images to train on; pixels stay 0..255, labels become rows of zeros with a one.
const batchSize = 32;
const [[images, labels]] = await datasets.mnist.loadData();
const xTrain = images.reshape([-1, 784]).astype("float32").slice(0, -10000);
const yTrain = utils.toCategorical(labels).slice(0, -10000);
const trainDataset = data.Dataset.fromTensorSlices([xTrain, yTrain]).shuffle(1024).batch(batchSize);

const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
const optimizer = new optimizers.Adam({ learningRate: 1e-3 });

// The loss as a function of the variables: nothing is read from or written to the model.
function computeLossAndUpdates(
  trainableVariables: Tensor[],
  nonTrainableVariables: Tensor[],
  x: Tensor,
  y: Tensor,
): [Tensor, Tensor[]] {
  const [yPred, nonTrainable] = model.statelessCall(trainableVariables, nonTrainableVariables, x, {
    training: true,
  });
  return [lossFn(y, yPred), nonTrainable];
}
const gradFn = valueAndGrad(computeLossAndUpdates, { hasAux: true });

type State = [Tensor[], Tensor[], Tensor[]];

// One step, compiled. The state is donated: its memory is updated in place.
const trainStep = jit((state: State, batch: [Tensor, Tensor]): [Tensor, State] => {
  let [trainableVariables, nonTrainableVariables, optimizerVariables] = state;
  const [x, y] = batch;
  const [[loss, updated], grads] = gradFn(trainableVariables, nonTrainableVariables, x, y);
  nonTrainableVariables = updated;
  [trainableVariables, optimizerVariables] = optimizer.statelessApply(
    optimizerVariables,
    grads,
    trainableVariables,
  );
  return [loss, [trainableVariables, nonTrainableVariables, optimizerVariables]];
}, { donate: [0] });

optimizer.build(model.trainableVariables);
let state: State = [
  model.trainableVariables.map((v) => v.value),
  model.nonTrainableVariables.map((v) => v.value),
  optimizer.variables.map((v) => v.value),
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
