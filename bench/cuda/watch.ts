/**
 * What a call of a compiled program consists of, seen while it runs: its products and copies for
 * {@linkcode Bare}, or each of its kernels alone.
 *
 * @module
 */
import { cost } from "../../src/compile/cost.ts";
import type { DeviceStep, Plan, PlanStep } from "../../src/compile/plan.ts";
import { observe, type ObservedCall } from "../../src/core/mod.ts";
import type { BareWork } from "./bare.ts";

/** The plan with most steps among those that `call` runs. */
export function planOf(call: () => void): Plan {
  let largest: Plan | null = null;
  const stop = observe({
    end({ plan }) {
      if (largest === null || plan.steps.length > largest.steps.length) largest = plan;
    },
  });
  try {
    call();
  } finally {
    stop();
  }
  if (largest === null) throw new Error("Cannot see a plan: the call ran none");
  return largest;
}

const isDevices = (step: PlanStep): step is DeviceStep =>
  step.kind !== "host" && step.kind !== "control";

/** The least that a plan needs: its products, and for each other step a copy of as many bytes. */
export function bareWorks({ steps }: Plan): BareWork[] {
  return steps.flatMap((step): BareWork[] => {
    if (step.kind === "call" && step.call.name === "gemm") return [step.call];
    // a copy reads and writes
    const bytes = Math.ceil(cost(step).bytes / 2);
    return bytes === 0 ? [] : [{ name: "copy", bytes }];
  });
}

/** Runs of a kernel that follow one another in one graph. */
const TOGETHER = 20;

/** Runs one step so many times. */
type Repeat = (times: number) => void;

/** Runs of a step from its linked closure alone, in graphs where the device makes them. */
function repeater({ device, plan, slots }: ObservedCall, step: DeviceStep): Repeat {
  const run = device.link(step, slots);
  const many = device.replay?.(
    { ...plan, steps: new Array(TOGETHER).fill(step), outputs: [] },
    new Array(TOGETHER).fill(run),
    slots,
  ) ?? null;
  return (times) => {
    let left = times;
    for (; many !== null && left >= TOGETHER; left -= TOGETHER) many.run();
    for (; left > 0; left--) run();
  };
}

/**
 * Runs each kernel and product of a call alone, `times` times one after the other, at the addresses
 * of that call: all together take as long as the call's own work. What the call computes is lost.
 */
export class OwnKernels {
  readonly #call: () => void;
  readonly #plan: Plan;
  readonly #repeats: (Repeat | null)[] = [];

  constructor(call: () => void) {
    this.#call = call;
    this.#plan = planOf(call);
  }

  run(times: number): void {
    const stop = observe({
      after: (call, k) => {
        if (call.plan !== this.#plan) return;
        const step = call.plan.steps[k]!;
        this.#repeats[k] ??= isDevices(step) ? repeater(call, step) : null;
        const { device } = call;
        const repeat = (): void => this.#repeats[k]?.(times);
        if (device.time === undefined) repeat();
        else device.time(repeat);
      },
    });
    try {
      this.#call();
    } finally {
      stop();
    }
  }
}
