import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { config, jit, np, type Tensor } from "../../mod.ts";
import { Bare } from "../../bench/cuda/bare.ts";
import { type GpuResults, MEANINGLESS, report } from "../../bench/cuda/report.ts";
import { columns, forgetful, type Setting, systemsOn, visible } from "../../bench/cuda/systems.ts";
import { bareWorks, OwnKernels, planOf } from "../../bench/cuda/watch.ts";
import { processWorks, tiny, works } from "../../bench/cuda/works.ts";
import { works as peerWorks } from "../../bench/peers/works.ts";
import { onStandIn } from "../device/cuda/stand_in.ts";

const setting: Setting = { env: { A: "1" }, cache: "/c", noCache: "/n", hasPeers: true };

Deno.test("rows have ids of their own, and their promises name columns", () => {
  const all = [...works, ...processWorks];
  assertEquals(new Set(all.map(({ id }) => id)).size, all.length);
  const named = new Set(["fastest", ...columns.map(({ id }) => id)]);
  for (const { targets } of all) for (const { against } of targets) assert(named.has(against));
});

Deno.test("W2, W3 and W4 are those of the peers' table, the others as large as was promised", () => {
  for (const id of ["W2", "W3", "W4"]) {
    assertEquals(
      works.find((work) => work.id === id),
      peerWorks(false).find((work) => work.id === id),
    );
  }
  const bounds = works.filter(({ id }) => !/^W/.test(id)).map(({ id, sizes, targets }) => [
    id,
    sizes.n ?? sizes.count ?? sizes.batch!,
    ...targets.map(({ against, atLeast }) => `${atLeast} ${against}`),
  ]);
  assertEquals(bounds, [
    ["guide 32", 32, "0.5 kernels"],
    ["guide 1024", 1024, "0.5 kernels"],
    ["chain", 2 ** 26, "0.85 copy"],
    ["matmul float32", 4096, "0.95 cublas"],
    ["matmul tf32", 4096, "0.95 cublas"],
    ["matmul float64", 4096, "0.95 cublas"],
  ]);
});

Deno.test("a tiny row is the same work, and says that it is tiny", () => {
  const row = works.find(({ id }) => id === "W2")!;
  const { title, kind, sizes } = tiny(row);
  assertEquals([kind, sizes.batch, sizes.hidden, sizes.features], ["mlp", 4, [16, 16], 784]);
  assertEquals(title, `${row.title}, at tiny sizes`);
  assertEquals(row.sizes.batch, 256);
});

Deno.test("everybody sees one GPU: the one that was asked for among those shown", () => {
  assertEquals(visible(0, undefined), "0");
  assertEquals(visible(1, undefined), "1");
  assertEquals(visible(1, "4, 6"), "6");
  assertEquals(visible(1, "GPU-a,GPU-b"), "GPU-b");
});

Deno.test("the peers compute on the GPU, in float32, and only where they are wanted", () => {
  const systems = systemsOn(setting);
  const own = systems.filter(({ id }) => id.startsWith("glissade"));
  assertEquals(systems.map(({ id }) => id), ["glissade", "glissade-yardsticks", "jax", "torch"]);
  for (const { env } of systems) assertEquals(env!.A, "1");
  for (const { env } of own) assertEquals(env!.GLISSADE_DEVICE, "cuda:0");
  const { env } = systems.find(({ id }) => id === "jax")!;
  assertEquals([env!.JAX_PLATFORMS, env!.JAX_DEFAULT_MATMUL_PRECISION], ["cuda", "float32"]);
  assertEquals(systemsOn({ ...setting, hasPeers: false }), own);
  assertEquals(own[0]!.env!.GLISSADE_CUBIN_CACHE, "/c");
  assertEquals(forgetful(setting).env!.GLISSADE_CUBIN_CACHE, "/n");
});

Deno.test("every lane has a column, and every column but the first a lane", () => {
  const lanes = [...systemsOn(setting), forgetful(setting)].flatMap(({ lanes }) => lanes);
  assertEquals(
    new Set(lanes.map(({ column }) => column)),
    new Set(["glissade", ...columns.map(({ id }) => id)]),
  );
});

Deno.test("the least that a plan needs is its products, and copies of what the rest moves", () => {
  const f = jit((x: Tensor, y: Tensor) => x.matmul(y).exp());
  const [x, y] = [np.ones([8, 4]), np.ones([4, 16])];
  const flags = { dtype: "float32", ta: false, tb: false, batch: 1, beta: 0 } as const;
  assertEquals(bareWorks(planOf(() => void f(x, y))), [
    { name: "gemm", m: 8, n: 16, k: 4, ...flags },
    // read once, written once
    { name: "copy", bytes: 8 * 16 * 4 },
  ]);
});

