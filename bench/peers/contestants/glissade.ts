/**
 * glissade as its README says to use it: jitted steps that donate their state, layers, pipelines.
 * Lane "openblas" is a yardstick: the bare products of a work. On a GPU there are others.
 *
 * @module
 */
import { addressOf, type Blas, findBlas } from "../../../ffi/mod.ts";
import * as gl from "../../../mod.ts";
import { jit, layers, nn, np, type Tensor } from "../../../mod.ts";
import { makeProducts } from "../../shared/eight_products.ts";
import * as inputs from "./inputs.ts";
import { size, type Sizes, uniform, type Values } from "./inputs.ts";
import { Absent, serve, type Work } from "./serve.ts";

type State = [Tensor[], Tensor[], Tensor[], Tensor[]];
type Pair = [Tensor, Tensor];
type Loss = (y: Tensor, prediction: Tensor) => Tensor;

const host = ({ values, shape }: Values): gl.HostArray => new gl.HostArray(values, shape);
const tensor = (v: Values): Tensor => np.array(host(v));
const vector = (seed: number, n: number, scale?: number): Tensor =>
  np.array(uniform(seed, n, scale));
const matrix = (seed: number, rows: number, columns: number, scale?: number): Tensor =>
  tensor({ values: uniform(seed, rows * columns, scale), shape: [rows, columns] });

/** Keeps the state of training between calls of the guide's jitted step. */
class Trainer implements Work {
  readonly #step: (state: State, batch: Pair) => [Tensor, State];
  readonly #batches: readonly Pair[];
  #state: State;
  #at = 0;

  constructor(model: gl.models.Model, lossFn: Loss, batches: readonly Pair[]) {
    const optimizer = new gl.optimizers.Adam({ learningRate: 1e-3 });
    const accuracy = new gl.metrics.CategoricalAccuracy();
    const computeLoss = (
      tv: Tensor[],
      ntv: Tensor[],
      mv: Tensor[],
      [x, y]: Pair,
    ): [Tensor, [Tensor[], Tensor[]]] => {
      const [yPred, updated] = model.statelessCall(tv, ntv, x, { training: true });
      const prediction = yPred as Tensor;
      const counted = lossFn === meanSquare ? mv : accuracy.statelessUpdateState(mv, y, prediction);
      return [lossFn(y, prediction), [updated, counted]];
    };
    const gradFn = gl.valueAndGrad(computeLoss, { hasAux: true });
    this.#step = jit(([tv, ntv, ov, mv]: State, batch: Pair): [Tensor, State] => {
      const [[loss, [updated, counted]], grads] = gradFn(tv, ntv, mv, batch);
      const [newTv, newOv] = optimizer.statelessApply(ov, grads, tv);
      return [loss, [newTv, updated, newOv, counted]];
    }, { donate: [0] }) as (state: State, batch: Pair) => [Tensor, State];
    optimizer.build(model.trainableVariables);
    const values = (variables: readonly gl.Variable[]): Tensor[] => variables.map((v) => v.value);
    this.#state = [
      values(model.trainableVariables),
      values(model.nonTrainableVariables),
      values(optimizer.variables),
      values(accuracy.variables),
    ];
    this.#batches = batches;
  }

  step(batch: Pair): Tensor {
    const [loss, state] = this.#step(this.#state, batch);
    this.#state = state;
    return loss;
  }

  run(reps: number): void {
    for (let i = 0; i < reps; i++) this.#next();
  }

  check(): number[] {
    return Array.from({ length: 5 }, () => this.#next().item());
  }

  #next(): Tensor {
    return this.step(this.#batches[this.#at++ % this.#batches.length]!);
  }
}

const crossentropy = gl.losses.categoricalCrossentropy({ fromLogits: true });
const meanSquare: Loss = (y, prediction) => np.mean(np.square(prediction.sub(y)));

/** Options of a layer whose weights start as these, kernel and bias. */
const startingAs = ([kernel, bias]: readonly Values[]) => ({
  kernelInitializer: () => tensor(kernel!),
  biasInitializer: () => tensor(bias!),
});

