/**
 * The innermost loops of the matrix product in machine code: a tile of C is kept in the vector
 * registers while rows of A and a panel of B stream past.
 *
 * @module
 */
import type { Assembler, Label, Masking, Memory } from "../../../x64/x64.ts";
import { packLines } from "./gemm_copy.ts";
import {
  at,
  type Element,
  maskFirst,
  MOST_ROWS,
  PANEL,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15,
  R8,
  R9,
  RAX,
  RBP,
  RBX,
  RCX,
  RDI,
  RDX,
  repeat,
  RSI,
  type Slot,
  slot,
  VECTOR,
} from "./gemm_frame.ts";

// A tile is given: rbp its rows of A, rdx the bytes from a row to the next or from one k to the next,
// r11 three times that, r15 its columns of B, r8 the bytes from one k to the next, rdi its place in C,
// r10 the bytes from a row of C to the next, r14 columns that are left. It works in rax, rbx, rcx, rsi,
// r9, r12, r13 and all vectors.

/** Tiles of so few rows are so many vectors wide where B is not packed: else sums would wait. */
const FEW_ROWS = 3;
const WIDE_VECTORS = 8;
/** Rows of A that one register reaches, with multiples of the distance. */
const REACH = 5;
const BASES = [RAX, R12, R13] as const;

/** Which numbers of A lie side by side: those of one row, or those of one k. */
export type Side = "row" | "depth";

/**
 * Where row `row` of A has its number, `step` further on where the numbers of rows lie side by side. The
 * rows begin at rax, the fifth at r12, the tenth at r13.
 */
export function left(e: Element, side: Side, row: number, step: number): Memory {
  if (side === "depth") return at(RAX, row * e.bytes);
  const base = BASES[Math.floor(row / REACH)]!;
  const disp = step * e.bytes;
  const rest = row % REACH;
  if (rest === 0) return { base, disp };
  if (rest === 3) return { base, index: R11, disp };
  return { base, index: RDX, scale: rest as 1 | 2 | 4, disp };
}

/** All products of one k: sums += column of A times row of B. */
function emitStep(
  asm: Assembler,
  e: Element,
  rows: number,
  vectors: number,
  side: Side,
  step: number,
  packs: boolean,
): void {
  const sum = (row: number, vector: number): number => row * vectors + vector;
  if (vectors === WIDE_VECTORS) {
    const [spread, right] = [24, 27];
    for (let row = 0; row < rows; row++) {
      asm.v2(e.broadcast, spread + row, left(e, side, row, step));
    }
    for (let v = 0; v < vectors; v++) {
      if (rows > 1) asm.v2(e.move, right + v % REACH, at(RBX, v * VECTOR));
      const source = rows > 1 ? right + v % REACH : at(RBX, v * VECTOR);
      for (let row = 0; row < rows; row++) asm.v3(e.madd, sum(row, v), spread + row, source);
    }
  } else {
    const [right, spread] = [28, 30];
    for (let v = 0; v < vectors; v++) {
      asm.v2(e.move, right + v, at(RBX, v * VECTOR), { mask: 1 + v, zero: true });
      if (packs) asm.store(e.move, at(RDI, v * VECTOR), right + v);
    }
    if (packs) asm.addImmediate(RDI, PANEL);
    for (let row = 0; row < rows; row++) {
      const number = left(e, side, row, step);
      if (vectors === 1) {
        asm.v3(e.madd, sum(row, 0), right, number, { broadcast: true });
        continue;
      }
      const other = spread + row % 2;
      asm.v2(e.broadcast, other, number);
      for (let v = 0; v < vectors; v++) asm.v3(e.madd, sum(row, v), other, right + v);
    }
  }
  asm.add(RBX, R8);
  if (side === "depth") asm.add(RAX, RDX);
  if (looksAhead(rows, vectors)) emitAhead(asm);
}

/** Whether a tile asks for what comes after it: the usual one does. */
const looksAhead = (rows: number, vectors: number): boolean => rows === MOST_ROWS && vectors === 2;

/** Asks for two more lines of what comes after this tile. */
function emitAhead(asm: Assembler): void {
  const on = asm.label();
  asm.prefetch(at(RSI));
  asm.prefetch({ base: RSI, index: R15, disp: 0 });
  asm.add(RSI, R9);
  asm.subImmediate(R14, 1);
  asm.jumpIf("ne", on);
  asm.add(RSI, slot("aheadBack"));
  asm.load64(R14, slot("pairs"));
  asm.bind(on);
}

