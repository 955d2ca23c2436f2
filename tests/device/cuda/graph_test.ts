import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { config, HostArray, jit, np, type Tensor } from "../../../mod.ts";
import { useDevice } from "../../../src/core/mod.ts";
import { createCpu } from "../../../src/device/cpu/mod.ts";
import { onStandIn, type Rig } from "./stand_in.ts";
import { digits, guideTraining, losses, smallBatch, smallTraining } from "./train_step.ts";

const COPY_AND_LAUNCH = ["cuMemcpyHtoDAsync_v2", "cuGraphLaunch"];

/** The losses of the same steps on the CPU. */
function cpuLosses(batches: readonly [HostArray, HostArray][]): number[] {
  useDevice(createCpu({ threads: 1 }));
  return losses(guideTraining(), batches);
}

function assertNear(got: readonly number[], want: readonly number[]): void {
  assertEquals(got.length, want.length);
  got.forEach((g, i) => assertAlmostEquals(g, want[i]!, 1e-4 * Math.max(1, Math.abs(want[i]!))));
}

onStandIn(
  "a donated training step is a copy and the launch of a graph, once it has come again",
  (r) => {
    const batches = digits(12);
    const want = cpuLosses(batches);
    r.device();
    const t = guideTraining();
    const warm = losses(t, batches.slice(0, 5));
    r.standIn.trace(true);
    const told: Tensor[] = [];
    for (const batch of batches.slice(5)) {
      const [loss, state] = t.step(t.state, batch);
      t.state = state;
      told.push(loss);
    }
    const calls = r.standIn.traced();
    assertEquals(calls.filter((name) => !/Event/.test(name)), told.flatMap(() => COPY_AND_LAUNCH));
    const events = new Set(calls.filter((name) => /Event/.test(name)));
    assertEquals(
      [...events].sort(),
      ["cuEventRecord", "cuEventSynchronize", "cuStreamWaitEvent"],
    );
    r.standIn.trace(false);
    assertNear([...warm, ...told.map((l) => l.item())], want);
  },
);

onStandIn(
  "a step with small inputs has no copies beside it: one event tells when they are read",
  (r) => {
    r.device();
    let { w, step } = smallTraining();
    const told: Tensor[] = [];
    const advance = (i: number): void => {
      const [l, next] = step(w, smallBatch(i));
      w = next;
      told.push(l);
    };
    for (let i = 0; i < 4; i++) advance(i);
    r.standIn.trace(true);
    for (let i = 4; i < 9; i++) advance(i);
    const calls = r.standIn.traced();
    assertEquals(
      calls,
      told.slice(4).flatMap(() => {
        return ["cuMemcpyHtoDAsync_v2", "cuEventRecord", "cuGraphLaunch"];
      }),
    );
    r.standIn.trace(false);
    useDevice(createCpu({ threads: 1 }));
    const other = smallTraining();
    told.forEach((l, i) => {
      const [want, next] = other.step(other.w, smallBatch(i));
      other.w = next;
      assertAlmostEquals(l.item(), want.item(), 1e-4 * want.item());
    });
  },
);

onStandIn("results that were given stay what they were when the call is run again", (r) => {
  r.device();
  const f = jit((x: Tensor) => {
    const y = x.matmul(x);
    return [y.mul(2).add(1), y.sum(), y.matmul(x).max()];
  });
  const all = Array.from({ length: 10 }, (_, i) => {
    return f(new HostArray(Float32Array.of(i, 1, 1, 0), [2, 2])) as Tensor[];
  });
  all.forEach(([a, s, m], i) => {
    assertEquals([...a!.data()], [2 * i * i + 3, 2 * i + 1, 2 * i + 1, 3]);
    assertEquals([s!.item(), m!.item()], [(i + 1) ** 2 + 1, Math.max(1, i ** 3 + 2 * i)]);
  });
  assert(r.standIn.counts().executables > 0);
});

/** A program of several launches: the sum of the fourth power of a matrix. */
const fourth = (x: Tensor): Tensor => x.matmul(x).matmul(x).matmul(x).sum();

/** Matrices of 3 by 3, the i-th full of i. */
const scaled = (count: number): Tensor[] =>
  Array.from({ length: count }, (_, i) => np.ones([3, 3]).mul(i));

onStandIn("a program has at most four graphs, and other addresses are launched one by one", (r) => {
  r.device();
  const f = jit(fourth);
  for (let round = 0; round < 6; round++) {
    scaled(9).forEach((x, i) => {
      // the last four that came are remembered
      for (let again = 0; again < 2; again++) assertEquals(f(x).item(), 9 * 27 * i ** 4);
    });
  }
  assertEquals(r.standIn.counts().executables, 4);
});

