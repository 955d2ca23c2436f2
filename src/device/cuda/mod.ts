/**
 * An NVIDIA GPU: the plans that a CPU runs, unchanged. Kernels are printed as CUDA C and compiled by
 * NVRTC, products are cuBLAS', and a call that comes again is started as one graph.
 *
 * @module
 */
import {
  capabilityText,
  type Driver,
  NativeLibraryError,
  openDriver,
  openNvrtc,
  readDevice,
} from "../../../ffi/mod.ts";
import { flag } from "../../base/flags.ts";
import type { DeviceStep, Plan } from "../../compile/plan.ts";
import type { Device, DeviceInfo, Replay, Slots } from "../device.ts";
import { Heap } from "../heap.ts";
import { Compiler } from "./compiler.ts";
import { CubinCache } from "./cubin_cache.ts";
import { Gpu, traitsOf } from "./driver.ts";
import { Replays } from "./graph.ts";
import { Kernels } from "./kernels.ts";
import { Products, type ProductSettings } from "./products.ts";
import { CudaRegion } from "./region.ts";
import { Stopwatch } from "./stopwatch.ts";

export type { Traits } from "./driver.ts";

/** How a GPU is taken into use; what is left out follows the settings. */
export interface CudaOptions {
  /** Its number among those that the driver shows. */
  readonly ordinal?: number;
  /** Path of the driver, of NVRTC, of cuBLAS; null for the usual places. */
  readonly cuda?: string | null;
  readonly nvrtc?: string | null;
  readonly cublas?: string | null;
  /** The folder that keeps compiled kernels; null for the user's cache folder, "" for none. */
  readonly cubinCache?: string | null;
  /** Whether to wait for each launch, so that the right kernel is blamed. */
  readonly sync?: boolean;
}

/** Polls of a wait beside the program that follow one another at once. */
const EAGER_POLLS = 200;
/** How long the end of the program waits for work in flight, in milliseconds. */
const DRAIN = 1000;

class Cuda implements Device {
  readonly name: string;
  readonly heap: Heap;
  readonly #options: CudaOptions;
  readonly #gpu: Gpu;
  readonly #compiler: Compiler;
  readonly #kernels: Kernels;
  readonly #products: Products;
  readonly #replays: Replays;
  readonly #stopwatch: Stopwatch;
  #cacheFolder: string | null;

  constructor(gpu: Gpu, compiler: Compiler, options: CudaOptions) {
    this.name = gpu.name;
    this.#options = options;
    this.#gpu = gpu;
    this.#compiler = compiler;
    this.heap = new Heap(new CudaRegion(gpu));
    this.#kernels = new Kernels(gpu, compiler, this.heap);
    this.#products = new Products(gpu, this.#productSettings());
    this.#replays = new Replays(gpu, this.#kernels, this.heap);
    this.#stopwatch = new Stopwatch(gpu);
    this.#cacheFolder = folderOf(options);
    gpu.waits = this.#waits();
  }

