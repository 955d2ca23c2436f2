/**
 * scan: JAX's values and derivatives, in nests and batched; memory, effects, training; what it
 * refuses.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { LeakedTracerError } from "../../src/base/errors.ts";
import { currentDevice, type Tensor, useDevice } from "../../src/core/mod.ts";
import { config } from "../../src/base/flags.ts";
import { createReference } from "../../src/device/reference/mod.ts";
import * as np from "../../src/numpy/mod.ts";
import * as debug from "../../src/transform/debug.ts";
import * as random from "../../src/random/mod.ts";
import {
  checkpoint,
  cond,
  customVjp,
  evalShape,
  foriLoop,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  makeProgram,
  scan,
  valueAndGrad,
  vjp,
  vmap,
} from "../../src/transform/mod.ts";
import { assertCases, NAMES } from "./control_goldens.ts";

Deno.test("scan gives JAX's values and gradients, forward and reverse", () => {
  assertCases("scan", "scan reverse", "scan empty", "scan without rows", "scan of integers");
});

Deno.test("a recurrent cell: JAX's values, gradients, tangents, Hessian products, batches", () => {
  assertCases("rnn");
});

Deno.test("scan, cond, while, vmap and checkpoint within each other, as in JAX", () => {
  assertCases("while in scan", "cond in scan", "scan in scan", "scan in cond", "scan of vmap");
  assertCases("scan swaps", "checkpoint in scan");
});

Deno.test("every golden case of control flow has a test", () => {
  const begins = ["cond", "switch", "while", "fori", "scan", "rnn", "checkpoint in scan"];
  assertEquals(NAMES.filter((n) => !begins.some((b) => n.startsWith(b))), []);
});

Deno.test("the reference device and every switch of the compiler give the same", () => {
  const w = np.array([[0.5, -0.25], [0.125, 1]]);
  const xs = np.array([[1, 2], [3, 4], [-1, 0.5]]);
  const loss = (w: Tensor) => {
    const [h, ys] = scan(
      (h: Tensor, x: Tensor) => {
        const n = cond(x.sum().gt(0), () => h.matmul(w).add(x).tanh(), () => h);
        return [n, n.sum()];
      },
      np.zeros([2]),
      xs,
    );
    return h.sum().add(ys.square().sum());
  };
  const run = () => {
    const [value, g] = jit(valueAndGrad(loss))(w);
    return [value.item(), ...g.data()];
  };
  const want = run();
  const near = (got: number[], text: string) =>
    got.forEach((x, i) => assertAlmostEquals(x, want[i]!, 1e-5, text));
  for (
    const pass of [
      "dead",
      "common",
      "fold",
      "algebra",
      "loops",
      "alias",
      "fuse",
      "normalize",
      "reuse",
    ]
  ) {
    config({ passesOff: [pass], checkPasses: true });
    try {
      near(run(), pass);
    } finally {
      config({ passesOff: [], checkPasses: true });
    }
  }
  const cpu = currentDevice();
  useDevice(createReference());
  try {
    const [value, g] = jit(valueAndGrad((w) => {
      const [h] = scan(
        (h: Tensor, x: Tensor) => [h.matmul(w).add(x).tanh(), null],
        np.zeros([2]),
        np.ones([3, 2]),
      );
      return h.sum();
    }))(np.array([[0.5, 0], [0, 0.5]]));
    const h = [0, 1, 2].reduce((h) => Math.tanh(h / 2 + 1), 0);
    assertAlmostEquals(value.item(), 2 * h, 1e-6);
    assertEquals(g.shape, [2, 2]);
  } finally {
    useDevice(cpu);
  }
});

Deno.test("the gradient of a scan is that of the loop written out", () => {
  const w = random.normal(random.key(1), [4, 4]);
  const xs = random.normal(random.key(2), [6, 4]);
  const cell = (h: Tensor, x: Tensor, w: Tensor) => h.matmul(w).add(x).tanh();
  const looped = (w: Tensor) =>
    scan((h: Tensor, x: Tensor) => [cell(h, x, w), null], np.zeros([4]), xs)[0].sum();
  const written = (w: Tensor) => {
    let h = np.zeros([4]);
    for (let t = 0; t < 6; t++) h = cell(h, xs.at(t), w);
    return h.sum();
  };
  const [a, b] = [grad(looped)(w), grad(written)(w)];
  assert(np.max(np.abs(a.sub(b))).item() < 1e-5);
  assertAlmostEquals(looped(w).item(), written(w).item(), 1e-5);
});

Deno.test("compiling costs the same for any length, and ten thousand steps run", () => {
  const steps = (n: number) =>
    jit((x: Tensor) => scan((c: Tensor) => [c.mul(0.999).add(1), c], x, null, { length: n }));
  const plan = (n: number) => steps(n).explain(np.array(0)).plan.split("\n").length;
  assertEquals(plan(10), plan(10_000));
  const [last, ys] = steps(10_000)(np.array(0));
  assertEquals(ys.shape, [10_000]);
  assertAlmostEquals(last.item(), 1000 * (1 - 0.999 ** 10_000), 0.2);
  const g = grad((x: Tensor) =>
    scan((c: Tensor) => [c.mul(0.9999), null], x, null, { length: 10_000 })[0]
  )(1);
  assertAlmostEquals(g.item(), 0.9999 ** 10_000, 1e-4);
});

Deno.test("effects within a loop happen once a step, in order, under valueAndGrad and jit too", () => {
  const seen: number[] = [];
  const f = (x: Tensor) => {
    const [c] = scan(
      (c: Tensor, v: Tensor) => {
        const next = c.mul(v);
        debug.callback((y) => seen.push(y.values[0]!), next);
        debug.callback((y) => seen.push(-y.values[0]!), v);
        return [next, null];
      },
      1,
      x,
    );
    return c;
  };
  const x = np.array([2, 3, 4]);
  const want = [2, -2, 6, -3, 24, -4];
  f(x);
  assertEquals(seen.splice(0), want);
  jit(f)(x);
  assertEquals(seen.splice(0), want);
  const [value, g] = jit(valueAndGrad(jit(f)))(x);
  assertEquals([value.item(), g.toArray()], [24, [12, 8, 6]]);
  assertEquals(seen.splice(0), want);
  // with nothing used
  jit((x: Tensor) => {
    foriLoop(0, 3, (i, c) => {
      debug.callback((k) => seen.push(k.values[0]!), i);
      return c;
    }, x);
    return x;
  })(x);
  assertEquals(seen.splice(0), [0, 1, 2]);
});

Deno.test("a callback that throws in a loop fails the call and frees its memory", () => {
  const f = jit(function loop(x: Tensor) {
    return scan(
      (c: Tensor, v: Tensor) => {
        debug.callback((y) => {
          if (y.values[0]! > 2) throw new RangeError("Cannot go beyond 2");
        }, v);
        return [c.add(v), null];
      },
      0,
      x,
    )[0];
  });
  const x = np.arange(5).astype("float32");
  const { pinned } = currentDevice().heap.stats();
  assertThrows(() => f(x), Error, "Cannot go on with jit(loop): the function of debug.callback");
  assertEquals(currentDevice().heap.stats().pinned, pinned);
  assertEquals(f(np.ones([2])).item(), 2);
});

Deno.test("donated state goes through a scan in place of new memory", () => {
  const train = jit(
    (state: Tensor[]) =>
      scan(([a, b]: Tensor[], x: Tensor) => [[b!.add(x), a!.mul(2)], null], state, np.ones([3]))[0],
    { donate: 0 },
  );
  const [a, b] = train([np.array([1, 2]), np.array([10, 20])]);
  // (1, 10) -> (11, 2) -> (3, 22) -> (23, 6); (2, 20) -> (21, 4) -> (5, 42) -> (43, 10)
  assertEquals([a!.toArray(), b!.toArray()], [[23, 43], [6, 10]]);
});

Deno.test("a recurrent network learns to add, in one program", () => {
  const keys = random.split(random.key(3), 4);
  const glorot = (k: number, ...shape: number[]) => random.normal(keys.at(k), shape).mul(0.4);
  type Params = { w: Tensor; u: Tensor; b: Tensor; v: Tensor };
  let params: Params = {
    w: glorot(0, 8, 8),
    u: glorot(1, 1, 8),
    b: np.zeros([8]),
    v: glorot(2, 8, 1),
  };
  const xs = random.uniform(random.key(9), [6, 32, 1]);
  const target = xs.sum({ axis: 0 });
  const loss = (p: Params): Tensor => {
    const [h] = scan(
      (h: Tensor, x: Tensor) => [h.matmul(p.w).add(x.matmul(p.u)).add(p.b).tanh(), null],
      np.zeros([32, 8]),
      xs,
    );
    return h.matmul(p.v).sub(target).square().mean();
  };
  const step = jit((p: Params) => {
    const [value, g] = valueAndGrad(loss)(p);
    const next = (x: Tensor, d: Tensor) => x.sub(d.mul(0.05));
    return {
      value,
      p: { w: next(p.w, g.w), u: next(p.u, g.u), b: next(p.b, g.b), v: next(p.v, g.v) },
    };
  }, { donate: 0 });
  const losses: number[] = [];
  for (let i = 0; i < 300; i++) {
    const out = step(params);
    params = out.p;
    losses.push(out.value.item());
  }
  assertEquals(step.compiles, 1);
  assert(losses[299]! < 0.1 * losses[0]!, `${losses[0]} -> ${losses[299]}`);
});

Deno.test("a scan in a scan of a jitted function in a gradient in a jit", () => {
  const inner = jit((c: Tensor, v: Tensor) => c.mul(v).sin());
  const f = (x: Tensor) =>
    scan(
      (c: Tensor, row: Tensor) => [
        scan((c: Tensor, v: Tensor) => [inner(c, v), null], c, row)[0],
        null,
      ],
      1,
      x,
    )[0];
  const x = np.array([[0.5, 1.5], [2, -0.5]], { dtype: "float64" });
  const g = jit(grad((x: Tensor) => jit(f)(x)))(x);
  const eps = 1e-6;
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) {
      const at = (d: number) => f(x.addAt([i, j], d)).item();
      assertAlmostEquals(g.at(i, j).item(), (at(eps) - at(-eps)) / (2 * eps), 1e-6);
    }
  }
});

const w3 = np.array([0.3, -0.7, 1.1], { dtype: "float64" });
const one = np.array(1, { dtype: "float64" });
type Cell = (c: Tensor, v: Tensor, w: Tensor) => Tensor;
const looped = (cell: Cell) => (w: Tensor): Tensor =>
  scan((c: Tensor, v: Tensor) => [cell(c, v, w), null], one, w)[0];
const written = (cell: Cell) => (w: Tensor): Tensor => {
  let c = one;
  for (let i = 0; i < 3; i++) c = cell(c, w.at(i), w);
  return c;
};

/** Asserts that two tensors are equal but for rounding. */
function assertNear(a: Tensor, b: Tensor): void {
  assertEquals(a.shape, b.shape);
  assert(np.max(np.abs(a.sub(b))).item() < 1e-12, `${a} and ${b}`);
}

