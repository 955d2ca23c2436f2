/**
 * What all parts of the matrix product in machine code share: the element, which register and which
 * place on the stack holds what, and small steps that are written often.
 *
 * @module
 */
import type { Assembler, Gpr, Memory, StoreName, V2Name, V3Name, Zmm } from "../../../x64/x64.ts";

/** How numbers of one dtype are computed with. */
export interface Element {
  readonly bytes: 4 | 8;
  /** Numbers in a vector. */
  readonly lanes: 16 | 8;
  /** Products that are summed before the sum is added to C: what the order of a sum depends on. */
  readonly depth: number;
  /** Columns of B that are packed at a time: as many as fit a small second-level cache. */
  readonly columns: number;
  readonly move: V2Name & StoreName;
  readonly broadcast: V2Name;
  readonly add: V3Name;
  readonly madd: V3Name;
}

/** The dtypes that can be multiplied. */
export const ELEMENTS = {
  float32: {
    bytes: 4,
    lanes: 16,
    depth: 384,
    columns: 512,
    move: "vmovups",
    broadcast: "vbroadcastss",
    add: "vaddps",
    madd: "vfmadd231ps",
  },
  float64: {
    bytes: 8,
    lanes: 8,
    depth: 256,
    columns: 384,
    move: "vmovupd",
    broadcast: "vbroadcastsd",
    add: "vaddpd",
    madd: "vfmadd231pd",
  },
} as const satisfies Record<string, Element>;

/** The general registers by their names. */
// deno-fmt-ignore
export const [RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15] =
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** Bytes of a vector, and of a row of a panel of packed B, which is two vectors wide. */
export const VECTOR = 64;
export const PANEL = 2 * VECTOR;
/** Rows of a full tile: 28 sums, two vectors of B and two of A fill all registers. */
export const MOST_ROWS = 14;

/** Numbers that a call is given, in this order, as those of a piece in `gemm_blocks.ts`. */
// deno-fmt-ignore
export const ARGUMENTS = [
  "ta", "tb", "m", "n", "k", "a", "b", "c", "beta", "scratch",
  "rows", "columns", "across", "each", "begin", "end",
] as const;

// deno-fmt-ignore
const SLOTS = [
  ...ARGUMENTS,
  // bytes from a row of op(A), of op(B)', of C to the next, and from one k to the next
  "aRow", "aStep", "bRow", "bStep", "cRow",
  // bytes from an operand to that of the next product
  "aItem", "bItem", "cItem",
  // the piece: where it begins, its size, its operands
  "i0", "j0", "height", "width", "left", "right", "target", "direct", "most",
  // the block: where it begins in the piece, and its size
  "i", "j", "l", "high", "wide", "depth", "add",
  // B of the block as tiles read it, and where packed blocks lie
  "panel", "step", "apart", "lines", "packed",
  // the first rows of tiles: 0 no longer, 1 they read B in place, 2 each tile packs its panel; B of the
  // next tile, and A of the next rows
  "first", "source", "next",
  // what a tile asks for while it computes: two lines of the cache for each k, from where, how far
  // apart, how far from a pair to the next, and after so many pairs how much more
  "ahead", "aheadOther", "aheadStep", "aheadBack", "pairs",
  "aOther", "aAhead", "aBack", "bOther", "bAhead", "bBack",
  // registers of a row of tiles
  "keptColumns", "keptPanel", "keptTarget", "keptStep",
] as const;

/** A place on the stack. */
export type Slot = typeof SLOTS[number];

/** Bytes of all places on the stack. */
export const FRAME = SLOTS.length * 8;

/** Where a slot lies. */
export function slot(name: Slot): Memory {
  return { base: RSP, disp: 8 * SLOTS.indexOf(name) };
}

/** The address in a register. */
export function at(base: Gpr, disp = 0): Memory {
  return { base, disp };
}

/** to = the smaller of to and the slot. */
export function atMost(asm: Assembler, to: Gpr, most: Slot): void {
  asm.compare(to, slot(most));
  asm.moveIf("a", to, slot(most));
}

/** Runs `body` as often as a register says, at least once; it ends as 0. */
export function repeat(asm: Assembler, count: Gpr, body: () => void): void {
  const again = asm.label();
  asm.bind(again);
  body();
  asm.subImmediate(count, 1);
  asm.jumpIf("ne", again);
}

function numbers(value: (lane: number) => number): Uint8Array {
  return new Uint8Array(Int32Array.from({ length: 16 }, (_, i) => value(i)).buffer);
}

/** Sets masks k1, k2 ... for so many vectors to the first `count` numbers; `free` is overwritten. */
export function maskFirst(
  asm: Assembler,
  { lanes }: Element,
  count: Gpr,
  vectors: number,
  free: Zmm,
): void {
  asm.fromGeneral("vpbroadcastd", free, count);
  for (let v = 0; v < vectors; v++) {
    const first = asm.constant(numbers((i) => i + v * lanes));
    asm.testVectors("vpcmpgtd", 1 + v, free, first);
  }
}

/** Sets k1 to the first `count` words of 32 bits of each quarter of a vector. */
export function maskQuarters(asm: Assembler, count: Gpr, free: Zmm): void {
  asm.fromGeneral("vpbroadcastd", free, count);
  asm.testVectors("vpcmpgtd", 1, free, asm.constant(numbers((i) => i % 4)));
}
