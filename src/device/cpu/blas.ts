/**
 * Which routine computes the CPU's matrix products: OpenBLAS (or another CBLAS) through the FFI where
 * it is found and wanted, else the built-in kernels, which also take what they are faster at.
 *
 * @module
 */
import { addressOf, type Blas, type BlasSearch, findBlas } from "../../../ffi/mod.ts";
import { flag } from "../../base/flags.ts";
import type { Call } from "../../compile/plan.ts";
import type { DeviceInfo, Slots } from "../device.ts";
import { MOST_PIECES } from "./cut_among.ts";
import { createGemm, cutGemm, type GemmPieces } from "./gemm.ts";
import { type Cut, cutLarge, cutSmall, hasSmallKernels, unitOf } from "./native_cut.ts";
import { type NativeRange, runRange } from "./native_range.ts";
import { Piece, type Pool } from "./pool.ts";
import type { NativeGemm } from "./pool_worker.ts";
import { isOursFaster } from "./product_choice.ts";
import { callTime } from "./work.ts";
import { whyNotNative } from "./x64/available.ts";
import { createNativeGemm } from "./x64/gemm.ts";

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

/** How many threads a library is to use at most: those asked for, or as many as it chose. */
function threadsOf(blas: Blas, asked: number | null): number {
  const own = ownThreads.get(blas) ?? blas.threads();
  ownThreads.set(blas, own);
  // a library that does not tell how many it uses is left alone
  return own === 0 ? 0 : asked ?? own;
}

/** What a product in the library takes on one thread, in nanoseconds, roughly. */
const NATIVE_PER_FLOP = { float32: 0.007, float64: 0.0125 };
const NATIVE_PER_BYTE = 0.035;
const NATIVE_CALL = 300;

/** The CPU's matrix products. */
export class CpuBlas {
  readonly #memory: WebAssembly.Memory;
  readonly #borrow: Borrow;
  #builtin: GemmPieces | null = null;
  #search: BlasSearch | null = null;
  #base = 0n;
  /** Threads for products in the library; 0 where it does not tell. */
  #threads = 0;
  #hasSmallKernels = false;
  /** Whether several threads may call the library; one that has only one thread may not bear it. */
  #isShared = false;
  /** Whether products that ours is faster at are not the library's, once somebody has asked. */
  #shares: boolean | null = null;
  readonly #pieces = new Map<string, Piece>();
  readonly #pool: Pool;

  constructor(memory: WebAssembly.Memory, borrow: Borrow, pool: Pool) {
    this.#memory = memory;
    this.#borrow = borrow;
    this.#pool = pool;
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
      this.#threads = threadsOf(search.blas, flag("threads"));
      this.#hasSmallKernels = hasSmallKernels(search.blas);
      // the pool's threads call it, each for a piece; another library keeps to its own threads
      this.#isShared = this.#threads > 1 && search.blas.library === "OpenBLAS";
      if (this.#threads > 0) search.blas.setThreads(this.#isShared ? 1 : this.#threads);
    }
    return this.#search = search;
  }

  /** Looks again at the next use. */
  reset(): void {
    this.#search = null;
    this.#shares = null;
  }

  /**
   * Whether ours takes what it is faster at: as machine code, beside an OpenBLAS that nobody has asked
   * for by name or place.
   */
  #sharesWith(blas: Blas): boolean {
    return this.#shares ??= flag("blas") === "auto" && flag("openblas") === null &&
      flag("openblasUrl") === null && blas.library === "OpenBLAS" &&
      whyNotNative(this.#memory) === null;
  }

