/**
 * CUDA C to functions on the device: one program at a time, from the cache where it has been compiled
 * before, for the very architecture where the compiler knows it.
 *
 * @module
 */
import {
  addressOf,
  architectureFor,
  capabilityText,
  type Compiled,
  compileProgram,
  NativeLibraryError,
  type Nvrtc,
} from "../../../ffi/mod.ts";
import { flag } from "../../base/flags.ts";
import type { CubinCache } from "./cubin_cache.ts";
import type { Gpu } from "./driver.ts";
import { CudaError, isUnloadable } from "./errors.ts";
import { PRELUDE } from "./print/mod.ts";

const ERROR_LOG = 5;
const ERROR_LOG_BYTES = 6;

/** Prints what is compiled, for those who asked. */
function tell(text: () => string): void {
  if (flag("debug") >= 4) console.error(`glissade: ${text()}`);
}

const unused = new FinalizationRegistry<() => void>((unload) => unload());

function unload(gpu: Gpu, handle: bigint): void {
  if (gpu.isDead) return;
  try {
    gpu.use();
    // what was launched before may still want to run
    gpu.wait();
    gpu.driver.symbols.cuModuleUnload(handle);
  } catch {
    // nobody asked for this; the next use of the device tells
  }
}

/** Functions of one program on the device; they go when nobody can call them any more. */
export class Module {
  readonly #kernels = new Map<string, bigint>();

  /** Takes over a loaded module; it is unloaded when a function is not in it. */
  constructor(gpu: Gpu, handle: bigint, symbols: readonly string[]) {
    const out = new BigUint64Array(1);
    try {
      for (const symbol of symbols) {
        const name = new TextEncoder().encode(`${symbol}\0`);
        gpu.insist(
          "cuModuleGetFunction",
          `find kernel ${symbol}`,
          () => gpu.driver.symbols.cuModuleGetFunction(out, handle, name),
        );
        this.#kernels.set(symbol, out[0]!);
      }
    } catch (e) {
      unload(gpu, handle);
      throw e;
    }
    unused.register(this, () => unload(gpu, handle));
  }

  /** The handle of one of its kernels. */
  kernel(symbol: string): bigint {
    return this.#kernels.get(symbol)!;
  }
}

/** Compiles for one device. */
export class Compiler {
  readonly #gpu: Gpu;
  readonly #nvrtc: Nvrtc;
  readonly #architecture: string;
  cache: CubinCache;

  constructor(gpu: Gpu, nvrtc: Nvrtc, cache: CubinCache) {
    this.#gpu = gpu;
    this.#nvrtc = nvrtc;
    this.cache = cache;
    const { capability } = gpu.traits;
    const architecture = architectureFor(nvrtc.archs, capability);
    if (architecture === null) {
      throw new NativeLibraryError(
        `Cannot compile for ${gpu.name}: NVRTC ${nvrtc.version} knows nothing as old as compute ` +
          `capability ${capabilityText(capability)}: install NVRTC of CUDA 12`,
      );
    }
    this.#architecture = architecture;
  }

  /** The compiler and what it compiles for, in words. */
  get description(): string {
    const { version, path } = this.#nvrtc;
    return `NVRTC ${version} at ${path}, for ${this.#architecture}`;
  }

  /** Compiles a program and loads its kernels `symbols`; `name` is what messages call it. */
  load(source: string, name: string, symbols: readonly string[]): Module {
    const options = [`--gpu-architecture=${this.#architecture}`, "-default-device"];
    const key = this.cache.key([this.#nvrtc.version, ...options, source]);
    const kept = this.cache.get(key);
    if (kept !== null) {
      try {
        const module = this.#module(kept, symbols);
        tell(() => `${name} is in the cache of compiled kernels`);
        return module;
      } catch (e) {
        // made elsewhere, for a driver that is gone
        if (!isUnloadable(e)) throw e;
        this.cache.delete(key);
      }
    }
    const started = performance.now();
    const made = this.#compile(source, name, options);
    const took = performance.now() - started;
    const log = made.log.trim();
    tell(() =>
      `NVRTC compiled ${name} in ${took.toFixed(1)} ms\n${source.replace(PRELUDE, "")}` +
      (log === "" ? "" : `\n${log}`)
    );
    const image = made.cubin ?? made.ptx!;
    let module: Module;
    try {
      module = this.#module(image, symbols);
    } catch (e) {
      if (!isUnloadable(e) || made.cubin === null || made.ptx === null) throw e;
      tell(() => `the machine code of ${name} does not load: ${(e as Error).message}`);
      return this.#module(made.ptx, symbols);
    }
    this.cache.set(key, image);
    return module;
  }

  #compile(source: string, name: string, options: readonly string[]): Compiled {
    const made = compileProgram(this.#nvrtc, { source, name, options });
    if (made.code === 0 && (made.cubin !== null || made.ptx !== null)) return made;
    tell(() => `NVRTC refused ${name}\n${source}`);
    const log = made.log.trim();
    throw new CudaError(
      "nvrtcCompileProgram",
      made.code,
      `Cannot compile ${name} for ${this.#gpu.name}: NVRTC says ${made.message} (${made.code})` +
        `${log === "" ? "" : `\n${log}\n`}: ` +
        "please report it with the output of GLISSADE_DEBUG=4",
    );
  }

  #module(image: Uint8Array<ArrayBuffer>, symbols: readonly string[]): Module {
    const gpu = this.#gpu;
    gpu.use();
    const out = new BigUint64Array(1);
    const log = new Uint8Array(8192);
    const keys = Int32Array.of(ERROR_LOG, ERROR_LOG_BYTES);
    const values = BigUint64Array.of(addressOf(log), BigInt(log.length));
    const { driver } = gpu;
    try {
      gpu.insist(
        "cuModuleLoadDataEx",
        "load compiled kernels",
        () => driver.symbols.cuModuleLoadDataEx(out, image, keys.length, keys, values),
      );
    } catch (e) {
      const text = new TextDecoder().decode(log).replace(/\0[^]*$/, "").trim();
      if (text !== "") tell(() => `the driver says: ${text}`);
      throw e;
    }
    return new Module(gpu, out[0]!, symbols);
  }
}
