/**
 * A small convolutional network on MNIST: two convolutions, pooling, two dense layers. It sees part
 * of an epoch, then half of the test images. Run it with `deno run -A examples/mnist_cnn.ts [steps]`.
 */
import * as gl from "../mod.ts";
import { data, datasets, jit, layers, losses, metrics, models, optimizers } from "../mod.ts";

// images are [height, width, channels], channels last; raw pixels are scaled to 0..1 by the model
const model = new models.Sequential([
  layers.input({ shape: [28, 28, 1], name: "digits" }),
  new layers.Rescaling(1 / 255),
  new layers.Conv2D(32, 3, { activation: "relu" }), // [26, 26, 32]
  new layers.Conv2D(64, 3, { activation: "relu" }), // [24, 24, 64]
  new layers.MaxPooling2D(), // [12, 12, 64]
  new layers.Flatten(),
  new layers.Dense(128, { activation: "relu" }),
  new layers.Dropout(0.25),
  new layers.Dense(10, { name: "predictions" }),
]);
const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
const lossFn = losses.sparseCategoricalCrossentropy({ fromLogits: true });
const accuracy = new metrics.SparseCategoricalAccuracy();

const steps = Number(Deno.args[0] ?? 200);
const batchSize = 64;
const [[xTrain, yTrain], [xTest, yTest]] = await datasets.mnist.loadData();
const images = (x: gl.HostArray) => x.reshape([-1, 28, 28, 1]).astype("float32");
const labels = (y: gl.HostArray) => y.astype("int32");
const train = data.Dataset.fromTensorSlices([images(xTrain), labels(yTrain)])
  .shuffle(10000, { seed: 1 }).batch(batchSize).take(steps);
const test = data.Dataset.fromTensorSlices([
  images(xTest.slice(0, 5000)),
  labels(yTest.slice(0, 5000)),
]).batch(100);

type Vars = gl.Tensor[];
type Batch = [gl.Tensor, gl.Tensor];
const loss = (tv: Vars, ntv: Vars, [x, y]: Batch): [gl.Tensor, Vars] => {
  const [logits, updated] = model.statelessCall(tv, ntv, x, { training: true });
  return [lossFn(y, logits), updated];
};
const lossAndGradients = gl.valueAndGrad(loss, { hasAux: true });

const trainStep = jit(([tv, ntv, ov]: [Vars, Vars, Vars], batch: Batch) => {
  const [[loss, ntv1], gradients] = lossAndGradients(tv, ntv, batch);
  const [tv1, ov1] = optimizer.statelessApply(ov, gradients, tv);
  return [loss, [tv1, ntv1, ov1]] as [gl.Tensor, [Vars, Vars, Vars]];
}, { donate: [0] }); // the old state is overwritten by the new one

const testStep = jit((tv: Vars, ntv: Vars, mv: Vars, [x, y]: Batch): Vars =>
  accuracy.statelessUpdateState(mv, y, model.statelessCall(tv, ntv, x)[0])
);

optimizer.build(model.trainableVariables);
const values = (variables: readonly gl.Variable[]) => variables.map((v) => v.value);
let state: [Vars, Vars, Vars] = [
  values(model.trainableVariables),
  values(model.nonTrainableVariables),
  values(optimizer.variables),
];
const started = performance.now();
let step = 0;
for (const batch of train) {
  const [loss, next] = trainStep(state, batch);
  state = next;
  if (step % 50 === 0) console.log(`Step ${step}: loss ${loss.item().toFixed(4)}`);
  step++;
}
const rate = step / (performance.now() - started) * 1000;
let mv: Vars = accuracy.statelessResetState();
for (const batch of test) mv = testStep(state[0], state[1], mv, batch);
console.log(`Test accuracy: ${accuracy.statelessResult(mv).item().toFixed(4)}`);
console.log(`${rate.toFixed(1)} steps/s, ${batchSize} images each`);