Deno.test("every transformation of a scan is that of the loop written out", () => {
  const cell: Cell = (c, v, w) => c.mul(v).add(w.sum()).sin();
  const [f, g] = [looped(cell), written(cell)];
  const second = hessian(g)(w3) as Tensor;
  assertNear(hessian(f)(w3) as Tensor, second);
  assertNear(jit(hessian(f))(w3) as Tensor, second);
  assertNear(jacfwd(jacrev(f))(w3) as Tensor, second);
  assertNear(grad((w: Tensor) => checkpoint(f)(w) as Tensor)(w3), grad(g)(w3));
  const [, push] = linearize(f, [w3]);
  assertNear(push(w3) as Tensor, jvp(g, [w3], [w3])[1] as Tensor);
  const [, pull] = vjp(f, [w3]);
  const all = vmap((c: Tensor) => pull(c)[0]!)(np.array([1, 2], { dtype: "float64" }));
  assertNear(all.at(1), grad(g)(w3).mul(2));
  assertEquals(evalShape(f, w3).shape, []);
});

Deno.test("a function with a derivative of its own keeps it in a loop", () => {
  const own = customVjp(
    (x: Tensor) => x.mul(x),
    (x: Tensor): [Tensor, Tensor] => [x.mul(x), x],
    (x: Tensor, g: Tensor) => [g.mul(x).mul(3)],
  ) as (x: Tensor) => Tensor;
  const cell: Cell = (c, v) => own(c.mul(v)).sin();
  const want = grad(written(cell))(w3);
  assertNear(grad(looped(cell))(w3), want);
  assertNear(jit(grad(jit(looped(cell))))(w3), want);
  assertNear(vmap(grad(looped(cell)))(np.stack([w3.mul(2), w3])).at(1), want);
});

