import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { withNameScope } from "../../src/core/mod.ts";
import * as random from "../../src/random/mod.ts";
import { nextSeed, setSeedSource } from "../../src/random/seeds.ts";

const bad = <T>(x: T): never => x as never;
const key = random.key(0);

Deno.test("what is no key is named, with the way to make one", () => {
  assertThrows(() => random.uniform(42, [2]), TypeError, "make one with random.key(seed)");
  for (const wrong of ["x", undefined, null, {}, 3]) {
    for (
      const draw of [
        () => random.normal(bad(wrong), [2]),
        () => random.split(bad(wrong)),
        () => random.foldIn(bad(wrong), 1),
        () => random.permutation(bad(wrong), 3),
      ]
    ) assertThrows(draw, TypeError, "a key is a uint32 tensor of shape [2]; make one with");
  }
  assertThrows(() => random.bits([1, 2]), TypeError, "a float32 tensor of shape [2]");
  assertThrows(() => random.normal(random.split(key)), TypeError, "shape [2,2]");
  assertThrows(() => random.key(0.5), TypeError, "0.5: a seed is an integer");
  assertThrows(() => random.key([1, 2]), TypeError, "shape [2]");
  assertThrows(() => random.foldIn(key, -1), RangeError, "0..4294967295");
});

Deno.test("bad shapes, types and options of draws are named", () => {
  assertThrows(() => random.uniform(key, [-1]), RangeError, "sizes must be integers");
  assertThrows(() => random.uniform(key, { dtype: "int32" }), TypeError, '"int32"');
  assertThrows(() => random.uniform(key, bad({ min: 1 })), TypeError, '"min"');
  assertThrows(() => random.bits(key, { dtype: bad("int32") }), TypeError, '"uint8"');
  assertThrows(() => random.bernoulli(key, bad({ probability: 1 })), TypeError, '"probability"');
  assertThrows(() => random.bernoulli(key, { p: [0.5, 0.5], shape: [3] }), RangeError, "[2]");
  assertThrows(() => random.truncatedNormal(key, 2, -2), RangeError, "lower < upper");
  assertThrows(() => random.randint(key, [2], 0, 0.5), RangeError, "0.5: wanted an integer");
  assertThrows(() => random.randint(key, [2], 0, 2, { dtype: "float32" }), TypeError, "float32");
  assertThrows(() => random.categorical(key, [1, 2], { axis: 1 }), RangeError, "axis 1");
  assertThrows(() => random.categorical(key, [[1], [2]], { shape: [3] }), RangeError, "end in [2]");
  assertThrows(() => random.split(key, -1), RangeError, "sizes must be integers");
});

Deno.test("a SeedGenerator checks its seed and is named after the layer that makes it", () => {
  assertThrows(() => new random.SeedGenerator({ seed: -1 }), RangeError, "0..4294967295");
  assertThrows(() => new random.SeedGenerator({ seed: 1.5 }), TypeError, "1.5");
  assertThrows(() => new random.SeedGenerator(bad({ sed: 1 })), TypeError, '"sed"');
  const make = () => new random.SeedGenerator({ seed: 1, name: "seeds" });
  const { state } = withNameScope("dropout", make);
  assertEquals(state.path, "dropout/seeds/seed_generator_state");
  assertEquals(state.trainable, false);
});

Deno.test("missing seeds are fresh, or come from the source in force", () => {
  setSeedSource(null);
  assertNotEquals([nextSeed(), nextSeed()], [nextSeed(), nextSeed()]);
  let n = 5;
  setSeedSource(() => n++);
  try {
    assertEquals(new random.SeedGenerator().next().toArray(), [5, 0]);
    assertEquals(nextSeed(), 6);
  } finally {
    setSeedSource(null);
  }
});

Deno.test("no draw leaves its bounds, and a bound may be a tensor", () => {
  const x = random.uniform(key, [1000], { minval: 3, maxval: [3 + 2 ** -20] });
  assertEquals(x.shape, [1000]);
  assertEquals([...x.data()].every((v) => v >= 3 && v <= 3 + 2 ** -20), true);
  const t = random.truncatedNormal(key, -0.5, 0.25, [1000]).data();
  assertEquals([...t].every((v) => v > -0.5 && v < 0.25), true);
});

