/**
 * Functions of probability theory that draws need: the logarithm of the gamma function, its slope, and
 * how gamma numbers move with their parameter.
 *
 * @module
 */
import { cast, emit, type Tensor } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { repeatWhile } from "./repeat.ts";

/** Lanczos' approximation with g = 7 and 9 terms, which XLA uses as well. */
const LANCZOS = [
  676.520368121885098567009190444019,
  -1259.13921672240287047156078755283,
  771.3234287776530788486528258894,
  -176.61502916214059906584551354,
  12.507343278686904814458936853,
  -0.13857109526572011689554707,
  9.984369578019570859563e-6,
  1.50563273514931155834e-7,
];
const BASE = 0.99999999999980993227684700473478;

/** log(gamma(x)) for x >= 1, in the dtype of x. */
export function logGamma(x: Tensor): Tensor {
  const z = x.sub(1);
  const series = LANCZOS.reduce(
    (sum, c, i) => sum.add(z.add(i + 1).reciprocal().mul(c)),
    z.zeros().add(BASE),
  );
  const t = z.add(7.5);
  const logT = z.mul(1 / 7.5).log1p().add(Math.log(7.5));
  return z.add(0.5).sub(t.div(logT)).mul(logT).add(series.log()).add(Math.log(2 * Math.PI) / 2);
}

/** The numbers B(2n) / 2n of the asymptotic series of the digamma function. */
const BERNOULLI = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];

/** The digamma function for x >= 1, in float64. */
function digamma(x: Tensor): Tensor {
  let below = x.zeros();
  for (let k = 0; k < 8; k++) below = below.add(x.add(k).reciprocal());
  const y = x.add(8);
  const square = y.mul(y).reciprocal();
  let series = x.zeros();
  for (const b of [...BERNOULLI].reverse()) series = series.add(b).mul(square);
  return y.log().sub(y.reciprocal().mul(0.5)).sub(series).sub(below);
}

/**
 * d log(x) / d a for gamma numbers x of parameter a at a constant value of their distribution function
 * P(a, x), from logarithms of x: -dP/da / (x dP/dx). With P = x^a e^-x / gamma(a + 1) S and
 * S = sum of x^n / ((a + 1) ... (a + n)), it is -((log x - digamma(a + 1)) S + dS/da) / a. In float64.
 */
export function logGammaSlope(a: Tensor, logX: Tensor): Tensor {
  const alpha = cast(a, "float64");
  const log = cast(logX, "float64");
  const x = log.exp();
  const zero = x.zeros();
  const one = zero.add(1);
  // n, the term and its slope, their sums, and whether the sums still change
  const [, , , sum, slope] = repeatWhile(
    ([, , , , , open]) => open!.any(),
    ([n, term, dTerm, sum, slope, open]) => {
      const next = n!.add(1);
      const ratio = x.div(alpha.add(next));
      const t = term!.mul(ratio);
      // the slope of the ratio is -ratio / (a + n)
      const d = dTerm!.mul(ratio).sub(t.div(alpha.add(next)));
      const changes = emit("or", [
        t.gt(sum!.mul(1e-17)),
        d.abs().gt(slope!.abs().mul(1e-17)),
      ]);
      const keep = (now: Tensor, before: Tensor): Tensor => select(open!, now, before);
      return [
        next,
        keep(t, term!),
        keep(d, dTerm!),
        keep(sum!.add(t), sum!),
        keep(slope!.add(d), slope!),
        emit("and", [open!, changes]),
      ];
    },
    [zero.sum().mul(0), one, zero, one, zero, one.gt(0)],
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const total = log.sub(digamma(alpha.add(1))).mul(sum).add(slope);
  return total.div(alpha).neg();
}
