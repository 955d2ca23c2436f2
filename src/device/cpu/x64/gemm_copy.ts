/**
 * Copies of blocks of the operands of the matrix product in machine code, in the order in which tiles
 * read them: rows of A a good distance apart, B in panels two vectors wide, transposed where it must
 * be.
 *
 * @module
 */
import type { Assembler, Gpr } from "../../../x64/x64.ts";
import {
  at,
  type Element,
  maskFirst,
  maskQuarters,
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
  RBX,
  RCX,
  RDI,
  RDX,
  repeat,
  RSI,
  slot,
  VECTOR,
} from "./gemm_frame.ts";

/** Bytes from a copied row to the next; a multiple of 4096 would put all in one place of the cache. */
export function rowBytes(e: Element): number {
  return e.depth * e.bytes + VECTOR;
}

/** Bytes from the numbers of one k to the next, where A is copied as it lies transposed. */
export function stepBytes(e: Element): number {
  return MOST_ROWS > e.lanes ? 2 * VECTOR : VECTOR;
}

/** Bytes of copied rows of A. */
export function leftBytes(e: Element): number {
  return Math.max(MOST_ROWS * rowBytes(e), e.depth * stepBytes(e));
}

/** Bytes of copied lines of a transposed B that do not fill a vector. */
export function lineBytes(e: Element): number {
  return e.lanes * rowBytes(e);
}

/** Copies `count` lines, `step` bytes apart, of as many numbers as the block is deep; uses rcx, k1. */
export function copyLines(
  asm: Assembler,
  e: Element,
  given: { count: Gpr; from: Gpr; step: Gpr; to: Gpr; free: readonly [Gpr, Gpr] },
): void {
  const { count, from, step, to, free: [source, target] } = given;
  repeat(asm, count, () => {
    const [again, last] = [asm.label(), asm.label()];
    asm.move(source, from);
    asm.move(target, to);
    asm.load64(RCX, slot("depth"));
    asm.bind(again);
    asm.compareImmediate(RCX, e.lanes);
    asm.jumpIf("be", last);
    asm.v2(e.move, 0, at(source));
    asm.store(e.move, at(target), 0);
    asm.addImmediate(source, VECTOR);
    asm.addImmediate(target, VECTOR);
    asm.subImmediate(RCX, e.lanes);
    asm.jump(again);
    asm.bind(last);
    maskFirst(asm, e, RCX, 1, 1);
    asm.v2(e.move, 0, at(source), { mask: 1, zero: true });
    asm.store(e.move, at(target), 0, { mask: 1 });
    asm.add(from, step);
    asm.addImmediate(to, rowBytes(e));
  });
}

/** Copies rbx rows at rax, whose numbers of one k lie side by side and rdx apart, to rcx. */
export function copySteps(asm: Assembler, e: Element): void {
  const vectors = stepBytes(e) / VECTOR;
  maskFirst(asm, e, RBX, vectors, 0);
  asm.move(R8, RAX);
  asm.move(R9, RCX);
  asm.load64(R10, slot("depth"));
  repeat(asm, R10, () => {
    for (let v = 0; v < vectors; v++) {
      asm.v2(e.move, v, at(R8, v * VECTOR), { mask: 1 + v, zero: true });
      asm.store(e.move, at(R9, v * VECTOR), v);
    }
    asm.add(R8, RDX);
    asm.addImmediate(R9, stepBytes(e));
  });
}

