/**
 * Where OpenBLAS has kernels for small matrices, they beat its general ones, which pack their operands
 * first: a product just too large for them is faster in pieces that they take.
 *
 * @module
 */
import type { Blas } from "../../../ffi/mod.ts";

/** A product in pieces of `rows` rows of its result, each the sum of products `depth` deep. */
export interface Cut {
  readonly rows: number;
  readonly depth: number;
}

/** Multiplications up to which OpenBLAS takes its kernels for small matrices. */
const SMALL = 1e6;
/** Cores whose kernels these are. */
const CORES: ReadonlySet<string> = new Set(["SkylakeX", "Cooperlake", "SapphireRapids"]);
/** Rows and depths are multiples of this. */
const STEP = 16;
/** Pieces of fewer rows, or less depth, gain nothing. */
const LEAST = 96;
/** A depth that still gains where there are too few rows, and one so small that packing dominates. */
const LEAST_DEPTH = 64;
const SHALLOW = 32;
const LEAST_ROWS = 48;

/** Whether a library has kernels for small matrices on this machine. */
export function hasSmallKernels({ library, coreType, version }: Blas): boolean {
  const [major, minor, patch] = version.split(".").map(Number.parseFloat);
  const isNew = (major ?? 0) > 0 || (minor ?? 0) > 3 || ((minor ?? 0) === 3 && (patch ?? 0) >= 17);
  return library === "OpenBLAS" && CORES.has(coreType) && isNew;
}

/**
 * How to cut a product of [m,k] and [k,n] for such a library. A pure function of the shape, since cuts
 * along the depth change how sums round. `bench/gemm.ts` measures it: 1.1 to 2 times as fast where it
 * cuts.
 *
 * @param tb whether the second operand lies transposed, which the small kernels are slow for
 */
export function cutProduct(m: number, n: number, k: number, tb: boolean): Cut {
  const whole = { rows: m, depth: k };
  if (tb || m * n * k <= SMALL) return whole;
  const [rows, depth] = [most(n * k), most(m * n)];
  if (depth >= LEAST) return { rows: m, depth: even(k, depth) };
  if (rows >= LEAST) return { rows: even(m, rows), depth: k };
  if (depth >= LEAST_DEPTH) return { rows: m, depth: even(k, depth) };
  if (k <= SHALLOW && rows >= LEAST_ROWS) return { rows: even(m, rows), depth: k };
  return whole;
}

/** The longest piece that is small at `cost` multiplications for one of its length. */
const most = (cost: number): number => Math.floor(SMALL / cost / STEP) * STEP;

/** The shortest piece of which no more are needed than of `longest`. */
const even = (length: number, longest: number): number =>
  Math.ceil(length / Math.ceil(length / longest) / STEP) * STEP;
