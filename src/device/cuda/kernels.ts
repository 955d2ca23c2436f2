/**
 * Steps of plans as launches: what is printed for a step is compiled once, together with the other
 * steps of the plan that it is first seen in, and shared by every plan that has an equal one.
 *
 * @module
 */
import { type DeviceStep, innerPlans, type Plan } from "../../compile/plan.ts";
import { stepName } from "../../compile/print_plan.ts";
import type { Slots } from "../device.ts";
import type { Heap } from "../heap.ts";
import { ArgumentBlock } from "./arguments.ts";
import type { Compiler, Module } from "./compiler.ts";
import type { Gpu } from "./driver.ts";
import { aligned, Lasting } from "./lasting.ts";
import { type Launch, PRELUDE, type Printed, printStep, textKey } from "./print/mod.ts";
import { printProduct } from "./product_kernel.ts";

/** Compiled steps kept; the least recently made half goes when there are more. */
const KEEP = 1024;

/** A launch whose function is known. */
interface Ready {
  readonly launch: Launch;
  readonly kernel: bigint;
  /** For messages. */
  readonly name: string;
}

/** What runs for one step. */
interface Compiled {
  readonly launches: readonly Ready[];
  /** Where each temp lies in the memory for temps, and how many bytes all of them need. */
  readonly temps: readonly number[];
  readonly tempBytes: number;
  /** Keeps the functions on the device. */
  readonly module: Module | null;
}

/** The kernels of one device. */
export class Kernels {
  readonly #gpu: Gpu;
  readonly #compiler: Compiler;
  readonly #arguments = new ArgumentBlock();
  readonly #made = new Map<string, Compiled>();
  readonly #most: number;
  /** Memory that steps use one after the other. */
  readonly temps: Lasting;

  /** The kernels of `gpu`, of which at most so many are kept, or as many as one plan has. */
  constructor(gpu: Gpu, compiler: Compiler, heap: Heap, most: number = KEEP) {
    this.#gpu = gpu;
    this.#most = most;
    this.#compiler = compiler;
    this.temps = new Lasting(heap);
  }

  /** Compiles what a plan and those within it need, as one program; `isKernel` says which steps do. */
  prepare(plan: Plan, isKernel: (step: DeviceStep) => boolean): void {
    const missing = new Map<string, DeviceStep>();
    const wanted = new Set<string>();
    const visit = ({ steps }: Plan): void => {
      for (const step of steps) {
        for (const inner of innerPlans(step)) visit(inner.plan);
        if (step.kind === "host" || step.kind === "control" || !isKernel(step)) continue;
        const key = textKey(step);
        wanted.add(key);
        if (!this.#made.has(key)) missing.set(key, step);
      }
    };
    visit(plan);
    this.#compile(missing);
    this.#drop(wanted);
  }

  /** A closure that launches a step at the addresses then in `slots`. */
  link(step: DeviceStep, slots: Slots): () => void {
    const key = textKey(step);
    if (!this.#made.has(key)) {
      this.#compile(new Map([[key, step]]));
      this.#drop(new Set([key]));
    }
    const compiled = this.#made.get(key)!;
    const { args } = step;
    const ready = compiled.launches.map(({ launch, kernel, name }) => ({
      kernel,
      name,
      launch,
      // a slot, or the offset of a temp as a negative number less one
      from: Float64Array.from(
        launch.args,
        (a) => a.kind === "slot" ? args[a.index]! : -1 - compiled.temps[a.index]!,
      ),
    }));
    for (const { from } of ready) this.#arguments.reserve(from.length);
    this.temps.reserve(compiled.tempBytes);
    const gpu = this.#gpu;
    return () => {
      gpu.use();
      for (let i = 0; i < ready.length; i++) {
        const { kernel, name, launch, from } = ready[i]!;
        const block = this.#arguments;
        for (let j = 0; j < from.length; j++) {
          const at = from[j]!;
          block.set(j, at >= 0 ? slots[at]! : this.temps.address - 1 - at);
        }
        this.#launch(kernel, name, launch);
      }
      // the functions live as long as what calls them
      void compiled.module;
    };
  }

  #launch(kernel: bigint, name: string, { grid, block, shared }: Launch): void {
    const gpu = this.#gpu;
    const code = gpu.driver.launch(
      kernel,
      grid[0],
      grid[1],
      grid[2],
      block[0],
      block[1],
      block[2],
      shared,
      gpu.stream,
      this.#arguments.parameters,
    );
    if (code !== 0) {
      const sizes = `grid ${grid.join("x")}, block ${block.join("x")}, ${shared} bytes shared`;
      throw gpu.fault(code, "cuLaunchKernel", `launch ${name} (${sizes})`);
    }
    gpu.launched(name);
  }

  /** Compiles a text of the device's own, with one kernel. */
  program(source: string, name: string, symbol: string): Module {
    return this.#compiler.load(source, name, [symbol]);
  }

  /** Launches a kernel of such a text. */
  run(kernel: bigint, name: string, launch: Launch, addresses: readonly number[]): void {
    this.#arguments.reserve(addresses.length);
    addresses.forEach((address, i) => this.#arguments.set(i, address));
    this.#launch(kernel, name, launch);
  }

  #compile(steps: ReadonlyMap<string, DeviceStep>): void {
    if (steps.size === 0) return;
    const { multiprocessors, threadsPerBlock, sharedPerBlock } = this.#gpu.traits;
    const limits = { multiprocessors, threadsPerBlock, sharedPerBlock };
    const printed = Array.from(steps, ([key, step], i): [string, string, Printed] => {
      const isProduct = step.kind === "call" && step.call.name === "gemm";
      const text = isProduct ? printProduct(step.call, `k${i}`) : printStep(step, `k${i}`, limits);
      return [key, stepName(step), text];
    });
    const texts = printed.map(([, , { source }]) => source).filter((source) => source !== "");
    const names = printed.map(([, name]) => name);
    const title = names.length > 3 ? `${names.slice(0, 3).join(", ")}, ...` : names.join(", ");
    const module = texts.length === 0 ? null : this.#compiler.load(
      [PRELUDE, ...texts].join("\n"),
      `kernels of ${title}`,
      printed.flatMap(([, , { launches }]) => launches.map(({ symbol }) => symbol)),
    );
    for (const [key, name, { launches, temps }] of printed) {
      let tempBytes = 0;
      const offsets = temps.map((bytes) => {
        const at = tempBytes;
        tempBytes += aligned(bytes);
        return at;
      });
      this.#made.set(key, {
        launches: launches.map((launch) => {
          // a module without launches is none
          return {
            launch,
            kernel: module!.kernel(launch.symbol),
            name: `${name} ${launch.symbol}`,
          };
        }),
        temps: offsets,
        tempBytes,
        module,
      });
    }
  }

  /** Gives up the oldest half of too many, but none that is wanted. */
  #drop(wanted: ReadonlySet<string>): void {
    if (this.#made.size <= this.#most) return;
    for (const old of this.#made.keys()) {
      if (this.#made.size <= this.#most / 2) return;
      if (!wanted.has(old)) this.#made.delete(old);
    }
  }
}