/** Of a square in four quarters of 16 bytes, stores columns; advances the quarters and the target. */
function emitSquare(asm: Assembler, e: Element): void {
  const side = 16 / e.bytes;
  const quarters = [RAX, R8, R9, R10];
  for (let line = 0; line < side; line++) {
    for (const [q, base] of quarters.entries()) {
      const source = line === 0
        ? at(base)
        : line === 3
        ? { base, index: R11, disp: 0 }
        : { base, index: RDX, scale: line as 1 | 2, disp: 0 };
      asm.v2("vbroadcastf32x4", line, source, { mask: 3 + q, zero: q === 0 });
    }
  }
  const results = e.bytes === 8 ? [4, 5] : [4, 5, 6, 7];
  if (e.bytes === 8) {
    asm.v3("vunpcklpd", 4, 0, 1);
    asm.v3("vunpckhpd", 5, 0, 1);
  } else {
    asm.v3("vunpcklps", 8, 0, 1);
    asm.v3("vunpckhps", 9, 0, 1);
    asm.v3("vunpcklps", 10, 2, 3);
    asm.v3("vunpckhps", 11, 2, 3);
    asm.v3("vunpcklpd", 4, 8, 10);
    asm.v3("vunpckhpd", 5, 8, 10);
    asm.v3("vunpcklpd", 6, 9, 11);
    asm.v3("vunpckhpd", 7, 9, 11);
  }
  for (const [i, result] of results.entries()) asm.store(e.move, at(RDI, i * PANEL), result);
  for (const base of quarters) asm.addImmediate(base, 16);
  asm.addImmediate(RDI, side * PANEL);
}

/**
 * Packs r14 columns of B at rbx to r15, along each of which k lies side by side; moves rbx to the next
 * panel. Panels have room for a multiple of four k.
 */
export function packLines(asm: Assembler, e: Element): void {
  const side = 16 / e.bytes;
  const [again, whole, squares, rest, next] = [1, 2, 3, 4, 5].map(() => asm.label()) as [
    number,
    number,
    number,
    number,
    number,
  ];
  asm.moveImmediate(R12, VECTOR);
  asm.load64(R13, slot("apart"));
  asm.subImmediate(R13, VECTOR);

  asm.bind(again);
  asm.load64(RDX, slot("bRow"));
  asm.move(RAX, RBX);
  asm.compareImmediate(R14, e.lanes);
  asm.jumpIf("ae", whole);
  asm.move(R8, R14);
  asm.load64(R9, slot("lines"));
  copyLines(asm, e, { count: R8, from: RAX, step: RDX, to: R9, free: [R10, R11] });
  asm.load64(RAX, slot("lines"));
  asm.moveImmediate(RDX, rowBytes(e));
  asm.bind(whole);

  asm.lea(R11, { base: RDX, index: RDX, scale: 2, disp: 0 });
  for (const [from, to] of [[RAX, R8], [R8, R9], [R9, R10]] as const) {
    asm.lea(to, { base: from, index: RDX, scale: side as 2 | 4, disp: 0 });
  }
  asm.move(RDI, R15);
  asm.load64(RCX, slot("depth"));
  for (let q = 0; q < 4; q++) {
    asm.moveImmediate(RSI, 15 << 4 * q);
    asm.maskFrom(3 + q, RSI);
  }
  asm.subImmediate(RCX, side);
  asm.jumpIf("b", rest);
  asm.bind(squares);
  emitSquare(asm, e);
  asm.subImmediate(RCX, side);
  asm.jumpIf("ae", squares);
  asm.bind(rest);
  asm.addImmediate(RCX, side);
  asm.jumpIf("e", next);
  // no more is read of the last lines than they have
  asm.multiplyImmediate(RCX, RCX, e.bytes / 4);
  maskQuarters(asm, RCX, 0);
  for (let q = 0; q < 4; q++) asm.maskAnd(3 + q, 3 + q, 1);
  emitSquare(asm, e);
  asm.bind(next);

  asm.load64(RDX, slot("bRow"));
  asm.multiplyImmediate(RDX, RDX, e.lanes);
  asm.add(RBX, RDX);
  asm.add(R15, R12);
  // the next vector is the other one of the panel
  asm.move(RDX, R12);
  asm.move(R12, R13);
  asm.move(R13, RDX);
  asm.subImmediate(R14, e.lanes);
  asm.jumpIf("a", again);
}
