/**
 * Products of matrices by cuBLAS, which is opened at the first one: it takes 300 ms and 160 MB.
 *
 * @module
 */
import {
  addressOf,
  type Attempt,
  type Cublas,
  type CudaSearch,
  openCublas,
} from "../../../ffi/mod.ts";
import { OutOfMemoryError } from "../../base/errors.ts";
import type { Slots } from "../device.ts";
import { CudaError, NOT_READY } from "./errors.ts";
import type { Gpu } from "./driver.ts";
import type { Product } from "./product_kernel.ts";

/** The most that 32 bits with a sign hold. */
const LARGEST = 2 ** 31 - 1;
const ALLOCATION_FAILED = 3;
const MATH_DEFAULT = 0;
const MATH_TF32 = 3;
/** Bytes of the memory that cuBLAS works in: more from the Hopper generation on. */
const WORKSPACE = 8 << 20;
const WORKSPACE_HOPPER = 32 << 20;
/** That memory is at most this share of all there is. */
const SHARE = 1 / 16;

/** What decides how products are computed. */
export interface ProductSettings {
  /** The library that the user named, or null. */
  readonly path: string | null;
  /** Whether the library is to be left alone. */
  readonly isBuiltin: boolean;
}

const SKIPPED: CudaSearch<Cublas> = {
  value: null,
  attempts: [],
  reason: 'the built-in matrix product was asked for (blas is "builtin")',
};

/** A handle of cuBLAS on the device's stream. */
interface Opened {
  readonly cublas: Cublas;
  readonly handle: bigint;
  /** How its products round now. */
  mode: number;
}

/** The products of one device. */
export class Products {
  readonly #gpu: Gpu;
  #settings: ProductSettings;
  #search: CudaSearch<Cublas> | null = null;
  #opened: Opened | null = null;
  // alpha and beta are given by address and read at the call
  readonly #single = Float32Array.of(1, 0);
  readonly #double = Float64Array.of(1, 0);
  readonly #one32 = addressOf(this.#single);
  readonly #one64 = addressOf(this.#double);

  constructor(gpu: Gpu, settings: ProductSettings) {
    this.#gpu = gpu;
    this.#settings = settings;
  }

  /** Follows other settings; what is linked does too. */
  set settings(settings: ProductSettings) {
    const old = this.#settings;
    this.#settings = settings;
    if (old.path === settings.path && old.isBuiltin === settings.isBuiltin) return;
    this.#close();
    this.#search = null;
  }

  /** Looks for the library; finding none is an answer. */
  search(): CudaSearch<Cublas> {
    const { path, isBuiltin } = this.#settings;
    return this.#search ??= isBuiltin ? SKIPPED : openCublas({ path, driver: this.#gpu.driver });
  }

  /** What was tried on the way. */
  get attempts(): readonly Attempt[] {
    return this.search().attempts;
  }

  /** A closure for one product in the library; operands are batches one behind the other. */
  link(call: Product, args: readonly number[], slots: Slots): () => void {
    const { m, n, k, batch, beta } = call;
    if (m === 0 || n === 0 || batch === 0 || (k === 0 && beta === 1)) return () => {};
    const gpu = this.#gpu;
    const [a, b, c] = args as [number, number, number];
    if (k === 0) {
      const bytes = BigInt(batch * m * n * (call.dtype === "float32" ? 4 : 8));
      return () => {
        gpu.use();
        gpu.call("cuMemsetD8Async", BigInt(slots[c]!), 0, bytes, gpu.stream);
        gpu.launched("zeros of a product");
      };
    }
    const mode = call.precision === "tf32" ? MATH_TF32 : MATH_DEFAULT;
    const what = `${call.dtype} product ${batch > 1 ? `${batch}x` : ""}${m}x${n}x${k}`;
    const run = Math.max(m, n, k, batch) > LARGEST ? this.#wide(call) : this.#narrow(call);
    return () => {
      gpu.use();
      const opened = this.#open();
      if (opened.mode !== mode) this.#setMath(opened, mode);
      const status = run(opened, BigInt(slots[a]!), BigInt(slots[b]!), BigInt(slots[c]!));
      if (status !== 0) this.#fail(opened.cublas, status, `compute a ${what}`);
      gpu.launched(what);
    };
  }

