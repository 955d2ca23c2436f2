/**
 * Fits an ordinary differential equation through its solver: the rates of a predator-prey model
 * (Lotka 1925, Volterra 1926) from noisy counts of both kinds. The solver is a scan of classical
 * Runge-Kutta steps within a scan over the times of observation; gradients flow back through all of
 * them, in one compiled program.
 *
 *     deno run examples/ode_fit.ts
 *
 * @module
 */
import { jit, np, optax, random, scan, type Tensor, valueAndGrad } from "glissade";

const OBSERVATIONS = 40;
const EVERY = 0.25; // years between observations
const STEPS = 10; // of the solver between two observations

/** How fast hares and lynxes change: [a h - b h l, c h l - d l]. */
function rates(state: Tensor, [a, b, c, d]: Tensor[]): Tensor {
  const [hares, lynxes] = [state.at(0), state.at(1)];
  const met = hares.mul(lynxes);
  return np.stack([a!.mul(hares).sub(b!.mul(met)), c!.mul(met).sub(d!.mul(lynxes))]);
}

/** One step of the classical Runge-Kutta method. */
function advance(y: Tensor, p: Tensor[], dt: number): Tensor {
  const k1 = rates(y, p);
  const k2 = rates(y.add(k1.mul(dt / 2)), p);
  const k3 = rates(y.add(k2.mul(dt / 2)), p);
  const k4 = rates(y.add(k3.mul(dt)), p);
  return y.add(k1.add(k2.mul(2)).add(k3.mul(2)).add(k4).mul(dt / 6));
}

/** The states at the times of observation, [OBSERVATIONS, 2]. */
function solve(logRates: Tensor, start: Tensor): Tensor {
  const p = [0, 1, 2, 3].map((i) => logRates.at(i).exp());
  const between = (y: Tensor) =>
    scan((y: Tensor) => [advance(y, p, EVERY / STEPS), null], y, null, { length: STEPS })[0];
  return scan(
    (y: Tensor) => {
      const next = between(y);
      return [next, next];
    },
    start,
    null,
    { length: OBSERVATIONS },
  )[1];
}

const start = np.array([1.5, 1]);
const truth = np.log(np.array([1.1, 0.4, 0.3, 0.8]));
const noise = random.normal(random.key(1), [OBSERVATIONS, 2]).mul(0.03);
const seen = solve(truth, start).mul(noise.exp());

const error = (r: Tensor) => np.log(solve(r, start)).sub(np.log(seen)).square().mean();

// a hundred steps of Adam are one call: a scan of gradients of scans of scans
const tx = optax.adam(0.03);
const train = jit((guess: Tensor) =>
  scan(
    ([guess, state]: [Tensor, ReturnType<typeof tx.init>]) => {
      const [loss, g] = valueAndGrad(error)(guess);
      const [updates, next] = tx.update(g, state);
      return [[optax.applyUpdates(guess, updates), next], loss];
    },
    [guess, tx.init(guess)],
    null,
    { length: 100 },
  )
);

let guess = np.zeros([4]);
for (let round = 1; round <= 4; round++) {
  const [[better], losses] = train(guess);
  guess = better;
  console.log(`step ${round * 100}: mean squared error ${losses.at(-1).item().toExponential(2)}`);
}
console.log(`rates ${np.exp(guess)}, the counts were made with ${np.exp(truth)}`);
