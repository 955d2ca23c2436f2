import { assert, assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as initializers from "../../src/initializers/mod.ts";
import { jit } from "../../src/transform/mod.ts";
import { setRandomSeed } from "../../src/utils/random_seed.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";
import { assertGolden } from "../losses/golden.ts";
import { fnv } from "../random/fnv.ts";

type Factory = (options: object) => initializers.Initializer;
const table = initializers as unknown as Record<string, Factory>;
const golden = readGolden("random").cases;
const cases = golden.filter((c) => c.fn === "initializer");

const factoryName = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

function close(a: number, b: number, tolerance: number, label: string): void {
  assert(Math.abs(a - b) <= tolerance, `${label}: ${a}, wanted ${b}`);
}

Deno.test("initializers give the numbers of Keras, eager and jitted", () => {
  for (const c of cases) {
    const initializer = table[factoryName(c.name as string)]!(c.options as object);
    const shape = c.shape as number[];
    const label = `${c.name} ${JSON.stringify(c.options)} [${shape}]`;
    for (const x of [initializer(shape), jit((): Tensor => initializer(shape))()]) {
      assertEquals(x.shape, shape, label);
      if (c.hash !== undefined) assertEquals(fnv(x), c.hash, label);
      const tolerance = { rtol: (c.rtol ?? 0) as number, atol: (c.atol ?? 0) as number };
      if (c.want !== undefined) assertGolden(x, c.want as GoldenArray, tolerance, label);
      if (c.first === undefined) continue;
      assertGolden(x.flatten().slice(0, 8), c.first as GoldenArray, tolerance, label);
      const values = [...x.data()];
      const sum = values.reduce((a, b) => a + b, 0);
      const squares = values.reduce((a, b) => a + b * b, 0);
      const size = values.reduce((a, b) => a + Math.abs(b), 0);
      close(sum, c.sum as number, 1e-6 * size, `sum of ${label}`);
      close(squares, c.sumOfSquares as number, 1e-5 * squares, `sum of squares of ${label}`);
      close(x.min().item(), c.min as number, 1e-5, `min of ${label}`);
      close(x.max().item(), c.max as number, 1e-5, `max of ${label}`);
    }
  }
});

Deno.test("every initializer has a golden case", () => {
  const seen = new Set(cases.map((c) => factoryName(c.name as string)));
  assertEquals(Object.keys(initializers).filter((name) => name !== "get" && !seen.has(name)), []);
  assert(seen.size > 0);
});

Deno.test("setRandomSeed gives unseeded initializers the seeds of Keras, in creation order", () => {
  const { glorotUniform, heNormal, zeros } = initializers;
  const same = (a: initializers.Initializer, seed: number) =>
    assertEquals(a([4]).toArray(), glorotUniform({ seed })([4]).toArray());
  for (const c of golden.filter((c) => c.fn === "setRandomSeed")) {
    setRandomSeed(c.seed as number);
    for (const seed of c.initializerSeeds as number[]) {
      zeros();
      same(glorotUniform(), seed);
    }
    const { seeds, variables } = c.model as unknown as {
      seeds: { dense_1: number };
      variables: GoldenArray[];
    };
    setRandomSeed(c.seed as number);
    const [kernel, , kernel1] = variables as [GoldenArray, GoldenArray, GoldenArray];
    const tolerance = { rtol: 2e-6, atol: 1e-7 };
    assertGolden(glorotUniform()(kernel.shape), kernel, tolerance, `dense of seed ${c.seed}`);
    assertGolden(heNormal({ seed: seeds.dense_1 })(kernel1.shape), kernel1, tolerance, "by seed");
    assertGolden(heNormal()(kernel1.shape), kernel1, tolerance, `dense_1 of seed ${c.seed}`);
  }
});
