/**
 * The GPU without glissade: products by cuBLAS and copies within its memory, called directly on a
 * stream of their own. What glissade's times are held against.
 *
 * @module
 */
import { fill } from "../peers/contestants/inputs.ts";
import { addressOf, type Cublas, type Driver, openCublas, openDriver } from "../../ffi/mod.ts";
import { flag } from "../../src/base/flags.ts";
import type { Call } from "../../src/compile/plan.ts";

/** A product of matrices as a plan holds it. */
export type Product = Extract<Call, { name: "gemm" }>;

/** What is run: a product, or a copy of so many bytes. */
export type BareWork = Product | { readonly name: "copy"; readonly bytes: number };

const NON_BLOCKING = 1;
const THREAD_LOCAL = 1;
const MATH_DEFAULT = 0;
const MATH_TF32 = 3;
/** What cuBLAS is told to work in; as much as its manual recommends for the largest devices. */
const WORKSPACE = 32 << 20;

/** cuBLAS and copies on the device whose context is current on this thread. */
export class Bare {
  readonly #driver: Driver;
  readonly #cublas: Cublas;
  readonly #stream: bigint;
  readonly #handle: bigint;
  #math = -1;
  readonly #out = new BigUint64Array(1);
  readonly #factors = { float32: Float32Array.of(1, 0), float64: Float64Array.of(1, 0) };

  constructor() {
    const driver = openDriver({ path: flag("cuda") });
    if (driver.value === null) throw new Error(driver.reason);
    const cublas = openCublas({ path: flag("cublas"), driver: driver.value });
    if (cublas.value === null) throw new Error(cublas.reason);
    this.#driver = driver.value;
    this.#cublas = cublas.value;
    const { symbols } = this.#cublas;
    this.#check("cuStreamCreate", this.#driver.symbols.cuStreamCreate(this.#out, NON_BLOCKING));
    this.#stream = this.#out[0]!;
    this.#check("cublasCreate", symbols.cublasCreate_v2(this.#out));
    this.#handle = this.#out[0]!;
    this.#check("cublasSetStream", symbols.cublasSetStream_v2(this.#handle, this.#stream));
    // without one of its own it could not be captured
    const workspace = this.reserve(WORKSPACE);
    this.#check(
      "cublasSetWorkspace",
      symbols.cublasSetWorkspace_v2(this.#handle, workspace, BigInt(WORKSPACE)),
    );
  }

  /** cuBLAS' version. */
  get version(): string {
    return this.#cublas.version;
  }

  #check(call: string, code: number): void {
    if (code !== 0) throw new Error(`${call} gave ${code}`);
  }

  /** Memory of the device, all zeros; it stays for as long as the process. */
  reserve(bytes: number): bigint {
    const { symbols } = this.#driver;
    this.#check("cuMemAlloc", symbols.cuMemAlloc_v2(this.#out, BigInt(Math.max(1, bytes))));
    const address = this.#out[0]!;
    this.#check("cuMemset", symbols.cuMemsetD8Async(address, 0, BigInt(bytes), this.#stream));
    return address;
  }

  /** Writes to memory of the device. */
  write(address: bigint, values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>): void {
    const bytes = new Uint8Array(values.buffer);
    const { symbols } = this.#driver;
    this.wait();
    this.#check("cuMemcpyHtoD", symbols.cuMemcpyHtoD_v2(address, bytes, BigInt(bytes.length)));
  }

  /** Reads from memory of the device. */
  read<T extends Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
    address: bigint,
    into: T,
  ): T {
    const bytes = new Uint8Array(into.buffer);
    const { symbols } = this.#driver;
    this.wait();
    this.#check("cuMemcpyDtoH", symbols.cuMemcpyDtoH_v2(bytes, address, BigInt(bytes.length)));
    return into;
  }

  /** Waits for all that was asked for. */
  wait(): void {
    this.#check("cuStreamSynchronize", this.#driver.symbols.cuStreamSynchronize(this.#stream));
  }

  /** What asks for a product of row-major matrices; memory that is not given is its own. */
  product(call: Product, at?: readonly [bigint, bigint, bigint]): () => void {
    const { m, n, k, batch, dtype, ta, tb } = call;
    const { sgemm, dgemm, symbols } = this.#cublas;
    const bytes = dtype === "float32" ? 4 : 8;
    const [a, b, c] = at ?? this.#matrices(call);
    const one = addressOf(this.#factors[dtype]);
    const beta = call.beta === 1 ? one : one + BigInt(bytes);
    const [lda, ldb] = [Math.max(1, ta ? m : k), Math.max(1, tb ? k : n)];
    const math = call.precision === "tf32" ? MATH_TF32 : MATH_DEFAULT;
    const [opA, opB] = [Number(ta), Number(tb)];
    const [handle, gemm] = [this.#handle, dtype === "float32" ? sgemm : dgemm];
    const batched = dtype === "float32"
      ? symbols.cublasSgemmStridedBatched
      : symbols.cublasDgemmStridedBatched;
    const [sa, sb, sc] = [m * k, k * n, m * n].map(BigInt);
    return () => {
      if (this.#math !== math) {
        this.#check("cublasSetMathMode", symbols.cublasSetMathMode(handle, this.#math = math));
      }
      // column-major: the operands change places
      const status = batch === 1
        ? gemm(handle, opB, opA, n, m, k, one, b!, ldb, a!, lda, beta, c!, n)
        // deno-fmt-ignore
        : batched(handle, opB, opA, n, m, k, one, b!, ldb, sb!, a!, lda, sa!, beta, c!, n, sc!, batch);
      this.#check("a product of cuBLAS", status);
    };
  }

  /** Memory of a product. Its numbers are as any: a device runs faster on zeros. */
  #matrices({ m, n, k, batch, dtype }: Product): bigint[] {
    const Values = dtype === "float32" ? Float32Array : Float64Array;
    return [m * k, k * n, m * n].map((size, i) => {
      const values = new Values(batch * size);
      const at = this.reserve(values.byteLength);
      this.write(at, fill(values, i + 1));
      return at;
    });
  }

  /** What asks for a copy between two places. */
  copy(bytes: number): () => void {
    const [from, to] = [this.reserve(bytes), this.reserve(bytes)];
    const { symbols } = this.#driver;
    const [count, stream] = [BigInt(bytes), this.#stream];
    return () => this.#check("cuMemcpyDtoD", symbols.cuMemcpyDtoDAsync_v2(to, from, count, stream));
  }

  /** What asks for all of that at once, as a graph. */
  graph(works: readonly BareWork[]): () => void {
    const asks = works.map((work) =>
      work.name === "copy" ? this.copy(work.bytes) : this.product(work)
    );
    // libraries load what they need at the first call, which a capture does not take
    for (const ask of asks) ask();
    this.wait();
    const { symbols } = this.#driver;
    this.#check("a capture", symbols.cuStreamBeginCapture_v2(this.#stream, THREAD_LOCAL));
    for (const ask of asks) ask();
    this.#check("a capture", symbols.cuStreamEndCapture(this.#stream, this.#out));
    const graph = this.#out[0]!;
    this.#check("a graph", symbols.cuGraphInstantiateWithFlags(this.#out, graph, 0n));
    const executable = this.#out[0]!;
    this.#check("a graph", symbols.cuGraphDestroy(graph));
    return () => this.#check("a graph", this.#driver.launchGraph(executable, this.#stream));
  }
}
