/**
 * Calls as graphs: what a plan launches is captured once for each set of addresses that comes again,
 * and then started as one. Where that cannot be, the launches follow one another as ever.
 *
 * @module
 */
import type { Plan } from "../../compile/plan.ts";
import type { Replay, Slots } from "../device.ts";
import type { Heap } from "../heap.ts";
import type { Gpu } from "./driver.ts";
import { CudaError, isOfCapture } from "./errors.ts";
import { Delivery } from "./deliver.ts";
import type { Kernels } from "./kernels.ts";
import { Lasting } from "./lasting.ts";
import { Stage } from "./stage.ts";
import { StagedCall } from "./staged_call.ts";

/** Graphs of a program, and address vectors of calls of which none is captured. */
const GRAPHS = 4;
const SEEN = 4;
/** A graph that was not used for so many calls may be replaced; so long after a capture that failed
 * none is tried. */
const PATIENCE = 64;
/** Fewer launches are as fast one by one. */
const WORTH = 3;
const THREAD_LOCAL = 1;

/** A captured call. */
interface Graph {
  readonly exec: bigint;
  readonly key: Float64Array;
  /** The number of the call that used it last. */
  used: number;
}

/** The graphs of one program; a list of its own, so that it can be emptied when the program is gone. */
type Graphs = Graph[];

/** What makes replays, and what they share. */
export class Replays {
  readonly #gpu: Gpu;
  readonly #kernels: Kernels;
  readonly #stage: Stage;
  readonly #results: Lasting;
  readonly #all = new Set<Graphs>();
  readonly #gone = new FinalizationRegistry<Graphs>((graphs) => this.drop(graphs));
  readonly #delivery: Delivery;
  #told = false;
  /** Raised when the settings change, after which calls may need what they did not need before. */
  generation = 0;

  constructor(gpu: Gpu, kernels: Kernels, heap: Heap) {
    this.#gpu = gpu;
    this.#kernels = kernels;
    this.#stage = new Stage(gpu, heap);
    this.#delivery = new Delivery(kernels);
    this.#results = new Lasting(heap);
    gpu.onPressure(() => this.dropAll());
  }

  /** What runs a plan as one, or null where it is not worth it or cannot be. */
  of(plan: Plan, steps: readonly (() => void)[], slots: Slots): Replay | null {
    if (steps.length < WORTH) return null;
    if (plan.steps.some((s) => s.kind === "host" || s.kind === "control")) return null;
    const graphs: Graphs = [];
    const call = new StagedCall(this.#stage, this.#results, plan);
    const { temps } = this.#kernels;
    const shared = {
      gpu: this.#gpu,
      results: this.#results,
      temps,
      delivery: this.#delivery,
      replays: this,
    };
    const replay = new CudaReplay(shared, call, steps, slots, graphs);
    this.#all.add(graphs);
    this.#gone.register(replay, graphs);
    return replay;
  }

  /** Destroys all graphs, which are captured anew when their calls come again; false for none. */
  dropAll(): boolean {
    let any = false;
    for (const graphs of this.#all) {
      any ||= graphs.length > 0;
      this.#empty(graphs);
    }
    return any;
  }

  /** Destroys graphs whose program is gone. */
  drop(graphs: Graphs): void {
    this.#empty(graphs);
    this.#all.delete(graphs);
  }

  #empty(graphs: Graphs): void {
    for (const { exec } of graphs.splice(0)) {
      this.#gpu.driver.symbols.cuGraphExecDestroy(exec);
    }
  }

  /** Destroys all graphs, and has calls be run again before they are captured. */
  renew(): void {
    this.generation++;
    this.dropAll();
  }

  /**
   * Captures what `launch` launches. Where that failed, which is told once: whether it may succeed
   * another time, or never will.
   */
  capture(launch: () => void): bigint | "later" | "never" {
    const gpu = this.#gpu;
    const { symbols } = gpu.driver;
    const out = new BigUint64Array(1);
    let failure: unknown = null;
    let code = symbols.cuStreamBeginCapture_v2(gpu.stream, THREAD_LOCAL);
    if (code !== 0) return this.#broken(gpu.fault(code, "cuStreamBeginCapture_v2"));
    gpu.isCapturing = true;
    try {
      launch();
    } catch (e) {
      failure = e;
    } finally {
      code = symbols.cuStreamEndCapture(gpu.stream, out);
      gpu.isCapturing = false;
    }
    const graph = out[0]!;
    if (failure === null && code !== 0) failure = gpu.fault(code, "cuStreamEndCapture");
    if (failure !== null) {
      if (graph !== 0n) symbols.cuGraphDestroy(graph);
      return this.#broken(failure);
    }
    try {
      gpu.insist(
        "cuGraphInstantiateWithFlags",
        "make a graph",
        () => symbols.cuGraphInstantiateWithFlags(out, graph, 0n),
      );
      return out[0]!;
    } catch (e) {
      return this.#broken(e);
    } finally {
      symbols.cuGraphDestroy(graph);
    }
  }

