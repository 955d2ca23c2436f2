/**
 * Which routine computes the CPU's matrix products: OpenBLAS (or another CBLAS) through the FFI where
 * it is found and wanted, else the built-in kernels.
 *
 * @module
 */
import { addressOf, type Blas, type BlasSearch, findBlas } from "../../../ffi/mod.ts";
import { flag } from "../../base/flags.ts";
import type { Call } from "../../compile/plan.ts";
import type { DeviceInfo, Slots } from "../device.ts";
import { createGemm, type Gemm } from "./gemm.ts";

type GemmCall = Extract<Call, { name: "gemm" }>;

/** Lends routine-private memory for the length of one call. */
export type Borrow = (bytes: number, use: (address: number) => void) => void;

const SKIPPED: BlasSearch = {
  blas: null,
  attempts: [],
  reason: 'The built-in matrix product was asked for (blas is "builtin")',
};

/** How many threads each library chose by itself. */
const ownThreads = new WeakMap<Blas, number>();

/** Gives a library its number of threads, or with null the one that it chose by itself. */
function setThreads(blas: Blas, threads: number | null): void {
  const own = ownThreads.get(blas) ?? blas.threads();
  ownThreads.set(blas, own);
  const wanted = threads ?? own;
  if (wanted > 0 && wanted !== blas.threads()) blas.setThreads(wanted);
}

/** The CPU's matrix products. */
export class CpuBlas {
  readonly #memory: WebAssembly.Memory;
  readonly #borrow: Borrow;
  #builtin: Gemm | null = null;
  #search: BlasSearch | null = null;
  #base = 0n;

  constructor(memory: WebAssembly.Memory, borrow: Borrow) {
    this.#memory = memory;
    this.#borrow = borrow;
  }

  /** What was looked for and found; looks on first use. */
  search(): BlasSearch {
    if (this.#search !== null) return this.#search;
    const mode = flag("blas");
    const path = flag("openblas");
    const url = flag("openblasUrl");
    const sha256 = flag("openblasSha256");
    const search = mode === "builtin" ? SKIPPED : findBlas({
      mode,
      ...(path === null ? {} : { path }),
      ...(url === null ? {} : { url }),
      ...(sha256 === null ? {} : { sha256 }),
    });
    if (search.blas !== null) {
      this.#base = addressOf(this.#memory.buffer);
      setThreads(search.blas, flag("threads"));
    }
    return this.#search = search;
  }

  /** Looks again at the next use. */
  reset(): void {
    this.#search = null;
  }

  /** What computes, for `backend()`. */
  describe(): DeviceInfo {
    const { blas, reason } = this.search();
    return blas === null
      ? {
        device: "cpu",
        blas: "builtin",
        path: null,
        version: "wasm SIMD",
        coreType: Deno.build.arch,
        threads: 1,
        reason,
      }
      : {
        device: "cpu",
        blas: blas.library,
        path: blas.path,
        version: blas.version,
        coreType: blas.coreType,
        threads: blas.threads(),
        reason,
      };
  }

  /** A closure for one product; operands are batches one behind the other. */
  link(call: GemmCall, args: readonly number[], slots: Slots): () => void {
    const { m, n, k, batch } = call;
    if (m === 0 || n === 0 || batch === 0) return () => {};
    const bytes = call.dtype === "float32" ? 4 : 8;
    const [a, b, c] = args as [number, number, number];
    if (k === 0) {
      if (call.beta === 1) return () => {};
      return () => new Uint8Array(this.#memory.buffer, slots[c]!, batch * m * n * bytes).fill(0);
    }
    const strides = [m * k * bytes, k * n * bytes, m * n * bytes] as const;
    const native = this.#native(call);
    const builtin = this.#own(call);
    this.search();
    return () => {
      const run = this.search().blas === null ? builtin : native;
      for (let i = 0; i < batch; i++) {
        run(slots[a]! + i * strides[0], slots[b]! + i * strides[1], slots[c]! + i * strides[2]);
      }
    };
  }

  #native({ dtype, ta, tb, m, n, k, beta }: GemmCall): (a: number, b: number, c: number) => void {
    const lda = ta ? m : k;
    const ldb = tb ? k : n;
    // two textual call sites: the FFI's fast path needs a constant target
    return dtype === "float32"
      ? (a, b, c) => {
        const base = this.#base;
        const [x, y, z] = [base + BigInt(a), base + BigInt(b), base + BigInt(c)];
        this.#search!.blas!.sgemm(ta, tb, m, n, k, 1, x, lda, y, ldb, beta, z, n);
      }
      : (a, b, c) => {
        const base = this.#base;
        const [x, y, z] = [base + BigInt(a), base + BigInt(b), base + BigInt(c)];
        this.#search!.blas!.dgemm(ta, tb, m, n, k, 1, x, lda, y, ldb, beta, z, n);
      };
  }

  #own({ dtype, ta, tb, m, n, k, beta }: GemmCall): (a: number, b: number, c: number) => void {
    const lda = ta ? m : k;
    const ldb = tb ? k : n;
    return (a, b, c) => {
      const gemm = this.#builtin ??= createGemm(this.#memory);
      const run = dtype === "float32" ? gemm.sgemm : gemm.dgemm;
      this.#borrow(
        gemm.scratchBytes(m, n, k, dtype),
        (scratch) => run(ta, tb, m, n, k, a, lda, b, ldb, beta, c, n, scratch),
      );
    };
  }
}
