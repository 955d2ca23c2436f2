/**
 * How products are cut for OpenBLAS: into what its kernels for small matrices take, which beat its
 * general ones because those pack their operands first; and, where they are larger, among threads.
 *
 * @module
 */
import type { Blas } from "../../../ffi/mod.ts";
import { cutAmong, lastPiece } from "./cut_among.ts";

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
/** A block of a result whose rows are this many, so that its part of the right operand stays near. */
const BLOCK = 48;
/** What the kernels make of a row at a time. */
const LANE = 64;
/** A depth up to which such a block is summed in one go, and how deep its parts are otherwise. */
const WHOLE_DEPTH = 320;
const PART_DEPTH = 256;
/** Rows of operands up to which blocks of them share the caches: a right one, a left one transposed. */
const WIDEST = 256;
const TALLEST = 512;
/** Bands of blocks for each thread from which a unit is a whole band. */
const BANDS = 4;
/** What packing a number of the left and the right operand takes, in multiplications. */
const PACKING = { float32: [36, 16], float64: [88, 20] } as const;

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
  if (n % STEP === 0 && n <= WIDEST && (!ta || m <= TALLEST)) return block(m, n, k);
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

/**
 * Blocks of a result whose rows start at whole vectors: kernels that do not pack are slow where not.
 * The depth is cut only where it is long.
 */
function block(m: number, n: number, k: number): Cut {
  const depth = k <= WHOLE_DEPTH ? k : even(k, PART_DEPTH);
  const wide = Math.floor(SMALL / (Math.min(m, BLOCK) * depth) / LANE) * LANE;
  const columns = Math.min(n, Math.max(LANE, wide));
  return { rows: Math.min(m, most(columns * depth)), columns, depth };
}

/** The longest piece that is small at `cost` multiplications for one of its length. */
const most = (cost: number): number => Math.floor(SMALL / cost / STEP) * STEP;

/** The shortest piece of which no more are needed than of `longest`. */
const even = (length: number, longest: number): number =>
  Math.ceil(length / Math.ceil(length / longest) / STEP) * STEP;

/** Rows for up to four threads, `least` or more for each: they cost nothing on one. */
const share = (m: number, least: number): number =>
  m < 2 * least ? m : even(m, m < 4 * least ? m / 2 : m / 4);

/** What a thread takes at a time: `tall` by `wide` of the result, whole pieces of a cut. */
export interface Unit {
  readonly tall: number;
  readonly wide: number;
}

/**
 * The units of a cut. Where the depth is cut too, a thread has as many rows as it can, so that it uses
 * each part of the right operand for all of them while that is near.
 */
export function unitOf({ m, n, k }: ProductShape, cut: Cut, lanes: number): Unit {
  const bands = Math.ceil(m / cut.rows);
  const tall = cut.rows * (cut.depth < k ? Math.ceil(bands / lanes) : 1);
  return { tall, wide: bands < BANDS * lanes ? cut.columns : n };
}

/**
 * How to cut a large product for `lanes` threads. No cut is along the depth, and no piece is small: sums
 * round as in the whole product.
 */
export function cutLarge(
  { m, n, k }: ProductShape,
  dtype: keyof typeof PACKING,
  lanes: number,
): Cut {
  const units = [STEP, STEP] as const;
  const fits = (rows: number, columns: number): boolean =>
    lastPiece(m, rows) * lastPiece(n, columns) * k > SMALL;
  const { rows, columns } = cutAmong(
    { m, n, batch: 1, packing: PACKING[dtype], units, fits },
    lanes,
  );
  return { rows, columns, depth: k };
}
