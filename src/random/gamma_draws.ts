/**
 * Gamma numbers, by Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (2000): a
 * normal number is proposed until one is accepted. As in JAX, every element has a key of its own, from
 * which its proposals follow.
 *
 * @module
 */
import { sizeOf } from "../base/mod.ts";
import { callCustom, cast, type CustomCall, emit, type Tensor } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";
import { exponentialEach, normalEach, uniformEach } from "./draws.ts";
import { repeatWhile } from "./repeat.ts";
import { logGammaSlope } from "./special.ts";
import { isPartitionable, splitEach, splitKey, type Words } from "./threefry.ts";

/** Where `take` holds, the words of one key, else of the other. */
function either(take: Tensor, a: Words, b: Words): [Tensor, Tensor] {
  return [select(take, a[0], b[0]), select(take, a[1], b[1])];
}

/** The accepted cubes V of each element; d and c are the constants of the method. */
function acceptedCubes(keys: Words, d: Tensor, c: Tensor): Tensor {
  const { dtype } = d;
  const [outer, normals, uniforms] = splitEach(keys, 3) as [Words, Words, Words];
  const state = repeatWhile(
    ([open]) => open!.any(),
    ([open, cube, k0, k1, x0, x1, u0, u1]) => {
      const next = splitEach([x0!, x1!], 2);
      const x = normalEach(next[1]!, dtype);
      const v = x.mul(c).add(1);
      const square = x.mul(x);
      const found = v.mul(v).mul(v);
      const u = uniformEach([u0!, u1!], { dtype });
      const again = v.le(0);
      const refused = emit("and", [
        u.ge(square.mul(square).mul(0.0331).neg().add(1)),
        u.log().ge(square.mul(0.5).add(d.mul(found.neg().add(1).add(found.log())))),
      ]);
      const fresh = splitEach([k0!, k1!], 3) as [Words, Words, Words];
      const renewed = emit("and", [emit("not", [again]), refused]);
      const still = emit("or", [again, refused]);
      return [
        emit("and", [open!, still]),
        select(emit("and", [open!, emit("not", [still])]), found, cube!),
        ...either(renewed, fresh[0], [k0!, k1!]),
        ...either(again, next[0]!, fresh[1]),
        ...either(renewed, fresh[2], [u0!, u1!]),
      ];
    },
    [d.eq(d), d.zeros(), ...outer, ...normals, ...uniforms],
  );
  // NaN as a parameter accepts at once
  return select(d.eq(d), state[1]!, NaN);
}

/** Gamma numbers of parameters a > 0, or their logarithms, for the keys of a vector of elements. */
function drawEach(keys: Words, a: Tensor, logarithms: boolean): Tensor {
  const { dtype } = a;
  const large = a.ge(1);
  const d = select(large, a, a.add(1)).sub(1 / 3);
  const c = d.sqrt().reciprocal().mul(1 / 3);
  const [next, boosts] = splitEach(keys, 2) as [Words, Words];
  const cube = acceptedCubes(next, d, c);
  const power = a.reciprocal();
  if (logarithms) {
    const log = exponentialEach(boosts, dtype).neg();
    const none = emit("or", [large, log.eq(0)]);
    return d.log().add(cube.log()).add(select(none, 0, log.mul(power)));
  }
  const boost = uniformEach(boosts, { dtype }).neg().add(1).pow(power);
  return d.mul(cube).mul(select(large, 1, boost));
}

/** The draw, whose derivative is that of the number at a constant value of the distribution function. */
function callOf(logarithms: boolean): CustomCall {
  const run = ([keys, a]: readonly Tensor[]): Tensor[] => {
    const n = a!.size;
    const words = [0, 1].map((i) => keys!.slice(null, [i, i + 1]).reshape([n])) as [Tensor, Tensor];
    return [drawEach(words, a!.reshape([n]), logarithms).reshape(a!.shape)];
  };
  const label = logarithms ? "loggamma" : "gamma";
  const layout = isPartitionable();
  return {
    label,
    toJSON: () => `random.${label} ${layout}`,
    run,
    forward: (ins, tangents) => {
      const [y] = run(ins) as [Tensor];
      const a = ins[1]!;
      const slope = cast(logGammaSlope(a, logarithms ? y : y.log()), y.dtype);
      const move = tangents[1]!.mul(slope);
      return { outs: [y], tangents: [logarithms ? move : select(y.eq(0), 0, move.mul(y))] };
    },
  };
}

/** Gamma numbers of checked arguments; the parameters broadcast to the shape. */
export function gammaOf(
  key: Tensor,
  a: Tensor,
  shape: readonly number[],
  logarithms = false,
): Tensor {
  const keys = splitKey(key, sizeOf(shape), "draw gamma numbers");
  return callCustom(callOf(logarithms), [keys, a.broadcastTo(shape)])[0]!;
}
