/**
 * What the machine can do at best, measured once: arithmetic by a matrix product, memory by a copy.
 *
 * @module
 */
import { onConfig } from "../base/flags.ts";
import type { Device } from "../device/device.ts";

/** The best rates of a machine, in operations and bytes a second. */
export interface MachinePeak {
  /** Of a large float32 matrix product. */
  readonly flops: number;
  /** Of a copy that is too large for caches; reading and writing both count. */
  readonly bytes: number;
}

const COPY = 1 << 26;
const LARGEST = 1024;

let known: { device: Device; peak: MachinePeak } | null = null;
onConfig((key) => {
  if (key !== "debug" && key !== "checkNans") known = null;
});

/** The shortest of a few runs, in seconds. */
function shortest(runs: number, run: () => void): number {
  run();
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

/** Rate of the largest product that takes some milliseconds. */
function productRate(device: Device): number {
  const { heap } = device;
  for (let n = 128;; n *= 2) {
    const matrices = [0, 1, 2].map(() => heap.reserve(n * n * 4));
    const slots = Float64Array.from(matrices, (s) => heap.pin(s));
    const ones = new Float32Array(n * n).fill(1);
    for (const at of slots) heap.writeAt(at, ones);
    const run = device.link({
      kind: "call",
      call: {
        name: "gemm",
        dtype: "float32",
        ta: false,
        tb: false,
        m: n,
        n,
        k: n,
        batch: 1,
        beta: 0,
      },
      args: [0, 1, 2],
    }, slots);
    const seconds = shortest(3, run);
    for (const s of matrices) {
      heap.unpin(s);
      heap.dispose(s);
    }
    if (n >= LARGEST || seconds > 0.005) return 2 * n ** 3 / seconds;
  }
}

/** The peak of a device: measured on first use, and again after settings have changed. */
export function peakOf(device: Device): MachinePeak {
  if (known?.device === device) return known.peak;
  const [from, to] = [new Uint8Array(COPY).fill(1), new Uint8Array(COPY)];
  const peak = {
    flops: productRate(device),
    bytes: 2 * COPY / shortest(3, () => to.set(from)),
  };
  known = { device, peak };
  return peak;
}
