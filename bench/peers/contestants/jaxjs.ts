/**
 * jax-js on its WebAssembly backend: one jit around gradient and optimizer. It runs on this thread
 * when results are read synchronously and on a pool of workers when they are awaited; small works
 * are faster one way and large ones the other, so each work is tried both ways.
 *
 * @module
 */
import * as inputs from "./inputs.ts";
import { size, type Sizes, uniform, type Values } from "./inputs.ts";
import { Absent, serve, type Work } from "./serve.ts";

const VERSION = "0.1.25";
// computed, so that nothing is fetched by those who only check types
const jax = await import(`npm:@jax-js/jax@${VERSION}`);
const { numpy: np, nn, lax } = jax;
await jax.init();
jax.defaultDevice("wasm");

/** Tracers and arrays of the library. An argument is consumed; `x.ref` keeps it. */
// deno-lint-ignore no-explicit-any
type Value = any;
type Pair = [Value, Value];

const RATE = 1e-3, BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-7;

const array = ({ values, shape }: Values): Value => np.array(values, { shape: [...shape] });
const vector = (seed: number, n: number, scale?: number): Value =>
  np.array(uniform(seed, n, scale), { shape: [n] });
const refs = (values: Value[]): Value[] => values.map((v) => v.ref);

/** `[parameters, first moments, second moments, steps]` after one more step. */
function adam(params: Value[], ms: Value[], vs: Value[], t: Value, grads: Value[]): Value[] {
  t = t.add(1);
  const correction = (beta: number): Value => np.array(1).sub(np.exp(t.ref.mul(Math.log(beta))));
  const rate = np.sqrt(correction(BETA2)).div(correction(BETA1)).mul(RATE);
  const [newParams, newMs, newVs]: Value[][] = [[], [], []];
  params.forEach((p, i) => {
    const g = grads[i];
    const m = g.ref.sub(ms[i].ref).mul(1 - BETA1).add(ms[i]);
    const v = g.ref.mul(g).sub(vs[i].ref).mul(1 - BETA2).add(vs[i]);
    newParams!.push(p.sub(m.ref.mul(rate.ref).div(np.sqrt(v.ref).add(EPSILON))));
    newMs!.push(m);
    newVs!.push(v);
  });
  rate.dispose();
  return [newParams, newMs, newVs, t];
}

type Mode = "sync" | "workers";

/** Waits for a result and lets it go. */
async function finish(result: Value, mode: Mode): Promise<void> {
  const leaves = [result].flat();
  if (mode === "workers") await Promise.all(leaves.map((leaf) => leaf.blockUntilReady()));
  else for (const leaf of leaves) leaf.ref.dataSync();
  for (const leaf of leaves) leaf.dispose();
}

/** The faster of the two modes, from a few repetitions of each. */
async function fasterMode(run: (reps: number, mode: Mode) => Promise<void>): Promise<Mode> {
  const times: Record<Mode, number> = { sync: 0, workers: 0 };
  for (const mode of ["sync", "workers"] as const) {
    await run(1, mode);
    const start = performance.now();
    await run(1, mode);
    const reps = Math.min(20, Math.ceil(50 / (performance.now() - start)));
    const again = performance.now();
    await run(reps, mode);
    times[mode] = (performance.now() - again) / reps;
  }
  return times.sync <= times.workers ? "sync" : "workers";
}

/** A work that is tried both ways after its check. */
function eitherWay(
  run: (reps: number, mode: Mode) => Promise<void>,
  check: () => number[] | Promise<number[]>,
): Work {
  let mode: Mode = "sync";
  return {
    run: (reps) => run(reps, mode),
    async check() {
      const numbers = await check();
      mode = await fasterMode(run);
      return numbers;
    },
    get setting() {
      return mode === "sync" ? "synchronous reads" : "workers, awaited";
    },
  };
}

type Loss = (params: Value[], x: Value, y: Value) => [Value, Value];

/** Training: `lossOf` gives the loss and how many rows were right. */
function trainer(lossOf: Loss, weights: Values[], batches: Pair[]): Work {
  const step = jax.jit(
    (params: Value[], ms: Value[], vs: Value[], t: Value, right: Value, x: Value, y: Value) => {
      const [[loss, hits], grads] = jax.valueAndGrad(lossOf, { hasAux: true })(refs(params), x, y);
      return [loss, ...adam(params, ms, vs, t, grads), right.add(hits)];
    },
  );
  const zeros = (): Value[] => weights.map(({ shape }) => np.zeros([...shape]));
  let state: Value[] = [weights.map(array), zeros(), zeros(), np.array(0), np.array(0)];
  let at = 0;
  const next = (): Value => {
    const [x, y] = batches[at++ % batches.length]!;
    const [loss, ...updated] = step(...state, x.ref, y.ref);
    state = updated;
    return loss;
  };
  const run = async (reps: number, mode: Mode): Promise<void> => {
    for (let i = 0; i < reps; i++) {
      const loss = next();
      if (mode === "sync") loss.dataSync();
      else await finish(loss, mode);
    }
    const last = state[0].at(-1).ref;
    await finish(last, mode);
  };
  const check = (): number[] => Array.from({ length: 5 }, () => next().dataSync()[0]);
  return eitherWay(run, check);
}

