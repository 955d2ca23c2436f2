/**
 * A vector times the lines of a matrix along which k lies side by side, in machine code: dot products,
 * for which packing the matrix would cost more than using it once.
 *
 * @module
 */
import type { Assembler } from "../../../x64/x64.ts";
import {
  at,
  type Element,
  maskFirst,
  R11,
  R12,
  R14,
  R15,
  RAX,
  RBP,
  RBX,
  RCX,
  RDI,
  RDX,
  slot,
  VECTOR,
} from "./gemm_frame.ts";
import { left } from "./gemm_tile.ts";

/** Lines that share the loads of the vector. */
const GROUP = 8;

/** The next `lines` dot products; rbp, r15 and rdi are the vector, the lines and C. */
function emitGroup(asm: Assembler, e: Element, lines: 1 | 8): void {
  const sum = (line: number, v: number): number => 2 * line + v;
  const [right, loaded] = [2 * GROUP, 2 * GROUP + 2];
  const all = Array.from({ length: lines }, (_, line) => line);
  for (const line of all) {
    for (const v of [0, 1]) asm.v3("vpxord", sum(line, v), sum(line, v), sum(line, v));
  }
  asm.move(RAX, R15);
  asm.lea(R12, { base: RAX, index: RDX, scale: 4, disp: 0 });
  asm.add(R12, RDX);
  asm.move(RBX, RBP);
  asm.load64(RCX, slot("k"));
  const [again, rest, end] = [asm.label(), asm.label(), asm.label()];
  asm.subImmediate(RCX, 2 * e.lanes);
  asm.jumpIf("b", rest);
  asm.bind(again);
  for (const v of [0, 1]) asm.v2(e.move, right + v, at(RBX, v * VECTOR));
  for (const line of all) {
    for (const v of [0, 1]) {
      asm.v3(e.madd, sum(line, v), right + v, left(e, "row", line, v * e.lanes));
    }
  }
  for (const base of [RAX, R12, RBX]) asm.addImmediate(base, 2 * VECTOR);
  asm.subImmediate(RCX, 2 * e.lanes);
  asm.jumpIf("ae", again);
  asm.bind(rest);
  asm.addImmediate(RCX, 2 * e.lanes);
  asm.jumpIf("e", end);
  maskFirst(asm, e, RCX, 2, loaded);
  for (const v of [0, 1]) {
    const masking = { mask: 1 + v, zero: true };
    asm.v2(e.move, right + v, at(RBX, v * VECTOR), masking);
    for (const line of all) {
      asm.v2(e.move, loaded + line, left(e, "row", line, v * e.lanes), masking);
      asm.v3(e.madd, sum(line, v), right + v, loaded + line);
    }
  }
  asm.bind(end);

  for (const line of all) asm.v3(e.add, sum(line, 0), sum(line, 0), sum(line, 1));
  // halves of the vector, of its halves, and so on
  for (let apart = e.lanes / 2; apart >= 1; apart /= 2) {
    const bytes = apart * e.bytes;
    for (const line of all) {
      const [x, other] = [sum(line, 0), sum(line, 1)];
      if (bytes >= 16) asm.v3i("vshuff32x4", other, x, x, bytes === 32 ? 0x4e : 0xb1);
      else asm.v2i("vpshufd", other, x, bytes === 8 ? 0x4e : 0xb1);
    }
    for (const line of all) asm.v3(e.add, sum(line, 0), sum(line, 0), sum(line, 1));
  }
  asm.moveImmediate(RCX, 1);
  maskFirst(asm, e, RCX, 1, loaded);
  const fresh = asm.label();
  asm.load64(RCX, slot("beta"));
  asm.test(RCX, RCX);
  asm.jumpIf("e", fresh);
  for (const line of all) {
    asm.v3(e.add, sum(line, 0), sum(line, 0), at(RDI, line * e.bytes), { mask: 1 });
  }
  asm.bind(fresh);
  for (const line of all) {
    asm.store(e.move, at(RDI, line * e.bytes), sum(line, 0), { mask: 1 });
  }
  asm.addImmediate(RDI, lines * e.bytes);
  asm.lea(R15, { base: R15, index: RDX, scale: lines, disp: 0 });
}

/** The numbers of a piece, each the dot product of the row of A and of a line of B. */
export function emitDots(asm: Assembler, e: Element): void {
  const [groups, singles, end] = [asm.label(), asm.label(), asm.label()];
  asm.load64(RBP, slot("left"));
  asm.load64(R15, slot("right"));
  asm.load64(RDI, slot("target"));
  asm.load64(RDX, slot("bRow"));
  asm.lea(R11, { base: RDX, index: RDX, scale: 2, disp: 0 });
  asm.load64(R14, slot("width"));
  asm.bind(groups);
  asm.compareImmediate(R14, GROUP);
  asm.jumpIf("b", singles);
  emitGroup(asm, e, GROUP);
  asm.subImmediate(R14, GROUP);
  asm.jump(groups);
  asm.bind(singles);
  asm.test(R14, R14);
  asm.jumpIf("e", end);
  emitGroup(asm, e, 1);
  asm.subImmediate(R14, 1);
  asm.jump(singles);
  asm.bind(end);
}