  #broken(e: unknown): "later" | "never" {
    if (this.#gpu.isDead) throw e;
    if (!this.#told) {
      this.#told = true;
      const why = e instanceof CudaError ? e.message : String(e);
      console.warn(`glissade: a call could not be captured as a graph, and runs without: ${why}`);
    }
    return isOfCapture(e) ? "never" : "later";
  }
}

/** What all replays of a device share. */
interface Shared {
  readonly gpu: Gpu;
  /** Where small outputs are computed. */
  readonly results: Lasting;
  readonly temps: Lasting;
  readonly delivery: Delivery;
  readonly replays: Replays;
}

class CudaReplay implements Replay {
  readonly #shared: Shared;
  readonly #call: StagedCall;
  readonly #steps: readonly (() => void)[];
  readonly #slots: Slots;
  readonly #graphs: Graphs;

  readonly #key: Float64Array;
  readonly #seen: Float64Array[] = [];
  #seenAt = 0;
  #calls = 0;
  /** The call from which on another may be captured. */
  #captureFrom = 0;
  #generation: number;

  constructor(
    shared: Shared,
    call: StagedCall,
    steps: readonly (() => void)[],
    slots: Slots,
    graphs: Graphs,
  ) {
    this.#shared = shared;
    this.#call = call;
    this.#steps = steps;
    this.#slots = slots;
    this.#graphs = graphs;
    this.#key = new Float64Array(slots.length + 3);
    this.#generation = shared.replays.generation;
  }

  takes(index: number): boolean {
    return this.#call.takes(index);
  }

  gives(index: number): boolean {
    return this.#call.gives(index);
  }

  expect(index: number): void {
    this.#call.expect(index);
  }

  input(index: number, bytes: Uint8Array): number | null {
    this.#shared.gpu.use();
    return this.#call.input(index, bytes);
  }

  output(index: number, address: number): number {
    this.#shared.gpu.use();
    return this.#call.output(index, address);
  }

  run(): void {
    const { gpu, temps, results, replays } = this.#shared;
    gpu.use();
    this.#calls++;
    if (this.#generation !== replays.generation) this.#renew();
    const { bank } = this.#call;
    try {
      this.#call.send();
      this.#key.set(this.#slots);
      const n = this.#slots.length;
      this.#key[n] = this.#call.address;
      this.#key[n + 1] = temps.address;
      this.#key[n + 2] = results.address;
      const graph = gpu.waits ? null : this.#graph();
      if (graph === null) {
        this.#launch();
        this.#remember();
      } else {
        graph.used = this.#calls;
        gpu.check(gpu.driver.launchGraph(graph.exec, gpu.stream), "cuGraphLaunch");
        gpu.launched(`a graph of ${this.#steps.length} steps`);
      }
    } catch (e) {
      // what has failed first is what is told
      if (bank !== null && !gpu.isDead) attempt(() => bank.finish());
      throw e;
    } finally {
      this.#call.end();
    }
    bank?.finish();
  }

  abandon(): void {
    this.#call.end();
  }

  dispose(): void {
    this.#shared.replays.drop(this.#graphs);
  }

  /** Forgets what was learnt under other settings. */
  #renew(): void {
    this.#generation = this.#shared.replays.generation;
    this.#seen.length = 0;
    this.#captureFrom = 0;
  }

  #launch(): void {
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) steps[i]!();
    this.#call.deliver(this.#shared.delivery);
  }

  /** The graph for the addresses of this call; null where there is none, and none is made now. */
  #graph(): Graph | null {
    const key = this.#key;
    for (const graph of this.#graphs) if (equal(graph.key, key)) return graph;
    if (this.#calls < this.#captureFrom) return null;
    if (!this.#seen.some((other) => equal(other, key))) return null;
    if (this.#graphs.length >= GRAPHS && !this.#makeRoom()) return null;
    const exec = this.#shared.replays.capture(() => this.#launch());
    if (typeof exec === "string") {
      this.#captureFrom = exec === "never" ? Infinity : this.#calls + PATIENCE;
      return null;
    }
    const graph = { exec, key: key.slice(), used: this.#calls };
    this.#graphs.push(graph);
    return graph;
  }

  /** Remembers the addresses of a call that has run: what it wants beside them is there now. */
  #remember(): void {
    const key = this.#key;
    if (this.#captureFrom === Infinity || this.#seen.some((other) => equal(other, key))) return;
    if (this.#seen.length < SEEN) this.#seen.push(key.slice());
    else this.#seen[this.#seenAt++ % SEEN]!.set(key);
  }

  /** Gives up the graph that was not used for longest, if it was not used for long. */
  #makeRoom(): boolean {
    let oldest = 0;
    this.#graphs.forEach(({ used }, i) => {
      if (used < this.#graphs[oldest]!.used) oldest = i;
    });
    if (this.#calls - this.#graphs[oldest]!.used < PATIENCE) return false;
    const [gone] = this.#graphs.splice(oldest, 1);
    this.#shared.gpu.driver.symbols.cuGraphExecDestroy(gone!.exec);
    return true;
  }
}

function attempt(f: () => void): void {
  try {
    f();
  } catch {
    // the caller throws what came before
  }
}

function equal(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
