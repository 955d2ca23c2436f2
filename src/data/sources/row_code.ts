/**
 * Machine code that copies chosen rows of one memory into another. It asks for the beginning of each
 * before all, and while it copies a row for all of a later one, as no processor can guess where that
 * is: rows that no cache holds come in half the time.
 *
 * @module
 */
import { Assembler } from "../../x64/x64.ts";

/** Where the numbers of a call lie, counted in 32 bits. */
export const SOURCE = 0, COUNT = 2, BYTES = 3, ROWS = 4;
/** Rows of fewer bytes it cannot copy. */
export const SHORTEST = 64;
/** How many rows ahead it asks: there must be so many numbers more than rows to copy. */
export const AHEAD = 2;

const [RAX, RCX, RSI, RDI, R8, R9, R10, R11] = [0, 1, 6, 7, 8, 9, 10, 11];
const VECTOR = 64;
/** Vectors of a row that it asks for before all, and of how many rows, so that caches hold them. */
const FIRST = 2, FIRST_ROWS = 64;

/**
 * `int code(const int32_t* numbers, char* target)`, of AVX-512. The numbers are the address of the
 * source in 64 bits, the count of rows (at least 1), the bytes of each, and which rows.
 */
export function rowCode(): Uint8Array<ArrayBuffer> {
  const asm = new Assembler();
  const [source, target, later, left] = [RAX, RSI, R11, RCX];
  const begin = asm.label(), row = asm.label(), pair = asm.label();
  const tail = asm.label(), rest = asm.label(), next = asm.label();
  const copy = (vectors: number) => {
    for (let i = 0; i < vectors; i++) asm.prefetch({ base: later, disp: i * VECTOR });
    for (let i = 0; i < vectors; i++) asm.v2("vmovups", i, { base: source, disp: i * VECTOR });
    for (let i = 0; i < vectors; i++) asm.store("vmovups", { base: target, disp: i * VECTOR }, i);
    for (const at of [source, target, later]) asm.addImmediate(at, vectors * VECTOR);
    asm.subImmediate(left, vectors * VECTOR);
  };
  const addressOf = (at: number, list: number, ahead: number) => {
    asm.load32(at, { base: list, disp: 4 * ahead });
    asm.multiply(at, R10);
    asm.add(at, R8);
  };
  asm.load64(R8, { base: RDI, disp: 4 * SOURCE });
  asm.load32(R9, { base: RDI, disp: 4 * COUNT });
  asm.load32(R10, { base: RDI, disp: 4 * BYTES });
  asm.addImmediate(RDI, 4 * ROWS);

  asm.move(later, RDI);
  asm.moveImmediate(left, FIRST_ROWS);
  asm.compare(R9, left);
  asm.moveIf("b", left, R9);
  asm.bind(begin);
  addressOf(source, later, 0);
  for (let i = 0; i < FIRST; i++) asm.prefetch({ base: source, disp: i * VECTOR });
  asm.addImmediate(later, 4);
  asm.subImmediate(left, 1);
  asm.jumpIf("ne", begin);

  asm.bind(row);
  addressOf(source, RDI, 0);
  addressOf(later, RDI, AHEAD);
  asm.move(left, R10);
  asm.bind(pair);
  asm.compareImmediate(left, 2 * VECTOR);
  asm.jumpIf("b", tail);
  copy(2);
  asm.jump(pair);
  asm.bind(tail);
  asm.compareImmediate(left, VECTOR);
  asm.jumpIf("b", rest);
  copy(1);
  asm.bind(rest);
  asm.test(left, left);
  asm.jumpIf("e", next);
  // the last bytes with those before them, which are there already
  asm.prefetch({ base: later, disp: 0 });
  asm.add(source, left);
  asm.add(target, left);
  asm.v2("vmovups", 0, { base: source, disp: -VECTOR });
  asm.store("vmovups", { base: target, disp: -VECTOR }, 0);
  asm.bind(next);
  asm.addImmediate(RDI, 4);
  asm.subImmediate(R9, 1);
  asm.jumpIf("ne", row);

  asm.vzeroupper();
  asm.xor(RAX, RAX);
  asm.ret();
  return asm.bytes();
}
