/**
 * Draws against the distributions that they are of: moments, and the Kolmogorov-Smirnov distance, with
 * bounds that a correct sampler keeps for all but one in a million seeds.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as random from "../../src/random/mod.ts";

const N = 20_000;
const key = random.key(2024);
const erf = (x: number): number => {
  // the series of erf, for |x| < 4
  let [sum, term] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return Math.abs(x) >= 4 ? Math.sign(x) : 2 / Math.sqrt(Math.PI) * sum;
};
const normal = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;

interface Known {
  readonly draw: () => Tensor;
  readonly mean: number;
  readonly variance: number;
  /** The fourth central moment over the squared variance; default 10. */
  readonly kurtosis?: number;
  readonly cdf?: (x: number) => number;
}

const KNOWN: Record<string, Known> = {
  uniform: { draw: () => random.uniform(key, [N]), mean: 1 / 2, variance: 1 / 12, cdf: (x) => x },
  normal: { draw: () => random.normal(key, [N]), mean: 0, variance: 1, cdf: normal },
  "normal in float64": {
    draw: () => random.normal(key, [N], { dtype: "float64" }),
    mean: 0,
    variance: 1,
    cdf: normal,
  },
  exponential: {
    draw: () => random.exponential(key, [N]),
    mean: 1,
    variance: 1,
    cdf: (x) => 1 - Math.exp(-x),
  },
  gumbel: {
    draw: () => random.gumbel(key, [N]),
    mean: 0.5772156649,
    variance: Math.PI ** 2 / 6,
    cdf: (x) => Math.exp(-Math.exp(-x)),
  },
  "gumbel, mode high": {
    draw: () => random.gumbel(key, [N], { mode: "high" }),
    mean: 0.5772156649,
    variance: Math.PI ** 2 / 6,
    cdf: (x) => Math.exp(-Math.exp(-x)),
  },
  laplace: {
    draw: () => random.laplace(key, [N]),
    mean: 0,
    variance: 2,
    cdf: (x) => x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2,
  },
  logistic: {
    draw: () => random.logistic(key, [N]),
    mean: 0,
    variance: Math.PI ** 2 / 3,
    cdf: (x) => 1 / (1 + Math.exp(-x)),
  },
  pareto: {
    draw: () => random.pareto(key, 9, [N]),
    mean: 9 / 8,
    variance: 9 / (64 * 7),
    kurtosis: 20,
    cdf: (x) => 1 - x ** -9,
  },
  rayleigh: {
    draw: () => random.rayleigh(key, 2, [N]),
    mean: 2 * Math.sqrt(Math.PI / 2),
    variance: 4 * (2 - Math.PI / 2),
    cdf: (x) => 1 - Math.exp(-x * x / 8),
  },
  "weibullMin of exponent 2": {
    draw: () => random.weibullMin(key, 1, 2, [N]),
    mean: Math.sqrt(Math.PI) / 2,
    variance: 1 - Math.PI / 4,
    cdf: (x) => 1 - Math.exp(-x * x),
  },
  triangular: {
    draw: () => random.triangular(key, 0, 0.25, 1, [N]),
    mean: 1.25 / 3,
    variance: (1 + 0.0625 - 0.25) / 18,
    cdf: (x) => x < 0.25 ? x * x / 0.25 : 1 - (1 - x) ** 2 / 0.75,
  },
  "gamma of 1": {
    draw: () => random.gamma(key, 1, [N]),
    mean: 1,
    variance: 1,
    cdf: (x) => 1 - Math.exp(-x),
  },
  "gamma of 3": {
    draw: () => random.gamma(key, 3, [N]),
    mean: 3,
    variance: 3,
    cdf: (x) => 1 - Math.exp(-x) * (1 + x + x * x / 2),
  },
  "gamma of 0.5": {
    draw: () => random.gamma(key, 0.5, [N]),
    mean: 0.5,
    variance: 0.5,
    kurtosis: 15,
    cdf: (x) => erf(Math.sqrt(x)),
  },
  beta: {
    draw: () => random.beta(key, 2, 2, [N]),
    mean: 0.5,
    variance: 1 / 20,
    cdf: (x) => 3 * x * x - 2 * x ** 3,
  },
  chisquare: {
    draw: () => random.chisquare(key, 2, [N]),
    mean: 2,
    variance: 4,
    cdf: (x) => 1 - Math.exp(-x / 2),
  },
  "t of 3 degrees": {
    draw: () => random.t(key, 3, [N]).mul(1).minimum(50).maximum(-50),
    mean: 0,
    variance: 3,
    kurtosis: 1000,
    cdf: (x) => 0.5 + (Math.atan(x / Math.sqrt(3)) + x / Math.sqrt(3) / (1 + x * x / 3)) / Math.PI,
  },
  "generalizedNormal of 1": {
    draw: () => random.generalizedNormal(key, 1, [N]),
    mean: 0,
    variance: 2,
    cdf: (x) => x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2,
  },
  "a coordinate of points in a ball": {
    draw: () => random.ball(key, 3, [N]).slice(null, [0, 1]).flatten(),
    mean: 0,
    variance: 1 / 5,
    cdf: (x) => 0.5 + 0.75 * (x - x ** 3 / 3),
  },
  "a coordinate of orthogonal 3 by 3": {
    draw: () => random.orthogonal(key, 3, [N]).slice(null, [0, 1], [0, 1]).flatten(),
    mean: 0,
    variance: 1 / 3,
    cdf: (x) => (x + 1) / 2,
  },
  "poisson of 3": { draw: () => random.poisson(key, 3, [N]), mean: 3, variance: 3 },
  "poisson of 40": { draw: () => random.poisson(key, 40, [N]), mean: 40, variance: 40 },
  "binomial, small": { draw: () => random.binomial(key, 9, 0.3, [N]), mean: 2.7, variance: 1.89 },
  "binomial, large": { draw: () => random.binomial(key, 100, 0.6, [N]), mean: 60, variance: 24 },
  geometric: { draw: () => random.geometric(key, 0.25, [N]), mean: 4, variance: 12 },
  rademacher: { draw: () => random.rademacher(key, [N]), mean: 0, variance: 1 },
  randint: { draw: () => random.randint(key, [N], -5, 6), mean: 0, variance: 10 },
  maxwell: {
    draw: () => random.maxwell(key, [N]),
    mean: 2 * Math.sqrt(2 / Math.PI),
    variance: 3 - 8 / Math.PI,
  },
  wald: { draw: () => random.wald(key, 1, [N]), mean: 1, variance: 1, kurtosis: 18 },
  "lognormal of 0.5": {
    draw: () => random.lognormal(key, 0.5, [N]),
    mean: Math.exp(1 / 8),
    variance: (Math.exp(1 / 4) - 1) * Math.exp(1 / 4),
    kurtosis: 9,
    cdf: (x) => normal(2 * Math.log(x)),
  },
};

