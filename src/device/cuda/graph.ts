/**
 * Calls as graphs: what a plan launches is captured once for each set of addresses that comes again,
 * and then started as one. Where that cannot be, the launches follow one another as ever.
 *
 * @module
 */
import type { Plan } from "../../compile/plan.ts";
import { DTYPES } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Replay, Slots } from "../device.ts";
import type { Heap } from "../heap.ts";
import type { Gpu } from "./driver.ts";
import { CudaError } from "./errors.ts";
import type { Kernels } from "./kernels.ts";
import { aligned, Lasting } from "./lasting.ts";
import type { Module } from "./compiler.ts";
import { type Bank, Stage } from "./stage.ts";

/** Graphs of a program, and address vectors of calls of which none is captured. */
const GRAPHS = 4;
const SEEN = 4;
/** A graph that was not used for so many calls may be replaced. */
const PATIENCE = 64;
/** Fewer launches are as fast one by one. */
const WORTH = 3;
/** The largest input that is staged, and that share of the device's memory. */
const LARGEST_INPUT = 64 << 20;
const SHARE = 1 / 64;
/** The largest output that is computed at a fixed place and then copied, and all of a program. */
const LARGEST_OUTPUT = 16 << 10;
const ALL_OUTPUTS = 256 << 10;
/** Bytes of a row of the table: to, from, how many bytes. */
const ROW = 24;
const THREAD_LOCAL = 1;

/** The kernel that takes outputs of a graph from their fixed places to where they shall lie. */
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
  #deliver: { readonly module: Module; readonly kernel: bigint } | null = null;
  #told = false;

  constructor(gpu: Gpu, kernels: Kernels, heap: Heap) {
    this.#gpu = gpu;
    this.#kernels = kernels;
    this.#stage = new Stage(gpu, heap);
    this.#results = new Lasting(heap);
    gpu.onPressure(() => this.dropAll());
  }

  /** What runs a plan as one, or null where it is not worth it or cannot be. */
  of(plan: Plan, steps: readonly (() => void)[], slots: Slots): Replay | null {
    if (steps.length < WORTH) return null;
    if (plan.steps.some((s) => s.kind === "host" || s.kind === "control")) return null;
    const limit = Math.min(LARGEST_INPUT, this.#gpu.traits.memory * SHARE);
    const graphs: Graphs = [];
    const replay = new CudaReplay(
      {
        gpu: this.#gpu,
        stage: this.#stage,
        results: this.#results,
        replays: this,
        temps: this.#kernels.temps,
      },
      plan,
      steps,
      slots,
      graphs,
      limit,
    );
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

  /** Launches the kernel that takes outputs from their fixed places to where they shall lie. */
  deliver(table: number, count: number): void {
    this.#deliver ??= this.#loadDeliver();
    this.#kernels.run(this.#deliver.kernel, "delivery of outputs", {
      symbol: "deliver",
      grid: [count, 1, 1],
      block: [128, 1, 1],
      shared: 0,
      args: [{ kind: "slot", index: 0 }],
    }, [table]);
  }

  #loadDeliver(): { module: Module; kernel: bigint } {
    const name = "the kernel that delivers outputs";
    const module = this.#kernels.program(DELIVER, name, "deliver");
    return { module, kernel: module.kernel("deliver") };
  }

  /** Captures what `launch` launches; null where that failed, which is told once. */
  capture(launch: () => void): bigint | null {
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

  #broken(e: unknown): null {
    if (this.#gpu.isDead) throw e;
    if (!this.#told) {
      this.#told = true;
      const why = e instanceof CudaError ? e.message : String(e);
      console.warn(`glissade: a call could not be captured as a graph, and runs without: ${why}`);
    }
    return null;
  }
}

/** What all replays of a device share. */
interface Shared {
  readonly gpu: Gpu;
  readonly stage: Stage;
  /** Where small outputs are computed. */
  readonly results: Lasting;
  readonly temps: Lasting;
  readonly replays: Replays;
}

class CudaReplay implements Replay {
  readonly #shared: Shared;
  readonly #steps: readonly (() => void)[];
  readonly #slots: Slots;
  readonly #graphs: Graphs;
  /** The slot of each input, and whether the host's may be staged. */
  readonly #inputSlots: Int32Array;
  readonly #takes: readonly boolean[];
  /** Of each output its place among the results, or -1. */
  readonly #places: readonly number[];
  readonly #bytes: readonly number[];
  /** Row by row: the outputs that are delivered. */
  readonly #delivered: readonly number[];
  readonly #header: number;
  readonly #resultBytes: number;

  /** The call that is being prepared: where its bytes go, and how many there are. */
  #bank: Bank | null = null;
  #host: Uint8Array<ArrayBuffer> | null = null;
  #top = 0;
  readonly #given: { readonly input: number; readonly offset: number }[] = [];
  readonly #targets: Float64Array;
  #isLarge = false;

  readonly #key: Float64Array;
  readonly #seen: Float64Array[] = [];
  #seenAt = 0;
  #calls = 0;
  #broken = false;