function mlpModel(sizes: Sizes): gl.models.Model {
  const weights = inputs.mlpParameters(sizes);
  const next = () => startingAs(weights.splice(0, 2));
  const input = layers.input({ shape: [size(sizes, "features")], name: "digits" });
  let x = input;
  for (const width of sizes.hidden as number[]) {
    x = new layers.Dense(width, { activation: "relu", ...next() }).apply(x);
  }
  const name = "predictions";
  const outputs = new layers.Dense(size(sizes, "classes"), { name, ...next() }).apply(x);
  return new gl.models.Model({ inputs: input, outputs });
}

function mlp(sizes: Sizes, batches: readonly Pair[]): Trainer {
  return new Trainer(mlpModel(sizes), crossentropy, batches);
}

/** As a pipeline gives them: each step brings its own to the device. */
const unplaced = (batches: inputs.Batch[]): Pair[] =>
  batches.map(({ x, y }) => [host(x), host(y)] as unknown as Pair);

const placed = (batches: inputs.Batch[]): Pair[] =>
  batches.map(({ x, y }): Pair => [tensor(x), tensor(y)]);

function eightProducts(sizes: Sizes): Work {
  const isGuide = size(sizes, "features") === 784 && String(sizes.hidden) === "64,64";
  if (!isGuide) throw new Absent("does not apply");
  const blas = openBlas();
  blas.setThreads(1); // with two it takes longer
  const products = makeProducts(blas, size(sizes, "batch"));
  return {
    run(reps) {
      for (let i = 0; i < reps; i++) products();
    },
    check: () => [],
  };
}

/** The guide's loop over its own pipeline; one repetition is an epoch. */
function loop(sizes: Sizes): Work {
  const { x, y } = inputs.loopData(sizes);
  // a step has read its batch when it returns
  const dataset = gl.data.Dataset.fromTensorSlices([host(x), host(y)])
    .shuffle(1024).batch(size(sizes, "batch"), { reuse: true });
  const trainer = mlp(sizes, []);
  const epoch = (): number[] => {
    const told: number[] = [];
    let step = 0;
    for (const batch of dataset) {
      const loss = trainer.step(batch as unknown as Pair);
      if (step++ % 100 === 0) told.push(loss.item());
    }
    return told;
  };
  return {
    run(reps) {
      for (let i = 0; i < reps; i++) epoch();
    },
    check() {
      const told = epoch();
      return [told.reduce((a, b) => a + b) / told.length];
    },
  };
}

function cnn(sizes: Sizes): Work {
  const weights = inputs.cnnParameters();
  const next = () => startingAs(weights.splice(0, 2));
  const model = new gl.models.Sequential([
    layers.input({ shape: [28, 28, 1] }),
    new layers.Conv2D(32, 3, { activation: "relu", ...next() }),
    new layers.MaxPooling2D(),
    new layers.Conv2D(64, 3, { activation: "relu", ...next() }),
    new layers.MaxPooling2D(),
    new layers.Flatten(),
    new layers.Dense(128, { activation: "relu", ...next() }),
    new layers.Dense(10, next()),
  ]);
  const batches = placed(inputs.cnnBatches(sizes));
  return new Trainer(model, crossentropy, batches);
}

/** Causal attention of several heads over one product that holds query, key and value. */
class Attention extends layers.Layer {
  readonly #heads: number;

  constructor(heads: number) {
    super();
    this.#heads = heads;
  }

