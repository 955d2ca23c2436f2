/**
 * How much does glissade add to the matrix products of a training step? A jitted step of the guide
 * (784-64-64-10, batch 32, Adam, donated state, batches of HostArrays) against its own eight products
 * called directly in OpenBLAS, in turns; medians. At most 3 times is wanted.
 *
 * Run with `deno run -A bench/guide_step.ts`.
 * @module
 */
import { findBlas } from "../ffi/mod.ts";
import {
  backend,
  config,
  HostArray,
  jit,
  layers,
  losses,
  models,
  optimizers,
  type Tensor,
  utils,
  valueAndGrad,
} from "../mod.ts";
import { makeProducts } from "./shared/eight_products.ts";

const BATCH = 32;
const WANTED = 3;

type State = [Tensor[], Tensor[], Tensor[]];

/** The guide's training loop, ready to take one more step. */
function makeLoop(): () => void {
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
  }, { donate: [0] });

  const batches = Array.from({ length: 8 }, (_, b): [HostArray, HostArray] => {
    const pixels = new Float32Array(BATCH * 784).map((_, i) => (i * 7919 + b) % 256);
    const digits = new Int32Array(BATCH).map((_, i) => (i * 7 + b) % 10);
    return [new HostArray(pixels, [BATCH, 784]), utils.toCategorical(digits, 10)];
  });
  let state: State = [
    model.trainableVariables.map((v) => v.value),
    model.nonTrainableVariables.map((v) => v.value),
    optimizer.variables.map((v) => v.value),
  ];
  let step = 0;
  return () => {
    [, state] = trainStep(state, batches[step++ % batches.length]!);
  };
}

/** Median microseconds of each, over many short turns. */
function inTurns(runs: readonly (() => void)[]): number[] {
  const inner = 50;
  const times = runs.map((): number[] => []);
  for (let turn = -10; turn < 40; turn++) {
    runs.forEach((run, k) => {
      const started = performance.now();
      for (let i = 0; i < inner; i++) run();
      if (turn >= 0) times[k]!.push((performance.now() - started) * 1000 / inner);
    });
  }
  return times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!);
}

const { blas, reason } = findBlas({ mode: "auto" });
console.log(reason);
const step = makeLoop();
for (const kind of blas === null ? ["builtin"] as const : ["openblas", "builtin"] as const) {
  for (const threads of kind === "builtin" ? [1] : [1, 2]) {
    config({ blas: kind, threads });
    blas?.setThreads(threads);
    const { blas: name } = backend();
    const products = blas === null ? null : makeProducts(blas, BATCH);
    const [own, eight] = inTurns(products === null ? [step] : [step, products]);
    const told = `${name.padEnd(8)} ${threads} thread${threads === 1 ? " " : "s"}` +
      `  step ${own!.toFixed(1).padStart(6)} us  ${(1e6 / own!).toFixed(0).padStart(6)} steps/s`;
    if (eight === undefined) {
      console.log(`${told}  (OpenBLAS is not there to compare with)`);
      continue;
    }
    // the built-in products alone take more than twice as long: their row is there to be seen
    const over = kind === "openblas" && own! > WANTED * eight ? `, over ${WANTED}` : "";
    console.log(
      `${told}  eight products in OpenBLAS ${eight.toFixed(1).padStart(6)} us` +
        `  ratio ${(own! / eight).toFixed(2)}${over}`,
    );
  }
}
