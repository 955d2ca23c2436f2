import { assert, assertEquals } from "@std/assert";
import { type Tensor, type TensorLike, Variable, withNameScope } from "../../src/core/mod.ts";
import * as optimizers from "../../src/optimizers/mod.ts";
import { jit } from "../../src/transform/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";
import { assertGolden, tensor } from "../losses/golden.ts";

type Options = Record<string, unknown>;
const table = optimizers as unknown as Record<string, new (o: Options) => optimizers.Optimizer>;
const schedules = optimizers.schedules as unknown as Record<
  string,
  new (o: Options) => optimizers.schedules.LearningRateSchedule
>;
interface Case {
  fn: string;
  dtype: string;
  options: Options;
  variables: { path: string; shape: number[]; dtype: string }[];
  start: GoldenArray[];
  startState: GoldenArray[];
  steps: { gradients: GoldenArray[]; trainable: GoldenArray[]; state: GoldenArray[] }[];
  finalized?: GoldenArray[];
  rtol: number;
  atol: number;
  note?: string;
}
const cases = readGolden("optimizers").cases as unknown as Case[];
const rules = cases.filter((c) => c.steps !== undefined && c.fn in optimizers);

function make(c: Case): [optimizers.Optimizer, Variable[]] {
  const { learningRate: given, ...rest } = c.options;
  let learningRate = given;
  if (typeof given === "object") {
    const { schedule, ...options } = given as Options;
    learningRate = new schedules[schedule as string]!(options);
  }
  const options = given === undefined ? rest : { ...rest, learningRate };
  const [scope] = c.start.length === 1 ? [] : ["dense"];
  const names = scope === undefined ? ["w"] : ["kernel", "bias"];
  const variables = () => c.start.map((a, i) => new Variable(tensor(a), { name: names[i] }));
  const own = scope === undefined ? variables() : withNameScope(scope, variables);
  return [new table[c.fn]!(options), own];
}

const label = (c: Case, t: number): string =>
  `${c.fn} ${c.dtype} ${JSON.stringify(c.options)} ${c.note ?? ""} step ${t + 1}`;

function compare(got: readonly Tensor[], want: readonly GoldenArray[], c: Case, t: number): void {
  assertEquals(got.length, want.length, label(c, t));
  got.forEach((x, i) => assertGolden(x, want[i]!, c, `${label(c, t)} value ${i}`));
}

Deno.test("optimizers have the variables of Keras, in its order and with its paths", () => {
  for (const c of rules) {
    const [optimizer, variables] = make(c);
    optimizer.build(variables);
    const own = optimizer.variables.map((v) => ({
      path: v.path,
      shape: [...v.shape],
      dtype: v.dtype,
    }));
    // names are counted in one process here, and anew for each case there
    const plain = (path: string): string => path.replace(/^([a-z_]+)_\d+\//, "$1/");
    assertEquals(
      own.map((v) => ({ ...v, path: plain(v.path) })),
      c.variables as never,
      label(c, -1),
    );
    compare(optimizer.variables.map((v) => v.value), c.startState, c, -1);
  }
});

Deno.test("apply goes through the states of Keras", () => {
  for (const c of rules) {
    const [optimizer, variables] = make(c);
    c.steps.forEach((s, t) => {
      optimizer.apply(s.gradients.map(tensor), variables);
      compare(variables.map((v) => v.value), s.trainable, c, t);
      compare(optimizer.variables.map((v) => v.value), s.state, c, t);
    });
    if (c.finalized !== undefined) {
      optimizer.finalizeVariableValues();
      compare(variables.map((v) => v.value), c.finalized, c, c.steps.length);
    }
  }
});

Deno.test("statelessApply goes through the states of Keras when jitted, and compiles once", () => {
  for (const c of rules) {
    const [optimizer, variables] = make(c);
    optimizer.build(variables);
    const step = jit((state: Tensor[], grads: Tensor[], weights: Tensor[]) =>
      optimizer.statelessApply(state, grads, weights)
    );
    let state: TensorLike[] = optimizer.variables;
    let weights: TensorLike[] = variables;
    c.steps.forEach((s, t) => {
      [weights, state] = step(state as Tensor[], s.gradients.map(tensor), weights as Tensor[]);
      compare(weights as Tensor[], s.trainable, c, t);
      compare(state as Tensor[], s.state, c, t);
    });
    assertEquals(step.compiles, 1, label(c, 0));
    compare(variables.map((v) => v.value), c.start, c, -1);
  }
});

Deno.test("every optimizer and every schedule has a golden case", () => {
  const seen = new Set(rules.map((c) => c.fn));
  const frame = ["Optimizer", "schedules"];
  assertEquals(
    Object.keys(optimizers).filter((name) => !frame.includes(name) && !seen.has(name)),
    [],
  );
  assert(seen.size > 0);
});
