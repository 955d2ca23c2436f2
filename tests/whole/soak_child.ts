/**
 * A soak in a process of its own: does the same thing very often, without freeing anything by hand,
 * and prints how the process' memory went. It imports only mod.ts, as a user does.
 *
 * @module
 */
import {
  config,
  data,
  HostArray,
  jit,
  layers,
  losses,
  models,
  np,
  optimizers,
  type Tensor,
  utils,
  valueAndGrad,
} from "../../mod.ts";

/** What to do, given as JSON. */
export interface Soak {
  /** Guide steps, tiny eager operations, or calls of one jitted function with ever other shapes. */
  readonly kind: "guide" | "eager" | "shapes";
  /** How many of them. */
  readonly count: number;
  /** Guide: whether the loop awaits each batch. */
  readonly loop?: "for" | "forAwait";
  /** Guide: whether the state is donated. */
  readonly donate?: boolean;
  /** Switches eviction off. */
  readonly keepAll?: boolean;
}

/**
 * What came of it; bytes of resident memory. Garbage comes and goes in waves of up to 100 MiB (what
 * the heap lets wait for the collector), so a level is the median over a quarter of the work: one
 * reading says where in a wave it was taken.
 */
export interface Soaked {
  /** The level in the second quarter of the work. */
  readonly warm: number;
  /** The level in the last quarter. */
  readonly end: number;
  /** The most seen at any time. */
  readonly peak: number;
  readonly seconds: number;
  /** The last value computed, to show that something was. */
  readonly value: number;
}

const soak = JSON.parse(Deno.args[0] ?? "") as Soak;
if (soak.keepAll) config({ heapBudget: Infinity });

const readings: number[] = [];
let done = 0;

/** Called after every unit of work, of which memory is read a thousand times. */
function tick(): void {
  done++;
  if (done % every !== 0) return;
  readings.push(Deno.memoryUsage().rss);
}
const every = Math.max(1, Math.floor(soak.count / 1000));

type State = [Tensor[], Tensor[], Tensor[]];

/** The guide's step, its loop as soak.loop says. */
async function guide(): Promise<number> {
  utils.setRandomSeed(1);
  const inputs = layers.input({ shape: [784], name: "digits" });
  const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
  const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
  const outputs = new layers.Dense(10, { name: "predictions" }).apply(x2);
  const model = new models.Model({ inputs, outputs });
  const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
  const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
  optimizer.build(model.trainableVariables);
  const computeLoss = (tv: Tensor[], ntv: Tensor[], x: Tensor, y: Tensor): [Tensor, Tensor[]] => {
    const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
    return [lossFn(y, yPred), updated];
  };
  const gradFn = valueAndGrad(computeLoss, { hasAux: true });
  const trainStep = jit((state: State, [x, y]: [Tensor, Tensor]): [Tensor, State] => {
    const [tv, ntv, ov] = state;
    const [[loss, updated], grads] = gradFn(tv, ntv, x, y);
    const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
    return [loss, [newTv, updated, newOv]];
  }, soak.donate ? { donate: [0] } : {});

  const rows = 3200;
  const pixels = new Float32Array(rows * 784).map((_, i) => (i * 7919) % 256 / 255);
  const digits = new Int32Array(rows).map((_, i) => (i * 31) % 10);
  const batches = data.Dataset.fromTensorSlices([
    new HostArray(pixels, [rows, 784]),
    utils.toCategorical(digits, 10),
  ]).shuffle(1024, { seed: 1 }).batch(32).repeat().take(soak.count);

  let state: State = [
    model.trainableVariables.map((v) => v.value),
    model.nonTrainableVariables.map((v) => v.value),
    optimizer.variables.map((v) => v.value),
  ];
  let loss: Tensor = np.array(0);
  const turn = (batch: [HostArray, HostArray]): void => {
    [loss, state] = trainStep(state, batch);
    tick();
  };
  if (soak.loop === "forAwait") {
    for await (const batch of batches as AsyncIterable<[HostArray, HostArray]>) turn(batch);
  } else {
    for (const batch of batches as Iterable<[HostArray, HostArray]>) turn(batch);
  }
  return loss.item();
}

/** Two tiny results for every two units of work; nothing is kept but the last. */
function eager(): number {
  const one = np.array([1, 1, 1, 1]);
  let x = np.zeros([4]);
  while (done < soak.count) {
    x = x.add(one);
    tick();
    x = x.mul(0.5);
    tick();
  }
  return x.data()[0] as number;
}

/** One jitted function and another shape at every call; each needs some 4 MB beside its input. */
function shapes(): number {
  const f = jit((x: Tensor) => {
    const y = x.exp();
    return y.div(y.sum({ axis: 1, keepdims: true })).max().add(y.max());
  });
  let last = 0;
  for (let n = 1; n <= soak.count; n++) {
    last = f(np.ones([1000 + n, 1000])).item();
    tick();
  }
  return last;
}

const started = performance.now();
const value = soak.kind === "guide" ? await guide() : soak.kind === "eager" ? eager() : shapes();
const seconds = (performance.now() - started) / 1000;
/** The median over one quarter of the work. */
function level(quarter: number): number {
  const size = readings.length / 4;
  const part = readings.slice(Math.floor(quarter * size), Math.floor((quarter + 1) * size));
  return part.sort((a, b) => a - b)[part.length >> 1]!;
}
const [warm, end] = [level(1), level(3)];
const peak = Math.max(...readings, Deno.memoryUsage().rss);
console.log(JSON.stringify({ warm, end, peak, seconds, value } satisfies Soaked));
