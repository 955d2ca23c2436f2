/**
 * How products are cut for OpenBLAS: into what its kernels for small matrices take, which beat its
 * general ones because those pack their operands first; and, where they are larger, among threads.
 *
 * @module
 */
import type { Blas } from "../../../ffi/mod.ts";

/** A product in pieces of `rows` by `columns` of its result, each the sum of products `depth` deep. */
export interface Cut {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** The shape of a product of [m,k] and [k,n], either of which may lie transposed. */
export interface ProductShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly ta: boolean;
  readonly tb: boolean;
}

/** Multiplications up to which OpenBLAS takes its kernels for small matrices. */
const SMALL = 1e6;
/** Cores whose kernels these are. */
const CORES: ReadonlySet<string> = new Set(["SkylakeX", "Cooperlake", "SapphireRapids"]);
/** Pieces are multiples of this. */
const STEP = 16;
/** Small pieces of fewer rows, or less depth, gain nothing. */
const LEAST = 96;
/** A depth that still gains where there are too few rows, and one so small that packing dominates. */
const LEAST_DEPTH = 64;
const SHALLOW = 32;
const LEAST_ROWS = 48;
/** A result of so few rows or columns is thin: its matrix is read once, whatever is done. */
const THIN = 8;
/** Depth of a strip, and numbers that a thread makes at a time. */
const STRIP = 256;
const LONGEST = 512;
/** Pieces that a thread finds if each of them takes so many nanoseconds. */
const MOST_PIECES = 4;
const PIECE_COST = 2e6;

/** Whether a library has kernels for small matrices on this machine. */
export function hasSmallKernels({ library, coreType, version }: Blas): boolean {
  const [major, minor, patch] = version.split(".").map(Number.parseFloat);
  const isNew = (major ?? 0) > 0 || (minor ?? 0) > 3 || ((minor ?? 0) === 3 && (patch ?? 0) >= 17);
  return library === "OpenBLAS" && CORES.has(coreType) && isNew;
}

/**
 * How to cut a product for kernels for small matrices, or null where it is small already or too large.
 * A function of the shape alone, since cuts along the depth change how sums round.
 * `bench/small_products.ts` measures it: 1.1 to 3 times as fast where it cuts. A right operand that
 * lies transposed is what these kernels are slow for, unless the result is thin.
 */
export function cutSmall({ m, n, k, ta, tb }: ProductShape): Cut | null {
  if (m * n * k <= SMALL) return null;
  if (Math.min(m, n) <= THIN) return cutThin({ m, n, k, ta, tb });
  if (tb) return null;
  const [rows, depth] = [most(n * k), most(m * n)];
  const deep = { rows: share(m, ta ? 32 : 16), columns: n, depth: even(k, depth) };
  const flat = { rows: even(m, rows), columns: n, depth: k };
  if (depth >= LEAST) return deep;
  if (rows >= LEAST) return flat;
  if (depth >= LEAST_DEPTH) return deep;
  return k <= SHALLOW && rows >= LEAST_ROWS ? flat : null;
}

/**
 * The same where a result has few rows or few columns, as that of a vector and a matrix. The matrix
 * is read along the depth, or, where it lies the other way, in strips.
 */
function cutThin({ m, n, k, ta, tb }: ProductShape): Cut {
  const [few, many] = [Math.min(m, n), Math.max(m, n)];
  const isAlong = n > m ? tb : !ta;
  const depth = isAlong && most(few * STEP) >= k ? k : even(k, Math.min(k, STRIP));
  const length = even(many, Math.min(many, LONGEST, Math.max(STEP, most(few * depth))));
  return { rows: n > m ? m : length, columns: n > m ? length : n, depth };
}

/** The longest piece that is small at `cost` multiplications for one of its length. */
const most = (cost: number): number => Math.floor(SMALL / cost / STEP) * STEP;

/** The shortest piece of which no more are needed than of `longest`. */
const even = (length: number, longest: number): number =>
  Math.ceil(length / Math.ceil(length / longest) / STEP) * STEP;

/** Rows for up to four threads, `least` or more for each: they cost nothing on one. */
const share = (m: number, least: number): number =>
  m < 2 * least ? m : even(m, m < 4 * least ? m / 2 : m / 4);

/**
 * How to cut a large product for `lanes` threads so that least is packed twice. No cut is along the
 * depth, and no piece is small: sums round as in the whole product.
 *
 * @param cost nanoseconds of the whole product on one thread
 */
export function cutAmong({ m, n, k }: ProductShape, cost: number, lanes: number): Cut {
  const each = Math.min(MOST_PIECES, Math.max(1, Math.floor(cost / lanes / PIECE_COST)));
  const wanted = Math.min(lanes * each, Math.floor(m * n * k / SMALL / 2));
  let best = { rows: m, columns: n, depth: k };
  let least = Infinity;
  for (let down = 1; down <= wanted; down++) {
    const across = Math.ceil(wanted / down);
    const packed = across * m + down * n;
    const [rows, columns] = [even(m, m / down), even(n, n / across)];
    if (packed >= least || Math.ceil(m / rows) * Math.ceil(n / columns) < wanted) continue;
    least = packed;
    best = { rows, columns, depth: k };
  }
  return best;
}
