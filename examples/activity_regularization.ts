/**
 * A training loop from scratch, third program of the guide: losses that layers add themselves.
 */
import { data, datasets, jit, layers, losses, metrics } from "../mod.ts";
import { models, np, optimizers, type Tensor, valueAndGrad } from "../mod.ts";

/** Passes its input on and adds a loss that grows with it, as a mean over the batch. */
class ActivityRegularizationLayer extends layers.Layer {
  override call(inputs: Tensor): Tensor {
    this.addLoss(np.sum(inputs).mul(1e-2).div(inputs.shape[0]!));
    return inputs;
  }
}

const inputs = layers.input({ shape: [784], name: "digits" });
let x = new layers.Rescaling(1 / 255).apply(inputs);
x = new layers.Dense(64, { activation: "relu" }).apply(x);
x = new ActivityRegularizationLayer().apply(x); // as a layer in the graph
x = new layers.Dense(64, { activation: "relu" }).apply(x);
const outputs = new layers.Dense(10, { name: "predictions" }).apply(x);
const model = new models.Model({ inputs, outputs });

const lossFn = losses.sparseCategoricalCrossentropy({ fromLogits: true });
const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
const accuracy = new metrics.SparseCategoricalAccuracy();

type Vars = Tensor[];
type State = [Vars, Vars, Vars, Vars];

// The losses that layers added come back with returnLosses, as a list of scalars.
function computeLossAndUpdates(tv: Vars, ntv: Vars, mv: Vars, x: Tensor, y: Tensor) {
  const [yPred, updated, added] = model.statelessCall(tv, ntv, x, {
    training: true,
    returnLosses: true,
  });
  let loss = lossFn(y, yPred);
  if (added.length > 0) loss = loss.add(np.sum(np.stack(added)));
  const aux: [Vars, Vars] = [updated, accuracy.statelessUpdateState(mv, y, yPred)];
  return [loss, aux] as [Tensor, [Vars, Vars]]; // a pair: the loss, then all the rest
}
const gradFn = valueAndGrad(computeLossAndUpdates, { hasAux: true });

const trainStep = jit(([tv, ntv, ov, mv]: State, [x, y]: [Tensor, Tensor]): [Tensor, State] => {
  const [[loss, [ntv1, mv1]], grads] = gradFn(tv, ntv, mv, x, y);
  const [tv1, ov1] = optimizer.statelessApply(ov, grads, tv);
  return [loss, [tv1, ntv1, ov1, mv1]];
}, { donate: [0] });

const [[images, labels]] = await datasets.mnist.loadData();
const x1 = images.reshape([-1, 784]).astype("float32");
const dataset = data.Dataset.fromTensorSlices([x1, labels]).shuffle(1024).batch(32);

optimizer.build(model.trainableVariables);
const values = (variables: { value: Tensor }[]) => variables.map((v) => v.value);
let state: State = [
  values(model.trainableVariables),
  values(model.nonTrainableVariables),
  values(optimizer.variables),
  values(accuracy.variables),
];
let step = 0;
for (const batch of dataset) {
  let loss: Tensor;
  [loss, state] = trainStep(state, batch);
  if (step++ % 300 === 0) {
    console.log(`Training loss at step ${step - 1}: ${loss.item().toFixed(4)}`);
  }
}
console.log(`Training accuracy: ${accuracy.statelessResult(state[3]).item().toFixed(4)}`);