  /** Whether ours takes products that it is faster at, and there was room for its code. */
  #isOurs(blas: Blas, dtype: GemmCall["dtype"]): boolean {
    return this.#sharesWith(blas) && this.#product().speed(dtype) > 1;
  }

  #product(): GemmPieces {
    return this.#builtin ??= this.#makeBuiltin();
  }

  /** Forgets the built-in product, which is made anew as the settings are then. */
  remake(): void {
    this.#builtin = null;
  }

  /** What computes, for `backend()`. */
  describe(): DeviceInfo {
    const { blas, reason } = this.search();
    return blas === null
      ? {
        device: "cpu",
        blas: "builtin",
        path: null,
        version: whyNotNative(this.#memory) === null ? "AVX-512" : "wasm SIMD",
        coreType: Deno.build.arch,
        threads: this.#pool.threads,
        reason,
      }
      : {
        device: "cpu",
        blas: blas.library,
        path: blas.path,
        version: blas.version,
        coreType: blas.coreType,
        threads: this.#threads,
        reason: this.#sharesWith(blas)
          ? `${reason}; products that machine code (AVX-512) is faster at are machine code`
          : reason,
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
    const builtin = this.#own(call, args, slots);
    const isOurs = isOursFaster(call);
    const whole = { rows: m, columns: n, depth: k };
    const small = cutSmall(call);
    const moved = (strides[0] + strides[1] + strides[2]) * NATIVE_PER_BYTE;
    const cost = batch *
      (NATIVE_CALL + Math.max(2 * m * n * k * NATIVE_PER_FLOP[call.dtype], moved));
    const cutFor = (lanes: number): Cut => {
      if (this.#hasSmallKernels && small !== null) return small;
      return batch >= lanes ? whole : cutLarge(call, call.dtype, lanes);
    };
    let last = { blas: this.search().blas, lanes: 0, cut: whole, unit: { tall: m, wide: n } };
    const divide = (blas: Blas, lanes: number): void => {
      const cut = cutFor(lanes);
      last = { blas, lanes, cut, unit: unitOf(call, cut, lanes) };
    };
    return () => {
      const { blas } = this.search();
      if (blas === null || (isOurs && this.#isOurs(blas, call.dtype))) return builtin();
      const [x, y, z] = [slots[a]!, slots[b]!, slots[c]!];
      const lanes = this.#isShared ? this.#pool.lanes(cost, batch * m * n) : 1;
      if (last.lanes !== lanes || last.blas !== blas) divide(blas, lanes);
      const { cut, unit: { tall, wide } } = last;
      const extent = batch * Math.ceil(m / tall) * Math.ceil(n / wide);
      if (lanes > 1 && extent > 1) {
        const sizes = [call.ta ? 1 : 0, call.tb ? 1 : 0, m, n, k];
        const args = [...sizes, x, y, z, call.beta, cut.rows, cut.columns, cut.depth, tall, wide];
        const calls = [{ piece: this.#piece(blas, call.dtype), args }];
        return this.#pool.run({ calls, extent, cost, lanes });
      }
      for (let i = 0; i < batch; i++) {
        native(x + i * strides[0], y + i * strides[1], z + i * strides[2], cut);
      }
    };
  }

  /** A range of pieces, for several threads of which each calls the library. */
  #piece(blas: Blas, dtype: GemmCall["dtype"]): Piece {
    const key = `${dtype} ${blas.path}`;
    let piece = this.#pieces.get(key);
    if (piece === undefined) {
      const single = dtype === "float32";
      const gemm: NativeGemm = {
        library: blas.path,
        symbol: single ? "cblas_sgemm" : "cblas_dgemm",
        base: `${this.#base}`,
      };
      const size = single ? 4 : 8;
      const product = single ? blas.sgemm : blas.dgemm;
      const base = this.#base;
      const run = (...args: number[]): void => runRange(product, base, size, args as NativeRange);
      const bytes = new TextEncoder().encode(JSON.stringify(gemm));
      piece = new Piece(`${dtype} products in ${blas.library}`, bytes, run);
      this.#pieces.set(key, piece);
    }
    return piece;
  }

  /** A closure for a product in its pieces, on this thread. */
  #native(call: GemmCall): (a: number, b: number, c: number, cut: Cut) => void {
    const { ta, tb, m, n, k, beta } = call;
    const [lda, ldb, ldc] = [ta ? m : k, tb ? k : n, n];
    const size = call.dtype === "float32" ? 4 : 8;
    // two textual call sites: the FFI's fast path needs a constant target
    const one = call.dtype === "float32"
      ? (m: number, n: number, k: number, a: number, b: number, c: number, beta: number): void => {
        const base = this.#base;
        const [x, y, z] = [base + BigInt(a), base + BigInt(b), base + BigInt(c)];
        this.#search!.blas!.sgemm(ta, tb, m, n, k, 1, x, lda, y, ldb, beta, z, ldc);
      }
      : (m: number, n: number, k: number, a: number, b: number, c: number, beta: number): void => {
        const base = this.#base;
        const [x, y, z] = [base + BigInt(a), base + BigInt(b), base + BigInt(c)];
        this.#search!.blas!.dgemm(ta, tb, m, n, k, 1, x, lda, y, ldb, beta, z, ldc);
      };
    return (a, b, c, { rows, columns, depth }) => {
      for (let l = 0; l < k; l += depth) {
        const deep = Math.min(depth, k - l);
        for (let i = 0; i < m; i += rows) {
          const high = Math.min(rows, m - i);
          const x = a + (ta ? l * m + i : i * k + l) * size;
          for (let j = 0; j < n; j += columns) {
            const y = b + (tb ? j * k + l : l * n + j) * size;
            const z = c + (i * n + j) * size;
            one(high, Math.min(columns, n - j), deep, x, y, z, l === 0 ? beta : 1);
          }
        }
      }
    };
  }

  /** A closure for the built-in product, whole or in pieces. */
  #own(call: GemmCall, slot: readonly number[], slots: Slots): () => void {
    const { dtype, m, n, k, batch, beta } = call;
    const time = callTime(call);
    const [ta, tb] = [call.ta ? 1 : 0, call.tb ? 1 : 0];
    const divide = (gemm: GemmPieces, lanes: number) => {
      const cut = lanes === 1
        ? { rows: m, columns: n, across: 1, each: 1 }
        : cutGemm(m, n, batch, lanes, gemm.packing(n, k, call.tb, dtype));
      return { ...cut, gemm, lanes, own: gemm.scratchBytes(cut.rows, cut.columns, k, dtype) };
    };
    let last: ReturnType<typeof divide> | null = null;
    return () => {
      const gemm = this.#product();
      const [a, b, c] = [slots[slot[0]!]!, slots[slot[1]!]!, slots[slot[2]!]!];
      const piece = gemm.piece(dtype);
      const cost = time / gemm.speed(dtype);
      const lanes = this.#pool.lanes(cost, batch * m * n);
      if (last === null || last.lanes !== lanes || last.gemm !== gemm) last = divide(gemm, lanes);
      const { rows, columns, across, each, own } = last;
      if (lanes === 1) {
        this.#borrow(own, (scratch) => {
          piece.run(ta, tb, m, n, k, a, b, c, beta, scratch, m, n, 1, 1, 0, batch);
        });
        return;
      }
      this.#borrow(lanes * own, (scratch) => {
        const args = [ta, tb, m, n, k, a, b, c, beta, scratch, rows, columns, across, each];
        const calls = [{ piece, args, own: { arg: 9, bytes: own } }];
        const extent = batch * each;
        this.#pool.run({
          calls,
          extent,
          cost,
          lanes,
          grain: Math.ceil(extent / lanes / MOST_PIECES),
        });
      });
    };
  }

  #makeBuiltin(): GemmPieces {
    const gemm = createGemm(this.#memory);
    return whyNotNative(this.#memory) === null ? createNativeGemm(this.#memory, gemm) : gemm;
  }
}
