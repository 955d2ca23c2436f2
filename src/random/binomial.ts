/**
 * Binomial and multinomial numbers, in JAX's two ways: adding geometric waiting times for small n p,
 * and transformed rejection (Hormann, "The Generation of Binomial Random Variates", 1993).
 *
 * @module
 */
import { formatShape } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { float, select, together } from "../numpy/operands.ts";
import { uniformOf } from "./draws.ts";
import { checkKey, readDraw, readParameters } from "./options.ts";
import { repeatWhile } from "./repeat.ts";
import { keysOf } from "./threefry.ts";
import type { DrawOptions } from "./types.ts";

/** What Stirling's approximation of log(k!) leaves, for k = 0..9. */
const TAIL = [
  0.0810614667953272,
  0.0413406959554092,
  0.0276779256849983,
  0.02079067210376509,
  0.0166446911898211,
  0.0138761288230707,
  0.0118967099458917,
  0.0104112652619720,
  0.00925546218271273,
  0.00833056343336287,
];

function stirlingTail(k: Tensor): Tensor {
  const square = k.add(1).mul(k.add(1));
  const inner = square.reciprocal().mul(-1 / 1260).add(1 / 360).div(square).neg().add(1 / 12);
  const far = inner.div(k.add(1));
  const whole = k.maximum(0).minimum(9).floor();
  const near = TAIL.slice(1).reduce(
    (out, v, i) => select(whole.eq(i + 1), v, out),
    k.zeros().add(TAIL[0]!),
  );
  return select(k.le(9), near, far);
}

function inverted(key: Tensor, count: Tensor, p: Tensor): Tensor {
  const shape = [...p.shape];
  const { dtype } = p;
  const log = p.neg().log1p();
  const [number] = repeatWhile(
    ([, sum]) => sum!.le(count).any(),
    ([number, sum, key]) => {
      const [sub, next] = keysOf(key!, 2, "draw binomial numbers") as [Tensor, Tensor];
      const wait = uniformOf(sub, { shape, dtype }).log().div(log).ceil();
      return [number!.add(cast(sum!.le(count), dtype)), sum!.add(wait), next];
    },
    [p.zeros(), p.zeros(), key],
  );
  return number!.sub(1);
}

function rejected(key: Tensor, count: Tensor, p: Tensor): Tensor {
  const shape = [...p.shape];
  const { dtype } = p;
  const q = p.neg().add(1);
  const deviation = count.mul(p).mul(q).sqrt();
  const b = deviation.mul(2.53).add(1.15);
  const a = b.mul(0.0248).add(-0.0873).add(p.mul(0.01));
  const c = count.mul(p).add(0.5);
  const bound = b.reciprocal().mul(-4.2).add(0.92);
  const r = p.div(q);
  const alpha = b.reciprocal().mul(5.1).add(2.83).mul(deviation);
  const m = count.add(1).mul(p).floor();
  const top = m.add(0.5).mul(m.add(1).div(r.mul(count.sub(m).add(1))).log());
  const tails = stirlingTail(m).add(stirlingTail(count.sub(m)));
  const [out] = repeatWhile(
    ([, open]) => open!.any(),
    ([out, open, key]) => {
      const [next, k0, k1] = keysOf(key!, 3, "draw binomial numbers") as [Tensor, Tensor, Tensor];
      const u = uniformOf(k0, { shape, dtype }).sub(0.5);
      const v = uniformOf(k1, { shape, dtype });
      const edge = u.abs().neg().add(0.5);
      const inside = emit("and", [edge.ge(0.07), v.le(bound)]);
      const k = a.mul(2).div(edge).add(b).mul(u).add(c).floor();
      const outside = emit("or", [k.lt(0), k.gt(count)]);
      const s = v.mul(alpha).div(a.div(edge.mul(edge)).add(b)).log();
      const rest = count.sub(k).add(1);
      const t = top
        .add(count.add(1).mul(count.sub(m).add(1).div(rest).log()))
        .add(k.add(0.5).mul(r.mul(rest).div(k.add(1)).log()))
        .add(tails)
        .sub(stirlingTail(k))
        .sub(stirlingTail(count.sub(k)));
      const accepted = emit("or", [inside, emit("and", [emit("not", [outside]), s.le(t)])]);
      return [select(accepted, k, out!), emit("and", [open!, emit("not", [accepted])]), next];
    },
    [p.zeros().sub(1), emit("not", [cast(p.zeros(), "bool")]), key],
  );
  return out!;
}