Deno.test("bad parameters of distributions are named", () => {
  const wrong = "they must broadcast to it";
  assertThrows(() => random.pareto(key, [1, 2], [3]), RangeError, wrong);
  assertThrows(() => random.wald(key, [1, 2], { shape: [2, 1] }), RangeError, wrong);
  assertThrows(() => random.rayleigh(key, NaN), RangeError, "scale NaN");
  assertThrows(() => random.rayleigh(key, bad("1")), TypeError, "wanted a Tensor");
  assertThrows(() => random.triangular(key, [0, 0], [1, 1, 1], 2), RangeError, "[2]");
  assertThrows(() => random.lognormal(key, 1, { dtype: "int32" }), TypeError, '"int32"');
  assertThrows(() => random.cauchy(key, bad({ size: 3 })), TypeError, '"size"');
  assertThrows(() => random.geometric(key, 0.5, { dtype: "float32" }), TypeError, "integer type");
  assertThrows(() => random.rademacher(key, { dtype: "uint32" }), TypeError, "it has no -1");
  assertThrows(() => random.gumbel(key, { mode: bad("highest") }), TypeError, '"low" or "high"');
  assertThrows(() => random.bernoulli(key, { mode: bad("mid") }), TypeError, '"low" or "high"');
  assertThrows(() => random.randint(key, [2], 0, [1, 2, 3]), RangeError, "[3]");
  assertThrows(() => random.randint(key, [2], 0, [0.5, 1]), TypeError, "0.5");
});

Deno.test("bad orders and choices are named", () => {
  assertThrows(() => random.permutation(key, [[1, 2]], { axis: 2 }), RangeError, "axis 2");
  assertThrows(() => random.permutation(key, random.uniform(key)), TypeError, "no rows");
  assertThrows(() => random.permutation(key, -3), RangeError, "-3");
  assertThrows(() => random.choice(key, 3, [4], { replace: false }), RangeError, "4 of 3 values");
  assertThrows(() => random.choice(key, 0, [1]), RangeError, "0 values");
  assertThrows(() => random.choice(key, 3, { p: [0.5, 0.5] }), RangeError, "[3], one for each");
  assertThrows(() => random.choice(key, 1.5), TypeError, "1.5");
  assertThrows(() => random.choice(key, 3, bad({ probs: 1 })), TypeError, '"probs"');
  assertThrows(
    () => random.categorical(key, [1, 2], { shape: [3], replace: false }),
    RangeError,
    "3 times out of 2",
  );
  assertThrows(() => random.wrapKeyData([1, -2]), TypeError, "two integers");
  assertThrows(() => random.keyData(3), TypeError, "make one with random.key(seed)");
});

Deno.test("bad parameters of rejection samplers are named", () => {
  assertThrows(() => random.gamma(key, 0), RangeError, "with a 0: wanted a positive number");
  assertThrows(() => random.gamma(key, [1, 2], [3]), RangeError, "they must broadcast to it");
  assertThrows(() => random.beta(key, 1, -1), RangeError, "with b -1");
  assertThrows(() => random.t(key, -1), RangeError, "with df -1");
  assertThrows(() => random.dirichlet(key, 1), RangeError, "wanted a vector");
  assertThrows(() => random.dirichlet(key, [[1, 2], [3, 4]], [3]), RangeError, "must broadcast");
  assertThrows(() => random.ball(key, 0), RangeError, "wanted an integer >= 1");
  assertThrows(() => random.ball(key, 2, { p: [1, 2] }), RangeError, "wanted a number");
  assertThrows(() => random.poisson(key, 3, { dtype: "float32" }), TypeError, "integer type");
  assertThrows(() => random.poisson(key, [1, 2], 3), RangeError, "must broadcast");
  assertThrows(() => random.binomial(key, 3, NaN), RangeError, "p NaN");
  assertThrows(() => random.multinomial(key, 3, 0.5), RangeError, "wanted a vector");
  assertThrows(() => random.multinomial(key, 3, [0.5, 0.5], [3]), RangeError, "of the classes");
  assertThrows(() => random.orthogonal(key, -1), RangeError, "wanted an integer >= 0");
  assertThrows(() => random.orthogonal(key, 2, bad({ n: 1 })), TypeError, '"n"');
});

Deno.test("what stands behind the shape is options, never left out in silence", () => {
  const key = random.key(0);
  const seven = bad(7);
  for (
    const draw of [
      () => random.normal(key, [2], seven),
      () => random.uniform(key, [2], seven),
      () => random.truncatedNormal(key, -1, 1, [2], seven),
      () => random.bits(key, [2], seven),
      () => random.rademacher(key, [2], seven),
      () => random.gamma(key, 1, [2], seven),
      () => random.dirichlet(key, [1, 2], [2], seven),
      () => random.geometric(key, 0.5, { shape: [2] }, seven),
      () => random.poisson(key, 2, [2], seven),
      () => random.choice(key, 5, [2], seven),
      () => random.choice(key, 5, { shape: [2] }, seven),
    ]
  ) assertThrows(draw, TypeError, "with 7 as options: wanted an object of shape");
  assertThrows(
    () => random.normal(key, { shape: [2] }, { dtype: "float64" }),
    TypeError,
    "options come last, behind a shape or with the shape in them",
  );
  assertThrows(() => random.bernoulli(key, { p: 0.5 }, [2]), TypeError, "name the shape in them");
  assertEquals(random.normal(key, undefined, { shape: [2] }).shape, [2]);
});
