import { assert, assertEquals } from "@std/assert";
import type { Tensor } from "../../src/core/mod.ts";
import * as metrics from "../../src/metrics/mod.ts";
import { jit } from "../../src/transform/mod.ts";
import { type GoldenArray, isGoldenArray, readGolden } from "../goldens/read.ts";
import { assertGolden, tensor } from "../losses/golden.ts";

type AnyMetric = metrics.Metric<unknown[]>;
const table = metrics as unknown as Record<string, new (options: object) => AnyMetric>;
const { cases } = readGolden("metrics");

interface Update {
  args: unknown[];
  sampleWeight?: GoldenArray;
  variables: GoldenArray[];
  result: GoldenArray;
}

const scalar = (x: GoldenArray | number): GoldenArray =>
  isGoldenArray(x) ? x : { dtype: "float32", shape: [], data: Float32Array.of(x as number) };

Deno.test("metrics go through the states of Keras: stateful, stateless and jitted", () => {
  for (const c of cases) {
    const metric = new table[c.fn as string]!(c.options as object);
    const label = `${c.fn} ${JSON.stringify(c.options)} ${c.note ?? ""}`;
    const tolerance = c as { rtol: number; atol: number };
    assertEquals(
      metric.variables.map((v) => ({ path: v.path, shape: [...v.shape], dtype: v.dtype })),
      c.variables as never,
      label,
    );
    assertGolden(metric.result(), scalar(c.initialResult as GoldenArray), tolerance, label);
    for (const u of c.updates as unknown as Update[]) {
      const call = u.sampleWeight === undefined
        ? {}
        : { sampleWeight: tensor(scalar(u.sampleWeight)) };
      const args = u.args.map((a) => tensor(scalar(a as GoldenArray)));
      const before = metric.variables.map((v) => v.value);
      metric.updateState(...args, call);
      const state = (before: Tensor[], args: Tensor[], call: object) =>
        metric.statelessUpdateState(before, ...args, call);
      for (
        const after of [
          metric.variables.map((v) => v.value),
          state(before, args, call),
          jit(state)(before, args, call as never),
        ]
      ) {
        after.forEach((v, i) => assertGolden(v, scalar(u.variables[i]!), tolerance, label));
        assertGolden(metric.statelessResult(after), scalar(u.result), tolerance, label);
      }
      assertGolden(metric.result(), scalar(u.result), tolerance, label);
    }
  }
});

Deno.test("every metric has a golden case", () => {
  const seen = new Set(cases.map((c) => c.fn));
  assertEquals(Object.keys(metrics).filter((name) => name !== "Metric" && !seen.has(name)), []);
  assert(seen.size > 0);
});
