/**
 * What do two threads gain over one in glissade's own kernels, and what do they cost where nothing is
 * large enough to divide? Each work runs alternately on a device of one thread and on one of two; the
 * ratio of medians is printed, above 1 where two are faster. The last rows are a tiny jitted call, which
 * must not notice, and the round trip of a job as small as can be.
 *
 * Run with `deno run -A bench/threads.ts [threads] [seconds for each row]`.
 * @module
 */
import { currentDevice, useDevice } from "../src/core/mod.ts";
import { I32, ModuleBuilder } from "../src/wasm/wasm.ts";
import { createCpu } from "../src/device/cpu/mod.ts";
import { Piece, Pool } from "../src/device/cpu/pool.ts";
import { config, jit, nn, np, type Tensor } from "../mod.ts";

const THREADS = Number(Deno.args[0] ?? 2);
const SECONDS = Number(Deno.args[1] ?? 1.2);

config({ blas: "builtin" });
const devices = [createCpu({ threads: 1 }), createCpu({ threads: THREADS, eager: true })];

const wave = (...shape: number[]): Tensor => {
  const size = shape.reduce((n, m) => n * m, 1);
  return np.array(new Float32Array(size).map((_, i) => Math.sin(i))).reshape(shape);
};

interface Work {
  readonly name: string;
  readonly inner?: number;
  /** Makes the operands and gives what is timed. */
  readonly make: () => () => unknown;
}

/** A jitted function of operands that are made once; its result is let go. */
const jitted = (f: (...xs: Tensor[]) => Tensor, ...shapes: number[][]) => () => {
  const xs = shapes.map((shape) => wave(...shape));
  const run = jit(f);
  return () => run(...xs).dispose();
};

const works: Work[] = [
  { name: "exp(-x x) + 1, 2^24", make: jitted((x) => np.exp(x.mul(x).neg()).add(1), [1 << 24]) },
  { name: "add, 2^24", make: jitted((x, y) => x.add(y), [1 << 24], [1 << 24]) },
  { name: "sum over axis 0, 4096 x 4096", make: jitted((x) => x.sum({ axis: 0 }), [4096, 4096]) },
  { name: "sum over axis 1, 4096 x 4096", make: jitted((x) => x.sum({ axis: 1 }), [4096, 4096]) },
  { name: "sum of all, 4096 x 4096", make: jitted((x) => x.sum(), [4096, 4096]) },
  { name: "softmax, 4096 x 1000", make: jitted((x) => nn.softmax(x), [4096, 1000]) },
  { name: "sort of rows, 512 x 1000", make: jitted((x) => np.sort(x), [512, 1000]) },
  { name: "built-in product, 512", make: jitted((x, y) => x.matmul(y), [512, 512], [512, 512]) },
  {
    name: "built-in product, 1024",
    make: jitted((x, y) => x.matmul(y), [1024, 1024], [1024, 1024]),
  },
  { name: "exp, 2^16", inner: 5, make: jitted((x) => np.exp(x), [1 << 16]) },
  { name: "exp, 2^18", inner: 2, make: jitted((x) => np.exp(x), [1 << 18]) },
  { name: "a tiny jitted call", inner: 2000, make: jitted((x) => x.mul(2).add(1), [8]) },
];

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!;
const before = currentDevice();
for (const { name, inner = 1, make } of works) {
  const runs = devices.map((device) => {
    useDevice(device);
    return make();
  });
  const times = devices.map((): number[] => []);
  const end = performance.now() + SECONDS * 1000;
  for (let turn = -3; turn < 3 || performance.now() < end; turn++) {
    devices.forEach((device, i) => {
      useDevice(device);
      const started = performance.now();
      for (let j = 0; j < inner; j++) runs[i]!();
      if (turn >= 0) times[i]!.push((performance.now() - started) * 1000 / inner);
    });
  }
  const least = times.map((all) => Math.min(...all));
  const [one, more] = times.map(median) as [number, number];
  console.log(
    `${name.padEnd(30)} 1 thread ${one.toFixed(1).padStart(9)} us  ${THREADS} threads ` +
      `${more.toFixed(1).padStart(9)} us  ratio ${(one / more).toFixed(2)}` +
      `  (of the least times ${(least[0]! / least[1]!).toFixed(2)})`,
  );
}
useDevice(before);

const pool = new Pool(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
pool.threads = THREADS;
pool.start();
const module = new ModuleBuilder({ shared: true, maximum: 1 });
module.func("run", [I32, I32], []);
const nothing = new Piece("nothing", module.bytes(), () => {});
for (const idle of [0, 1, 10]) {
  const trips = Array.from({ length: 200 }, () => {
    if (idle > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, idle);
    const started = performance.now();
    // one piece, which this thread takes: what is measured is what a job costs the one who makes it
    pool.run({ calls: [{ piece: nothing, args: [] }], extent: 2, grain: 2, cost: 1e9 });
    return (performance.now() - started) * 1000;
  });
  console.log(`a job of nothing after ${idle} ms: ${median(trips).toFixed(1)} us`);
}
