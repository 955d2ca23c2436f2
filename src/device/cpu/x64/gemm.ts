/**
 * The built-in matrix product as machine code: several times as fast as WebAssembly, whose vectors
 * are a quarter as wide, where kernels may be machine code.
 *
 * @module
 */
import type { GemmDtype, GemmPieces } from "../gemm.ts";
import { Piece } from "../pool.ts";
import { gemmCode, isDirect, scratchBytes } from "./gemm_code.ts";
import { ARGUMENTS, ELEMENTS } from "./gemm_frame.ts";
import { runnerOf } from "./runner.ts";

/** How many times as fast it is as the other built-in product, roughly. */
const SPEED = 3;
/** What packing a number of an operand takes, in multiplications. */
const PACKING_LEFT = 10;
const PACKING_RIGHT = 12;

/**
 * Makes the matrix products of a memory in which kernels may be machine code; each dtype is compiled
 * when it is first asked for. `other` computes what there is no room for. Every number of C is summed
 * in an order that depends on k alone, or, where C is a vector of dot products of lines in memory, in a
 * second one that does.
 */
export function createNativeGemm(
  memory: WebAssembly.Memory,
  other: GemmPieces,
  place: typeof runnerOf = runnerOf,
): GemmPieces {
  const compile = (dtype: GemmDtype): Piece | null => {
    const placed = place(gemmCode(ELEMENTS[dtype]), ARGUMENTS.length, memory);
    return placed && new Piece(`the ${dtype} matrix product`, placed.bytes, placed.run);
  };
  const made: { [K in GemmDtype]?: Piece | null } = {};
  const pieceOf = (dtype: GemmDtype): Piece | null => {
    const known = made[dtype];
    return known === undefined ? made[dtype] = compile(dtype) : known;
  };
  return {
    speed: (dtype) => pieceOf(dtype) === null ? other.speed(dtype) : SPEED,
    packing: (n, k, tb, dtype) =>
      pieceOf(dtype) === null
        ? other.packing(n, k, tb, dtype)
        : [PACKING_LEFT, isDirect(ELEMENTS[dtype], n, k, tb) ? 0 : PACKING_RIGHT],
    scratchBytes: (m, n, k, dtype) =>
      pieceOf(dtype) === null
        ? other.scratchBytes(m, n, k, dtype)
        : scratchBytes(ELEMENTS[dtype], m, n, k),
    piece: (dtype) => pieceOf(dtype) ?? other.piece(dtype),
  };
}
