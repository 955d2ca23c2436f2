/**
 * A donated training step in a process of its own, run very often: prints what the JavaScript heap
 * held after each half, and what a step allocates on it. Wants `--v8-flags=--expose-gc`.
 *
 * @module
 */
import {
  jit,
  layers,
  losses,
  models,
  np,
  optimizers,
  type Tensor,
  valueAndGrad,
} from "../../mod.ts";

/** What came of it, in bytes of the JavaScript heap. */
export interface HeapUse {
  /** Growth for each step of the second half, garbage collected. */
  readonly growth: number;
  /** What one step allocates; the collector takes it again. */
  readonly allocated: number;
  /** The last loss, to show that something was computed. */
  readonly loss: number;
}

const count = Number(Deno.args[0]);
const { gc } = globalThis as unknown as { gc: () => void };

const inputs = layers.input({ shape: [784] });
const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
const outputs = new layers.Dense(10).apply(x2);
const model = new models.Model({ inputs, outputs });
const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
const optimizer = new optimizers.Adam();
optimizer.build(model.trainableVariables);
const gradFn = valueAndGrad((tv: Tensor[], x: Tensor, y: Tensor): Tensor =>
  lossFn(y, model.statelessCall(tv, [], x, { training: true })[0] as Tensor)
);
type State = [Tensor[], Tensor[]];
const step = jit(([tv, ov]: State, x: Tensor, y: Tensor): [Tensor, State] => {
  const [loss, grads] = gradFn(tv, x, y);
  return [loss, optimizer.statelessApply(ov, grads, tv)];
}, { donate: [0] });

const x = np.linspace(0, 1, 32 * 784).reshape([32, 784]);
const y = np.ones([32, 10]).mul(0.1);
let state: State = [
  model.trainableVariables.map((v) => v.value),
  optimizer.variables.map((v) => v.value),
];
let loss: Tensor = np.zeros([]);

function train(steps: number): void {
  for (let i = 0; i < steps; i++) [loss, state] = step(state, x, y);
}

/** Bytes in use once the collector and the finalizers have run. */
async function settled(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return Deno.memoryUsage().heapUsed;
}

/** Bytes that a step allocates: of many short runs the median, which no collection falls into. */
function allocatedPerStep(): number {
  const each = 20;
  const seen: number[] = [];
  for (let i = 0; i < 101; i++) {
    const before = Deno.memoryUsage().heapUsed;
    train(each);
    seen.push((Deno.memoryUsage().heapUsed - before) / each);
  }
  return seen.sort((a, b) => a - b)[50]!;
}

train(count / 2);
const warm = await settled();
train(count / 2);
const end = await settled();
const use: HeapUse = {
  growth: (end - warm) / (count / 2),
  allocated: allocatedPerStep(),
  loss: loss.item(),
};
console.log(JSON.stringify(use));
