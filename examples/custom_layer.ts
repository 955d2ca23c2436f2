/**
 * A layer of your own, inside a model of your own, trained on a spiral.
 */
import { jit, layers, losses, models, np } from "../mod.ts";
import { optimizers, random, type Tensor, valueAndGrad } from "../mod.ts";

/** A dense layer whose output is gated: sigmoid(x g) * tanh(x w). */
class GatedDense extends layers.Layer {
  constructor(readonly units: number) {
    super();
  }
  // Weights are made once the size of the input is known.
  override build([, n]: readonly number[]): void {
    this.w = this.addWeight({ shape: [n!, this.units], name: "w" });
    this.g = this.addWeight({ shape: [n!, this.units], name: "g" });
  }
  override call(x: Tensor): Tensor {
    return np.matmul(x, this.g!).sigmoid().mul(np.matmul(x, this.w!).tanh());
  }
  w?: ReturnType<layers.Layer["addWeight"]>;
  g?: ReturnType<layers.Layer["addWeight"]>;
}

/** Sublayers live in ordinary properties: that is how the model finds their variables. */
class SpiralModel extends models.Model {
  hidden = [new GatedDense(32), new GatedDense(32)];
  head = new layers.Dense(2);
  override call(x: Tensor): Tensor {
    return this.head.apply(this.hidden.reduce((h, layer) => layer.apply(h), x));
  }
}

// Two arms of a spiral, 200 points each.
const t = np.linspace(0.2, 3, 200);
const noise = random.normal(random.key(0), [400, 2]).mul(0.02);
const arm = (phase: number) =>
  np.stack([t.mul(np.cos(t.mul(2).add(phase))), t.mul(np.sin(t.mul(2).add(phase)))], { axis: 1 });
const x = np.concatenate([arm(0), arm(Math.PI)], { axis: 0 }).add(noise);
const y = np.concatenate([np.zeros([200]), np.ones([200])]).astype("int32");

const model = new SpiralModel();
model.apply(x); // a first call builds the weights
const optimizer = new optimizers.Adam({ learningRate: 0.02 });
optimizer.build(model.trainableVariables);
const lossFn = losses.sparseCategoricalCrossentropy({ fromLogits: true });

const lossOf = (tv: Tensor[]): Tensor => lossFn(y, model.statelessCall(tv, [], x)[0]);
const step = jit(([tv, ov]: [Tensor[], Tensor[]]): [Tensor, [Tensor[], Tensor[]]] => {
  const [loss, grads] = valueAndGrad(lossOf)(tv);
  return [loss, optimizer.statelessApply(ov, grads, tv)];
}, { donate: [0] });

let state: [Tensor[], Tensor[]] = [
  model.trainableVariables.map((v) => v.value),
  optimizer.variables.map((v) => v.value),
];
for (let i = 0; i <= 300; i++) {
  let loss: Tensor;
  [loss, state] = step(state);
  if (i % 100 === 0) console.log(`step ${i}: loss ${loss.item().toFixed(4)}`);
}
model.trainableVariables.forEach((v, i) => v.assign(state[0][i]!));
const right = np.equal(np.argmax(model.apply(x), { axis: -1 }), y);
console.log(`accuracy ${np.mean(right).item()}`);
