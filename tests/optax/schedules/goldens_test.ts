import { assert, assertEquals } from "@std/assert";
import { literal } from "../../../src/core/mod.ts";
import * as optax from "../../../src/optax/mod.ts";
import { jit } from "../../../src/transform/mod.ts";
import { build, called, type ScheduleCase, schedules } from "../golden.ts";

/** Throws unless a value is that of optax at a count. */
function near(got: number, c: ScheduleCase, i: number): void {
  const want = c.want.data[i]!;
  const tolerance = c.dtype === "float64" ? 1e-14 : 3e-7;
  assert(
    Math.abs(got - want) <= tolerance * Math.max(Math.abs(want), 0.05),
    `${JSON.stringify(c.schedule)} ${c.dtype} at ${c.counts[i]}: ${got}, wanted ${want}`,
  );
}

Deno.test("schedules have the values of optax, for counts of any kind", () => {
  for (const c of schedules) {
    const f = build(c.schedule) as optax.Schedule;
    const traced = jit((count) => f(count));
    c.counts.forEach((n, i) => {
      const count = literal(n, c.dtype === "float64" ? "float64" : "int32");
      assertEquals(f(count).dtype, c.dtype);
      near(f(count).item(), c, i);
      near(traced(count).item(), c, i);
      if (c.dtype === "float32") near(f(n).item(), c, i);
    });
    assertEquals(traced.compiles, 1);
  }
});

Deno.test("every schedule has a golden case", () => {
  const seen = new Set(schedules.flatMap((c) => called(c.schedule)));
  const all = Object.keys(optax).filter((name) => /(Schedule|Decay|Schedules)$/.test(name))
    .filter((name) => !["scaleBySchedule"].includes(name));
  assertEquals(all.filter((name) => !seen.has(name)), []);
});
