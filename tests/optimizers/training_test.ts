import { assert } from "@std/assert";
import { type Tensor, type TensorLike, Variable } from "../../src/core/mod.ts";
import { glorotUniform } from "../../src/initializers/mod.ts";
import { relu } from "../../src/activations/mod.ts";
import { categoricalCrossentropy } from "../../src/losses/mod.ts";
import * as optimizers from "../../src/optimizers/mod.ts";
import { jit, valueAndGrad } from "../../src/transform/mod.ts";
import { type GoldenArray, type GuideState, readGolden, readGuide } from "../goldens/read.ts";
import { assertGolden, tensor } from "../losses/golden.ts";

interface Loop {
  fn: "Adam";
  options: object;
  x: GoldenArray;
  y: GoldenArray;
  start: GoldenArray[];
  losses: GoldenArray;
  weights: GoldenArray[];
  rtol: number;
  atol: number;
}

Deno.test("a small model trains as in Keras: losses of five steps, and the weights after them", () => {
  for (const loop of readGolden("optimizers").more.loops as unknown as Loop[]) {
    const start = loop.start.map((a, i) =>
      i % 2 === 1 ? tensor(a) : glorotUniform({ seed: 1 + i / 2 })(a.shape)
    );
    start.forEach((w, i) => assertGolden(w, loop.start[i]!, { rtol: 0, atol: 0 }, `start ${i}`));
    const variables = start.map((w, i) => new Variable(w, { name: `w${i}` }));
    const optimizer = new optimizers[loop.fn](loop.options);
    optimizer.build(variables);
    const loss = categoricalCrossentropy({ fromLogits: true });
    const [x, y] = [tensor(loop.x), tensor(loop.y)];
    const cost = ([w0, b0, w1, b1]: Tensor[]): Tensor =>
      loss(y, relu(x.matmul(w0!).add(b0!)).matmul(w1!).add(b1!));
    const step = jit((weights: Tensor[], state: Tensor[]) => {
      const [value, grads] = valueAndGrad(cost)(weights);
      return [value, ...optimizer.statelessApply(state, grads, weights)] as const;
    });
    let weights: TensorLike[] = variables;
    let state: TensorLike[] = optimizer.variables;
    const losses = loop.losses.data as Float32Array;
    losses.forEach((want, t) => {
      const [value, ...next] = step(weights as Tensor[], state as Tensor[]);
      [weights, state] = next;
      const golden: GoldenArray = { dtype: "float32", shape: [], data: Float32Array.of(want) };
      assertGolden(value, golden, loop, `${loop.fn} loss ${t}`);
    });
    (weights as Tensor[]).forEach((w, i) =>
      assertGolden(w, loop.weights[i]!, loop, `${loop.fn} weight ${i}`)
    );
  }
});

Deno.test("Adam goes from one recorded state of the guide to the next", () => {
  const guide = readGuide();
  const values = (list: readonly GoldenArray[]): Tensor[] => list.map(tensor);
  const adam = new optimizers.Adam({ learningRate: guide.learningRate });
  adam.build(values(guide.initial).map((w) => new Variable(w)));
  const step = jit((state: Tensor[], grads: Tensor[], weights: Tensor[]) =>
    adam.statelessApply(state, grads, weights)
  );
  let steps = 0;
  for (const { before, gradients, after } of guide.float32()) {
    const run = (s: GuideState) =>
      step(values(s.optimizer), values(gradients), values(s.trainable));
    const [weights, state] = run(before);
    // XLA rounds (g - m) * c + m once less: where it cancels, errors are those of the larger terms
    const near = (x: Tensor, want: GoldenArray, label: string): void => {
      const largest = (want.data as Float32Array).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      assertGolden(x, want, { rtol: 1e-6, atol: 1e-6 * largest }, label);
    };
    weights.forEach((w, i) => near(w, after.trainable[i]!, `weight ${i}`));
    state.forEach((v, i) => near(v, after.optimizer[i]!, `state ${i}`));
    if (++steps === 10) break;
  }
  assert(steps === 10);
});