  #productSettings(): ProductSettings {
    const { cublas } = this.#options;
    return {
      path: cublas === undefined ? flag("cublas") : cublas,
      isBuiltin: flag("blas") === "builtin",
    };
  }

  #waits(): boolean {
    return this.#options.sync ?? flag("cudaSync");
  }

  prepare(plan: Plan): void {
    this.#kernels.prepare(plan, (step) => !this.#isLibrarys(step));
  }

  /** Whether cuBLAS runs a step; it is looked for when the first product is seen. */
  #isLibrarys(step: DeviceStep): boolean {
    return step.kind === "call" && step.call.name === "gemm" &&
      this.#products.search().value !== null;
  }

  link(step: DeviceStep, slots: Slots): () => void {
    if (step.kind !== "call" || step.call.name !== "gemm") return this.#kernels.link(step, slots);
    const library = this.#products.link(step.call, step.args, slots);
    let own: (() => void) | null = null;
    return () => {
      if (this.#products.search().value !== null) library();
      else (own ??= this.#kernels.link(step, slots))();
    };
  }

  replay(plan: Plan, steps: readonly (() => void)[], slots: Slots): Replay | null {
    return this.#replays.of(plan, steps, slots);
  }

  async ready(): Promise<void> {
    const gpu = this.#gpu;
    const event = gpu.event();
    try {
      gpu.call("cuEventRecord", event, gpu.stream);
      for (let polls = 0; !gpu.passed(event); polls++) {
        await (polls < EAGER_POLLS ? nextTurn() : new Promise<void>((go) => setTimeout(go, 1)));
        gpu.use();
      }
    } finally {
      gpu.driver.symbols.cuEventDestroy_v2(event);
    }
  }

  time(run: () => void): number {
    return this.#stopwatch.time(run);
  }

  describe(): DeviceInfo {
    const { traits, driver } = this.#gpu;
    const { value, reason } = this.#products.search();
    return {
      device: this.name,
      blas: value === null ? "builtin" : "cuBLAS",
      path: value?.path ?? null,
      version: value?.version ?? "CUDA C",
      coreType: `${traits.name}, compute capability ${capabilityText(traits.capability)}`,
      threads: traits.multiprocessors,
      reason:
        `${reason}; driver ${driver.version} at ${driver.path}; ${this.#compiler.description}`,
    };
  }

  reconfigure(): void {
    this.#products.settings = this.#productSettings();
    this.#gpu.waits = this.#waits();
    const folder = folderOf(this.#options);
    if (folder !== this.#cacheFolder) {
      this.#cacheFolder = folder;
      this.#compiler.cache = new CubinCache(folder);
    }
    // what was captured does as the settings said then
    this.#replays.renew();
  }
}

/** The folder of compiled kernels as the options say, or else the settings. */
function folderOf({ cubinCache }: CudaOptions): string | null {
  return cubinCache === undefined ? flag("cubinCache") : cubinCache;
}

/** The end of this turn of the event loop. */
function nextTurn(): Promise<void> {
  const { setImmediate: next } = globalThis as unknown as {
    setImmediate?: (go: () => void) => void;
  };
  return new Promise((go) => next === undefined ? setTimeout(go, 0) : next(go));
}

const inUse = new Set<Gpu>();

/** Has the end of the program wait a little for work in flight, which may not be torn off its memory. */
function drainAtEnd(gpu: Gpu): void {
  if (inUse.size === 0) {
    globalThis.addEventListener("unload", () => {
      const end = performance.now() + DRAIN;
      for (const one of inUse) drain(one, end);
    });
  }
  inUse.add(gpu);
}

function drain(gpu: Gpu, end: number): void {
  try {
    gpu.use();
    while (!gpu.idle() && performance.now() < end);
  } catch {
    // the program is over, and nobody is left to tell
  }
}

function requireDriver(path: string | null): Driver {
  const { value, attempts, reason } = openDriver({ path });
  if (value !== null) return value;
  throw new NativeLibraryError(
    `Cannot compute on a GPU: ${reason}: run doctor, or set GLISSADE_DEVICE to cpu`,
    attempts,
  );
}

/**
 * Takes a GPU into use.
 *
 * @throws {NativeLibraryError} when there is no driver, no GPU of that number, or no compiler for it;
 * it lists what was tried
 */
export function createCuda(options: CudaOptions = {}): Device {
  const { ordinal = 0 } = options;
  const driver = requireDriver(options.cuda === undefined ? flag("cuda") : options.cuda);
  if (!(ordinal >= 0 && ordinal < driver.deviceCount)) {
    throw new NativeLibraryError(
      `Cannot compute on cuda:${ordinal}: the driver shows ${driver.deviceCount} device` +
        `${driver.deviceCount === 1 ? "" : "s"}: choose one from cuda:0 to ` +
        `cuda:${driver.deviceCount - 1}`,
    );
  }
  const shown = readDevice(driver, ordinal);
  const traits = traitsOf(driver, shown);
  const { value: nvrtc, attempts, reason } = openNvrtc({
    path: options.nvrtc === undefined ? flag("nvrtc") : options.nvrtc,
    driver,
    capability: traits.capability,
  });
  if (nvrtc === null) {
    throw new NativeLibraryError(
      `Cannot compile kernels for ${traits.name}: ${reason}: run doctor, or set GLISSADE_DEVICE to cpu`,
      attempts,
    );
  }
  const gpu = new Gpu(driver, shown, traits);
  try {
    const cache = new CubinCache(folderOf(options));
    const device = new Cuda(gpu, new Compiler(gpu, nvrtc, cache), options);
    drainAtEnd(gpu);
    return device;
  } catch (e) {
    gpu.release();
    throw e;
  }
}
