/**
 * Matrix multiplication with no native library: what contractions run on where OpenBLAS is not
 * found or may not be opened.
 *
 * @module
 */

import { type MemoryType, ModuleBuilder } from "../../wasm/wasm.ts";
import {
  BLOCK_DEPTH,
  BLOCK_LINE_BYTES,
  BLOCK_ROWS,
  emitGemm,
  emitGemmPart,
  TILE_BYTES,
} from "./gemm_blocks.ts";
import { cutAmong, lastPiece } from "./cut_among.ts";
import { memoryTypeOf } from "./emit.ts";
import { ELEMENTS, TILE_VECTORS } from "./gemm_kernel.ts";
import { Piece } from "./pool.ts";
import { hasRelaxedSimd } from "../../wasm/relaxed_simd.ts";

/** A dtype that can be multiplied. */
export type GemmDtype = keyof typeof ELEMENTS;

/**
 * C = op(A) op(B) + beta C, row-major: op(A) is m by k, op(B) k by n, C m by n.
 *
 * `ta` and `tb` say that A and B are stored transposed (k by m, n by k). `a`, `b`, `c` and `scratch`
 * are byte addresses in the memory, `scratch` 64-byte aligned; `lda`, `ldb` and `ldc` are numbers
 * between the starts of stored rows. C must not overlap the operands. With beta 0, C is only
 * written: NaN there does not matter. One number of C is summed in an order that depends on k
 * alone, or, where C is a vector and each number of it a dot product of lines in memory, in a second
 * order that depends on k alone.
 *
 * @throws {WebAssembly.RuntimeError} when an address lies outside the memory.
 */
export type GemmFunction = (
  ta: boolean,
  tb: boolean,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: 0 | 1,
  c: number,
  ldc: number,
  scratch: number,
) => void;

/** Products of contiguous matrices in one memory, whole or in pieces. */
export interface GemmPieces {
  /** How many times as fast it is as `work.ts` takes for granted, roughly. */
  speed(dtype: GemmDtype): number;
  /** What packing a number of A and of B takes in such products, in multiplications. */
  packing(n: number, k: number, tb: boolean, dtype: GemmDtype): readonly [number, number];
  /** Bytes that a multiplication of these sizes needs at its scratch address. */
  scratchBytes(m: number, n: number, k: number, dtype: GemmDtype): number;
  /**
   * Pieces of products, for several threads; see {@linkcode cutGemm}. Its arguments are those of
   * `part` in `gemm_blocks.ts`.
   */
  piece(dtype: GemmDtype): Piece;
}

/** Matrix multiplications in one memory. */
export interface Gemm extends GemmPieces {
  /** In float32. */
  readonly sgemm: GemmFunction;
  /** In float64. */
  readonly dgemm: GemmFunction;
}

/** How products are cut in pieces. */
export interface GemmCut {
  /** Rows and columns of C in a piece; the last ones have what is left. */
  readonly rows: number;
  readonly columns: number;
  /** Pieces side by side, and pieces of one product. */
  readonly across: number;
  readonly each: number;
}

/** A piece is not made smaller than this, the last not than half of it: each packs its part of A and B. */
const LEAST_COLUMNS = 64;
const LEAST_ROWS = 40;
/** Rows and columns of a piece are multiples of these, so that few tiles are not full. */
const UNITS = [8, 32] as const;
/** What packing a number of A and of B takes, in multiplications. */
const PACKING = [20, 20] as const;

/** Cuts `batch` products for so many threads. */
export function cutGemm(
  m: number,
  n: number,
  batch: number,
  lanes: number,
  packing: readonly [number, number] = PACKING,
): GemmCut {
  // not of one row, which is summed as a vector is, in another order
  const fits = (rows: number, columns: number): boolean =>
    (rows === m || Math.min(rows, lastPiece(m, rows) * 2) >= LEAST_ROWS) &&
    (columns === n || Math.min(columns, lastPiece(n, columns) * 2) >= LEAST_COLUMNS);
  const { rows, columns } = cutAmong({ m, n, batch, packing, units: UNITS, fits }, lanes);
  const across = Math.ceil(n / columns);
  return { rows, columns, across, each: across * Math.ceil(m / rows) };
}

/**
 * Encodes the module that exports `gemm` for one dtype; its parameters are those of
 * {@linkcode GemmFunction} with flags as 0 or 1. `relaxed` (default: whether the engine has it)
 * chooses fused multiply-adds; without it products are rounded before they are added.
 */
export function gemmModule(
  dtype: GemmDtype,
  memory: MemoryType,
  relaxed: boolean = hasRelaxedSimd(),
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memory);
  emitGemmPart(module, ELEMENTS[dtype], emitGemm(module, ELEMENTS[dtype], relaxed));
  return module.bytes();
}

/** Bytes rounded up to whole cache lines. */
export function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** Bytes that a multiplication of these sizes needs at its scratch address. */
function gemmScratchBytes(m: number, n: number, k: number, dtype: GemmDtype): number {
  const { bytes, lanes } = ELEMENTS[dtype];
  const width = TILE_VECTORS * lanes;
  const depth = Math.min(k, BLOCK_DEPTH) * bytes;
  const columns = Math.min(Math.ceil(n / width) * width, BLOCK_LINE_BYTES / bytes);
  return TILE_BYTES + align(Math.min(m, BLOCK_ROWS) * depth) + align(columns * depth);
}

type Export = (...values: number[]) => void;

/**
 * Makes the matrix multiplications of a memory; each is compiled when it is first called.
 *
 * @example Multiply a row by a column
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createGemm } from "./gemm.ts";
 *
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const floats = new Float32Array(memory.buffer);
 * floats.set([1, 2, 3], 0);
 * floats.set([4, 5, 6], 16);
 * const gemm = createGemm(memory);
 * gemm.sgemm(false, false, 1, 1, 3, 0, 3, 64, 1, 0, 128, 1, 192);
 * assertEquals(floats[32], 32);
 * ```
 */
export function createGemm(memory: WebAssembly.Memory): Gemm {
  const compile = (dtype: GemmDtype): { gemm: Export; piece: Piece } => {
    const bytes = gemmModule(dtype, memoryTypeOf(memory));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const { gemm, part } = instance.exports as Record<"gemm" | "part", Export>;
    return { gemm, piece: new Piece(`the ${dtype} matrix product`, bytes, part) };
  };
  const made: { [K in GemmDtype]?: ReturnType<typeof compile> } = {};
  return {
    sgemm: (ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc, scratch) => {
      const { gemm } = made.float32 ??= compile("float32");
      gemm(ta ? 1 : 0, tb ? 1 : 0, m, n, k, a, lda, b, ldb, beta, c, ldc, scratch);
    },
    dgemm: (ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc, scratch) => {
      const { gemm } = made.float64 ??= compile("float64");
      gemm(ta ? 1 : 0, tb ? 1 : 0, m, n, k, a, lda, b, ldb, beta, c, ldc, scratch);
    },
    speed: () => 1,
    packing: () => PACKING,
    scratchBytes: gemmScratchBytes,
    piece: (dtype) => (made[dtype] ??= compile(dtype)).piece,
  };
}
