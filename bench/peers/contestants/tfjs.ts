/**
 * TensorFlow.js on its WebAssembly backend with SIMD. Its threads are not to be had: the library
 * refuses them outside of browsers (tensorflow/tfjs issue 3830), and forced they fail to start.
 *
 * @module
 */
import * as inputs from "./inputs.ts";
import { size, type Sizes, uniform, type Values } from "./inputs.ts";
import { Absent, serve, type Work } from "./serve.ts";

const VERSION = "4.22.0";
// computed, so that nothing is fetched by those who only check types
const tf = await import(`npm:@tensorflow/tfjs@${VERSION}`);
const backend = `npm:@tensorflow/tfjs-backend-wasm@${VERSION}`;
const wasm = await import(backend);
wasm.setWasmPaths(decodeURIComponent(new URL("./", import.meta.resolve(backend)).pathname));
if (!await tf.setBackend("wasm")) throw new Error("Cannot start the WebAssembly backend");

/** The little of a tensor's type that is spoken of here; the rest is the library's. */
// deno-lint-ignore no-explicit-any
type Tensor = any;
type Pair = [Tensor, Tensor];

const tensor = ({ values, shape }: Values): Tensor => tf.tensor(values, [...shape]);
const vector = (seed: number, n: number, scale?: number): Tensor =>
  tf.tensor1d(uniform(seed, n, scale));
const variables = (values: Values[]): Tensor[] => values.map((v) => tf.variable(tensor(v)));
const adam = (): Tensor => tf.train.adam(1e-3, 0.9, 0.999, 1e-7);
const crossentropy = (y: Tensor, logits: Tensor): Tensor =>
  tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(logits)), -1)));

/**
 * A product whose gradients transpose first: the library's own gradients ask the backend for a
 * product of transposed matrices, for which it has only a slow loop. Rows that come from outside
 * need no gradient.
 */
function product(x: Tensor, w: Tensor, isInput = false): Tensor {
  type Save = (saved: Tensor[]) => void;
  if (isInput) {
    return tf.customGrad((w: Tensor, _save: Save) => ({
      value: tf.matMul(x, w),
      gradFunc: (dy: Tensor): Tensor => tf.matMul(tf.transpose(x), dy),
    }))(w);
  }
  return tf.customGrad((x: Tensor, w: Tensor, save: Save) => {
    save([x, w]);
    const gradFunc = (dy: Tensor, [x, w]: Pair): Pair => [
      tf.matMul(dy, tf.transpose(w)),
      tf.matMul(tf.transpose(x), dy),
    ];
    return { value: tf.matMul(x, w), gradFunc };
  })(x, w);
}

/** Steps of training; `model` maps weights and rows to predictions. */
class Trainer implements Work {
  readonly #model: (weights: Tensor[], x: Tensor) => Tensor;
  readonly #weights: Tensor[];
  readonly #isClassifier: boolean;
  readonly #batches: readonly Pair[];
  readonly #optimizer = adam();
  readonly #right = tf.variable(tf.scalar(0));
  #at = 0;

  constructor(
    model: (weights: Tensor[], x: Tensor) => Tensor,
    weights: Values[],
    batches: readonly Pair[],
    isClassifier = true,
  ) {
    [this.#model, this.#batches, this.#isClassifier] = [model, batches, isClassifier];
    this.#weights = variables(weights);
  }

  /** The loss, to be disposed of by the caller. */
  step([x, y]: Pair): Tensor {
    return this.#optimizer.minimize(
      () => {
        const prediction = this.#model(this.#weights, x);
        if (!this.#isClassifier) return tf.mean(tf.square(tf.sub(prediction, y)));
        const hits = tf.equal(tf.argMax(prediction, -1), tf.argMax(y, -1));
        this.#right.assign(tf.add(this.#right, tf.sum(tf.cast(hits, "float32"))));
        return crossentropy(y, prediction);
      },
      true,
      this.#weights,
    );
  }

  run(reps: number): void {
    for (let i = 0; i < reps; i++) this.#next().dispose();
  }

  check(): number[] {
    return Array.from({ length: 5 }, () => this.#next().dataSync()[0]);
  }

  #next(): Tensor {
    return this.step(this.#batches[this.#at++ % this.#batches.length]!);
  }
}

function mlp(weights: Tensor[], x: Tensor): Tensor {
  for (let i = 0; i < weights.length - 2; i += 2) {
    x = tf.relu(tf.add(product(x, weights[i], i === 0), weights[i + 1]));
  }
  return tf.add(product(x, weights.at(-2)), weights.at(-1));
}

function cnn([w1, b1, w2, b2, w3, b3, w4, b4]: Tensor[], x: Tensor): Tensor {
  const conv = (x: Tensor, w: Tensor, b: Tensor): Tensor =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(x, w, 1, "valid"), b)), 2, 2, "valid");
  x = conv(conv(x, w1, b1), w2, b2);
  x = tf.relu(tf.add(product(tf.reshape(x, [x.shape[0], 1600]), w3), b3));
  return tf.add(product(x, w4), b4);
}

function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  const scaled = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(scaled, gamma), beta);
}

function gelu(x: Tensor): Tensor {
  const inner = tf.mul(
    tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)),
    Math.sqrt(2 / Math.PI),
  );
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