function countsItsRuns(): void {
  const f = jit((x: Tensor) => x.add(1), { donate: [0] });
  let x = np.zeros([3]);
  const own = new OwnKernels(() => x = f(x));
  assertEquals(x.toArray(), [1, 1, 1]);
  own.run(45);
  // once by the call, and 45 times alone where it lies
  assertEquals(x.toArray(), [47, 47, 47]);
}

Deno.test("each kernel of a call is run alone as often as it is told", countsItsRuns);

onStandIn("so it is where they run together in graphs", (r) => {
  r.device();
  countsItsRuns();
  countsItsRuns();
});

onStandIn("products and copies without glissade are what they are called", (r) => {
  const { cuda, cublas } = config();
  config({ cuda: r.path, cublas: r.path });
  r.device();
  try {
    const bare = new Bare();
    const [m, n, k] = [3, 5, 4];
    const values = Array.from({ length: 20 }, (_, i) => i - 7);
    for (const dtype of ["float32", "float64"] as const) {
      const Values = dtype === "float32" ? Float32Array : Float64Array;
      for (const [ta, tb] of [[false, false], [true, false], [false, true]] as const) {
        const at = [bare.reserve(160), bare.reserve(160), bare.reserve(160)] as const;
        const [a, b] = [Values.from(values.slice(0, m * k)), Values.from(values)];
        bare.write(at[0], a);
        bare.write(at[1], b);
        const call = { name: "gemm", dtype, ta, tb, m, n, k, batch: 1, beta: 0 } as const;
        bare.product(call, at)();
        const got = bare.read(at[2], new Values(m * n));
        got.forEach((value, i) => {
          const [row, column] = [Math.floor(i / n), i % n];
          let sum = 0;
          for (let j = 0; j < k; j++) {
            sum += a[ta ? j * m + row : row * k + j]! * b[tb ? column * k + j : j * n + column]!;
          }
          assertAlmostEquals(value, sum, 1e-6);
        });
      }
    }
    const batch = { name: "gemm", dtype: "float32", ta: false, tb: false, m, n, k } as const;
    const graph = bare.graph([
      { ...batch, batch: 2, beta: 1 },
      { name: "copy", bytes: 1000 },
    ]);
    r.standIn.trace(true);
    graph();
    bare.wait();
    assertEquals(r.calls(), ["cuGraphLaunch", "cuStreamSynchronize"]);
    const [exact, rounded] = [{ ...batch, batch: 1, beta: 0 } as const, "tf32"] as const;
    const products = [exact, { ...exact, precision: rounded }].map((call) => bare.product(call));
    assertEquals(r.faults(), []);
    for (const ask of [...products, ...products]) ask();
    bare.wait();
    // it calls rounding a fault: here it is asked for, of every other product
    assertEquals(r.faults(), ["cublasSgemm_v2: TF32", "cublasSgemm_v2: TF32"]);
  } finally {
    config({ cuda, cublas });
  }
});

const results: GpuResults = {
  date: "2026-01-02T03:04:05Z",
  machine: { cpu: "A CPU", cores: 2, memoryGiB: 8, os: "linux x86_64", flags: [] },
  load: 0,
  threads: 2,
  rounds: 7,
  versions: { glissade: { deno: "2.9.6" }, jax: "it finds no GPU", torch: { torch: "2" } },
  rows: [{
    ...works.find(({ id }) => id === "chain")!,
    unit: "seconds",
    entries: (["glissade", "copy"] as const).map((column, i) => ({
      ...{ system: column, lane: column, column, reps: 1, check: [], setting: null },
      ...{ samples: [[0.002], [0.0016]][i]!, absent: null, wrong: null },
    })),
  }],
  gpu: {
    name: "A GPU",
    capability: 90,
    multiprocessors: 132,
    memoryGiB: 80,
    libraries: "cuBLAS 13.2",
  },
  isStandIn: false,
};

Deno.test("the report has the times, what was promised, and whether it was met", () => {
  const text = report(results);
  const cells = text.replaceAll(/ +/g, " ");
  assertStringIncludes(
    cells,
    "| chain: five fused operations over 2^26 float32 | 2 ms | 1.6 ms (0.80) |",
  );
  assertStringIncludes(cells, "| 0.85 against a copy | 0.80 | no |");
  assertStringIncludes(text, "A GPU (compute capability 9.0, 132 multiprocessors, 80 GiB)");
  assertStringIncludes(text, "jax absent (it finds no GPU)");
  assertStringIncludes(text, "Neither PyTorch nor JAX was measured");
  assert(!text.includes(MEANINGLESS));
});

Deno.test("a report of the stand-in says that its times mean nothing", () => {
  const text = report({ ...results, isStandIn: true });
  assertStringIncludes(text, `**${MEANINGLESS}**`);
  assert(!text.includes("wanted"), "it judges nothing");
});
