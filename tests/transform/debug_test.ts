/**
 * What GLISSADE_DEBUG tells at each level, and where NaN are found.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { PASSES } from "../../src/compile/mod.ts";
import { config } from "../../src/base/flags.ts";
import { currentDevice, type Tensor } from "../../src/core/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import { checkNans } from "../../src/transform/debug.ts";
import { grad, jit } from "../../src/transform/mod.ts";

/** What is told on stderr while `f` runs at a level. */
function told(level: number, f: () => void): string[] {
  const texts: string[] = [];
  const print = console.error;
  console.error = (text: string) => texts.push(text);
  try {
    config({ debug: level });
    f();
  } finally {
    config({ debug: 0 });
    console.error = print;
  }
  return texts;
}

const makeStep = () =>
  jit(function step(x: Tensor) {
    return x.matmul(x).exp().sum();
  });
const x = np.zeros([4, 4]);

Deno.test("level 0 is silent, level 1 tells compiles alone", () => {
  const f = makeStep();
  assertEquals(told(0, () => f(x)), []);
  assertEquals(told(1, () => f(x)), []);
  const [line, ...rest] = told(1, () => makeStep()(x));
  assertMatch(line!, /^glissade: compiled jit\(step\) in [\d.]+ ms: first call$/);
  assertEquals(rest, []);
});

Deno.test("a change of the setting native compiles anew, once", () => {
  const f = makeStep();
  f(x);
  const { native } = config();
  try {
    config({ native: !native });
    assertMatch(told(1, () => f(x))[0]!, /: config\.native changed$/);
    assertEquals(told(1, () => f(x)), []);
  } finally {
    config({ native });
  }
  assertEquals(told(1, () => f(x)), []);
});

Deno.test("level 2 tells the time and rates of each step of each call", () => {
  const f = makeStep();
  f(x);
  const texts = told(2, () => (f(x), f(x), x.sum()));
  assertEquals(texts.length, 3);
  const [head, gemm, rest] = texts[0]!.split("\n");
  assertMatch(head!, /^glissade: jit\(step\) took [\d.]+ [um]s in 2 steps$/);
  assertMatch(
    gemm!,
    /^ +[\d.]+ [um]s +[\d.]+ [kMG]FLOP\/s +[\d.]+ [kMG]B\/s {2}1x gemm float32 NN 4x4x4$/,
  );
  assertMatch(rest!, / {2}1x exp\+sum \[\] over \[16\]$/);
  assertMatch(texts[2]!, /^glissade: sum took [\d.]+ [um]s in 1 step\n/);
  assertEquals(told(0, () => f(x)), []);
});

Deno.test("level 2 gives equal steps of a call one line", () => {
  const f = jit((a: Tensor, b: Tensor) => [a.exp(), b.exp()]);
  f(x, x);
  assertMatch(told(2, () => f(x, np.ones([4, 4]))).at(-1)!, /in 2 steps\n[^\n]* {2}2x exp \[16\]$/);
});

Deno.test("level 3 tells the program and the plan", () => {
  const texts = told(3, () => makeStep()(x));
  assertEquals(texts[0]!.split("\n").slice(0, 3), [
    "glissade: program of jit(step)",
    "inputs %0:f32[4,4]",
    "%1:f32[4,4] = dot %0 %0 {ta: false, tb: false}",
  ]);
  const plan = texts.find((t) => t.startsWith("glissade: plan"))!;
  assertEquals(
    plan.split("\n")[0],
    "glissade: plan of jit(step): 1 inputs, 2 steps, 64 bytes of scratch",
  );
  assertMatch(plan, /\nkernel exp\+sum \[\] over \[16\] s\d s\d\n/);
  assert(!texts.some((t) => t.includes("emitted") || t.includes(" after ")));
});

Deno.test("level 4 tells the kernels as they are emitted, and the parameters of routines", () => {
  const y = np.ones([4, 7]);
  const texts = told(4, () => jit((y: Tensor) => y.matmul(y.T).sub(3).tanh().sum(0))(y));
  assert(texts.some((t) => t.startsWith("glissade: linked call gemm dtype=float32 ")));
  const kernel = texts.find((t) => t.includes("sub+tanh+sum") && t.includes("emitted"))!;
  assertMatch(
    kernel,
    /^glissade: emitted \d+ bytes of (?:WebAssembly|machine code) for\nkernel sub\+tanh\+sum \(4\)/,
  );
  // tanh is emitted as the arithmetic it is made of
  assert(kernel.includes(" fma ") && !kernel.includes("= tanh"));
  assert(!texts.some((t) => t.includes(" after ")));
});

