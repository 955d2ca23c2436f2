/**
 * The kernel that takes small outputs of a graph, which are computed at fixed places, to where they
 * shall lie: a table on the device says from where to where, so that the graph stays the same.
 *
 * @module
 */
import type { Module } from "./compiler.ts";
import type { Kernels } from "./kernels.ts";

/** Bytes of a row of the table: to, from, how many bytes. */
export const ROW = 24;

/** What it is compiled from. */
export const DELIVER = `extern "C" __global__ void deliver(const unsigned long long* table) {
  const unsigned long long* row = table + 3 * blockIdx.x;
  unsigned char* to = (unsigned char*)row[0];
  const unsigned char* from = (const unsigned char*)row[1];
  const unsigned int bytes = (unsigned int)row[2];
  const unsigned int words = bytes / 4;
  for (unsigned int i = threadIdx.x; i < words; i += blockDim.x) {
    ((unsigned int*)to)[i] = ((const unsigned int*)from)[i];
  }
  for (unsigned int i = 4 * words + threadIdx.x; i < bytes; i += blockDim.x) to[i] = from[i];
}
`;

/** The kernel on one device; it is compiled when it is first needed. */
export class Delivery {
  readonly #kernels: Kernels;
  #loaded: { readonly module: Module; readonly kernel: bigint } | null = null;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  /** Launches it for a table of so many rows. */
  launch(table: number, rows: number): void {
    this.#loaded ??= this.#load();
    this.#kernels.run(this.#loaded.kernel, "delivery of outputs", {
      symbol: "deliver",
      grid: [rows, 1, 1],
      block: [128, 1, 1],
      shared: 0,
      args: [{ kind: "slot", index: 0 }],
    }, [table]);
  }

  #load(): { module: Module; kernel: bigint } {
    const name = "the kernel that delivers outputs";
    const module = this.#kernels.program(DELIVER, name, "deliver");
    return { module, kernel: module.kernel("deliver") };
  }
}
