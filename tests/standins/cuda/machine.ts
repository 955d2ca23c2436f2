/**
 * The least that drives a GPU through the native libraries: enough to test the stand-in and to ask
 * real libraries the same questions, and nothing of the product's own device in it.
 * @module
 */
import { CUBLAS_SYMBOLS } from "../../../ffi/cublas.ts";
import { CUDA_SYMBOLS, type CudaSymbols } from "../../../ffi/cuda.ts";
import type { CublasSymbols } from "../../../ffi/cublas.ts";
import { addressOf } from "../../../ffi/memory.ts";
import { NVRTC_SYMBOLS, type NvrtcSymbols } from "../../../ffi/nvrtc.ts";
import { compileProgram } from "../../../ffi/nvrtc_compile.ts";

/** A code that a driver or cuBLAS function has given. */
export class NativeFailure extends Error {
  override readonly name = "NativeFailure";
  readonly code: number;

  constructor(call: string, code: number) {
    super(`${call} gave ${code}`);
    this.code = code;
  }
}

/** An argument of a kernel: an address, an int, or a float. */
export type Argument = bigint | number | { readonly float: number };

/** Where each library is. */
export interface Libraries {
  readonly cuda: string;
  readonly nvrtc: string;
  readonly cublas: string;
}

type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** A captured graph with its executable form. */
export interface Captured {
  readonly graph: bigint;
  readonly executable: bigint;
  launch(): void;
  destroy(): void;
}

/** A compiled program on the device. */
export interface Loaded {
  readonly module: bigint;
  kernel(name: string): bigint;
  unload(): void;
}

/** One device with a stream of its own and a handle of cuBLAS on it. */
export class Machine {
  readonly driver: CudaSymbols;
  readonly nvrtc: NvrtcSymbols;
  readonly blas: CublasSymbols;
  /** What a function writes a handle or an address into. */
  readonly out = new BigUint64Array(1);
  readonly context: bigint;
  readonly stream: bigint;
  readonly handle: bigint;
  readonly capability: number;
  /** Slots of arguments, and their addresses behind them. */
  readonly #block = new DataView(new ArrayBuffer(32 * 16));
  readonly #address: bigint;
  readonly #scalars = new Float64Array([1, 0]);
  readonly #floats = new Float32Array([1, 0]);

  constructor(libraries: Libraries) {
    this.driver = Deno.dlopen(libraries.cuda, CUDA_SYMBOLS).symbols as CudaSymbols;
    this.nvrtc = Deno.dlopen(libraries.nvrtc, NVRTC_SYMBOLS).symbols as NvrtcSymbols;
    this.blas = Deno.dlopen(libraries.cublas, CUBLAS_SYMBOLS).symbols as unknown as CublasSymbols;
    this.#address = addressOf(this.#block);
    for (let i = 0; i < 32; i++) {
      this.#block.setBigUint64(256 + 8 * i, this.#address + BigInt(8 * i), true);
    }
    const { driver } = this, value = new Int32Array(1);
    check("cuInit", driver.cuInit(0));
    check("cuDeviceGetAttribute", driver.cuDeviceGetAttribute(value, 75, 0));
    const major = value[0]!;
    check("cuDeviceGetAttribute", driver.cuDeviceGetAttribute(value, 76, 0));
    this.capability = major * 10 + value[0]!;
    this.context = this.make(
      "cuDevicePrimaryCtxRetain",
      driver.cuDevicePrimaryCtxRetain(this.out, 0),
    );
    check("cuCtxSetCurrent", driver.cuCtxSetCurrent(this.context));
    this.stream = this.newStream();
    this.handle = this.make("cublasCreate", this.blas.cublasCreate_v2(this.out));
    check("cublasSetStream", this.blas.cublasSetStream_v2(this.handle, this.stream));
  }

  /** What a call has written to `out`, when its code is 0. */
  make(call: string, code: number): bigint {
    check(call, code);
    return this.out[0]!;
  }

  newStream(flags = 1): bigint {
    return this.make("cuStreamCreate", this.driver.cuStreamCreate(this.out, flags));
  }

  newEvent(flags = 2): bigint {
    return this.make("cuEventCreate", this.driver.cuEventCreate(this.out, flags));
  }

  allocate(bytes: number): bigint {
    return this.make("cuMemAlloc", this.driver.cuMemAlloc_v2(this.out, BigInt(bytes)));
  }

  free(...addresses: readonly bigint[]): void {
    for (const address of addresses) check("cuMemFree", this.driver.cuMemFree_v2(address));
  }

  upload(data: Numbers): bigint {
    const address = this.allocate(data.byteLength);
    const bytes = new Uint8Array(data.buffer);
    check("cuMemcpyHtoD", this.driver.cuMemcpyHtoD_v2(address, bytes, BigInt(data.byteLength)));
    return address;
  }