function crossentropy(logits: Value, y: Value): [Value, Value] {
  const hits = np.sum(
    np.equal(np.argmax(logits.ref, -1), np.argmax(y.ref, -1)).astype("float32"),
  );
  return [np.mean(np.sum(y.mul(nn.logSoftmax(logits, -1)), -1)).mul(-1), hits];
}

const mlp: Loss = (params, x, y) => {
  for (let i = 0; i < params.length - 2; i += 2) {
    x = nn.relu(np.matmul(x, params[i]).add(params[i + 1]));
  }
  return crossentropy(np.matmul(x, params.at(-2)).add(params.at(-1)), y);
};

/** Channels first, as its convolution wants them. */
const cnn: Loss = ([w1, b1, w2, b2, w3, b3, w4, b4], x, y) => {
  const conv = (x: Value, w: Value, b: Value): Value => {
    const out = nn.relu(lax.conv(x, w, [1, 1], "VALID").add(np.reshape(b, [-1, 1, 1])));
    const [batch, channels, height, width] = out.shape;
    const even = out.slice([], [], [0, height & ~1], [0, width & ~1]);
    const parts = np.reshape(even, [batch, channels, height >> 1, 2, width >> 1, 2]);
    return np.max(parts, [3, 5]);
  };
  x = conv(conv(x, w1, b1), w2, b2);
  x = nn.relu(np.matmul(np.reshape(x, [x.shape[0], 1600]), w3).add(b3));
  return crossentropy(np.matmul(x, w4).add(b4), y);
};

function cnnWeights(): Values[] {
  const [w1, b1, w2, b2, w3, b3, w4, b4] = inputs.cnnParameters() as [
    Values,
    Values,
    Values,
    Values,
    Values,
    Values,
    Values,
    Values,
  ];
  return [
    permuted(w1, [3, 2, 0, 1]),
    b1,
    permuted(w2, [3, 2, 0, 1]),
    b2,
    {
      values: permuted({ values: w3.values, shape: [5, 5, 64, 128] }, [2, 0, 1, 3]).values,
      shape: [1600, 128],
    },
    b3,
    w4,
    b4,
  ];
}

function permuted({ values, shape }: Values, order: readonly number[]): Values {
  const t = np.transpose(np.array(values, { shape: [...shape] }), [...order]);
  return { shape: order.map((axis) => shape[axis]!), values: new Float32Array(t.dataSync()) };
}

function layerNorm(x: Value, gamma: Value, beta: Value): Value {
  const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(centered.ref.mul(centered.ref), -1, { keepdims: true });
  return centered.div(np.sqrt(variance.add(1e-5))).mul(gamma).add(beta);
}

function block(heads: number): Loss {
  return ([g1, c1, wqkv, bqkv, wo, bo, g2, c2, w1, b1, w2, b2], x, y) => {
    const [batch, length, width] = x.shape;
    const qkv = np.matmul(layerNorm(x.ref, g1, c1), wqkv).add(bqkv);
    const [q, k, v] = np.split(np.reshape(qkv, [batch, length, 3 * heads, width / heads]), 3, 2);
    const seen = nn.dotProductAttention(q, k, v, { isCausal: true });
    x = x.add(np.matmul(np.reshape(seen, [batch, length, width]), wo).add(bo));
    const h = nn.gelu(np.matmul(layerNorm(x.ref, g2, c2), w1).add(b1));
    const off = x.add(np.matmul(h, w2).add(b2)).sub(y);
    return [np.mean(off.ref.mul(off)), np.array(0)];
  };
}

const placed = (batches: inputs.Batch[]): Pair[] =>
  batches.map(({ x, y }): Pair => [array(x), array(y)]);

/** The whole loop is measured with synchronous reads, which is the faster way for this step. */
function loop(sizes: Sizes): Work {
  const rows = inputs.loopData(sizes);
  const batches: Pair[] = [];
  const first = inputs.shuffledBatches(rows, size(sizes, "batch")).next().value!;
  batches.push([array(first.x), array(first.y)]);
  const { run } = trainer(mlp, inputs.mlpParameters(sizes), batches);
  const epoch = async (): Promise<void> => {
    for (const { x, y } of inputs.shuffledBatches(rows, size(sizes, "batch"))) {
      batches[0]!.forEach((old) => old.dispose());
      batches[0] = [array(x), array(y)];
      await run(1);
    }
  };
  return {
    async run(reps) {
      for (let i = 0; i < reps; i++) await epoch();
    },
    check: () => [],
  };
}

/** Calls of a jitted function on arguments that stay. */
function repeat(f: (...args: Value[]) => Value, args: Value[]): Work {
  const jitted = jax.jit(f);
  const run = async (reps: number, mode: Mode): Promise<void> => {
    for (let i = 0; i < reps; i++) await finish(jitted(...refs(args)), mode);
  };
  return eitherWay(
    run,
    () => [jitted(...refs(args))].flat().flatMap((t) => inputs.digest(t.dataSync())),
  );
}