for (const [name, { draw, mean, variance, kurtosis = 10, cdf }] of Object.entries(KNOWN)) {
  Deno.test(`${name}: ${N} numbers have its mean, variance and distribution`, () => {
    const x = Float64Array.from(draw().data()).sort();
    assert(x.length === N && !x.includes(NaN));
    const m = x.reduce((a, b) => a + b, 0) / N;
    const v = x.reduce((a, b) => a + (b - m) ** 2, 0) / N;
    // five standard errors
    assert(Math.abs(m - mean) < 5 * Math.sqrt(variance / N), `mean ${m}, wanted ${mean}`);
    const error = variance * Math.sqrt((kurtosis - 1) / N);
    assert(Math.abs(v - variance) < 5 * error, `variance ${v}, wanted ${variance}`);
    if (cdf === undefined) return;
    let distance = 0;
    x.forEach((t, i) => {
      const p = cdf(t);
      distance = Math.max(distance, Math.abs(p - i / N), Math.abs(p - (i + 1) / N));
    });
    // P(sqrt(n) D > 2.7) < 1e-6
    assert(distance * Math.sqrt(N) < 2.7, `distance ${distance}`);
  });
}

Deno.test("dirichlet, multinomial and categorical have the chances that they were given", () => {
  const alpha = [1, 2, 5];
  const means = random.dirichlet(key, alpha, [N]).mean({ axis: 0 }).data();
  alpha.forEach((a, i) => assert(Math.abs(means[i]! - a / 8) < 5 * Math.sqrt(0.25 / 9 / N)));
  const p = [0.2, 0.3, 0.5];
  const counts = random.multinomial(key, N, p).data();
  const classes = random.categorical(key, p.map(Math.log), { shape: [N] }).data();
  const chosen = random.choice(key, 3, [N], { p }).data();
  p.forEach((chance, i) => {
    const bound = 5 * Math.sqrt(N * chance * (1 - chance));
    const tally = (list: ArrayLike<number>): number =>
      Array.from(list).filter((c) => c === i).length;
    assert(Math.abs(counts[i]! - N * chance) < bound, "multinomial");
    assert(Math.abs(tally(classes) - N * chance) < bound, "categorical");
    assert(Math.abs(tally(chosen) - N * chance) < bound, "choice");
  });
});

Deno.test("orthogonal matrices are orthogonal, wide ones by rows", () => {
  for (const [n, m] of [[5, 5], [20, 7], [3, 8]] as const) {
    const q = random.orthogonal(key, n, { m, dtype: "float64" });
    const product = (n < m ? q.matmul(q.T) : q.T.matmul(q)).toArray() as number[][];
    product.forEach((row, i) =>
      row.forEach((x, j) => assert(Math.abs(x - (i === j ? 1 : 0)) < 1e-14))
    );
  }
});