/** Says what the next tile asks for; uses rcx. */
export function setAhead(asm: Assembler, from: Slot, of: "a" | "b"): void {
  const slots = [
    ["ahead", from],
    ["aheadOther", `${of}Other`],
    ["aheadStep", `${of}Ahead`],
    ["aheadBack", `${of}Back`],
  ] as const;
  for (const [to, value] of slots) {
    asm.load64(RCX, slot(value));
    asm.store64(slot(to), RCX);
  }
}

/** Begins a tile that looks ahead: its registers are given back by {@linkcode endAhead}. */
function beginAhead(asm: Assembler): void {
  asm.store64(slot("keptColumns"), R14);
  asm.store64(slot("keptPanel"), R15);
  asm.load64(RSI, slot("ahead"));
  asm.load64(R15, slot("aheadOther"));
  asm.load64(R9, slot("aheadStep"));
  asm.load64(R14, slot("pairs"));
}

/** What was asked for once is not asked for again. */
function endAhead(asm: Assembler): void {
  asm.moveImmediate(R9, 0);
  asm.store64(slot("aheadStep"), R9);
  asm.store64(slot("aheadBack"), R9);
  asm.load64(R14, slot("keptColumns"));
  asm.load64(R15, slot("keptPanel"));
}

/**
 * One tile, of as many of the columns as are left where it is not a wide one. One that packs reads its
 * panel where it lies, r8 from one k to the next, and leaves it at r15.
 */
function emitTile(
  asm: Assembler,
  e: Element,
  rows: number,
  vectors: number,
  side: Side,
  packs = false,
): void {
  const isWide = vectors === WIDE_VECTORS;
  const sums = rows * vectors;
  if (!isWide) maskFirst(asm, e, R14, vectors, 0);
  for (let i = 0; i < sums; i++) asm.v3("vpxord", i, i, i);
  asm.move(RAX, RBP);
  if (packs) {
    asm.load64(RBX, slot("source"));
    asm.subImmediate(RBX, PANEL);
    asm.move(RDI, R15);
  } else asm.move(RBX, R15);
  asm.load64(RCX, slot("depth"));
  const bases = side === "row" ? BASES.slice(0, Math.ceil(rows / REACH)) : [];
  for (let i = 1; i < bases.length; i++) {
    asm.lea(bases[i]!, { base: bases[i - 1]!, index: RDX, scale: 4, disp: 0 });
    asm.add(bases[i]!, RDX);
  }
  const advance = (steps: number): void => {
    for (const base of bases) asm.addImmediate(base, steps * e.bytes);
  };

  if (looksAhead(rows, vectors)) beginAhead(asm);
  const unroll = sums < 14 ? 4 : 2;
  const [again, rest, end] = [asm.label(), asm.label(), asm.label()];
  asm.subImmediate(RCX, unroll);
  asm.jumpIf("b", rest);
  asm.bind(again);
  for (let step = 0; step < unroll; step++) emitStep(asm, e, rows, vectors, side, step, packs);
  advance(unroll);
  asm.subImmediate(RCX, unroll);
  asm.jumpIf("ae", again);
  asm.bind(rest);
  asm.addImmediate(RCX, unroll);
  asm.jumpIf("e", end);
  repeat(asm, RCX, () => {
    emitStep(asm, e, rows, vectors, side, 0, packs);
    advance(1);
  });
  asm.bind(end);
  if (looksAhead(rows, vectors)) endAhead(asm);
  if (packs) {
    asm.load64(RDI, slot("keptTarget"));
    asm.load64(R8, slot("step"));
  }

  const forEach = (body: (sum: number, place: Memory, masking: Masking) => void): void => {
    asm.move(R9, RDI);
    for (let row = 0; row < rows; row++) {
      for (let v = 0; v < vectors; v++) {
        body(row * vectors + v, at(R9, v * VECTOR), isWide ? {} : { mask: 1 + v });
      }
      if (row < rows - 1) asm.add(R9, R10);
    }
  };
  const fresh = asm.label();
  asm.load64(RAX, slot("add"));
  asm.test(RAX, RAX);
  asm.jumpIf("e", fresh);
  // a masked sum reads only what C has
  forEach((sum, place, masking) => asm.v3(e.add, sum, sum, place, masking));
  asm.bind(fresh);
  forEach((sum, place, masking) => asm.store(e.move, place, sum, masking));
}

