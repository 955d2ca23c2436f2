/**
 * How long does a training step take from its first call to its first result? The guide's step
 * (784-64-64-10, batch 32, Adam) and one of a transformer (12 layers, width 256, 4 heads, 64
 * positions, batch 4, Adam), each in fresh processes, one after the other; the least of each phase.
 * Bounds: 30 ms and 1 s for the whole.
 *
 * Run with `deno run -A bench/compile.ts [processes]`.
 * @module
 */
import { fileURLToPath } from "node:url";
import {
  jit,
  layers,
  losses,
  models,
  nn,
  np,
  optimizers,
  type Tensor,
  tree,
  valueAndGrad,
} from "../mod.ts";
import { schedule, simplify } from "../src/compile/mod.ts";
import { currentDevice, Executable, storageOf, Trace, within } from "../src/core/mod.ts";

/** What a work is bound to take, in milliseconds. */
const BOUNDS = { guide: 30, transformer: 1000 };
type WorkName = keyof typeof BOUNDS;
const NAMES = Object.keys(BOUNDS) as WorkName[];

type State = [Tensor[], Tensor[]];
type Step = (state: State, x: Tensor, y: Tensor) => [Tensor, State];

interface Work {
  readonly step: Step;
  readonly args: [State, Tensor, Tensor];
}

/** A training step of a model with a mean of squares or a crossentropy as its loss. */
function training(
  model: models.Model,
  loss: (y: Tensor, p: Tensor) => Tensor,
): Omit<Work, "args"> & {
  state: State;
} {
  const optimizer = new optimizers.Adam({ learningRate: 1e-3 });
  optimizer.build(model.trainableVariables);
  const fixed = model.nonTrainableVariables.map((v) => v.value);
  const gradFn = valueAndGrad((tv: Tensor[], x: Tensor, y: Tensor): Tensor =>
    loss(y, model.statelessCall(tv, fixed, x, { training: true })[0] as Tensor)
  );
  return {
    step: ([tv, ov], x, y) => {
      const [value, grads] = gradFn(tv, x, y);
      return [value, optimizer.statelessApply(ov, grads, tv)];
    },
    state: [
      model.trainableVariables.map((v) => v.value),
      optimizer.variables.map((v) => v.value),
    ],
  };
}

function guide(): Work {
  const inputs = layers.input({ shape: [784] });
  const x1 = new layers.Dense(64, { activation: "relu" }).apply(inputs);
  const x2 = new layers.Dense(64, { activation: "relu" }).apply(x1);
  const outputs = new layers.Dense(10).apply(x2);
  const lossFn = losses.categoricalCrossentropy({ fromLogits: true });
  const { step, state } = training(new models.Model({ inputs, outputs }), lossFn);
  return { step, args: [state, np.ones([32, 784]), np.ones([32, 10]).mul(0.1)] };
}

/** Causal attention of 4 heads over one product that holds query, key and value. */
class Attention extends layers.Layer {
  override call(qkv: Tensor): Tensor {
    const [batch, length, width] = qkv.shape as [number, number, number];
    const parts = qkv.reshape([batch, length, 3, 4, width / 12]);
    const [q, k, v] = [0, 1, 2].map((i) => parts.slice(null, null, i)) as [Tensor, Tensor, Tensor];
    return nn.dotProductAttention(q, k, v, { causal: true }).reshape([batch, length, width / 3]);
  }
}

function transformer(): Work {
  const [batch, length, width] = [4, 64, 256];
  const inputs = layers.input({ shape: [length, width] });
  const norm = (x: unknown) =>
    new layers.LayerNormalization({ epsilon: 1e-5 }).apply(x as Tensor) as Tensor;
  let x = inputs as unknown as Tensor;
  for (let layer = 0; layer < 12; layer++) {
    const seen = new Attention().apply(new layers.Dense(3 * width).apply(norm(x))) as Tensor;
    x = new layers.Add().apply([x, new layers.Dense(width).apply(seen)]) as Tensor;
    const wide = new layers.Dense(4 * width, { activation: (h) => nn.gelu(h) }).apply(norm(x));
    x = new layers.Add().apply([x, new layers.Dense(width).apply(wide)]) as Tensor;
  }
  const model = new models.Model({ inputs, outputs: x } as never);
  const { step, state } = training(model, (y, p) => y.sub(p).square().mean());
  const some = () => np.linspace(-1, 1, batch * length * width).reshape([batch, length, width]);
  return { step, args: [state, some(), some()] };
}

const WORKS: { readonly [K in WorkName]: () => Work } = { guide, transformer };

/** The whole, as a user meets it: the first call of a jitted step, and its loss read. */
function whole({ step, args }: Work): Record<string, number> {
  const trainStep = jit(step, { donate: [0] });
  const started = performance.now();
  trainStep(...args)[0].item();
  return { whole: performance.now() - started };
}

/** The same in phases, each told when it has passed. */
function phases({ step, args }: Work): Record<string, number> {
  const times: Record<string, number> = {};
  let last = performance.now();
  const told = (phase: string) => {
    const now = performance.now();
    times[phase] = (times[phase] ?? 0) + now - last;
    last = now;
  };
  const trace = new Trace("step");
  const leaves = tree.leaves(args) as Tensor[];
  const handles = leaves.map((t) => trace.input(t.aval));
  const given = tree.unflatten(tree.structure(args), handles) as Work["args"];
  const outs = within(trace, () => tree.leaves(step(...given)) as Tensor[]);
  const { program, constants } = trace.finish(handles, outs);
  told("trace");
  const simple = simplify(program, { onPass: told });
  const plan = schedule(simple, { onPass: told });
  const executable = new Executable(plan, currentDevice());
  told("link");
  executable.run([...leaves, ...constants].map((t) => storageOf(t, "run")), "step");
  told("run");
  times["steps recorded"] = program.steps.length;
  times["steps planned"] = plan.steps.length;
  return times;
}

const [first = "5", work, mode] = Deno.args;
if (work !== undefined) {
  const made = WORKS[work as WorkName]();
  // opening a BLAS is part of starting, not of compiling
  jit((x: Tensor) => x.matmul(x))(np.ones([2, 2]));
  console.log(JSON.stringify(mode === "whole" ? whole(made) : phases(made)));
} else {
  const child = async (name: WorkName, mode: string): Promise<Record<string, number>> => {
    const args = ["run", "-A", "--no-check", fileURLToPath(import.meta.url), "0", name, mode];
    const { stdout, success } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" })
      .output();
    if (!success) throw new Error(`Cannot measure ${name}: the process failed`);
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  const best = new Map<WorkName, Record<string, number>>(NAMES.map((n) => [n, {}]));
  for (let turn = 0; turn < Number(first); turn++) {
    for (const name of NAMES) {
      for (const mode of ["whole", "phases"]) {
        for (const [phase, n] of Object.entries(await child(name, mode))) {
          const row = best.get(name)!;
          row[phase] = Math.min(row[phase] ?? Infinity, n);
        }
      }
    }
  }
  for (const name of NAMES) {
    const { whole, ...rest } = best.get(name)!;
    const ratio = whole! / BOUNDS[name];
    console.log(
      `${name}: ${whole!.toFixed(1)} ms from the first call to its result, ` +
        `${ratio.toFixed(2)} of its bound${ratio > 1 ? ", over it" : ""}`,
    );
    for (const [phase, n] of Object.entries(rest)) {
      const counts = phase.startsWith("steps");
      console.log(`  ${phase.padEnd(16)} ${counts ? n : `${n.toFixed(1).padStart(7)} ms`}`);
    }
  }
}
