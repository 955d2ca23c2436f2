/**
 * One guide step from a standing start, in a process of its own: MNIST's idx files from the folder
 * named, the guide's model, one jitted step. Prints the loss.
 *
 * @module
 */
import {
  data,
  datasets,
  type HostArray,
  jit,
  layers,
  losses,
  models,
  optimizers,
  type Tensor,
  utils,
  valueAndGrad,
} from "../../mod.ts";

const [[images, labels]] = await datasets.mnist.loadData({ path: Deno.args[0]! });
const x = images.reshape([-1, 784]).astype("float32").slice(0, -10000);
const y = utils.toCategorical(labels, 10).slice(0, -10000);
const batches = data.Dataset.fromTensorSlices([x, y]).shuffle(1024).batch(32);

const inputs = layers.input({ shape: [784], name: "digits" });
const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
const outputs = new layers.Dense(10, { name: "predictions" }).apply(x2);
const model = new models.Model({ inputs, outputs });
const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
optimizer.build(model.trainableVariables);

const gradFn = valueAndGrad((tv: Tensor[], ntv: Tensor[], x: Tensor, y: Tensor) => {
  const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
  return [lossFn(y, yPred), updated] as [Tensor, Tensor[]];
}, { hasAux: true });
const trainStep = jit((state: [Tensor[], Tensor[], Tensor[]], [x, y]: [Tensor, Tensor]) => {
  const [tv, ntv, ov] = state;
  const [[loss, updated], grads] = gradFn(tv, ntv, x, y);
  const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
  return [loss, [newTv, updated, newOv]] as const;
}, { donate: [0] });

for (const batch of batches as Iterable<[HostArray, HostArray]>) {
  const [loss] = trainStep([
    model.trainableVariables.map((v) => v.value),
    model.nonTrainableVariables.map((v) => v.value),
    optimizer.variables.map((v) => v.value),
  ], batch);
  console.log(loss.item());
  break;
}
