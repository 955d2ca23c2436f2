/**
 * How much does a step of a compiled loop cost beyond its kernels? A scan of ten thousand steps of a
 * small recurrent cell, h = tanh(x W + h U + b) with 16 units, against the kernels of its body called
 * as often by a plain loop at fixed addresses; the same for its gradient.
 *
 * Run with `deno run --allow-ffi --allow-read bench/scan.ts`.
 * @module
 */
import { compile } from "../src/compile/mod.ts";
import type { ControlStep, Plan } from "../src/compile/plan.ts";
import { currentDevice, type Tensor, Trace, within } from "../src/core/mod.ts";
import * as np from "../src/numpy/mod.ts";
import * as random from "../src/random/mod.ts";
import { grad, jit, scan } from "../src/transform/mod.ts";

const STEPS = 10_000;
const UNITS = 16;
/** What a step may cost beyond its kernels. */
const BOUND = 3;

const draw = (k: number, ...shape: number[]) => random.normal(random.key(k), shape).mul(0.3);
const params = [draw(0, UNITS, UNITS), draw(1, UNITS, UNITS), np.zeros([UNITS])];
const xs = draw(2, STEPS, UNITS);

/** All states; a gradient of their sum does not die out on the way back, down to slow denormals. */
function states([w, u, b]: Tensor[], xs: Tensor): Tensor {
  const cell = (h: Tensor, x: Tensor): [Tensor, Tensor] => {
    const next = x.matmul(w!).add(h.matmul(u!)).add(b!).tanh();
    return [next, next];
  };
  return scan(cell, np.zeros([UNITS]), xs)[1];
}
const gradient = grad((p: Tensor[], xs: Tensor) => states(p, xs).sum());

/** The plans of the bodies of the loops that a function becomes. */
function bodiesOf(f: (p: Tensor[], xs: Tensor) => unknown): Plan[] {
  const trace = new Trace("bench");
  const p = params.map((t) => trace.input(t.aval));
  const rows = trace.input(xs.aval);
  const out = within(trace, () => f(p, rows));
  const plan = compile(trace.finish([...p, rows], [out].flat() as Tensor[]).program);
  return plan.steps.filter((s): s is ControlStep => s.kind === "control").flatMap(({ call }) =>
    call.name === "scan" ? [call.body] : []
  );
}

/** A closure that runs the kernels of a plan once, on memory of their own. */
function kernelsOf(plan: Plan): () => void {
  const device = currentDevice();
  const slots = Float64Array.from(plan.values, (a) => {
    const s = device.heap.fromBytes(new Uint8Array(Math.max(64, a.bytes)));
    return device.heap.pin(s);
  });
  const steps = plan.steps.map((s) => {
    if (s.kind === "kernel" || s.kind === "call") return device.link(s, slots);
    throw new Error("The body of the cell holds kernels and calls only");
  });
  return () => {
    for (let i = 0; i < steps.length; i++) steps[i]!();
  };
}

/** Least microseconds per step of several runs, in turns. */
function least(...runs: (() => void)[]): number[] {
  const best = runs.map(() => Infinity);
  for (let round = 0; round < 25; round++) {
    runs.forEach((run, k) => {
      const start = performance.now();
      run();
      best[k] = Math.min(best[k]!, performance.now() - start);
    });
  }
  return best.map((ms) => ms * 1000 / STEPS);
}

const works = [
  ["forward", states],
  ["gradient", gradient as (p: Tensor[], xs: Tensor) => unknown],
] as const;
console.log(`${STEPS} steps, microseconds a step: the loop, its kernels, beyond them`);
for (const [name, f] of works) {
  const run = jit(f as (p: Tensor[], xs: Tensor) => Tensor);
  const kernels = bodiesOf(f).map(kernelsOf);
  const [loop, alone] = least(() => run(params, xs), () => {
    for (const body of kernels) for (let t = 0; t < STEPS; t++) body();
  }) as [number, number];
  const beyond = loop - alone;
  const verdict = beyond <= BOUND ? "within" : "ABOVE";
  console.log(
    `${name.padEnd(10)} ${loop.toFixed(2)} ${alone.toFixed(2)} ${beyond.toFixed(2)} ` +
      `(${verdict} the bound of ${BOUND})`,
  );
}