Deno.test("the program of a loop prints with its body", () => {
  const text = String(
    makeProgram((x: Tensor) => scan((c: Tensor, v: Tensor) => [c.add(v), c], 0, x))(np.ones([2])),
  );
  assertEquals(
    text.split("\n").slice(-5),
    [
      "%2:f32[] %3:f32[2] = scan %1 %0 {consts: 0, carry: 1, length: 2, reverse: false}",
      "  body:",
      "    inputs %0:f32[] %1:f32[]",
      "    %2:f32[] = add %0 %1",
      "    outputs %2 %0",
      "outputs %2 %3",
    ].slice(-5),
  );
});

Deno.test("a tensor that escapes from the function is named when it is used", () => {
  let kept: Tensor | undefined;
  scan(
    (c: Tensor, x: Tensor) => {
      kept = x;
      return [c.add(x), null];
    },
    0,
    np.ones([2]),
  );
  assertThrows(() => kept!.add(1), LeakedTracerError, "the function of scan");
});

Deno.test("a carry that changes is refused, with the leaf, what it was and becomes", () => {
  const xs = np.ones([4, 2]);
  const init = { h: np.zeros([2]), c: [np.zeros([3])] };
  const run = (f: (carry: typeof init, x: Tensor) => unknown) => () =>
    scan(f as (carry: typeof init, x: Tensor) => [typeof init, null], init, xs);
  assertThrows(
    run(({ h }, x) => [{ h: h.add(x), c: [x] }, null]),
    TypeError,
    "Cannot scan: init.c[0] is float32[3] and becomes float32[2]: a carry keeps its shape and dtype",
  );
  assertThrows(
    run(({ h, c }) => [{ h: h.astype("int32"), c }, null]),
    TypeError,
    'init.h is float32[2] and becomes int32[2]: a carry keeps its shape and dtype; convert with astype("float32")',
  );
  assertThrows(
    run(({ h, c }) => [{ h, c: [c[0], c[0]] }, null]),
    TypeError,
    "the carry changes its structure: c is an array of 1 in one and an array of 2 in the other",
  );
  assertThrows(
    run(({ h }) => h),
    TypeError,
    "Cannot scan: the function returned",
  );
  assertThrows(
    run((c) => [c, null, null]),
    TypeError,
    "a list of 3; it must return a pair [carry, y]",
  );
});

