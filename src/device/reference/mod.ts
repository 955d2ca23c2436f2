/**
 * The reference device: plain loops straight from the scalar table. The oracle of the tests; nothing
 * else uses it.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../../base/dtype.ts";
import { type Call, type DeviceStep, membersOf } from "../../compile/plan.ts";
import type { Device, DeviceInfo, Slots } from "../device.ts";
import { Heap, wasmRegion } from "../heap.ts";
import { runKernel } from "./kernel.ts";

const MAXIMUM_PAGES = 16384;

type CallOf<N extends Call["name"]> = Extract<Call, { name: N }>;

class Reference implements Device {
  readonly name: string;
  readonly heap: Heap;
  readonly #memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES });

  constructor(name: string) {
    this.name = name;
    this.heap = new Heap(wasmRegion(this.#memory, MAXIMUM_PAGES));
  }

  #array(dtype: DType, address: number, length: number): Values {
    return new DTYPES[dtype].array(this.#memory.buffer, address, length);
  }

  #gemm(call: CallOf<"gemm">, x: number, y: number, z: number): void {
    const { dtype, ta, tb, m, n, k, batch, beta } = call;
    const a = this.#array(dtype, x, batch * m * k);
    const b = this.#array(dtype, y, batch * k * n);
    const c = this.#array(dtype, z, batch * m * n);
    for (let t = 0; t < batch; t++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = beta === 1 ? c[(t * m + i) * n + j]! : 0;
          for (let q = 0; q < k; q++) {
            sum += a[t * m * k + (ta ? q * m + i : i * k + q)]! *
              b[t * k * n + (tb ? j * k + q : q * n + j)]!;
          }
          c[(t * m + i) * n + j] = sum;
        }
      }
    }
  }

  #sort(call: CallOf<"sort">, x: number, v: number, ix: number): void {
    const { dtype, outer, size, inner } = call;
    const total = outer * size * inner;
    const source = this.#array(dtype, x, total);
    const values = this.#array(dtype, v, total);
    const indices = this.#array("int32", ix, total);
    const rank = (e: number) => e !== e ? 1 : 0;
    for (let o = 0; o < outer; o++) {
      for (let r = 0; r < inner; r++) {
        const at = (i: number) => (o * size + i) * inner + r;
        const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => {
          const [p, q] = [source[at(i)]!, source[at(j)]!];
          return rank(p) - rank(q) || (p < q ? -1 : p > q ? 1 : 0) || i - j;
        });
        order.forEach((from, to) => {
          values[at(to)] = source[at(from)]!;
          indices[at(to)] = from;
        });
      }
    }
  }

  link(step: DeviceStep, slots: Slots): () => void {
    const address = () => step.args.map((i) => slots[i]!);
    if (step.kind === "kernel") return () => runKernel(step.kernel, this.#memory.buffer, address());
    if (step.kind === "group") {
      const runs = membersOf(step).map((m) => this.link(m, slots));
      return () => runs.forEach((run) => run());
    }
    const call = step.call;
    return () => {
      const [a, b, c] = address() as [number, number, number];
      if (call.name === "gemm") this.#gemm(call, a, b, c);
      else this.#sort(call, a, b, c);
    };
  }

  describe(): DeviceInfo {
    return {
      device: this.name,
      blas: "plain loops",
      path: null,
      version: "",
      coreType: "",
      threads: 1,
      reason: "The oracle of the tests",
    };
  }

  reconfigure(): void {}
}

/** Makes a reference device; several at a time have names of their own. */
export function createReference(name = "reference"): Device {
  return new Reference(name);
}