  download<T extends Numbers>(address: bigint, into: T): T {
    this.synchronize();
    const bytes = new Uint8Array(into.buffer);
    check("cuMemcpyDtoH", this.driver.cuMemcpyDtoH_v2(bytes, address, BigInt(into.byteLength)));
    return into;
  }

  floats(address: bigint, count: number): Float32Array {
    return this.download(address, new Float32Array(count));
  }

  /** Pinned memory as an address and as an array. */
  pinned(count: number): { address: bigint; array: Float32Array } {
    const { driver, out } = this;
    const address = this.make("cuMemHostAlloc", driver.cuMemHostAlloc(out, BigInt(count * 4), 0));
    const pointer = Deno.UnsafePointer.create(address)!;
    const memory = Deno.UnsafePointerView.getArrayBuffer(pointer, count * 4);
    return { address, array: new Float32Array(memory) };
  }

  compile(source: string, name = "program.cu", options: readonly string[] = []): Loaded {
    const all = [`--gpu-architecture=sm_${this.capability}`, ...options];
    const { code, log, cubin } = compileProgram({ symbols: this.nvrtc }, {
      source,
      name,
      options: all,
    });
    if (code !== 0) throw new NativeFailure(`nvrtcCompileProgram: ${log}`, code);
    return this.load(cubin!);
  }

  load(image: Uint8Array<ArrayBuffer>): Loaded {
    const { driver, out } = this;
    const module = this.make("cuModuleLoadData", driver.cuModuleLoadData(out, image));
    return {
      module,
      kernel: (name) =>
        this.make("cuModuleGetFunction", driver.cuModuleGetFunction(out, module, zeroEnded(name))),
      unload: () => check("cuModuleUnload", driver.cuModuleUnload(module)),
    };
  }

  /** The address of an array of addresses of these arguments, until the next call. */
  pack(args: readonly Argument[]): bigint {
    args.forEach((value, i) => {
      if (typeof value === "bigint") this.#block.setBigUint64(8 * i, value, true);
      else if (typeof value === "number") this.#block.setInt32(8 * i, value, true);
      else this.#block.setFloat32(8 * i, value.float, true);
    });
    return this.#address + 256n;
  }

  launch(
    kernel: bigint,
    grid: readonly number[],
    block: readonly number[],
    args: readonly Argument[],
    shared = 0,
    stream = this.stream,
  ): void {
    const [gridX = 1, gridY = 1, gridZ = 1] = grid, [x = 1, y = 1, z = 1] = block;
    const packed = this.pack(args);
    check(
      "cuLaunchKernel",
      this.driver.cuLaunchKernel(kernel, gridX, gridY, gridZ, x, y, z, shared, stream, packed, 0n),
    );
  }

  synchronize(stream = this.stream): void {
    check("cuStreamSynchronize", this.driver.cuStreamSynchronize(stream));
  }

  capture(work: () => void, mode = 1): Captured {
    const { driver, out } = this;
    check("cuStreamBeginCapture", driver.cuStreamBeginCapture_v2(this.stream, mode));
    let thrown: unknown = null;
    try {
      work();
    } catch (error) {
      thrown = error;
    }
    const code = driver.cuStreamEndCapture(this.stream, out), graph = out[0]!;
    if (thrown !== null) {
      if (code === 0) driver.cuGraphDestroy(graph);
      throw thrown;
    }
    check("cuStreamEndCapture", code);
    let executable: bigint;
    try {
      const code = driver.cuGraphInstantiateWithFlags(out, graph, 0n);
      executable = this.make("cuGraphInstantiate", code);
    } catch (error) {
      driver.cuGraphDestroy(graph);
      throw error;
    }
    return {
      graph,
      executable,
      launch: () => check("cuGraphLaunch", driver.cuGraphLaunch(executable, this.stream)),
      destroy: () => {
        const codes = [driver.cuGraphExecDestroy(executable), driver.cuGraphDestroy(graph)];
        codes.forEach((code) => check("cuGraphDestroy", code));
      },
    };
  }

  /** C[m,n] = A B over rows, where A or B may be stored transposed. */
  multiply(
    [m, n, k]: readonly [m: number, n: number, k: number],
    a: bigint,
    b: bigint,
    c: bigint,
    { transA = false, transB = false, double = false } = {},
  ): void {
    const scalars = double ? addressOf(this.#scalars) : addressOf(this.#floats);
    const beta = scalars + (double ? 8n : 4n), at = Math.max(1, n);
    const ldb = Math.max(1, transB ? k : n), lda = Math.max(1, transA ? m : k);
    const product = double ? this.blas.cublasDgemm_v2 : this.blas.cublasSgemm_v2;
    const [ta, tb] = [Number(transA), Number(transB)];
    check("gemm", product(this.handle, tb, ta, n, m, k, scalars, b, ldb, a, lda, beta, c, at));
  }
}

/** A text as C wants it. */
export function zeroEnded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0");
}

/** @throws {NativeFailure} for any code but 0 */
export function check(call: string, code: number): void {
  if (code !== 0) throw new NativeFailure(call, code);
}
