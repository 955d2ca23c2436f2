/**
 * The CBLAS functions that glissade calls: their signatures, one wrapper for each, and the checks
 * that a library must pass before anybody trusts it with memory.
 *
 * @module
 */

import { raiseCoreType } from "./core_type.ts";
import { NativeLibraryError, Refusal } from "./errors.ts";
import { openLibrary } from "./library.ts";
import { addressOf, cString } from "./memory.ts";
import { findsWrongProduct, type Gemm } from "./self_test.ts";

/**
 * A BLAS with 32-bit integers. Matrices are row-major, given by address and leading dimension:
 * C = alpha op(A) op(B) + beta C with op(A) of m x k, op(B) of k x n and C of m x n. With `ta` (`tb`)
 * the memory at `a` (`b`) holds the transpose. Nothing knows how large the memory is: the caller
 * answers for that; every other argument is checked.
 */
export interface Blas {
  /**
   * Single precision matrix product.
   *
   * @throws {RangeError} if a size, leading dimension or address is out of range
   */
  sgemm(
    ta: boolean,
    tb: boolean,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: bigint,
    lda: number,
    b: bigint,
    ldb: number,
    beta: number,
    c: bigint,
    ldc: number,
  ): void;
  /** Double precision matrix product; as {@linkcode Blas.sgemm}. */
  dgemm(
    ta: boolean,
    tb: boolean,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: bigint,
    lda: number,
    b: bigint,
    ldb: number,
    beta: number,
    c: bigint,
    ldc: number,
  ): void;
  /** "OpenBLAS", "Accelerate", "BLIS", "MKL", else "CBLAS". */
  readonly library: string;
  /** The path, or the bare name that the loader resolved. */
  readonly path: string;
  /** As the library tells it, "0.3.21"; "" where it does not. */
  readonly version: string;
  /** The processor kind its kernels were chosen for, "Cooperlake"; "" where it does not tell. */
  readonly coreType: string;
  /** What the library chose by itself; differs from `coreType` where glissade made it choose again. */
  readonly detectedCoreType: string;
  /** Threads that a call may use; 0 where the library does not tell. */
  threads(): number;
  /**
   * Sets the number of threads; the library may clamp it. Does nothing where the library has no such
   * function (then `threads()` is 0).
   *
   * @throws {RangeError} if n is not an integer of at least 1
   */
  setThreads(n: number): void;
}

const ROW_MAJOR = 101;
const NO_TRANSPOSE = 111;
const TRANSPOSE = 112;

