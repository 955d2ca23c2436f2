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
/** Products grow until one takes some milliseconds, or to this size: more where work is queued. */
const LARGEST = 1024;
const LARGEST_QUEUED = 4096;

let known = new WeakMap<Device, MachinePeak>();
onConfig((key) => {
  if (key !== "debug" && key !== "checkNans" && key !== "device") known = new WeakMap();
});

/** The shortest of a few runs, in seconds, by the clock of the device where it has one. */
function shortest(device: Device, runs: number, run: () => void): number {
  const took = (): number => {
    if (device.time !== undefined) return device.time(run);
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  took();
  let best = Infinity;
  for (let i = 0; i < runs; i++) best = Math.min(best, took());
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
    const queued = device.time !== undefined;
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
    const seconds = shortest(device, 3, run);
    for (const s of matrices) {
      heap.unpin(s);
      heap.dispose(s);
    }
    if (n >= (queued ? LARGEST_QUEUED : LARGEST) || seconds > 0.005) return 2 * n ** 3 / seconds;
  }
}

/** Rate of a copy in the memory of a device that works beside the program. */
function copyRate(device: Device): number {
  const { heap } = device;
  const [from, to] = [heap.reserve(COPY), heap.reserve(COPY)];
  const [a, b] = [heap.pin(from), heap.pin(to)];
  heap.writeAt(a, new Uint8Array(COPY).fill(1));
  try {
    return 2 * COPY / shortest(device, 3, () => heap.copy(a, b, COPY));
  } finally {
    for (const s of [from, to]) {
      heap.unpin(s);
      heap.dispose(s);
    }
  }
}

/** Rate of a copy in ordinary memory. */
function hostCopyRate(device: Device): number {
  const [from, to] = [new Uint8Array(COPY).fill(1), new Uint8Array(COPY)];
  return 2 * COPY / shortest(device, 3, () => to.set(from));
}

/** The peak of a device: measured on first use, and again after settings have changed. */
export function peakOf(device: Device): MachinePeak {
  let peak = known.get(device);
  if (peak === undefined) {
    const bytes = device.time === undefined ? hostCopyRate(device) : copyRate(device);
    known.set(device, peak = { flops: productRate(device), bytes });
  }
  return peak;
}