/** Binomial numbers of checked arguments of one shape and dtype. */
function binomialOf(key: Tensor, n: Tensor, p: Tensor): Tensor {
  const small = p.lt(0.5);
  const given = select(small, p, p.neg().add(1));
  const wrongCount = emit("or", [n.isnan(), n.lt(0)]);
  const wrong = emit("or", [wrongCount, emit("or", [given.isnan(), given.lt(0)])]);
  const q = select(emit("or", [given.isnan(), given.lt(0)]), 0.01, given);
  const endless = n.isinf();
  const inversion = emit("or", [wrongCount, n.mul(q).le(10)]);
  const count = n.floor();
  const drawn = select(
    inversion,
    inverted(key, select(inversion, select(wrongCount, 0, count), 0), q),
    rejected(key, select(emit("or", [inversion, endless]), 1e4, count), select(inversion, 0.5, q)),
  );
  const mirrored = select(small, drawn, count.sub(drawn));
  return select(wrong, NaN, select(endless, n, mirrored));
}

/**
 * Numbers of the binomial distribution: successes in `n` trials, as floats, as `jax.random.binomial`:
 * the same but where rounding decides on a proposal. NaN where a parameter is none.
 *
 * @param key a key
 * @param n the number of trials, >= 0
 * @param p the chance of a success, in 0..1
 * @param shapeOrOptions the shape (default that of the parameters), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit the parameters
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.binomial(random.key(0), 5, [0, 1]).toArray(), [0, 5]);
 * ```
 */
export function binomial(
  key: TensorLike,
  n: TensorLike,
  p: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw binomial numbers";
  const { options, values } = readParameters(
    { n, p },
    shapeOrOptions,
    more,
    ["shape", "dtype"],
    action,
  );
  const [count, chance] = values.map((t) => emit("stop", [t.broadcastTo(options.shape)]));
  return binomialOf(checkKey(key, action), count!, chance!);
}

/**
 * Numbers of the multinomial distribution: how many of `n` trials fall into each class, as floats, as
 * `jax.random.multinomial`. One binomial draw after the other: one for each class.
 *
 * @param key a key
 * @param n the number of trials; broadcasts against `p` without its last axis
 * @param p the chances of the classes along the last axis, up to a factor
 * @param shapeOrOptions the shape (default that of `p`), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when `p` is a scalar, or a given shape does not fit
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const counts = random.multinomial(random.key(0), 10, [0.2, 0.3, 0.5]);
 * assertEquals(counts.sum().item(), 10);
 * ```
 */
export function multinomial(
  key: TensorLike,
  n: TensorLike,
  p: TensorLike,
  shapeOrOptions?: DrawOptions | readonly number[] | number,
  more?: DrawOptions,
): Tensor {
  const action = "draw multinomial numbers";
  const o = readDraw(shapeOrOptions, more, ["shape", "dtype"], action);
  const [trials, chances] = together([float(n, action), float(p, action)], action) as [
    Tensor,
    Tensor,
  ];
  if (chances.ndim === 0) throw new RangeError(`Cannot ${action} with one chance: wanted a vector`);
  const shape = o.shape.length > 0 ? o.shape : [...chances.shape];
  const classes = shape.at(-1)!;
  if (classes !== chances.shape.at(-1)) {
    throw new RangeError(
      `Cannot ${action} of shape ${formatShape(shape)} with chances of shape ${
        formatShape(chances.shape)
      }: the last axis must be that of the classes`,
    );
  }
  const all = emit("stop", [chances.broadcastTo(shape)]);
  const left = emit("cumsum", [all], { axis: shape.length - 1, reverse: true });
  const ratios = all.div(select(left.eq(0), 1, left)).maximum(0).minimum(1);
  const lead = shape.slice(0, -1);
  let rest = emit("stop", [trials]).broadcastTo(lead);
  const keys = keysOf(checkKey(key, action), classes, action);
  const counts = keys.map((k, i) => {
    const at = [...lead.map(() => null), [i, i + 1] as const];
    const drawn = binomialOf(k, rest, ratios.slice(...at).reshape(lead));
    rest = rest.sub(drawn);
    return drawn.reshape([...lead, 1]);
  });
  const out = counts.length === 1 ? counts[0]! : emit("concatenate", counts, { axis: lead.length });
  return cast(out, o.dtype);
}
