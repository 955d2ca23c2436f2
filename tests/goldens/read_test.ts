import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { isGoldenArray, readGolden, readGuide } from "./read.ts";

Deno.test("arrays come back with their dtype, shape and elements, non-finite ones too", () => {
  const { versions, cases } = readGolden("numpy");
  assert(versions.numpy && versions.jax);
  const clip = cases.find((c) => c.fn === "clip")!;
  const [x, low, high] = clip.args as [unknown, number, number];
  const want = clip.want;
  if (!isGoldenArray(x) || !isGoldenArray(want)) throw new Error("Cannot compare: arrays wanted");
  assertEquals([low, high], [0, 1]);
  assertEquals(want.dtype, "float32");
  assertEquals(want.shape, [7]);
  assertEquals(want.data, Float32Array.of(0, 0, 0, 0.5, 1, NaN, 1));
});

Deno.test("a missing topic is an error", () => {
  assertThrows(() => readGolden("no_such_topic"));
});

Deno.test("the guide starts from its initial weights and every step starts where the last ended", () => {
  const guide = readGuide();
  assertEquals(guide.variables.length, 20);
  assertEquals(guide.float64.losses.length, 50);
  let last = guide.initial;
  let count = 0;
  for (const step of guide.float32()) {
    assertEquals(step.before.trainable, last);
    assertEquals(step.before.optimizer.length, 14);
    assertEquals(step.before.optimizer[0]!.data[0], count);
    last = step.after.trainable;
    count++;
  }
  assertEquals(count, 50);
  const { weights, checks } = guide.float64;
  const sum = weights.at(-1)!.trainable.flatMap((a) => [...a.data]).reduce((a, b) => a + b);
  assertAlmostEquals(sum, checks.at(-1)!.sum, 1e-9);
});

Deno.test("the recorded gradient of the last bias is that of softmax and cross-entropy", () => {
  const guide = readGuide();
  const first = guide.float32().next().value!;
  const { pixels, labels } = guide.images(0);
  const [w1, b1, w2, b2, w3, b3] = first.before.trainable.map((a) => a.data);
  const dense = (x: ArrayLike<number>, w: ArrayLike<number>, b: ArrayLike<number>, relu: boolean) =>
    Array.from(b, (bias, j) => {
      let sum = bias;
      for (let i = 0; i < x.length; i++) sum += x[i]! * w[i * b.length + j]!;
      return relu ? Math.max(sum, 0) : sum;
    });
  const bias = new Array<number>(10).fill(0);
  let loss = 0;
  for (let n = 0; n < guide.batch; n++) {
    const x = pixels.data.subarray(n * 784, (n + 1) * 784);
    const z = dense(dense(dense(x, w1!, b1!, true), w2!, b2!, true), w3!, b3!, false);
    const top = Math.max(...z);
    const all = z.reduce((a, v) => a + Math.exp(v - top), 0);
    z.forEach((v, k) => bias[k]! += Math.exp(v - top) / all / guide.batch);
    bias[labels.data[n]!]! -= 1 / guide.batch;
    loss += (top + Math.log(all) - z[labels.data[n]!]!) / guide.batch;
  }
  assertAlmostEquals(first.loss, loss, 1e-4);
  bias.forEach((want, k) => assertAlmostEquals(first.gradients[5]!.data[k]!, want, 1e-5));
});