  /**
   * The call of the library: its matrices are column-major, so that it sees all of them transposed,
   * and the factors change places.
   */
  #narrow(call: Product): (o: Opened, a: bigint, b: bigint, c: bigint) => number {
    const { m, n, k, batch } = call;
    const [ta, tb] = [call.ta ? 1 : 0, call.tb ? 1 : 0];
    const [lda, ldb] = [Math.max(1, call.ta ? m : k), Math.max(1, call.tb ? k : n)];
    const [one, beta] = this.#factors(call);
    const isSingle = call.dtype === "float32";
    if (batch === 1) {
      if (isSingle) {
        return ({ cublas, handle }, a, b, c) =>
          cublas.sgemm(handle, tb, ta, n, m, k, one, b, ldb, a, lda, beta, c, n);
      }
      return ({ cublas, handle }, a, b, c) =>
        cublas.dgemm(handle, tb, ta, n, m, k, one, b, ldb, a, lda, beta, c, n);
    }
    const [sa, sb, sc] = [BigInt(m * k), BigInt(k * n), BigInt(m * n)];
    return ({ cublas, handle }, a, b, c) => {
      const { cublasSgemmStridedBatched: single, cublasDgemmStridedBatched: double } =
        cublas.symbols;
      const f = isSingle ? single : double;
      return f(handle, tb, ta, n, m, k, one, b, ldb, sb, a, lda, sa, beta, c, n, sc, batch);
    };
  }

  /** The same for sizes that 32 bits do not hold, one product after the other. */
  #wide(call: Product): (o: Opened, a: bigint, b: bigint, c: bigint) => number {
    const { m, n, k, batch } = call;
    const [ta, tb] = [call.ta ? 1 : 0, call.tb ? 1 : 0];
    const [lda, ldb, ldc] = [call.ta ? m : k, call.tb ? k : n, n].map(BigInt) as [
      bigint,
      bigint,
      bigint,
    ];
    const [one, beta] = this.#factors(call);
    const sizes = [n, m, k].map(BigInt) as [bigint, bigint, bigint];
    const isSingle = call.dtype === "float32";
    const bytes = isSingle ? 4 : 8;
    const [sa, sb, sc] = [m * k, k * n, m * n].map((size) => BigInt(size * bytes)) as [
      bigint,
      bigint,
      bigint,
    ];
    return ({ cublas, handle }, a, b, c) => {
      const f = isSingle ? cublas.symbols.cublasSgemm_v2_64 : cublas.symbols.cublasDgemm_v2_64;
      if (f === null) {
        throw new RangeError(
          `Cannot multiply matrices with a side of ${Math.max(m, n, k, batch)} on ` +
            `${this.#gpu.name}: cuBLAS ${cublas.version} takes up to ${LARGEST}: ` +
            "update cuBLAS, or multiply parts of the matrices",
        );
      }
      for (let i = 0n; i < BigInt(batch); i++) {
        const [x, y, z] = [a + i * sa, b + i * sb, c + i * sc];
        const status = f(handle, tb, ta, ...sizes, one, y, ldb, x, lda, beta, z, ldc);
        if (status !== 0) return status;
      }
      return 0;
    };
  }

  /** The addresses of alpha and beta. */
  #factors({ dtype, beta }: Product): [bigint, bigint] {
    const [one, zero] = dtype === "float32"
      ? [this.#one32, this.#one32 + 4n]
      : [this.#one64, this.#one64 + 8n];
    return [one, beta === 1 ? one : zero];
  }

  #open(): Opened {
    if (this.#opened !== null) return this.#opened;
    const cublas = this.search().value!;
    const gpu = this.#gpu;
    const out = new BigUint64Array(1);
    let status = cublas.symbols.cublasCreate_v2(out);
    if (status === ALLOCATION_FAILED && gpu.relieve()) status = cublas.symbols.cublasCreate_v2(out);
    if (status !== 0) this.#fail(cublas, status, "start cuBLAS");
    const opened = { cublas, handle: out[0]!, mode: -1 };
    let workspace: bigint | null = null;
    try {
      const check = (status: number): void => {
        if (status !== 0) this.#fail(cublas, status, "start cuBLAS");
      };
      // setting the stream takes the workspace back
      check(cublas.symbols.cublasSetStream_v2(opened.handle, gpu.stream));
      const wanted = gpu.traits.capability >= 90 ? WORKSPACE_HOPPER : WORKSPACE;
      const bytes = Math.floor(Math.min(wanted, gpu.traits.memory * SHARE) / 256) * 256;
      workspace = gpu.allocate(bytes);
      if (workspace === null) {
        throw new OutOfMemoryError(
          `Cannot reserve ${bytes} bytes for cuBLAS on ${gpu.name}: ${gpu.room()}: ` +
            "use smaller batches, or end other programs on the device",
        );
      }
      check(cublas.symbols.cublasSetWorkspace_v2(opened.handle, workspace, BigInt(bytes)));
      this.#setMath(opened, MATH_DEFAULT);
    } catch (e) {
      cublas.symbols.cublasDestroy_v2(opened.handle);
      if (workspace !== null) gpu.driver.symbols.cuMemFree_v2(workspace);
      throw e;
    }
    this.#workspace = workspace;
    return this.#opened = opened;
  }

  #workspace = 0n;

  /** Gives handle and workspace back, when nothing uses them any more. */
  #close(): void {
    if (this.#opened === null) return;
    const gpu = this.#gpu;
    gpu.use();
    gpu.wait();
    this.#opened.cublas.symbols.cublasDestroy_v2(this.#opened.handle);
    gpu.driver.symbols.cuMemFree_v2(this.#workspace);
    this.#opened = null;
  }

  #setMath(opened: Opened, mode: number): void {
    const { cublas, handle } = opened;
    const status = cublas.symbols.cublasSetMathMode(handle, mode);
    if (status !== 0) this.#fail(cublas, status, "set the precision of products");
    opened.mode = mode;
  }

  /** Throws the error of a status: the device's own where that has failed. */
  #fail(cublas: Cublas, status: number, doing: string): never {
    const gpu = this.#gpu;
    if (status === ALLOCATION_FAILED) {
      throw new OutOfMemoryError(
        `Cannot ${doing} on ${gpu.name}: cuBLAS finds no memory: ${gpu.room()}: ` +
          "use smaller batches, or end other programs on the device",
      );
    }
    const code = gpu.isCapturing ? 0 : gpu.driver.symbols.cuStreamQuery(gpu.stream);
    if (code !== 0 && code !== NOT_READY) throw gpu.fault(code, "cuBLAS", doing);
    throw new CudaError(
      "cuBLAS",
      status,
      `Cannot ${doing} on ${gpu.name}: ${cublas.statusText(status)}: run doctor, which tells ` +
        "what was found, or hide cuBLAS to compute without it",
    );
  }
}
