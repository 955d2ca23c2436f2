/**
 * Gradients of each example, not of their sum: which examples does a classifier learn most from, and
 * one step of training with privacy, where each gradient is clipped before they are added up.
 *
 *     deno run examples/per_example_gradients.ts
 *
 * @module
 */
import { grad, jit, nn, np, random, type Tensor, vmap } from "glissade";

type Params = { w: Tensor; b: Tensor; v: Tensor };

const [N, IN, HIDDEN] = [512, 2, 16];
const [kx, kw, kv, kn] = random.split(random.key(0), 4);

// points of opposite quadrants belong together; every 32nd label is wrong
const x = random.normal(kx!, [N, IN]);
const right = x.slice(null, 0).mul(x.slice(null, 1)).gt(0).astype("float32");
const isWrong = np.equal(np.arange(N).mod(32), 0);
const y = np.where(isWrong, right.neg().add(1), right);

let params: Params = {
  w: random.normal(kw!, [IN, HIDDEN]),
  b: np.zeros(HIDDEN),
  v: random.normal(kv!, [HIDDEN]).mul(0.5),
};

/** A small network on one example: no batch anywhere. */
const logit = ({ w, b, v }: Params, x: Tensor): Tensor => nn.relu(x.matmul(w).add(b)).matmul(v);

/** The loss of one example. */
function loss(params: Params, x: Tensor, y: Tensor): Tensor {
  const z = logit(params, x);
  return nn.softplus(z).sub(z.mul(y));
}

// null: the parameters are the same for all examples
const gradients = vmap(grad(loss), { inAxes: [null, 0, 0] });
const logits = vmap(logit, { inAxes: [null, 0] });

/** The length of each example's gradient, over all parameters. */
const lengths = (g: Params): Tensor =>
  g.w.square().sum([1, 2]).add(g.b.square().sum(1)).add(g.v.square().sum(1)).sqrt();

/** A step of DP-SGD (Abadi et al. 2016): gradients clipped one by one, summed, with noise. */
const step = jit((params: Params, key: Tensor): Params => {
  const g = gradients(params, x, y);
  const scale = np.minimum(1, np.divide(1, lengths(g)));
  const keys = random.split(key, 3);
  const move = (p: Tensor, g: Tensor, k: Tensor): Tensor => {
    const clipped = g.mul(scale.reshape([N, ...p.shape.map(() => 1)])).sum(0);
    return p.sub(clipped.add(random.normal(k, p.shape).mul(0.5)).mul(4 / N));
  };
  return {
    w: move(params.w, g.w, keys.at(0)),
    b: move(params.b, g.b, keys.at(1)),
    v: move(params.v, g.v, keys.at(2)),
  };
});

let key = kn!;
for (let i = 0; i <= 600; i++) {
  const [next, own] = random.split(key);
  key = next!;
  params = step(params, own!);
  if (i % 200 !== 0) continue;
  const hits = logits(params, x).gt(0).eq(right.gt(0)).mean().item();
  console.log(`step ${i}: ${(100 * hits).toFixed(1)}% of the true labels are predicted`);
}

// the examples that pull hardest are the mislabelled ones
const pull = lengths(gradients(params, x, y));
const hardest = np.argsort(pull.neg()).slice(0, N / 32);
const found = np.take(isWrong.astype("int32"), hardest).sum().item();
console.log(`${found} of the ${N / 32} wrong labels are among the ${N / 32} largest gradients`);
