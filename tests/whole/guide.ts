/**
 * The guide's model and the parts of its loop, for the tests that check what they do.
 *
 * @module
 */
import {
  data,
  HostArray,
  layers,
  losses,
  metrics,
  models,
  optimizers,
  type Tensor,
  utils,
  type Variable,
} from "../../mod.ts";

/** Trainable, non-trainable, optimizer's and metric's variables. */
export type State = [Tensor[], Tensor[], Tensor[], Tensor[]];

/** What the guide makes before its loop. */
export interface Parts {
  readonly model: models.Model;
  readonly optimizer: optimizers.Adam;
  readonly lossFn: (yTrue: Tensor, yPred: Tensor) => Tensor;
  readonly metric: metrics.CategoricalAccuracy;
}

/** Builds model, loss, optimizer and metric. */
export function makeParts(features = 784): Parts {
  const inputs = layers.input({ shape: [features], name: "digits" });
  const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
  const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
  const outputs = new layers.Dense(10, { name: "predictions" }).apply(x2);
  const model = new models.Model({ inputs, outputs });
  const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
  optimizer.build(model.trainableVariables);
  const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
  return { model, optimizer, lossFn, metric: new metrics.CategoricalAccuracy() };
}

/** All variables in the order of the state. */
export function variablesOf({ model, optimizer, metric }: Parts): Variable[][] {
  return [
    model.trainableVariables,
    model.nonTrainableVariables,
    optimizer.variables,
    metric.variables,
  ];
}

/** The state that training starts from. */
export function startOf(parts: Parts): State {
  return variablesOf(parts).map((list) => list.map((v) => v.value)) as State;
}

/** Made-up digits: bright pixels whose place tells the class. */
export function makeDigits(rows: number, features = 784): [HostArray, HostArray] {
  const pixels = new Float32Array(rows * features);
  const labels = new Int32Array(rows).map((_, i) => (i * 7) % 10);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < features; j++) {
      const noise = ((i * 8191 + j * 131) % 251) / 8;
      pixels[i * features + j] = j % 10 === labels[i]! ? 200 + noise : noise;
    }
  }
  return [new HostArray(pixels, [rows, features]), utils.toCategorical(labels, 10)];
}

/** Batches of made-up digits, the last one ragged where 32 does not divide the rows. */
export function makeBatches(rows: number): Iterable<[HostArray, HostArray]> {
  const slices = data.Dataset.fromTensorSlices(makeDigits(rows));
  return slices.shuffle(1024, { seed: 5 }).batch(32) as Iterable<[HostArray, HostArray]>;
}
