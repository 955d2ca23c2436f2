/**
 * A Laplace fit through the Hessian: logistic regression of O-ring damage on temperature over the 23
 * flights before the Challenger accident (Dalal, Fowlkes, Hoadley 1989), by Newton's method. The
 * inverse Hessian at the optimum is the covariance of the posterior, drawn from to judge the launch.
 *
 *     deno run examples/laplace_fit.ts
 *
 * @module
 */
import { foriLoop, grad, hessian, jit, nn, np, random, type Tensor, vmap } from "glissade";

const f64 = (x: number[]) => np.array(x, "float64");

// degrees Fahrenheit at launch: of flights whose O-rings came back whole, and damaged
const whole = f64([66, 69, 68, 67, 72, 73, 70, 78, 67, 67, 75, 70, 81, 76, 79, 76]);
const broken = f64([70, 57, 63, 70, 53, 75, 58]);
const degrees = np.concatenate([whole, broken]);
const damaged = np.concatenate([np.zerosLike(whole), np.onesLike(broken)]);
const center = degrees.mean();
const spread = degrees.std();

/** The features of a temperature: 1, and its distance from the mean. */
const features = (t: Tensor): Tensor => {
  const z = t.sub(center).div(spread);
  return np.stack([np.onesLike(z), z], -1);
};

/** Minus the logarithm of the likelihood. */
function energy(beta: Tensor): Tensor {
  const logits = features(degrees).matmul(beta);
  return nn.softplus(logits).sub(logits.mul(damaged)).sum();
}

/** Solves a x = b for a positive definite matrix by conjugate gradients. */
function solve(a: Tensor, b: Tensor): Tensor {
  type State = { x: Tensor; r: Tensor; p: Tensor };
  const start = { x: b.mul(0), r: b, p: b };
  return foriLoop(0, b.size + 1, (_: Tensor, { x, r, p }: State) => {
    const ap = a.matmul(p);
    const rr = r.matmul(r);
    const step = rr.div(p.matmul(ap).add(1e-300)); // the residual may be zero already
    const next = r.sub(ap.mul(step));
    const turn = next.matmul(next).div(rr.add(1e-300));
    return { x: x.add(p.mul(step)), r: next, p: next.add(p.mul(turn)) };
  }, start).x;
}

const newton = jit((beta: Tensor) => beta.sub(solve(hessian(energy)(beta), grad(energy)(beta))));
let beta = np.zeros([2], "float64");
for (let i = 0; i < 8; i++) {
  console.log(`step ${i}: energy ${energy(beta).item().toFixed(6)}`);
  beta = newton(beta);
}

// in degrees: logit = intercept + slope * t
const [b0, b1] = [beta.at(0).item(), beta.at(1).item()];
const slope = b1 / spread.item();
console.log(`logit = ${(b0 - slope * center.item()).toFixed(4)} + ${slope.toFixed(4)} * t`);

// the covariance: the inverse of the Hessian, a column for each unit vector
const curvature = hessian(energy)(beta);
const covariance = vmap(solve, { inAxes: [null, 0] })(curvature, np.eye(2, { dtype: "float64" }));
const error = Math.sqrt(covariance.at(1, 1).item()) / spread.item();
console.log(`standard error of the slope: ${error.toFixed(4)}`);

// draws from the posterior: beta + L z with L L' = covariance, written out for two parameters
const [c00, c01, c11] = [covariance.at(0, 0), covariance.at(0, 1), covariance.at(1, 1)];
const z = random.normal(random.key(0), [2, 1000], { dtype: "float64" });
const first = z.at(0).mul(c00.sqrt());
const second = first.mul(c01.div(c00)).add(z.at(1).mul(c11.sub(c01.square().div(c00)).sqrt()));
const draws = np.stack([first, second]).add(beta.reshape([2, 1]));
const risk = (t: number) => np.sort(features(f64([t])).matmul(draws).flatten().sigmoid());
for (const t of [31, 53, 81]) {
  const r = risk(t);
  const [low, mid, high] = [50, 500, 950].map((i) => r.at(i).item().toFixed(3));
  console.log(`chance of damage at ${t} F: ${mid} (90% of draws between ${low} and ${high})`);
}
