/**
 * Printed steps on the stand-in, which runs CUDA C on the CPU and checks every access, beside what
 * the reference makes of the same steps.
 * @module
 */
import { type DType, DTYPES, isFloat, type Values } from "../../../../src/base/dtype.ts";
import type { DeviceStep } from "../../../../src/compile/plan.ts";
import {
  type Limits,
  PRELUDE,
  type Printed,
  printStep,
} from "../../../../src/device/cuda/print/mod.ts";
import { createReference } from "../../../../src/device/reference/mod.ts";
import { ownStandIn, standInProblem } from "../../../standins/cuda/build.ts";
import { openStandIn } from "../../../standins/cuda/control.ts";
import { Machine } from "../../../standins/cuda/machine.ts";

/** A small device, so that what is done for large arrays is done for small ones here. */
export const SMALL: Limits = { multiprocessors: 2, threadsPerBlock: 1024, sharedPerBlock: 49152 };

/** A step, and what its arguments hold before it runs. */
export interface StepCase {
  readonly name: string;
  readonly step: DeviceStep;
  readonly data: readonly Values[];
  /** How far results of floats may be off, of the largest number there; 0 for not at all. */
  readonly tolerance?: number;
  /** How far they may be off in units in the last place. */
  readonly ulps?: number;
}

/** The path of the stand-in for a test file, or null after a warning. */
export async function standInPath(): Promise<string | null> {
  const path = await ownStandIn();
  if (path === null) console.warn(`${standInProblem()}: printed kernels are not run`);
  return path;
}

type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf = (v: Values): Bytes =>
  new Uint8Array(v.buffer as ArrayBuffer, v.byteOffset, v.byteLength);

/** Printed steps as one program on a stand-in. */
export class Bench {
  readonly #machine: Machine;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.#machine = new Machine({ cuda: path, nvrtc: path, cublas: path });
  }

  /** Runs cases in three orders of threads; returns what is wrong, a text for each. */
  check(cases: readonly StepCase[], limits: Limits = SMALL): string[] {
    const printed = cases.map((c, i) => printStep(c.step, `k${i}`, limits));
    const source = PRELUDE + printed.map((p) => p.source).join("\n");
    const loaded = this.#machine.compile(source, "printed.cu", ["-default-device"]);
    const wrong: string[] = [];
    const standIn = openStandIn(this.#path);
    try {
      for (const order of [0, -1, 7]) {
        standIn.order(order);
        cases.forEach((c, i) => {
          let problem: string | null;
          try {
            problem = differing(c, this.#run(c, printed[i]!, loaded.kernel));
          } catch (error) {
            problem = `${(error as Error).message}: ${standIn.report()}`;
            standIn.revive();
          }
          if (problem !== null) {
            wrong.push(`${c.name}, order ${order}: ${problem}`);
          }
        });
      }
    } finally {
      standIn.order(0);
      loaded.unload();
    }
    return wrong;
  }

  #run(c: StepCase, printed: Printed, kernel: (symbol: string) => bigint): Values[] {
    const machine = this.#machine;
    const { driver } = machine;
    const slots = argsOf(c.step);
    const arrays = c.data.map((v) => machine.allocate(Math.max(1, v.byteLength)));
    const temps = printed.temps.map((bytes) => machine.allocate(bytes));
    c.data.forEach((v, i) => driver.cuMemcpyHtoD_v2(arrays[i]!, bytesOf(v), BigInt(v.byteLength)));
    try {
      for (const l of printed.launches) {
        const args = l.args.map((a) =>
          a.kind === "slot" ? arrays[slots[a.index]!]! : temps[a.index]!
        );
        machine.launch(kernel(l.symbol), l.grid, l.block, args, l.shared);
      }
      machine.synchronize();
      return c.data.map((v, i) => {
        const out = v.slice();
        driver.cuMemcpyDtoH_v2(bytesOf(out), arrays[i]!, BigInt(v.byteLength));
        return out;
      });
    } finally {
      machine.free(...arrays, ...temps);
    }
  }
}

function argsOf(step: DeviceStep): readonly number[] {
  return step.args;
}

/** What the reference makes of a case. */
function wanted({ step, data }: StepCase): Values[] {
  const device = createReference();
  const storages = data.map((v) => device.heap.fromBytes(bytesOf(v)));
  const slots = Float64Array.from(storages, (s) => device.heap.pin(s));
  device.link(step, slots)();
  return storages.map((s, i) => {
    const out = data[i]!.slice();
    bytesOf(out).set(device.heap.read(s).subarray(0, out.byteLength));
    return out;
  });
}

const words = new DataView(new ArrayBuffer(8));

/** The number of a float in the order of all floats of its type. */
function rank(x: number, dtype: DType): bigint {
  const single = dtype === "float32";
  if (single) words.setFloat32(0, x);
  else words.setFloat64(0, x);
  const bits = single ? BigInt(words.getInt32(0)) : words.getBigInt64(0);
  return bits < 0n ? -(bits & (single ? 0x7fffffffn : 0x7fffffffffffffffn)) : bits;
}

function typeOf(v: Values): DType {
  return v instanceof Float32Array ? "float32" : v instanceof Float64Array ? "float64" : "int32";
}

function differing(c: StepCase, got: readonly Values[]): string | null {
  const want = wanted(c);
  for (let arg = 0; arg < got.length; arg++) {
    const [g, w] = [got[arg]!, want[arg]!];
    const dtype = typeOf(g);
    let largest = 1;
    if (c.tolerance !== undefined) {
      for (const x of w) if (Math.abs(x) < Infinity) largest = Math.max(largest, Math.abs(x));
    }
    const slack = !isFloat(dtype) ? 0 : (c.tolerance ?? 0) * largest *
      (dtype === "float32" ? 1 : DTYPES.float32.bytes / 2 ** 24);
    for (let i = 0; i < g.length; i++) {
      const [x, y] = [g[i]!, w[i]!];
      if (Object.is(x, y) || (x !== x && y !== y) || Math.abs(x - y) <= slack) continue;
      if (c.ulps !== undefined && isFloat(dtype)) {
        const apart = rank(x, dtype) - rank(y, dtype);
        if (-c.ulps <= apart && apart <= c.ulps) continue;
      }
      return `argument ${arg} element ${i}: got ${x}, want ${y}`;
    }
  }
  return null;
}