onStandIn("graphs that nobody comes back to make room for those that come now", (r) => {
  r.device();
  const f = jit(fourth);
  const run = (x: Tensor, times: number): void => {
    for (let i = 0; i < times; i++) f(x).item();
  };
  const places = scaled(6);
  for (const x of places) run(x, 70);
  r.standIn.trace(true);
  run(places[5]!, 3);
  assertEquals(r.calls().filter((name) => name === "cuLaunchKernel"), []);
  assertEquals(r.standIn.counts().executables, 4);
});

/** Runs a small training step eight times with a planned failure; the losses and what was told. */
function withFailure(r: Rig, plan: string): { losses: number[]; warnings: string[] } {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void warnings.push(text);
  try {
    let { w, step } = smallTraining();
    const losses: number[] = [];
    for (let i = 0; i < 8; i++) {
      if (i === 1) r.standIn.fail(plan);
      const [l, next] = step(w, smallBatch(i));
      w = next;
      losses.push(l.item());
    }
    r.standIn.fail("");
    return { losses, warnings };
  } finally {
    console.warn = warn;
  }
}

for (
  const plan of [
    "cuStreamEndCapture:1=901",
    "cuGraphInstantiateWithFlags:1=1",
    "cuGraphInstantiateWithFlags:1=2;cuGraphInstantiateWithFlags:2=2",
    "cublasSgemm_v2:1=14",
    "cuStreamBeginCapture_v2:1=900",
  ]
) {
  onStandIn(`a capture that is broken by ${plan} is told once, and the call runs without`, (r) => {
    r.device();
    const want = withFailure(r, "");
    assertEquals(want.warnings, []);
    const before = r.standIn.counts();
    const got = withFailure(r, plan);
    assertEquals(got.losses, want.losses);
    assertEquals(got.warnings.length, 1, got.warnings.join("\n"));
    assert(got.warnings[0]!.includes("could not be captured"), got.warnings[0]);
    const after = r.standIn.counts();
    // where memory was missing, the graphs of the first program were given up for it
    const others = plan.endsWith("=2") ? 0 : before.executables;
    assertEquals([after.graphs, after.executables], [before.graphs, others]);
    // the stream is not capturing any more
    assertEquals(np.ones([3]).add(1).toArray(), [2, 2, 2]);
    // another program is captured
    const third = withFailure(r, "");
    assertEquals(third, want);
    assert(r.standIn.counts().executables > after.executables);
  });
}

onStandIn("where launches are waited for there are no graphs", (r) => {
  r.device({ sync: true });
  const { losses, warnings } = withFailure(r, "");
  assertEquals([losses.length, warnings], [8, []]);
  assertEquals(r.standIn.counts().executables, 0);
});

onStandIn("inputs that are copied ahead are those of their own step", (r) => {
  r.device();
  const f = jit((x: Tensor, k: Tensor) => [x.sum().mul(k), x.slice([0, 5]).add(k), x.max()]);
  const n = 30_000;
  const told: Tensor[][] = [];
  const values = new Float32Array(n);
  for (let i = 0; i < 20; i++) {
    // one array for all steps: it has been read when the call returns
    values.fill(i);
    told.push(f(new HostArray(values, [n]), i) as Tensor[]);
  }
  told.forEach(([sum, head, max], i) => {
    assertEquals([sum!.item(), [...head!.data()], max!.item()], [
      i * i * n,
      new Array(5).fill(2 * i),
      i,
    ]);
  });
});

onStandIn("a call may bring more than the one before: what it brought moves with it", (r) => {
  r.device();
  const f = jit((xs: Tensor[]) => xs.reduce((a, x) => a.add(x.sum()), np.zeros([])));
  const parts = (size: number) =>
    Array.from({ length: 4 }, (_, i) => new HostArray(new Float32Array(size).fill(i + 1), [size]));
  for (const size of [10, 6000, 40, 30_000, 6000, 100_000, 10]) {
    for (let again = 0; again < 3; again++) assertEquals(f(parts(size)).item(), 10 * size);
  }
});

