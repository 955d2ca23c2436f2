/**
 * Launch: one kernel function of CUDA, how it is started, and the memory that it is handed.
 *
 * @module
 */
import type { DType } from "../../../base/dtype.ts";
import { parameter } from "./text.ts";

/** What a launch passes for a parameter; all parameters are pointers. */
export type Arg =
  /** The address in an argument of the step. */
  | { readonly kind: "slot"; readonly index: number }
  /** The address of memory that holds for the step alone. */
  | { readonly kind: "temp"; readonly index: number };

/** Three sizes: x, y, z. */
export type Extent = readonly [x: number, y: number, z: number];

/** A kernel function, and how it is started. */
export interface Launch {
  readonly symbol: string;
  /** Blocks. */
  readonly grid: Extent;
  /** Threads of a block. */
  readonly block: Extent;
  /** Bytes of shared memory that the text leaves open; always 0, sizes are in the text. */
  readonly shared: number;
  readonly args: readonly Arg[];
}

/** What a device has to offer, as far as it decides how kernels are divided. */
export interface Limits {
  readonly multiprocessors: number;
  readonly threadsPerBlock: number;
  readonly sharedPerBlock: number;
}

/** A step as text and launches, which run one after the other. */
export interface Printed {
  readonly source: string;
  readonly launches: readonly Launch[];
  /** Bytes of each temp. Nothing is expected in them, and nothing kept. */
  readonly temps: readonly number[];
}

/** One array of a step. */
export interface StepArg {
  readonly dtype: DType;
  readonly writes: boolean;
}

/** Collects what is printed for one step. */
export class Sheet {
  readonly limits: Limits;
  readonly #prefix: string;
  readonly #args: readonly StepArg[];
  readonly #texts: string[] = [];
  readonly #launches: Launch[] = [];
  readonly #temps: { readonly type: string; readonly bytes: number }[] = [];

  constructor(prefix: string, args: readonly StepArg[], limits: Limits) {
    this.#prefix = prefix;
    this.#args = args;
    this.limits = limits;
  }

  /** Memory for `count` elements of a C type; returns its name. */
  temp(type: string, count: number): string {
    const bytes = count * (type === "double" || type.endsWith("long long") ? 8 : 4);
    this.#temps.push({ type, bytes: Math.max(bytes, 8) });
    return `t${this.#temps.length - 1}`;
  }

  /**
   * A kernel function and its launch. Arrays that the text names (a0, a1, ... and t0, t1, ...)
   * become its parameters.
   */
  launch(comment: string, grid: Extent, block: Extent, body: { toString(): string }): void {
    const text = body.toString();
    const symbol = `${this.#prefix}_${this.#launches.length}`;
    const named = (letter: string, n: number): number[] =>
      Array.from({ length: n }, (_, i) => i).filter((i) =>
        new RegExp(`\\b${letter}${i}\\b`).test(text)
      );
    const slots = named("a", this.#args.length);
    const temps = named("t", this.#temps.length);
    const parameters = [
      ...slots.map((i) => parameter(`a${i}`, this.#args[i]!.dtype, this.#args[i]!.writes)),
      ...temps.map((i) => `${this.#temps[i]!.type}* t${i}`),
    ];
    const threads = block[0] * block[1] * block[2];
    this.#texts.push(
      `// ${comment.replaceAll(/[^ -~]|\\/g, "?")}\n` +
        `extern "C" __global__ void __launch_bounds__(${threads}) ${symbol}(` +
        `${parameters.join(", ")}) {\n` +
        text.replaceAll(/^(?=.)/gm, "  ") + "}\n",
    );
    this.#launches.push({
      symbol,
      grid,
      block,
      shared: 0,
      args: [
        ...slots.map((index): Arg => ({ kind: "slot", index })),
        ...temps.map((index): Arg => ({ kind: "temp", index })),
      ],
    });
  }

  printed(): Printed {
    return {
      source: this.#texts.join("\n"),
      launches: this.#launches,
      temps: this.#temps.map((t) => t.bytes),
    };
  }
}

/** Threads of a block where nothing speaks for another number. */
export const THREADS = 256;

/** The type in which rows and points are counted. */
export const counterType = (wide: boolean): string => wide ? "unsigned long long" : "unsigned int";

/** The head of a loop over the points p, which all threads of a grid share. */
export function loopHead(points: number, wide: boolean, perBlock: number = THREADS): string {
  return `for (${counterType(wide)} p = blockIdx.x * ${perBlock}u + threadIdx.x; ` +
    `p < ${points}u; p += gridDim.x * ${perBlock}u)`;
}

/** Most blocks of a loop over more points than threads: enough to fill a device, few enough to count. */
export function blocksFor(points: number, perBlock: number, limits: Limits): number {
  return Math.max(1, Math.min(Math.ceil(points / perBlock), 32 * limits.multiprocessors));
}