function block(heads: number, mask: Tensor): (weights: Tensor[], x: Tensor) => Tensor {
  const dense = (x: Tensor, w: Tensor, b: Tensor): Tensor => {
    const [batch, length, width] = x.shape;
    const flat = product(tf.reshape(x, [batch * length, width]), w);
    return tf.add(tf.reshape(flat, [batch, length, w.shape[1]]), b);
  };
  return ([g1, c1, wqkv, bqkv, wo, bo, g2, c2, w1, b1, w2, b2], x) => {
    const [batch, length, width] = x.shape;
    const qkv = tf.reshape(dense(layerNorm(x, g1, c1), wqkv, bqkv), [
      batch,
      length,
      3 * heads,
      width / heads,
    ]);
    const [q, k, v] = tf.split(tf.transpose(qkv, [0, 2, 1, 3]), 3, 1);
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads));
    const seen = tf.matMul(tf.softmax(tf.add(scores, mask)), v);
    const joined = tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [batch, length, width]);
    x = tf.add(x, dense(joined, wo, bo));
    return tf.add(x, dense(gelu(dense(layerNorm(x, g2, c2), w1, b1)), w2, b2));
  };
}

const placed = (batches: inputs.Batch[]): Pair[] =>
  batches.map(({ x, y }): Pair => [tensor(x), tensor(y)]);

function loop(sizes: Sizes): Work {
  const rows = inputs.loopData(sizes);
  const trainer = new Trainer(mlp, inputs.mlpParameters(sizes), []);
  const epoch = (): number[] => {
    const told: number[] = [];
    let step = 0;
    for (const { x, y } of inputs.shuffledBatches(rows, size(sizes, "batch"))) {
      const batch: Pair = [tensor(x), tensor(y)];
      const loss = trainer.step(batch);
      if (step++ % 100 === 0) told.push(loss.dataSync()[0]);
      tf.dispose([batch, loss]);
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

function repeat(f: () => Tensor | Tensor[]): Work {
  return {
    run(reps) {
      for (let i = 0; i < reps; i++) tf.dispose(tf.tidy(f));
    },
    check() {
      const out = [tf.tidy(f)].flat();
      const digests = out.flatMap((t) => inputs.digest(t.dataSync()));
      tf.dispose(out);
      return digests;
    },
  };
}

function elementwise(sizes: Sizes): Work {
  const [x, y, z] = [1, 2, 3].map((seed) => vector(seed, size(sizes, "count"), 2));
  return repeat(() => tf.add(tf.mul(gelu(x), tf.tanh(y)), tf.exp(tf.neg(tf.mul(z, z)))));
}

function adamUpdate(sizes: Sizes): Work {
  const p = tf.variable(vector(1, size(sizes, "count")), true, "p");
  const g = vector(2, size(sizes, "count"));
  const optimizer = adam();
  const run = (reps: number): void => {
    for (let i = 0; i < reps; i++) optimizer.applyGradients([{ name: "p", tensor: g }]);
  };
  return {
    run,
    check() {
      run(3);
      return inputs.digest(p.dataSync());
    },
  };
}

function rowwise(sizes: Sizes): Work {
  const [rows, columns] = [size(sizes, "rows"), size(sizes, "columns")];
  const table = (seed: number, scale?: number): Tensor =>
    tensor({ values: uniform(seed, rows * columns, scale), shape: [rows, columns] });
  const x = table(1, 3);
  const forwards: Record<string, (...args: Tensor[]) => Tensor> = {
    softmax: (x) => tf.softmax(x),
    logsumexp: (x) => tf.logSumExp(x, -1),
    layerNorm,
    sum0: (x) => tf.sum(x, 0),
    sum1: (x) => tf.sum(x, 1),
    sum: (x) => tf.sum(x),
  };
  const forward = forwards[sizes.op as string]!;
  const args = sizes.op === "layerNorm" ? [x, vector(3, columns), vector(4, columns)] : [x];
  if (sizes.gradient !== true) return repeat(() => forward(...args));
  const whole = table(2);
  const weight = sizes.op === "logsumexp"
    ? tf.reshape(tf.slice(whole, [0, 0], [rows, 1]), [rows])
    : whole;
  const gradients = tf.grads(forward);
  return repeat(() => gradients(args, weight));
}

function matmul(sizes: Sizes): Work {
  const n = size(sizes, "n");
  if (sizes.dtype !== "float32") throw new Absent("has no float64");
  if (n > 2048) throw new Absent("left out above 2048: a product takes longer than 10 s");
  const [a, b] = [1, 2].map((seed) => tensor({ values: uniform(seed, n * n), shape: [n, n] }));
  return repeat(() => tf.matMul(a, b));
}

function batched(): Work {
  const a = tensor({ values: uniform(1, 64 * 128 * 64), shape: [64, 128, 64] });
  const b = tensor({ values: uniform(2, 64 * 64 * 128), shape: [64, 64, 128] });
  return repeat(() => tf.matMul(a, b));
}

function add(): Work {
  const [x, y] = [vector(1, 64), vector(2, 64)];
  return repeat(() => tf.add(x, y));
}

const makers: Record<string, (sizes: Sizes) => Work> = {
  mlp: (sizes) => new Trainer(mlp, inputs.mlpParameters(sizes), placed(inputs.mlpBatches(sizes))),
  loop,
  cnn: (sizes) => new Trainer(cnn, inputs.cnnParameters(), placed(inputs.cnnBatches(sizes))),
  block(sizes) {
    const length = size(sizes, "length");
    const mask = new Float32Array(length * length).map((_, i) =>
      i % length > Math.floor(i / length) ? -1e9 : 0
    );
    const model = block(size(sizes, "heads"), tf.tensor(mask, [length, length]));
    const batch = inputs.blockData(sizes).map(tensor) as Pair;
    return new Trainer(model, inputs.blockParameters(sizes), [batch], false);
  },
  elementwise,
  adam: adamUpdate,
  rowwise,
  matmul,
  batched,
  add,
};

await serve({ tfjs: VERSION, threads: "1" }, (kind, sizes) => {
  const make = makers[kind];
  if (make === undefined) throw new Absent("does not apply");
  tf.disposeVariables();
  return make(sizes);
});
