import { assert, assertEquals } from "@std/assert";
import { config } from "../../src/base/mod.ts";
import { type Tensor, toTensor } from "../../src/core/mod.ts";
import * as random from "../../src/random/mod.ts";
import { grad, jit, vmap } from "../../src/transform/mod.ts";
import {
  type GoldenArray,
  type GoldenRecord,
  type GoldenValue,
  isGoldenArray,
  readGolden,
} from "../goldens/read.ts";
import { assertGolden, tensor } from "../losses/golden.ts";
import { fnv } from "./fnv.ts";

type Draw = (key: Tensor | number, ...args: unknown[]) => Tensor;
const table = random as unknown as Record<string, Draw>;
const { cases } = readGolden("random");
const draws = cases.filter((c) => (c.fn as string) in random);

const MAKERS = ["key", "wrapKeyData"];

function checkCase(c: GoldenRecord): void {
  const seed = c.key as number;
  const given = (x: GoldenValue): unknown => isGoldenArray(x) ? tensor(x) : x;
  const args = (c.args as GoldenValue[]).map(given);
  const settings = Object.entries(c.options as Record<string, GoldenValue>);
  const options = settings.length > 0
    ? [Object.fromEntries(settings.map(([k, v]) => [k, given(v)]))]
    : [];
  const f = table[c.fn as string]!;
  const label = `${c.fn}(key(${seed}), ${JSON.stringify(c.args)} ${JSON.stringify(c.options)})`;
  const tolerance = { rtol: (c.rtol ?? 0) as number, atol: (c.atol ?? 0) as number };
  const eager = c.fn === "key"
    ? f(seed)
    : c.fn === "wrapKeyData"
    ? f(...args as [Tensor])
    : f(random.key(seed), ...args, ...options);
  const got = MAKERS.includes(c.fn as string) ? [eager] : [
    eager,
    jit((key: Tensor) => f(key, ...args, ...options))(random.key(seed)),
  ];
  for (const x of got) {
    if (c.hash !== undefined) assertEquals(fnv(x), c.hash, label);
    const compared = c.first === undefined ? x : x.slice(0, c.first as number);
    assertGolden(compared, c.want as GoldenArray, tolerance, label);
  }
}

for (const [name, list] of Map.groupBy(draws, (c) => c.fn as string)) {
  Deno.test(`random.${name} is JAX's, eager and jitted, bit for bit where it says so`, () => {
    for (const c of list.filter((c) => c.layout === undefined)) checkCase(c);
  });
}

Deno.test("the layout of old, when it is asked for", () => {
  const old = draws.filter((c) => c.layout === "original");
  assert(old.length > 0);
  config({ threefryPartitionable: false });
  try {
    for (const c of old) checkCase(c);
  } finally {
    config({ threefryPartitionable: true });
  }
});

Deno.test("a jitted function follows a change of the layout", () => {
  const draw = jit((key: Tensor) => random.uniform(key, [4]));
  const before = draw(random.key(0)).toArray();
  config({ threefryPartitionable: false });
  try {
    assertEquals(draw(random.key(0)).at(0).item(), 0.96532142162323);
  } finally {
    config({ threefryPartitionable: true });
  }
  assertEquals(draw(random.key(0)).toArray(), before);
  assertEquals(draw.compiles, 2);
});

Deno.test("every draw has a golden case", () => {
  const seen = new Set(draws.map((c) => c.fn));
  assertEquals(
    Object.keys(random).filter((name) => name !== "SeedGenerator" && !seen.has(name)),
    [],
  );
  assert(seen.size > 0);
});

Deno.test("a seed that is a traced integer makes the same key", () => {
  const keys = jit((seed: Tensor) => random.key(seed));
  for (const seed of [0, 42, -1]) {
    const traced = keys(toTensor(Int32Array.of(seed)).reshape([]));
    assertEquals(traced.toArray(), random.key(seed).toArray());
  }
  const fold = jit((key: Tensor, i: Tensor) => random.foldIn(key, i));
  assertEquals(
    fold(random.key(0), toTensor(Int32Array.of(4)).reshape([])).toArray(),
    [2285895361, 433833334],
  );
});

Deno.test("raw keys of Keras draw what Keras draws", () => {
  for (const c of cases.filter((c) => c.fn === "kerasUniform" || c.fn === "kerasNormal")) {
    const f = c.fn === "kerasUniform" ? random.uniform : random.normal;
    const got = f(tensor(c.key as GoldenArray), (c.args as [number[]])[0]);
    const tolerance = { rtol: (c.rtol ?? 0) as number, atol: (c.atol ?? 0) as number };
    assertGolden(got, c.want as GoldenArray, tolerance, `${c.fn} ${(c.key as GoldenArray).data}`);
  }
});

Deno.test("a SeedGenerator gives the keys behind Keras' Dropout masks, and moves its state on", () => {
  for (const c of cases.filter((c) => c.fn === "dropout")) {
    const generator = new random.SeedGenerator({ seed: c.seed as number });
    const keep = 1 - (c.rate as number);
    for (const output of c.outputs as unknown as GoldenArray[]) {
      const mask = random.uniform(generator.next(), output.shape).lt(keep);
      const kept = (output.data as Float32Array).map((x, i) =>
        x !== 0 || (c.input as GoldenArray).data[i] === 0 ? 1 : 0
      );
      assertEquals([...mask.flatten().data()].map(Number), [...kept], `rate ${c.rate}`);
    }
    assertGolden(
      generator.state.value,
      c.stateAfter as GoldenArray,
      { rtol: 0, atol: 0 },
      "the state after it",
    );
  }
});

Deno.test("gamma numbers move with their parameter as JAX's do, also under jit and vmap", () => {
  const slopes = cases.filter((c) => c.fn === "slope");
  assert(slopes.length > 0);
  for (const c of slopes) {
    const f = c.of === "gamma" ? random.gamma : random.loggamma;
    const key = random.key(c.key as number);
    const [a] = (c.args as GoldenArray[]).map(tensor) as [Tensor];
    const slope = grad((a: Tensor) => f(key, a).sum());
    const tolerance = { rtol: c.rtol as number, atol: c.atol as number };
    assertGolden(slope(a), c.want as GoldenArray, tolerance, `${c.of}, eager`);
    assertGolden(jit(slope)(a), c.want as GoldenArray, tolerance, `${c.of}, jitted`);
  }
  const keys = random.split(random.key(1), 3);
  const rows = vmap((key: Tensor) => random.gamma(key, 2, [4]))(keys);
  assertEquals(rows.toArray(), [...keys].map((key) => random.gamma(key, 2, [4]).toArray()));
  const counts = vmap((key: Tensor) => random.poisson(key, 20, [4]))(keys);
  assertEquals(counts.toArray(), [...keys].map((key) => random.poisson(key, 20, [4]).toArray()));
});
