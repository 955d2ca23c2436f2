/**
 * cuBLAS, the matrix products of CUDA: its functions, and how it is found and opened. Opening it
 * takes 300 ms and 160 MB, so it is done at the first product.
 *
 * @module
 */

import { cublasCandidates, majorsFor } from "./cuda_places.ts";
import {
  type CudaSearch,
  openCompanion,
  type Release,
  release,
  requireMajor,
  searchFor,
} from "./cuda_search.ts";
import { Refusal } from "./errors.ts";
import { baseName, openLibrary } from "./library.ts";
import { cString } from "./memory.ts";
import { type Bound, requireAll, status } from "./symbols.ts";

/**
 * The functions of cuBLAS under their exported names. Matrices are column-major; `alpha` and `beta`
 * are given by address.
 */
export const CUBLAS_SYMBOLS = {
  cublasCreate_v2: status("buffer"),
  cublasDestroy_v2: status("usize"),
  cublasGetProperty: status("i32", "buffer"),
  cublasGetStatusString: { optional: true, parameters: ["i32"], result: "usize" },
  cublasSetStream_v2: status("usize", "usize"),
  cublasSetWorkspace_v2: status("usize", "usize", "usize"),
  cublasSetMathMode: status("usize", "i32"),
  cublasGetMathMode: status("usize", "buffer"),
  cublasSetPointerMode_v2: status("usize", "i32"),
  // deno-fmt-ignore
  cublasSgemm_v2: status("usize", "i32", "i32", "i32", "i32", "i32", "usize", "usize", "i32", "usize", "i32", "usize", "usize", "i32"),
  // deno-fmt-ignore
  cublasDgemm_v2: status("usize", "i32", "i32", "i32", "i32", "i32", "usize", "usize", "i32", "usize", "i32", "usize", "usize", "i32"),
  // deno-fmt-ignore
  cublasSgemm_v2_64: status("usize", "i32", "i32", "i64", "i64", "i64", "usize", "usize", "i64", "usize", "i64", "usize", "usize", "i64"),
  // deno-fmt-ignore
  cublasDgemm_v2_64: status("usize", "i32", "i32", "i64", "i64", "i64", "usize", "usize", "i64", "usize", "i64", "usize", "usize", "i64"),
  // deno-fmt-ignore
  cublasSgemmStridedBatched: status("usize", "i32", "i32", "i32", "i32", "i32", "usize", "usize", "i32", "i64", "usize", "i32", "i64", "usize", "usize", "i32", "i64", "i32"),
  // deno-fmt-ignore
  cublasDgemmStridedBatched: status("usize", "i32", "i32", "i32", "i32", "i32", "usize", "usize", "i32", "i64", "usize", "i32", "i64", "usize", "usize", "i32", "i64", "i32"),
  // deno-fmt-ignore
  cublasGemmEx: status("usize", "i32", "i32", "i32", "i32", "i32", "usize", "usize", "i32", "i32", "usize", "i32", "i32", "usize", "usize", "i32", "i32", "i32", "i32"),
} as const satisfies Deno.ForeignLibraryInterface;

/** The `_64` functions are in cuBLAS from CUDA 12 on, and are wanted for huge matrices only. */
const newer = ["cublasSgemm_v2_64", "cublasDgemm_v2_64"] as const;

/** cuBLAS' functions; those with 64-bit sizes are null where it has none. */
export type CublasSymbols = Bound<typeof CUBLAS_SYMBOLS, (typeof newer)[number]>;

/** An opened cuBLAS. */
export interface Cublas extends Release {
  /** Its functions; each but `cublasGetStatusString` returns a status, 0 for success. */
  readonly symbols: CublasSymbols;
  /** The path, or the bare name that the loader resolved. */
  readonly path: string;
  /** `cublasSgemm_v2`; the matrices, `alpha` and `beta` are addresses. */
  sgemm(
    handle: bigint,
    transposeA: number,
    transposeB: number,
    m: number,
    n: number,
    k: number,
    alpha: bigint,
    a: bigint,
    lda: number,
    b: bigint,
    ldb: number,
    beta: bigint,
    c: bigint,
    ldc: number,
  ): number;
  /** `cublasDgemm_v2`; as {@linkcode Cublas.sgemm}. */
  dgemm(
    handle: bigint,
    transposeA: number,
    transposeB: number,
    m: number,
    n: number,
    k: number,
    alpha: bigint,
    a: bigint,
    lda: number,
    b: bigint,
    ldb: number,
    beta: bigint,
    c: bigint,
    ldc: number,
  ): number;
  /** A status as cuBLAS tells it: `CUBLAS_STATUS_NOT_INITIALIZED (1)`. */
  statusText(status: number): string;
}

/** How to look for cuBLAS. */
export interface CublasChoice {
  /** This file or name and no other (`GLISSADE_CUBLAS`), or null for the usual places. */
  readonly path: string | null;
  /** The CUDA version that the driver supports: no cuBLAS of a later major is taken. */
  readonly driver?: Release;
  /** Paths and names to try instead of the usual ones. */
  readonly candidates?: readonly string[];
}

const opened = new Map<string, Cublas>();

/**
 * Looks for cuBLAS; never prompts.
 *
 * @throws {NativeLibraryError} if `path` is given and is no usable cuBLAS
 */
export function openCublas(choice: CublasChoice): CudaSearch<Cublas> {
  const { path, driver } = choice;
  const wheel = `run pip install nvidia-cublas${(driver?.major ?? 13) < 13 ? "-cu12" : ""}`;
  return searchFor({
    what: "cuBLAS",
    setting: "GLISSADE_CUBLAS",
    path,
    candidates: () => choice.candidates ?? cublasCandidates(majorsFor(driver?.major ?? null)),
    open(candidate) {
      const cublas = openCandidate(candidate);
      requireMajor("cuBLAS", cublas, driver, wheel);
      return cublas;
    },
    none: `no cuBLAS was found: install the CUDA toolkit, or ${wheel}, ` +
      "or set GLISSADE_CUBLAS to its path",
  });
}

function openCandidate(path: string): Cublas {
  const known = opened.get(path);
  if (known !== undefined) return known;
  const file = baseName(path);
  if (/cublas(?:64_|\.so)/.test(file)) openCompanion(path, file.replace("cublas", "cublasLt"));
  const symbols = requireAll<typeof CUBLAS_SYMBOLS, (typeof newer)[number]>(
    openLibrary(path, CUBLAS_SYMBOLS),
    newer,
  );
  const value = new Int32Array(1);
  const property = (which: number): number => {
    if (symbols.cublasGetProperty(which, value) === 0) return value[0]!;
    throw new Refusal("unsuitable", "it does not tell its version");
  };
  const cublas = wrap(symbols, path, release(property(0), property(1)));
  opened.set(path, cublas);
  return cublas;
}

function wrap(symbols: CublasSymbols, path: string, version: Release): Cublas {
  // Called from texts of their own, as the driver's hot functions are.
  const single = symbols.cublasSgemm_v2;
  const double = symbols.cublasDgemm_v2;
  return {
    symbols,
    path,
    ...version,
    // deno-fmt-ignore
    sgemm(handle, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
      return single(handle, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    },
    // deno-fmt-ignore
    dgemm(handle, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
      return double(handle, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    },
    statusText: (status) => `${cString(symbols.cublasGetStatusString(status))} (${status})`,
  };
}
