/**
 * What is true of every program, whatever it computes. The fast tests try few programs, the slow ones
 * many.
 *
 * @module
 */
import { config } from "../../src/base/flags.ts";
import { type CompileOptions, PASSES } from "../../src/compile/mod.ts";
import { currentDevice, type Tensor, useDevice } from "../../src/core/mod.ts";
import { createReference } from "../../src/device/reference/mod.ts";
import { grad } from "../../src/transform/grad.ts";
import { jit } from "../../src/transform/jit.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { difference, type Read, read, upload } from "../ir/op_samples.ts";
import { type Case, holds } from "./arbitrary.ts";
import { type Body, programOf, randomPairs, runEagerly, runPlan } from "./random_programs.ts";

const cpu = currentDevice();
const reference = createReference();

/** Runs on another device. */
function on<T>(device: typeof cpu, f: () => T): T {
  useDevice(device);
  try {
    return f();
  } finally {
    useDevice(cpu);
  }
}

/** Runs with passes off. */
function without<T>(passesOff: readonly string[], f: () => T): T {
  const before = config().passesOff;
  config({ passesOff });
  try {
    return f();
  } finally {
    config({ passesOff: before });
  }
}

type Near = { rtol: number; atol: number };

const said = (how: string, why: string | null): string | null => why && `${how}: ${why}`;

/** The first of several comparisons that fails. */
function first(...checks: (() => string | null)[]): string | null {
  for (const check of checks) {
    const why = check();
    if (why !== null) return why;
  }
  return null;
}

const positions = (inputs: readonly GoldenArray[]): number[] => inputs.map((_, i) => i);

/** A function of some arrays that gives the same whichever way it is run. */
function sameEveryWay({ body, inputs, seed }: Case, near: Near | null): string | null {
  const program = programOf(body, inputs);
  const want = runEagerly(body, inputs);
  const compare = (how: string, got: () => Read[]) => () =>
    said(how, difference(got(), want, near ?? {}, near === null));
  const plan = (how: string, options: CompileOptions) =>
    compare(how, () => runPlan(program, inputs, options));
  const donated = randomPairs(seed, program);
  return first(
    plan("compiled", {}),
    plan(`with ${[...donated]} donated`, { donated }),
    compare(
      "jitted",
      () => (jit((...xs: Tensor[]) => body(...xs))(...inputs.map(upload)) as Tensor[]).map(read),
    ),
    compare("jitted, all donated", () => {
      const f = jit((...xs: Tensor[]) => body(...xs), { donate: positions(inputs) });
      f(...inputs.map(upload));
      return (f(...inputs.map(upload)) as Tensor[]).map(read);
    }),
    ...PASSES.map((pass) => plan(`without ${pass}`, { passesOff: [pass], donated })),
    plan("without any pass", { passesOff: PASSES }),
    compare("reference", () => on(reference, () => runPlan(program, inputs))),
    compare(
      "reference without any pass",
      () => on(reference, () => runPlan(program, inputs, { passesOff: PASSES })),
    ),
  );
}

/** Compiled, donated, eager, on the reference device and with each pass off: the same bits. */
export function exactProgramsAgree(runs: number): void {
  holds("exact", 14, runs, (c) => sameEveryWay(c, null));
}

/** The same of floats, which may round otherwise. */
export function smoothProgramsAgree(runs: number): void {
  holds("smooth", 12, runs, (c) => sameEveryWay(c, { rtol: 5e-4, atol: 5e-4 }));
}

/** A number made of all float outputs of a body, bounded and without kinks. */
function lossOf(body: Body): (...xs: Tensor[]) => Tensor {
  return (...xs) => {
    const outs = body(...xs).filter((t) => t.dtype.startsWith("float"));
    return outs.map((t) => t.astype("float64").add(0.5).sin().sum()).reduce((a, b) => a.add(b));
  };
}

function gradient(c: Case, compiled: boolean): Read[] {
  const g = grad(lossOf(c.body) as (...xs: Tensor[]) => Tensor, { argnums: positions(c.inputs) });
  const f = compiled ? jit(g as (...xs: Tensor[]) => Tensor[]) : g;
  return (f(...c.inputs.map(upload)) as Tensor[]).map(read);
}

/** Whether a body has an output to differentiate. */
const isDifferentiable = ({ body, inputs }: Case): boolean => {
  const p = programOf(body, inputs);
  return p.outputs.some((o) => p.avals[o]!.dtype.startsWith("float"));
};

/** Gradients: compiled, eager, with each pass off, and on the reference device without any. */
export function gradientsAgree(runs: number): void {
  const near = { rtol: 1e-3, atol: 1e-3 };
  holds("smooth", 8, runs, (c) => {
    if (!isDifferentiable(c)) return null;
    const want = gradient(c, false);
    const compare = (how: string, got: () => Read[]) => () =>
      said(how, difference(got(), want, near));
    return first(
      compare("jit(grad)", () => gradient(c, true)),
      ...PASSES.map((pass) =>
        compare(`jit(grad) without ${pass}`, () => without([pass], () => gradient(c, true)))
      ),
      compare("reference", () => on(reference, () => without(PASSES, () => gradient(c, true)))),
    );
  });
}

/** Gradients of functions without kinks agree with central differences along a direction. */
export function gradientsAreSlopes(runs: number): void {
  holds("analytic", 8, runs, (c) => {
    if (!isDifferentiable(c)) return null;
    const slopes = gradient(c, true);
    const loss = jit(lossOf(c.body));
    const direction = c.inputs.map((x, k) =>
      Float64Array.from(x.data, (_, i) => Math.cos(3 * i + 5 * k + 1))
    );
    const at = (t: number): number =>
      loss(...c.inputs.map((x, k) =>
        upload({
          ...x,
          data: Float64Array.from(x.data, (v, i) => Number(v) + t * direction[k]![i]!),
        })
      )).item();
    const want = slopes.reduce(
      (sum, g, k) => direction[k]!.reduce((n, v, i) => n + v * Number(g.data[i]!), sum),
      0,
    );
    // two steps tell how far the differences themselves can be trusted
    const [coarse, fine] = [1e-4, 5e-5].map((h) => (at(h) - at(-h)) / (2 * h)) as [number, number];
    const doubt = 4 * Math.abs(coarse - fine) + 1e-6 * (1 + Math.abs(want));
    return Math.abs(fine - want) <= doubt || Number.isNaN(fine + want)
      ? null
      : `the slope is ${fine}, the gradient says ${want}`;
  });
}