Deno.test("rows that disagree, scalars and missing lengths are refused", () => {
  const f = (c: Tensor, _x: unknown): [Tensor, null] => [c, null];
  const two = { a: np.ones([5, 2]), b: np.ones([4]) };
  assertThrows(
    () => scan(f as (c: Tensor, x: typeof two) => [Tensor, null], np.array(0), two),
    RangeError,
    "Cannot scan over xs.b of shape [4]: it has 4 rows, and xs.a has 5: all must be equal",
  );
  assertThrows(
    () => scan(f, 0, np.ones([5]), { length: 4 }),
    RangeError,
    "Cannot scan over xs of shape [5]: it has 5 rows, and length is 4",
  );
  assertThrows(() => scan(f, 0, np.array(1)), RangeError, "xs: it is a scalar of dtype float32");
  assertThrows(
    () => scan(f, 0, null, {} as { length: number }),
    TypeError,
    "Cannot scan without rows: give xs, or { length }",
  );
  assertThrows(() => scan(f, 0, null, { length: -1 }), RangeError, "with length -1");
  assertThrows(() => scan(f, 0, null, { length: 1.5 }), RangeError, "with length 1.5");
  assertThrows(
    () => scan(f, 0, null, { length: 1, unroll: 2 } as { length: number }),
    TypeError,
    'with the option "unroll": the options are length, reverse',
  );
  assertThrows(
    () => scan((async (c: Tensor) => await [c, null]) as never, 0, np.ones([2])),
    TypeError,
    "Cannot scan with an async function",
  );
});
