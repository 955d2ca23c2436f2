/**
 * Poisson numbers, in JAX's two ways: counting exponential waiting times (Knuth) for small rates, and
 * transformed rejection (Hormann, "The Transformed Rejection Method for Generating Poisson Random
 * Variables", 1993) for rates of 10 and more.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import { cast, emit, type Tensor, type TensorLike } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { uniformOf } from "./draws.ts";
import { checkKey, readCounts } from "./options.ts";
import { repeatWhile } from "./repeat.ts";
import { logGamma } from "./special.ts";
import { keysOf } from "./threefry.ts";
import type { CountOptions } from "./types.ts";

/** Rates below this are drawn by counting. */
const COUNTED = 10;

function counted(key: Tensor, rate: Tensor): Tensor {
  const shape = [...rate.shape];
  const limit = rate.neg();
  const [count] = repeatWhile(
    ([, log]) => log!.gt(limit).any(),
    ([count, log, key]) => {
      const [next, sub] = keysOf(key!, 2, "draw Poisson numbers") as [Tensor, Tensor];
      const u = uniformOf(sub, { shape, dtype: "float32" });
      return [count!.add(cast(log!.gt(limit), "int32")), log!.add(u.log()), next];
    },
    [cast(rate.zeros(), "int32"), rate.zeros(), key],
  );
  return count!.sub(1);
}

function rejected(key: Tensor, rate: Tensor): Tensor {
  const shape = [...rate.shape];
  const { dtype } = rate;
  const log = rate.log();
  const b = rate.sqrt().mul(2.53).add(0.931);
  const a = b.mul(0.02483).add(-0.059);
  const inverse = b.sub(3.4).reciprocal().mul(1.1328).add(1.1239);
  const bound = b.sub(2).reciprocal().mul(-3.6224).add(0.9277);
  const [out] = repeatWhile(
    ([, open]) => open!.any(),
    ([out, open, key]) => {
      const [next, k0, k1] = keysOf(key!, 3, "draw Poisson numbers") as [Tensor, Tensor, Tensor];
      const u = uniformOf(k0, { shape, dtype }).sub(0.5);
      const v = uniformOf(k1, { shape, dtype });
      const edge = u.abs().neg().add(0.5);
      const k = a.mul(2).div(edge).add(b).mul(u).add(rate).add(0.43).floor();
      const s = v.mul(inverse).div(a.div(edge.mul(edge)).add(b)).log();
      const t = k.mul(log).sub(rate).sub(logGamma(k.maximum(0).add(1)));
      const inside = emit("and", [edge.ge(0.07), v.le(bound)]);
      const outside = emit("or", [k.lt(0), emit("and", [edge.lt(0.013), v.gt(edge)])]);
      const accepted = emit("or", [inside, emit("and", [emit("not", [outside]), s.le(t)])]);
      return [
        select(accepted, k, out!),
        emit("and", [open!, emit("not", [accepted])]),
        next,
      ];
    },
    [rate.zeros().sub(1), emit("not", [cast(rate.zeros(), "bool")]), key],
  );
  return cast(out!, "int32");
}

/**
 * Numbers of the Poisson distribution, as `jax.random.poisson`: the same integers but where float32
 * rounding decides on a proposal. Rates are rounded to float32.
 *
 * @param key a key
 * @param lam the rate, >= 0; -1 comes out for others
 * @param shapeOrOptions the shape (default that of `lam`), or all options
 * @param more options when the shape stands before them
 * @throws {RangeError} when a given shape does not fit `lam`
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.poisson(random.key(0), 0, [2]).toArray(), [0, 0]);
 * ```
 */
export function poisson(
  key: TensorLike,
  lam: TensorLike,
  shapeOrOptions?: CountOptions | readonly number[] | number,
  more?: CountOptions,
): Tensor {
  const action = "draw Poisson numbers";
  const { shape, dtype, values } = readCounts({ lam }, shapeOrOptions, more, action);
  const k = checkKey(key, action);
  const rate = emit("stop", [cast(values[0]!, "float32").broadcastTo(shape)]);
  return poissonOf(k, rate, dtype);
}

function poissonOf(key: Tensor, rate: Tensor, dtype: DType): Tensor {
  const small = emit("not", [rate.ge(COUNTED)]);
  const out = select(
    small,
    counted(key, select(small, rate, 0)),
    rejected(key, select(small, 1e5, rate)),
  );
  return cast(select(rate.eq(0), 0, out), dtype);
}