function elementwise(sizes: Sizes): Work {
  const args = [1, 2, 3].map((seed) => vector(seed, size(sizes, "count"), 2));
  return repeat(
    (x, y, z) => nn.gelu(x).mul(np.tanh(y)).add(np.exp(z.ref.mul(z).mul(-1))),
    args,
  );
}

function adamUpdate(sizes: Sizes): Work {
  const count = size(sizes, "count");
  const step = jax.jit((p: Value, m: Value, v: Value, t: Value, g: Value) => {
    const [[newP], [newM], [newV], newT] = adam([p], [m], [v], t, [g]);
    return [newP, newM, newV, newT];
  });
  const g = vector(2, count);
  let state: Value[] = [vector(1, count), np.zeros([count]), np.zeros([count]), np.array(0)];
  const run = async (reps: number, mode: Mode): Promise<void> => {
    for (let i = 0; i < reps; i++) {
      state = step(...state, g.ref);
      // what nobody waits for is not computed
      await finish(refs(state.slice(0, 3)), mode);
    }
  };
  return eitherWay(run, async () => {
    await run(3, "sync");
    return inputs.digest(state[0].ref.dataSync());
  });
}

function rowwise(sizes: Sizes): Work {
  const [rows, columns] = [size(sizes, "rows"), size(sizes, "columns")];
  const table = (seed: number, scale?: number): Value =>
    array({ values: uniform(seed, rows * columns, scale), shape: [rows, columns] });
  const forwards: Record<string, (...args: Value[]) => Value> = {
    softmax: (x) => nn.softmax(x, -1),
    logsumexp: (x) => nn.logsumexp(x, -1),
    layerNorm,
    sum0: (x) => np.sum(x, 0),
    sum1: (x) => np.sum(x, 1),
    sum: (x) => np.sum(x),
  };
  const forward = forwards[sizes.op as string]!;
  const args = sizes.op === "layerNorm"
    ? [table(1, 3), vector(3, columns), vector(4, columns)]
    : [table(1, 3)];
  if (sizes.gradient !== true) return repeat(forward, args);
  const whole = uniform(2, rows * columns);
  const weight = sizes.op === "logsumexp"
    ? np.array(whole.filter((_, i) => i % columns === 0), { shape: [rows] })
    : array({ values: whole, shape: [rows, columns] });
  const argnums = args.map((_, i) => i);
  const gradient = jax.grad(
    (...all: Value[]) => np.sum(forward(...all.slice(0, -1)).mul(all.at(-1))),
    { argnums },
  );
  return repeat(gradient, [...args, weight]);
}

function matmul(sizes: Sizes): Work {
  const n = size(sizes, "n");
  if (n > 2048) throw new Absent("left out above 2048: a product takes many seconds");
  const args = [1, 2].map((seed) => {
    const values = sizes.dtype === "float64" ? new Float64Array(n * n) : new Float32Array(n * n);
    return np.array(inputs.fill(values, seed), { shape: [n, n] });
  });
  return repeat((a, b) => np.matmul(a, b), args);
}

function batched(): Work {
  const a = array({ values: uniform(1, 64 * 128 * 64), shape: [64, 128, 64] });
  const b = array({ values: uniform(2, 64 * 64 * 128), shape: [64, 64, 128] });
  return repeat((a, b) => np.matmul(a, b), [a, b]);
}

function add(): Work {
  const [x, y] = [vector(1, 64), vector(2, 64)];
  const run = async (reps: number, mode: Mode): Promise<void> => {
    for (let i = 0; i < reps; i++) await finish(np.add(x.ref, y.ref), mode);
  };
  return eitherWay(run, () => inputs.digest(np.add(x.ref, y.ref).dataSync()));
}

const makers: Record<string, (sizes: Sizes) => Work> = {
  mlp: (sizes) => trainer(mlp, inputs.mlpParameters(sizes), placed(inputs.mlpBatches(sizes))),
  loop,
  cnn: (sizes) =>
    trainer(
      cnn,
      cnnWeights(),
      inputs.cnnBatches(sizes).map(({ x, y }): Pair => [
        array({ values: x.values, shape: [x.shape[0]!, 1, 28, 28] }),
        array(y),
      ]),
    ),
  block: (sizes) =>
    trainer(
      block(size(sizes, "heads")),
      inputs.blockParameters(sizes),
      [inputs.blockData(sizes).map(array) as Pair],
    ),
  elementwise,
  adam: adamUpdate,
  rowwise,
  matmul,
  batched,
  tiny: () => repeat((x) => x.mul(0.5), [vector(1, 64)]),
  add,
};

await serve({ "jax-js": VERSION }, (kind, sizes) => {
  const make = makers[kind];
  if (make === undefined) throw new Absent("does not apply");
  return make(sizes);
});
