import { assert, assertEquals } from "@std/assert";
import { jit, np, type Tensor } from "../../../mod.ts";
import type { Plan } from "../../../src/compile/plan.ts";
import { currentDevice, useDevice } from "../../../src/core/mod.ts";
import type { Compiler } from "../../../src/device/cuda/compiler.ts";
import type { Gpu } from "../../../src/device/cuda/driver.ts";
import { Kernels } from "../../../src/device/cuda/kernels.ts";
import { createReference } from "../../../src/device/reference/mod.ts";

/** The plan of a function of one matrix. */
function planOf(f: (x: Tensor) => Tensor[]): Plan {
  const before = currentDevice();
  const plans: Plan[] = [];
  useDevice(Object.assign(createReference(), { prepare: (plan: Plan) => void plans.push(plan) }));
  try {
    const x = np.ones([3, 3]);
    plans.length = 0;
    jit(f)(x);
    assertEquals(plans.length, 1);
    return plans[0]!;
  } finally {
    useDevice(before);
  }
}

Deno.test("kernels of a plan are compiled as one, though they are more than are kept", () => {
  const traits = { multiprocessors: 8, threadsPerBlock: 1024, sharedPerBlock: 49152 };
  const titles: string[] = [];
  const compiler = {
    load: (_source: string, name: string) => {
      titles.push(name);
      return { kernel: () => 1n };
    },
  };
  const made = new Kernels(
    { traits } as unknown as Gpu,
    compiler as unknown as Compiler,
    createReference().heap,
    4,
  );
  const use = (plan: Plan): number => {
    const before = titles.length;
    made.prepare(plan, () => true);
    for (const step of plan.steps) {
      if (step.kind !== "host" && step.kind !== "control") made.link(step, new Float64Array(99));
    }
    return titles.length - before;
  };
  const few = planOf((x) => [np.sort(x, 1), x.min()]);
  const many = planOf((x) => {
    const parts = [1, 2, 3].map((n) => x.slice([0, n]));
    return [np.sort(x, 0), ...parts.flatMap((p) => [np.cumsum(p, 1), np.cumprod(p, 0), p.max()])];
  });
  assert(many.steps.length > 8, `${many.steps.length} steps`);
  assertEquals([use(few), use(many), use(many), use(few)], [1, 1, 0, 1]);
  // what is made anew takes the place of the plan before, which is more than are kept
  assertEquals(use(planOf((x) => [np.cumsum(x, 0), x.exp()])), 1);
  assertEquals(use(many), 1);
});