// Everything is optional, so that what is missing can be named in one reason.
const symbols = {
  cblas_sgemm: {
    optional: true,
    // deno-fmt-ignore
    parameters: ["i32", "i32", "i32", "i32", "i32", "i32", "f32", "usize", "i32", "usize", "i32", "f32", "usize", "i32"],
    result: "void",
  },
  cblas_dgemm: {
    optional: true,
    // deno-fmt-ignore
    parameters: ["i32", "i32", "i32", "i32", "i32", "i32", "f64", "usize", "i32", "usize", "i32", "f64", "usize", "i32"],
    result: "void",
  },
  // Its first integer is declared twice as wide as it should be: see `hasWideIntegers`.
  cblas_sscal: {
    optional: true,
    parameters: ["i64", "f32", "usize", "i32"],
    result: "void",
  },
  openblas_get_config: { optional: true, parameters: [], result: "usize" },
  openblas_get_corename: { optional: true, parameters: [], result: "usize" },
  openblas_get_num_threads: { optional: true, parameters: [], result: "i32" },
  openblas_set_num_threads: { optional: true, parameters: ["i32"], result: "void" },
  support_avx2: { optional: true, parameters: [], result: "i32" },
  support_avx512: { optional: true, parameters: [], result: "i32" },
  support_avx512_bf16: { optional: true, parameters: [], result: "i32" },
  gotoblas_dynamic_quit: { optional: true, parameters: [], result: "void" },
  gotoblas_dynamic_init: { optional: true, parameters: [], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Never called: their presence tells a build with 64-bit integers. */
const wideSymbols = {
  cblas_sgemm64_: { optional: true, parameters: [], result: "void" },
  scipy_cblas_sgemm64_: { optional: true, parameters: [], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** From macOS 13.3; the names without a suffix are an old LAPACK with known faults. */
const accelerateSymbols = {
  ...symbols,
  cblas_sgemm: { ...symbols.cblas_sgemm, name: "cblas_sgemm$NEWLAPACK" },
  cblas_dgemm: { ...symbols.cblas_dgemm, name: "cblas_dgemm$NEWLAPACK" },
  cblas_sscal: { ...symbols.cblas_sscal, name: "cblas_sscal$NEWLAPACK" },
} as const satisfies Deno.ForeignLibraryInterface;

type Symbols = Deno.DynamicLibrary<typeof symbols>["symbols"];

// One per library: a wrapper made twice would have two call targets and lose the fast path (30x).
const opened = new Map<string, Blas>();

/**
 * Opens a library, checks its integers and its products, and wraps it.
 *
 * @throws {Refusal} if it is not a working BLAS with 32-bit integers
 */
export function openBlas(candidate: string): Blas {
  const known = opened.get(candidate);
  if (known !== undefined) return known;
  const accelerate = candidate.includes("/Accelerate.framework/");
  const native: Symbols = openLibrary(candidate, accelerate ? accelerateSymbols : symbols);
  const about = verify(native, candidate, accelerate);
  const blas = wrap(native, candidate, nameOf(candidate, native, accelerate), about);
  opened.set(candidate, blas);
  return blas;
}

interface About {
  readonly config: string;
  readonly detectedCoreType: string;
}

/** Returns what the library says of itself, or throws the reason why it cannot be used. */
function verify(native: Symbols, candidate: string, accelerate: boolean): About {
  const { cblas_sgemm: sgemm, cblas_dgemm: dgemm } = native;
  if (sgemm === null || dgemm === null) {
    const wide = openLibrary(candidate, wideSymbols);
    if (wide.cblas_sgemm64_ !== null || wide.scipy_cblas_sgemm64_ !== null) {
      throw new Refusal(
        "unsuitable",
        "it is a build with 64-bit integers (its symbols end in 64_): 32-bit ones are wanted",
      );
    }
    const missing = [sgemm === null ? "cblas_sgemm" : "", dgemm === null ? "cblas_dgemm" : ""];
    const names = missing.filter((name) => name !== "").join(" and ");
    const advice = accelerate ? ": macOS 13.3 or later is wanted" : "";
    throw new Refusal("unsuitable", `it does not export ${names}${advice}`);
  }
  try {
    const config = cString(native.openblas_get_config?.() ?? 0n);
    const detectedCoreType = coreTypeOf(native);
    // nothing computes before: another thread may just be choosing the library's kernels
    raiseCoreType(native, () => coreTypeOf(native));
    if (config.includes("USE64BITINT") || hasWideIntegers(native)) {
      throw new Refusal("unsuitable", "it is a build with 64-bit integers: 32-bit ones are wanted");
    }
    const wrong = findsWrongProduct("sgemm", Float32Array, rowMajor(sgemm)) ??
      findsWrongProduct("dgemm", Float64Array, rowMajor(dgemm));
    if (wrong !== null) throw new Refusal("unsuitable", `its self-test failed: ${wrong}`);
    return { config, detectedCoreType };
  } catch (error) {
    if (error instanceof NativeLibraryError) throw new Refusal("denied", error.message);
    throw error;
  }
}

/**
 * Passes a length whose low 32 bits are 1 and which is negative as 64 bits: a library with 32-bit
 * integers scales one number, one with 64-bit integers returns at once. No memory is at risk.
 */
function hasWideIntegers(native: Symbols): boolean {
  if (native.cblas_sscal === null) return false;
  const x = Float32Array.of(1, 1);
  native.cblas_sscal(1n - (1n << 32n), 3, addressOf(x), 1);
  return x[0] !== 3;
}

function rowMajor(gemm: NonNullable<Symbols["cblas_dgemm"]>): Gemm {
  const flag = (transposed: boolean): number => transposed ? TRANSPOSE : NO_TRANSPOSE;
  return (ta, tb, ...rest) => gemm(ROW_MAJOR, flag(ta), flag(tb), ...rest);
}

function nameOf(candidate: string, native: Symbols, accelerate: boolean): string {
  if (accelerate) return "Accelerate";
  if (native.openblas_get_config !== null) return "OpenBLAS";
  const file = candidate.split(/[\\/]/).at(-1) ?? "";
  return file.includes("blis") ? "BLIS" : file.includes("mkl") ? "MKL" : "CBLAS";
}

function coreTypeOf(native: Symbols): string {
  return cString(native.openblas_get_corename?.() ?? 0n);
}

function wrap(native: Symbols, path: string, library: string, about: About): Blas {
  // The call targets are constants of this scope and every symbol is called from its own text: a
  // helper shared between symbols would cost 30 times as much (measured: 411 against 13 ns).
  const sgemm = native.cblas_sgemm!;
  const dgemm = native.cblas_dgemm!;
  const getThreads = native.openblas_get_num_threads;
  const setThreads = native.openblas_set_num_threads;
  return {
    sgemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
      if (!isGemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) {
        throw explain("sgemm", ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
      }
      // deno-fmt-ignore
      sgemm(ROW_MAJOR, ta ? TRANSPOSE : NO_TRANSPOSE, tb ? TRANSPOSE : NO_TRANSPOSE, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    },
    dgemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
      if (!isGemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) {
        throw explain("dgemm", ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
      }
      // deno-fmt-ignore
      dgemm(ROW_MAJOR, ta ? TRANSPOSE : NO_TRANSPOSE, tb ? TRANSPOSE : NO_TRANSPOSE, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    },
    library,
    path,
    version: /^OpenBLAS\s+(\S+)/.exec(about.config)?.[1] ?? "",
    coreType: coreTypeOf(native),
    detectedCoreType: about.detectedCoreType,
    threads: () => getThreads === null ? 0 : getThreads(),
    setThreads(n) {
      if (!(isSize(n) && n >= 1)) {
        throw new RangeError(`Cannot use ${n} threads: an integer of at least 1 is wanted`);
      }
      if (setThreads !== null) setThreads(n);
    },
  };
}

type GemmArguments = Parameters<Blas["sgemm"]>;

/** An integer from 0 to 2^31 - 1; false for anything else, NaN included. */
function isSize(x: number): boolean {
  return typeof x === "number" && (x | 0) === x && x >= 0;
}

// No system hands out more than 57 bits.
const LAST_ADDRESS = (1n << 62n) - 1n;

function isAddress(x: bigint): boolean {
  return typeof x === "bigint" && x > 0n && x <= LAST_ADDRESS;
}

/** A hot call does not complain about NaN or 2^32, and BLAS itself only prints: so look here. */
function isGemm(...args: GemmArguments): boolean;
function isGemm(
  ta: boolean,
  tb: boolean,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: bigint,
  lda: number,
  b: bigint,
  ldb: number,
  beta: number,
  c: bigint,
  ldc: number,
): boolean {
  return isSize(m) && isSize(n) && isSize(k) && isSize(lda) && isSize(ldb) && isSize(ldc) &&
    lda >= (ta ? m : k) && ldb >= (tb ? k : n) && ldc >= n && lda > 0 && ldb > 0 && ldc > 0 &&
    typeof alpha === "number" && typeof beta === "number" &&
    isAddress(a) && isAddress(b) && isAddress(c);
}

/** Names the first argument that {@linkcode isGemm} did not like. */
function explain(name: string, ...args: GemmArguments): Error {
  const [ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc] = args;
  for (const [what, x] of Object.entries({ m, n, k, lda, ldb, ldc })) {
    if (typeof x !== "number") return wrongKind(name, what, x, "a number");
    if (!isSize(x)) return wrongValue(name, what, x, "an integer from 0 to 2^31 - 1 is wanted");
  }
  for (const [what, x] of Object.entries({ alpha, beta })) {
    if (typeof x !== "number") return wrongKind(name, what, x, "a number");
  }
  for (const [what, x] of Object.entries({ a, b, c })) {
    if (typeof x !== "bigint") return wrongKind(name, what, x, "an address as a bigint");
    if (!isAddress(x)) return wrongValue(name, what, x, "an address from 1 to 2^62 - 1 is wanted");
  }
  const rows: [string, number, number][] = [
    ["lda", lda, ta ? m : k],
    ["ldb", ldb, tb ? k : n],
    ["ldc", ldc, n],
  ];
  const [what, x, least] = rows.find(([, x, least]) => x < Math.max(1, least))!;
  return wrongValue(name, what, x, `at least ${Math.max(1, least)}, one row's length, is wanted`);
}

function wrongKind(name: string, what: string, x: unknown, wanted: string): TypeError {
  return new TypeError(`Cannot call ${name} with ${what} of type ${typeof x}: ${wanted} is wanted`);
}

function wrongValue(name: string, what: string, x: number | bigint, wanted: string): RangeError {
  return new RangeError(`Cannot call ${name} with ${what} = ${x}: ${wanted}`);
}