/** Lets the tile at hand ask for the panel of B at rbx, or, if it is the last, for the next rows of A. */
function setNext(asm: Assembler, e: Element): void {
  const more = asm.label();
  asm.store64(slot("source"), RBX);
  asm.compareImmediate(R14, 2 * e.lanes);
  setAhead(asm, "source", "b");
  asm.jumpIf("a", more);
  setAhead(asm, "next", "a");
  asm.bind(more);
}

/**
 * Before a tile of the first rows of a block: packs its panel where B is packed, and lets the tile ask
 * for the B of the next one, or at last for the next rows of A.
 */
function emitFirst(asm: Assembler, e: Element, side: Side, done: Label): void {
  const [inPlace, asks, more, lines] = [1, 2, 3, 4].map(() => asm.label()) as [
    number,
    number,
    number,
    number,
  ];
  asm.load64(RAX, slot("first"));
  asm.compareImmediate(RAX, 1);
  asm.jumpIf("b", more);
  asm.load64(RBX, slot("source"));
  asm.jumpIf("e", inPlace);
  asm.store64(slot("keptTarget"), RDI);
  asm.load64(RAX, slot("tb"));
  asm.test(RAX, RAX);
  asm.jumpIf("ne", lines);
  asm.addImmediate(RBX, PANEL);
  setNext(asm, e);
  asm.load64(R8, slot("bStep"));
  emitTile(asm, e, MOST_ROWS, 2, side, true);
  asm.jump(done);

  asm.bind(lines);
  asm.store64(slot("keptColumns"), R14);
  asm.store64(slot("keptPanel"), R15);
  asm.store64(slot("keptStep"), RDX);
  asm.moveImmediate(RAX, 2 * e.lanes);
  asm.compare(R14, RAX);
  asm.moveIf("a", R14, RAX);
  packLines(asm, e);
  asm.load64(R14, slot("keptColumns"));
  asm.load64(R15, slot("keptPanel"));
  asm.load64(RDI, slot("keptTarget"));
  asm.load64(RDX, slot("keptStep"));
  asm.load64(R8, slot("step"));
  asm.load64(R10, slot("cRow"));
  if (side === "row") asm.lea(R11, { base: RDX, index: RDX, scale: 2, disp: 0 });
  asm.jump(asks);
  asm.bind(inPlace);
  asm.addImmediate(RBX, PANEL);
  asm.bind(asks);
  setNext(asm, e);
  asm.bind(more);
}

/** All tiles side by side that have these rows. */
function emitRow(asm: Assembler, e: Element, rows: number, side: Side): void {
  const [pairs, last, end] = [asm.label(), asm.label(), asm.label()];
  if (side === "row") asm.lea(R11, { base: RDX, index: RDX, scale: 2, disp: 0 });
  if (rows <= FEW_ROWS) {
    const wide = asm.label();
    asm.load64(RAX, slot("direct"));
    asm.test(RAX, RAX);
    asm.jumpIf("e", pairs);
    asm.bind(wide);
    asm.compareImmediate(R14, WIDE_VECTORS * e.lanes);
    asm.jumpIf("b", pairs);
    emitTile(asm, e, rows, WIDE_VECTORS, side);
    asm.addImmediate(R15, WIDE_VECTORS * VECTOR);
    asm.addImmediate(RDI, WIDE_VECTORS * VECTOR);
    asm.subImmediate(R14, WIDE_VECTORS * e.lanes);
    asm.jump(wide);
  }
  asm.bind(pairs);
  const done = asm.label();
  if (rows === MOST_ROWS) emitFirst(asm, e, side, done);
  asm.compareImmediate(R14, e.lanes);
  asm.jumpIf("be", last);
  emitTile(asm, e, rows, 2, side);
  asm.bind(done);
  asm.add(R15, slot("apart"));
  asm.addImmediate(RDI, PANEL);
  asm.subImmediate(R14, 2 * e.lanes);
  asm.jumpIf("a", pairs);
  asm.jump(end);
  asm.bind(last);
  asm.test(R14, R14);
  asm.jumpIf("e", end);
  emitTile(asm, e, rows, 1, side);
  asm.bind(end);
}

/** The tiles of one to {@linkcode MOST_ROWS} rows, of which rbx says how many. */
export function emitRows(asm: Assembler, e: Element, side: Side): void {
  const end = asm.label();
  for (let rows = MOST_ROWS; rows > 0; rows--) {
    const other = asm.label();
    if (rows > 1) {
      asm.compareImmediate(RBX, rows);
      asm.jumpIf("ne", other);
    }
    emitRow(asm, e, rows, side);
    if (rows > 1) asm.jump(end);
    asm.bind(other);
  }
  asm.bind(end);
}
