/**
 * A training loop from scratch, third program of the guide: losses that layers add themselves.
 */
import {
  data,
  jit,
  layers,
  losses,
  metrics,
  models,
  np,
  optimizers,
  valueAndGrad,
} from "../mod.ts";
import { type Tensor, utils } from "../mod.ts";

/** Passes its input on and adds a loss that grows with it. */
class ActivityRegularizationLayer extends layers.Layer {
  override call(inputs: Tensor): Tensor {
    this.addLoss(np.sum(inputs).mul(1e-2));
    return inputs;
  }
}

const inputs = layers.input({ shape: [784], name: "digits" });
let x = new layers.Dense(64, { activation: "relu" }).apply(inputs);
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

// Made-up digits: each class lights up its own stripe of pixels, with noise.
utils.setRandomSeed(1);
const labels = Int32Array.from({ length: 2048 }, (_, i) => i % 10);
const pixels = Float32Array.from({ length: 2048 * 784 }, (_, k) => {
  const stripe = Math.floor((k % 784) / 79) === labels[Math.floor(k / 784)]! ? 1 : 0;
  return stripe + 0.3 * Math.sin(12.9898 * k) * Math.cos(78.233 * k);
});
const dataset = data.Dataset.fromTensorSlices([np.array(pixels).reshape([2048, 784]), labels])
  .shuffle(1024, { seed: 1 }).batch(32);

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
  if (step++ % 20 === 0) {
    console.log(`Training loss at step ${step - 1}: ${loss.item().toFixed(4)}`);
  }
}
console.log(`Training accuracy: ${accuracy.statelessResult(state[3]).item().toFixed(4)}`);