  override call(qkv: Tensor): Tensor {
    const [batch, length, width] = qkv.shape as [number, number, number];
    const parts = qkv.reshape([batch, length, 3, this.#heads, width / 3 / this.#heads]);
    const [q, k, v] = [0, 1, 2].map((i) => parts.slice(null, null, i)) as [Tensor, Tensor, Tensor];
    return nn.dotProductAttention(q, k, v, { causal: true }).reshape([batch, length, width / 3]);
  }
}

function block(sizes: Sizes): Work {
  const [length, width] = [size(sizes, "length"), size(sizes, "width")];
  const weights = inputs.blockParameters(sizes);
  const norm = (): layers.Layer => {
    weights.splice(0, 2); // ones and zeros, as it starts by itself
    return new layers.LayerNormalization({ epsilon: 1e-5 });
  };
  const dense = (units: number, options: layers.DenseOptions = {}) =>
    new layers.Dense(units, { ...options, ...startingAs(weights.splice(0, 2)) });
  const input = layers.input({ shape: [length, width] });
  const normed = norm().apply(input) as Tensor;
  const qkv = dense(3 * width).apply(normed);
  const seen = new Attention(size(sizes, "heads")).apply(qkv) as Tensor;
  const middle = new layers.Add().apply([input, dense(width).apply(seen)]);
  const second = norm().apply(middle) as Tensor;
  const wide = dense(4 * width, { activation: (x) => nn.gelu(x) }).apply(second);
  const outputs = new layers.Add().apply([middle, dense(width).apply(wide)]);
  const model = new gl.models.Model({ inputs: input, outputs });
  const batch = inputs.blockData(sizes).map(tensor) as Pair;
  return new Trainer(model, meanSquare, [batch]);
}

/** Calls of a function whose results are let go at once, as reference counts do in Python. */
function repeat(f: () => Tensor | Tensor[]): Work {
  return {
    run(reps) {
      for (let i = 0; i < reps; i++) {
        const out = f();
        if (Array.isArray(out)) { for (const t of out) t[Symbol.dispose](); }
        else out[Symbol.dispose]();
      }
    },
    check: () => [f()].flat().flatMap((t) => inputs.digest(t.reshape([-1]).data() as Float32Array)),
  };
}

function elementwise(sizes: Sizes): Work {
  const [x, y, z] = [1, 2, 3].map((seed) => vector(seed, size(sizes, "count"), 2)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const f = jit((x: Tensor, y: Tensor, z: Tensor) =>
    nn.gelu(x).mul(y.tanh()).add(z.mul(z).neg().exp())
  );
  return repeat(() => f(x, y, z));
}

/** Five operations between one array that is read and one that is written. */
function chain(sizes: Sizes): Work {
  const x = vector(1, size(sizes, "count"), 2);
  const f = jit((x: Tensor) => x.mul(0.5).add(1).tanh().mul(x).sub(0.25));
  return repeat(() => f(x));
}

function adamUpdate(sizes: Sizes): Work {
  const count = size(sizes, "count");
  const p = new gl.Variable(vector(1, count), { name: "p" });
  const optimizer = new gl.optimizers.Adam({ learningRate: 1e-3 });
  optimizer.build([p]);
  const g = vector(2, count);
  const step = jit(
    (tv: Tensor[], ov: Tensor[], g: Tensor) => optimizer.statelessApply(ov, [g], tv),
    { donate: [0, 1] },
  );
  let state: [Tensor[], Tensor[]] = [[p.value], optimizer.variables.map((v) => v.value)];
  const run = (reps: number): void => {
    for (let i = 0; i < reps; i++) state = step(...state, g);
  };
  return {
    run,
    check() {
      run(3);
      return inputs.digest(state[0][0]!.data() as Float32Array);
    },
  };
}

function rowwise(sizes: Sizes): Work {
  const [rows, columns] = [size(sizes, "rows"), size(sizes, "columns")];
  const x = matrix(1, rows, columns, 3);
  const norm = new layers.LayerNormalization({ epsilon: 1e-5 });
  const isNorm = sizes.op === "layerNorm";
  if (isNorm) norm.build([rows, columns]);
  const forwards: Record<string, (x: Tensor, ...tv: Tensor[]) => Tensor> = {
    softmax: (x) => nn.softmax(x),
    logsumexp: (x) => nn.logsumexp(x, { axis: -1 }),
    layerNorm: (x, ...tv) => norm.statelessCall(tv, [], x)[0] as Tensor,
    sum0: (x) => np.sum(x, { axis: 0 }),
    sum1: (x) => np.sum(x, { axis: 1 }),
    sum: (x) => np.sum(x),
  };
  const forward = forwards[sizes.op as string]!;
  const args = isNorm ? [x, vector(3, columns), vector(4, columns)] : [x];
  if (sizes.gradient !== true) {
    const f = jit((args: Tensor[]) => forward(args[0]!, ...args.slice(1)));
    return repeat(() => f(args));
  }
  const whole = matrix(2, rows, columns);
  const weight = sizes.op === "logsumexp" ? np.array(whole.slice(null, 0)) : whole;
  const loss = (args: Tensor[], w: Tensor): Tensor =>
    np.sum(forward(args[0]!, ...args.slice(1)).mul(w));
  const f = jit((args: Tensor[], w: Tensor) => gl.grad(loss)(args, w));
  return repeat(() => f(args, weight));
}

function matmul(sizes: Sizes): Work {
  const n = size(sizes, "n");
  const [a, b] = [1, 2].map((seed) => {
    const values = sizes.dtype === "float64" ? new Float64Array(n * n) : new Float32Array(n * n);
    return np.array(new gl.HostArray(inputs.fill(values, seed), [n, n]));
  }) as Pair;
  const f = jit(
    (a: Tensor, b: Tensor) => a.matmul(b),
    sizes.precision === "tf32" ? { precision: "tf32" } : {},
  );
  return repeat(() => f(a, b));
}

function batched(): Work {
  const a = tensor({ values: uniform(1, 64 * 128 * 64), shape: [64, 128, 64] });
  const b = tensor({ values: uniform(2, 64 * 64 * 128), shape: [64, 64, 128] });
  const f = jit((a: Tensor, b: Tensor) => a.matmul(b));
  return repeat(() => f(a, b));
}

function tiny(): Work {
  const x = vector(1, 64);
  const f = jit((x: Tensor) => x.mul(0.5));
  return repeat(() => f(x));
}

function add(): Work {
  const [x, y] = [vector(1, 64), vector(2, 64)];
  return repeat(() => x.add(y));
}

function openBlas(): Blas {
  const { blas, reason } = findBlas({ mode: "auto" });
  if (blas === null) throw new Absent(reason);
  return blas;
}

/** One product called directly, in memory aligned as glissade's is. */
function directMatmul(sizes: Sizes): Work {
  const blas = openBlas();
  blas.setThreads(Number(threads));
  const n = size(sizes, "n");
  const isWide = sizes.dtype === "float64";
  const bytes = n * n * (isWide ? 8 : 4);
  const pages = Math.ceil(3 * bytes / 65536);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const Values = isWide ? Float64Array : Float32Array;
  const [a, b, c] = [0, 1, 2].map((i) => new Values(buffer as ArrayBuffer, i * bytes, n * n));
  [a!, b!].forEach((values, i) => inputs.fill(values, i + 1));
  const base = addressOf(new Uint8Array(buffer as ArrayBuffer));
  const [pb, pc] = [base + BigInt(bytes), base + BigInt(2 * bytes)];
  const gemm = isWide ? blas.dgemm : blas.sgemm;
  const run = (reps: number): void => {
    for (let i = 0; i < reps; i++) gemm(false, false, n, n, n, 1, base, n, pb, n, 0, pc, n);
  };
  return {
    run,
    check() {
      run(1);
      return inputs.digest(c!);
    },
  };
}

const makers: Record<string, (sizes: Sizes) => Work> = {
  mlp: (sizes) => mlp(sizes, placed(inputs.mlpBatches(sizes))),
  context: () => ({ run() {}, check: () => [] }),
  guide: (sizes) => mlp(sizes, unplaced(inputs.mlpBatches(sizes))),
  loop,
  cnn,
  block,
  elementwise,
  chain,
  adam: adamUpdate,
  rowwise,
  matmul,
  batched,
  tiny,
  add,
};
const direct: Record<string, (sizes: Sizes) => Work> = { mlp: eightProducts, matmul: directMatmul };

/** A work that is done when the device is, where that works beside the program. */
function untilDone(work: Work): Work {
  const here = np.zeros([]);
  return {
    async run(reps) {
      await work.run(reps);
      await here.ready();
    },
    check: () => work.check(),
  };
}

const { device, blas, version, coreType, threads } = gl.backend();
// What a start on a CPU does not need, it does not load: row W9 counts that.
const gpu = device === "cpu" ? null : await import("../../cuda/lanes.ts");
await serve(
  {
    deno: Deno.version.deno,
    BLAS: `${blas} ${version ?? ""} ${coreType ?? ""}`.trim(),
    threads: String(threads),
  },
  (kind, sizes, lane) => {
    const make = gpu?.yardsticks.includes(lane)
      ? gpu.yardstick(lane, kind, makers[kind])
      : (lane === "openblas" ? direct : makers)[kind];
    if (make === undefined) throw new Absent("does not apply");
    const work = make(sizes);
    return device === "cpu" ? work : untilDone(work);
  },
);
