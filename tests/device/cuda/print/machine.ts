/**
 * A device to run printed steps on: the driver and the compiler of a library, here the stand-in that
 * runs CUDA C on the CPU and checks every access.
 * @module
 */
import {
  addressOf,
  compileProgram,
  type Driver,
  type Nvrtc,
  openDriver,
  openNvrtc,
} from "../../../../ffi/mod.ts";
import type { Values } from "../../../../src/base/dtype.ts";
import { type Limits, PRELUDE, type Printed } from "../../../../src/device/cuda/print/mod.ts";

/** A small device, so that what is done for large arrays is done for small ones here. */
export const SMALL: Limits = { multiprocessors: 2, threadsPerBlock: 1024, sharedPerBlock: 49152 };

/** Machine code, and the functions in it. */
export interface Module {
  function(symbol: string): bigint;
}

/** A driver and a compiler. */
export class Machine {
  readonly #driver: Driver;
  readonly #nvrtc: Nvrtc;
  readonly #out = new BigUint64Array(1);
  readonly #stream: bigint;

  constructor(path: string) {
    this.#driver = openDriver({ path }).value!;
    this.#nvrtc = openNvrtc({ path }).value!;
    const { symbols } = this.#driver;
    this.#check(symbols.cuDevicePrimaryCtxRetain(this.#out, 0));
    this.#check(symbols.cuCtxSetCurrent(this.#out[0]!));
    this.#check(symbols.cuStreamCreate(this.#out, 1));
    this.#stream = this.#out[0]!;
  }

  #check(code: number, context = ""): void {
    if (code !== 0) throw new Error(`${this.#driver.errorText(code)} ${context}`);
  }

  /** Compiles the texts of steps as one program. */
  load(sources: readonly string[]): Module {
    const { symbols } = this.#driver;
    const made = compileProgram(this.#nvrtc, {
      source: PRELUDE + sources.join("\n"),
      name: "printed.cu",
      options: ["--gpu-architecture=sm_80", "-default-device"],
    });
    if (made.cubin === null) throw new Error(made.log);
    this.#check(symbols.cuModuleLoadData(this.#out, made.cubin));
    const module = this.#out[0]!;
    return {
      function: (symbol) => {
        const name = new TextEncoder().encode(symbol + "\0");
        this.#check(symbols.cuModuleGetFunction(this.#out, module, name), symbol);
        return this.#out[0]!;
      },
    };
  }

  /** Runs a step on arrays, which are then as it leaves them. */
  run(module: Module, printed: Printed, data: readonly Values[]): void {
    const { symbols } = this.#driver;
    const taken: bigint[] = [];
    const memory = (bytes: number): bigint => {
      this.#check(symbols.cuMemAlloc_v2(this.#out, BigInt(Math.max(bytes, 1))));
      taken.push(this.#out[0]!);
      return this.#out[0]!;
    };
    const arrays = data.map((values) => {
      const address = memory(values.byteLength);
      this.#check(symbols.cuMemcpyHtoD_v2(address, bytesOf(values), BigInt(values.byteLength)));
      return address;
    });
    const temps = printed.temps.map(memory);
    for (const l of printed.launches) {
      const values = BigUint64Array.from(
        l.args.map((a) => a.kind === "slot" ? arrays[a.index]! : temps[a.index]!),
      );
      const base = addressOf(values);
      const places = BigUint64Array.from(l.args.map((_, i) => base + BigInt(i * 8)));
      const code = this.#driver.launch(
        module.function(l.symbol),
        ...l.grid,
        ...l.block,
        l.shared,
        this.#stream,
        addressOf(places),
      );
      this.#check(code, l.symbol);
      this.#check(symbols.cuStreamSynchronize(this.#stream), `in ${l.symbol}`);
    }
    data.forEach((values, i) => {
      const bytes = new Uint8Array(values.byteLength);
      this.#check(symbols.cuMemcpyDtoH_v2(bytes, arrays[i]!, BigInt(values.byteLength)));
      bytesOf(values).set(bytes);
    });
    for (const address of taken) this.#check(symbols.cuMemFree_v2(address));
  }
}

function bytesOf(values: Values): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}