Deno.test("level 5 tells the program after every pass", () => {
  const texts = told(5, () => makeStep()(x));
  const passes = texts.flatMap((t) => /^glissade: jit\(step\) after (\w+)\n/.exec(t)?.[1] ?? []);
  const fusing = PASSES.indexOf("alias");
  const kernels = PASSES.slice(fusing, -1);
  const simplifying = ["dead", "common", "fold", "algebra", "loops", "common", "dead"];
  assertEquals(passes, [...simplifying, "lower", ...kernels, "memory"]);
});

Deno.test("a change of settings that is refused leaves the debug level as it was", () => {
  const f = makeStep();
  f(x);
  const lines = told(0, () => {
    assertThrows(() => config({ debug: 2, blas: "openblas", openblas: "/nowhere.so" }));
    f(x);
  });
  assertEquals(lines, []);
});

Deno.test("checkNans names the first step that makes NaN of numbers", () => {
  const f = jit(function risky(x: Tensor) {
    return x.log().matmul(x).sum();
  });
  const checked = checkNans(f);
  assertEquals(checked(np.ones([2, 2])).item(), 0);
  const { pinned } = currentDevice().heap.stats();
  const e = assertThrows(() => checked(np.array([[1, 1], [-1, 1]])), RangeError);
  assertEquals(
    e.message,
    "Cannot accept NaN from log [4] of jit(risky), step 1 of 3: what it reads holds none, but 1 of " +
      "the 4 numbers of its result f32[2,2] is NaN, the first at [1,0]: look for 0/0, inf-inf, " +
      "0*inf, and log, sqrt or powers of negative numbers",
  );
  assertEquals(currentDevice().heap.stats().pinned, pinned);
  // it looks only while the checked function runs
  assert(Number.isNaN(f(np.array([[1, 1], [-1, 1]])).item()));
});

Deno.test("checkNans tells of kernels of several operations how to find the one", () => {
  const f = (x: Tensor) => x.sub(1).log().mul(0).sum();
  const fused = assertThrows(() => checkNans(jit(f))(np.ones([3])), RangeError);
  assertMatch(fused.message, /from sub\+log\+mul\+sum .*; without jit each of its operations is/);
  assertThrows(() => checkNans(f)(np.ones([3])), RangeError, "from mul [3]: what it reads");
});

Deno.test("NaN that come in, and NaN that a step leaves out, are no errors", () => {
  const f = checkNans(jit((x: Tensor) => x.exp().sum()));
  assert(Number.isNaN(f(np.array([NaN, 1])).item()));
  const safe = checkNans(jit((x: Tensor) => np.where(x.gt(0), x.log(), 0).sum()));
  assertEquals(safe(np.array([-1, 1])).item(), 0);
  const integers = checkNans(jit((x: Tensor) => x.add(1)));
  assertEquals(integers(np.array([-1, 1], "int32")).toArray(), [0, 2]);
});

Deno.test("checkNans looks at float64, at donated state and at gradients", () => {
  const root = checkNans(jit((x: Tensor) => x.sqrt()));
  assertThrows(() => root(np.array([-1], "float64")), RangeError, "its result f64[1] is NaN");
  const step = checkNans(jit((x: Tensor) => x.div(x), { donate: [0] }));
  assertThrows(() => step(np.zeros([2])), RangeError, "from div [2]");
  // the derivative of sqrt at 0 is infinite, and 0 times that is no number
  const slope = checkNans(grad((x: Tensor) => x.sqrt().mul(0).sum()));
  assertThrows(() => slope(np.zeros([1])), RangeError, "Cannot accept NaN from");
});

Deno.test("checkNans waits for promises, and refuses to be recorded", async () => {
  const later = checkNans(async (x: Tensor) => {
    await Promise.resolve();
    return x.log();
  });
  await assertRejects(() => later(np.array([-1])), RangeError, "from log []: what it reads");
  assert(Number.isNaN(np.log(-1).item()));
  assertThrows(
    () => jit(checkNans((x: Tensor) => x.log()))(1),
    TypeError,
    "write debug.checkNans(jit(f))",
  );
  assertThrows(() => checkNans(1 as never), TypeError, "Cannot check 1 for NaN");
});

Deno.test("config({ checkNans: true }) checks every call until it is switched off", () => {
  config({ checkNans: true });
  try {
    assertThrows(() => np.log(-1), RangeError, "Cannot accept NaN from log");
  } finally {
    config({ checkNans: false });
  }
  assert(Number.isNaN(np.log(-1).item()));
});