  constructor(
    shared: Shared,
    plan: Plan,
    steps: readonly (() => void)[],
    slots: Slots,
    graphs: Graphs,
    limit: number,
  ) {
    this.#shared = shared;
    this.#steps = steps;
    this.#slots = slots;
    this.#graphs = graphs;
    this.#inputSlots = new Int32Array(plan.inputs).fill(-1);
    const takes = new Array<boolean>(plan.inputs).fill(false);
    plan.slots.forEach((s, i) => {
      if (s.kind !== "input") return;
      this.#inputSlots[s.index] = i;
      const { shape, dtype } = plan.values[i]!;
      takes[s.index] = sizeOf(shape) * DTYPES[dtype].bytes <= limit;
    });
    this.#takes = takes;
    let top = 0;
    const delivered: number[] = [];
    this.#bytes = plan.outputs.map((o) => o.kind === "fresh" ? o.bytes : 0);
    this.#places = plan.outputs.map((o, k) => {
      if (o.kind !== "fresh" || o.bytes === 0 || o.bytes > LARGEST_OUTPUT) return -1;
      const at = top;
      if (at + o.bytes > ALL_OUTPUTS) return -1;
      top += aligned(o.bytes);
      delivered.push(k);
      return at;
    });
    this.#delivered = delivered;
    this.#resultBytes = top;
    this.#header = delivered.length === 0 ? 0 : aligned(delivered.length * ROW);
    this.#targets = new Float64Array(plan.outputs.length);
    this.#key = new Float64Array(slots.length + 3);
  }

  takes(index: number): boolean {
    return this.#takes[index]!;
  }

  gives(index: number): boolean {
    return this.#places[index]! >= 0;
  }

  input(index: number, bytes: Uint8Array): number {
    this.#shared.gpu.use();
    if (this.#bank === null) this.#begin();
    const offset = this.#top;
    const end = offset + aligned(bytes.length);
    if (this.#shared.stage.isFull(this.#bank!, end)) this.#move(end);
    this.#host!.set(bytes, offset);
    this.#top = end;
    this.#given.push({ input: index, offset });
    return this.#bank!.address + offset;
  }

  output(index: number, address: number): number {
    this.#shared.results.reserve(this.#resultBytes);
    this.#targets[index] = address;
    return this.#shared.results.address + this.#places[index]!;
  }

  run(): void {
    const { gpu, temps, results } = this.#shared;
    gpu.use();
    this.#calls++;
    if (this.#bank === null && this.#header > 0) this.#begin();
    const bank = this.#bank;
    try {
      if (bank !== null) {
        this.#writeTable();
        bank.send(this.#top);
      }
      this.#key.set(this.#slots);
      const n = this.#slots.length;
      this.#key[n] = bank?.address ?? 0;
      this.#key[n + 1] = temps.address;
      this.#key[n + 2] = results.address;
      this.#isLarge = this.#shared.stage.isLarge(this.#top);
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
      this.abandon();
    }
    bank?.finish();
  }

  abandon(): void {
    this.#given.length = 0;
    this.#bank = this.#host = null;
    this.#top = 0;
  }

  dispose(): void {
    this.#shared.replays.drop(this.#graphs);
  }

  /** Takes host memory for a call, as much as the call before had. */
  #begin(): void {
    this.#bank = this.#shared.stage.bankFor(this.#header, this.#isLarge);
    this.#host = this.#bank.host;
    this.#top = this.#header;
  }

  /** Goes on in a bank with more room, with what the call has brought so far. */
  #move(bytes: number): void {
    const { stage } = this.#shared;
    const soFar = this.#host!.slice(0, this.#top);
    const bank = stage.bankFor(bytes);
    this.#bank = bank;
    this.#isLarge = true;
    this.#host = bank.host;
    this.#host.set(soFar);
    for (const { input, offset } of this.#given) {
      this.#slots[this.#inputSlots[input]!] = bank.address + offset;
    }
  }

  #writeTable(): void {
    if (this.#header === 0) return;
    const table = new BigUint64Array(this.#host!.buffer, this.#host!.byteOffset);
    this.#delivered.forEach((k, row) => {
      table[3 * row] = BigInt(this.#targets[k]!);
      table[3 * row + 1] = BigInt(this.#shared.results.address + this.#places[k]!);
      table[3 * row + 2] = BigInt(this.#bytes[k]!);
    });
  }

  #launch(): void {
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) steps[i]!();
    if (this.#header > 0) {
      this.#shared.replays.deliver(this.#bank!.address, this.#delivered.length);
    }
  }

  /** The graph for the addresses of this call; null where there is none, and none is made now. */
  #graph(): Graph | null {
    const key = this.#key;
    for (const graph of this.#graphs) if (equal(graph.key, key)) return graph;
    if (this.#broken || !this.#seen.some((other) => equal(other, key))) return null;
    if (this.#graphs.length >= GRAPHS && !this.#makeRoom()) return null;
    const exec = this.#shared.replays.capture(() => this.#launch());
    if (exec === null) {
      this.#broken = true;
      return null;
    }
    const graph = { exec, key: key.slice(), used: this.#calls };
    this.#graphs.push(graph);
    return graph;
  }

  /** Remembers the addresses of a call that has run: what it wants beside them is there now. */
  #remember(): void {
    const key = this.#key;
    if (this.#broken || this.#seen.some((other) => equal(other, key))) return;
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