onStandIn("graphs follow the settings", (r) => {
  const device = r.device();
  const before = config().precision;
  try {
    let { w, step } = smallTraining();
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) [, w] = step(w, smallBatch(i));
    };
    run(4);
    r.standIn.trace(true);
    config({ precision: "tf32" });
    device.reconfigure();
    run(1);
    assertEquals(r.calls().includes("cublasSetMathMode"), true);
    assertEquals(r.calls().includes("cublasSgemm_v2"), true);
    run(4);
    r.standIn.trace(true);
    run(1);
    assertEquals(r.calls(), COPY_AND_LAUNCH);
    const faults = r.faults();
    assert(faults.length > 0 && faults.every((f) => /TF32/.test(f)), faults.join("\n"));
  } finally {
    config({ precision: before });
  }
});

onStandIn("programs that are dropped take their graphs along", (r) => {
  r.device();
  const { warn } = console;
  console.warn = () => {};
  try {
    // products alone, which are not compiled
    const f = jit((x: Tensor) => x.matmul(x).matmul(x).matmul(x));
    for (let n = 1; n <= 70; n++) {
      const x = np.array(new HostArray(new Float32Array(n * n).fill(1), [n, n]));
      for (let i = 0; i < 3; i++) assertEquals(f(x).data().at(-1), n ** 3);
    }
    const { executables } = r.standIn.counts();
    assert(executables > 0 && executables <= 64, `${executables} graphs`);
  } finally {
    console.warn = warn;
  }
});

/** Two inputs and small outputs beside the product of the first with itself. */
const beside = (sign: number) => (x: Tensor, y: Tensor): Tensor[] => {
  const z = x.matmul(x).add(y.mul(sign));
  return [z.sum(), z.max(), z.sum([0]), ...(sign < 0 ? [z] : [])];
};

const values = (out: unknown): number[] => (out as Tensor[]).flatMap((t) => [...t.data()]);

for (const between of [false, true]) {
  onStandIn(
    "a call that fails before it runs leaves nothing of its own to later ones" +
      (between ? ", with other calls in between" : ""),
    (r) => {
      r.device();
      const [f, g] = [jit(beside(1)), jit(beside(-1))];
      const host = (n: number) => new HostArray(Float32Array.of(n, 1, 2, 3), [2, 2]);
      const lying = (n: number) => np.array([[n, 1], [2, 3]]);
      const gone = lying(0);
      gone.dispose();
      const want = values(f(lying(4), lying(5)));
      const later: [string, () => unknown][] = [
        ["no input from the host", () => f(lying(4), lying(5))],
        ["the same", () => f(host(4), lying(5))],
        ["a later one", () => f(lying(4), host(5))],
        ["all", () => f(host(4), host(5))],
      ];
      for (const [what, call] of later) {
        for (let again = 0; again < 4; again++) {
          assertThrows(() => f(host(9), gone), Error, "disposed");
          if (between) { for (let i = 0; i < 3; i++) g(host(7), host(8)); }
          assertEquals(values(call()), want, what);
          assertEquals(r.faults(), [], what);
        }
      }
      assert(r.standIn.counts().executables > 0);
    },
  );
}

onStandIn("a program has its graphs again when products go back to cuBLAS", (r) => {
  r.device();
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (text: string) => void warnings.push(text);
  try {
    const f = jit(beside(1));
    const y = np.array([[4, 3], [2, 1]]);
    const run = (): number[] => values(f(smallBatch(1), y));
    const want = run();
    const settled = (): string[] => {
      for (let i = 0; i < 4; i++) assertEquals(run(), want);
      r.standIn.trace(true);
      f(smallBatch(1), y);
      return r.calls();
    };
    assertEquals(settled(), COPY_AND_LAUNCH);
    for (const blas of ["builtin", "auto"] as const) {
      config({ blas });
      assertEquals(settled(), COPY_AND_LAUNCH, blas);
    }
    assertEquals(warnings, []);
  } finally {
    console.warn = warn;
    config({ blas: "auto" });
  }
});

for (
  const [plan, comes] of [
    ["cuGraphInstantiateWithFlags:1=2;cuGraphInstantiateWithFlags:2=2", true],
    ["cuStreamEndCapture:1=901", false],
  ] as const
) {
  onStandIn(`after ${plan} a program ${comes ? "is captured later" : "is not captured"}`, (r) => {
    r.device();
    const { warn } = console;
    console.warn = () => {};
    try {
      const f = jit(fourth);
      const x = np.ones([3, 3]);
      f(x).item();
      r.standIn.fail(plan);
      f(x).item();
      r.standIn.fail("");
      for (let i = 0; i < 40; i++) f(x).item();
      assertEquals(r.standIn.counts().executables, 0);
      for (let i = 0; i < 40; i++) assertEquals(f(x).item(), 243);
      assertEquals(r.standIn.counts().executables, comes ? 1 : 0);
    } finally {
      console.warn = warn;
    }
  });
}
