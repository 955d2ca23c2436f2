import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Tensor } from "../../../src/core/mod.ts";
import { toTensor } from "../../../src/core/mod.ts";
import * as all from "../../../src/optimizers/schedules/mod.ts";
import { jit } from "../../../src/transform/mod.ts";
import { type GoldenArray, readGolden } from "../../goldens/read.ts";
import { assertGolden } from "../../losses/golden.ts";

type Options = Record<string, unknown>;
const schedules = all as unknown as Record<string, new (o: Options) => all.LearningRateSchedule>;
const { cases } = readGolden("schedules");
const bad = <T>(x: T): never => x as never;

Deno.test("schedules give the rates of Keras, eager and jitted, as at and as call", () => {
  for (const c of cases) {
    const schedule = new schedules[c.fn as string]!(c.options as Options);
    const jitted = jit((step: Tensor) => schedule.at(step));
    (c.steps as number[]).forEach((s, i) => {
      const want: GoldenArray = {
        dtype: "float32",
        shape: [],
        data: Float32Array.of((c.want as GoldenArray).data[i]!),
      };
      const integer = toTensor(Int32Array.of(s)).reshape([]);
      for (const rate of [schedule.at(s), schedule.call(s), schedule.at(integer), jitted(s)]) {
        const text = `${c.fn} ${JSON.stringify(c.options)} at ${s}`;
        assertGolden(rate, want, c as { rtol: number; atol: number }, text);
      }
    });
  }
});

Deno.test("every schedule has a golden case", () => {
  const known = new Set(cases.map((c) => c.fn));
  const own = Object.keys(schedules).filter((name) => name !== "LearningRateSchedule");
  assertEquals(own.filter((name) => !known.has(name)), []);
  assert(own.length > 0);
});

Deno.test("beside float64 steps the rate is a float64", () => {
  const decay = new all.ExponentialDecay({
    initialLearningRate: 0.1,
    decaySteps: 10,
    decayRate: 0.5,
  });
  const rate = decay.at(toTensor(10).astype("float64"));
  assertEquals([rate.dtype, rate.item()], ["float64", 0.05]);
});

Deno.test("options that are missing, unknown or out of range are named", () => {
  const { CosineDecay, ExponentialDecay, PiecewiseConstantDecay, PolynomialDecay } = all;
  const base = { initialLearningRate: 0.1, decaySteps: 10 };
  assertThrows(() => new ExponentialDecay(bad(base)), TypeError, "decayRate undefined");
  assertThrows(() => new ExponentialDecay(bad(0.1)), TypeError, "initialLearningRate, decaySteps");
  assertThrows(() => new CosineDecay(bad({ ...base, warmup: 1 })), TypeError, '"warmup"');
  assertThrows(() => new CosineDecay({ ...base, warmupSteps: -1 }), RangeError, "at least 0");
  assertThrows(() => new PolynomialDecay({ ...base, decaySteps: 0 }), RangeError, "positive");
  const make = (boundaries: number[], values: number[]) => () =>
    new PiecewiseConstantDecay({ boundaries, values });
  assertThrows(make([1], [1]), RangeError, "one value more than boundaries");
  assertThrows(make([2, 1], [1, 2, 3]), RangeError, "they must rise");
  assertThrows(make(bad(undefined), [1]), TypeError, "wanted a list of numbers");
});

Deno.test("an option that is undefined has its default", () => {
  const base = { initialLearningRate: 0.1, decaySteps: 10 };
  const none = undefined;
  for (
    const [given, plain] of [
      [
        new all.CosineDecay({ ...base, alpha: none, warmupTarget: none, warmupSteps: none }),
        new all.CosineDecay(base),
      ],
      [
        new all.PolynomialDecay({ ...base, endLearningRate: none, power: none, cycle: none }),
        new all.PolynomialDecay(base),
      ],
      [
        new all.CosineDecayRestarts({
          initialLearningRate: 0.1,
          firstDecaySteps: 10,
          tMul: none,
          mMul: none,
          alpha: none,
        }),
        new all.CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 10 }),
      ],
    ] as const
  ) assertEquals(given.at(7).item(), plain.at(7).item());
});
