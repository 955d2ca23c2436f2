/**
 * An encoder of x86-64 machine code with AVX-512, so that loops are written as instructions by name
 * and compiled in microseconds, with no assembler between.
 *
 * @module
 */

import { ByteWriter } from "../wasm/byte_writer.ts";
import {
  type CmpName,
  COMPARISONS,
  type Condition,
  CONDITIONS,
  DIGIT,
  FROM_GENERAL,
  FROM_MASK,
  type FromGeneralName,
  type FromMaskName,
  type GatherName,
  GATHERS,
  MEMORY_ONLY,
  REVERSED,
  type StoreIName,
  type StoreName,
  STORES,
  STORES_I,
  type TestName,
  TESTS,
  TO_GENERAL,
  TO_MASK,
  type ToGeneralName,
  type ToMaskName,
  V2,
  V2I,
  type V2IName,
  type V2Name,
  V3,
  V3I,
  type V3IName,
  type V3Name,
} from "./instructions.ts";

export type {
  CmpName,
  Condition,
  FromGeneralName,
  FromMaskName,
  GatherName,
  StoreIName,
  StoreName,
  TestName,
  ToGeneralName,
  ToMaskName,
  V2IName,
  V2Name,
  V3IName,
  V3Name,
} from "./instructions.ts";

/** A general register, 0 to 15: rax rcx rdx rbx rsp rbp rsi rdi r8 to r15. */
export type Gpr = number;
/** A vector register, 0 to 31. */
export type Zmm = number;
/** A mask register, 0 to 7; 0 masks nothing. */
export type Mask = number;
/** A place in the code, made by {@linkcode Assembler.label}. */
export type Label = number;

/** The address base + index * scale (default 1) + disp. The index may be any register but rsp. */
export interface Memory {
  readonly base: Gpr;
  readonly index?: Gpr;
  readonly scale?: 1 | 2 | 4 | 8;
  readonly disp: number;
}

/** Bytes that lie behind the code, made by {@linkcode Assembler.constant}. */
export interface Constant {
  readonly constant: number;
}

/** What a vector instruction reads as its last operand. */
export type Source = Zmm | Memory | Constant;

/** Which elements of the destination an instruction writes, and how it reads memory. */
export interface Masking {
  /** The mask, k1 to k7. Elements whose bit is 0 stay as they are. */
  readonly mask?: Mask;
  /** Elements whose bit is 0 become 0 instead. */
  readonly zero?: boolean;
  /** The operand in memory is one element, read into all. */
  readonly broadcast?: boolean;
}

/** A place of code that needs a distance known only at the end. */
interface Fixup {
  /** Where the four bytes of the distance lie. */
  readonly at: number;
  /** Where the instruction ends: what the distance is counted from. */
  readonly end: number;
  /** The label or constant. */
  readonly target: number;
}

const none: Masking = {};
/** Stands for the register field of an instruction that addresses the code's own constants. */
const RIP = 5;

/** Machine code as it grows. */
export class Assembler {
  readonly #code = new ByteWriter(1024);
  readonly #labels: (number | undefined)[] = [];
  readonly #jumps: Fixup[] = [];
  readonly #constants: Uint8Array[] = [];
  readonly #constantIds = new Map<string, number>();
  readonly #reads: Fixup[] = [];

  /** How many bytes the code has so far. */
  get length(): number {
    return this.#code.length;
  }

  /** The place of equal bytes behind the code: 4, 8, 16, 32 or 64, aligned to their length. */
  constant(bytes: Uint8Array): Constant {
    const { length } = bytes;
    if (length < 4 || length > 64 || (length & (length - 1)) !== 0) {
      throw new RangeError(
        `Cannot place a constant of ${length} bytes: it must have 4, 8, 16, 32 or 64`,
      );
    }
    const key = bytes.join();
    const known = this.#constantIds.get(key);
    if (known !== undefined) return { constant: known };
    const id = this.#constants.push(bytes.slice()) - 1;
    this.#constantIds.set(key, id);
    return { constant: id };
  }

  /** A new label, to be bound to a place once. */
  label(): Label {
    return this.#labels.push(undefined) - 1;
  }

  /** Binds a label to the place of the next instruction. */
  bind(label: Label): void {
    if (this.#labels[label] !== undefined) {
      throw new RangeError(`Cannot bind label ${label}: it is bound already`);
    }
    this.#labels[label] = this.#code.length;
  }

  /** Goes on at the label. */
  jump(label: Label): void {
    this.#code.byte(0xe9);
    this.#distance(this.#jumps, label, 0);
  }

  /** Goes on at the label where the last comparison found the condition. */
  jumpIf(condition: Condition, label: Label): void {
    this.#code.byte(0x0f);
    this.#code.byte(0x80 | CONDITIONS[condition]);
    this.#distance(this.#jumps, label, 0);
  }

  // General registers, 64 bits unless said otherwise.

  /** dst = src. */
  move(dst: Gpr, src: Gpr): void {
    this.#general(1, 0x89, src, dst);
  }

  /** dst = value, a safe integer. Flags stay. */
  moveImmediate(dst: Gpr, value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Cannot move ${value} into a register: it must be a safe integer`);
    }
    if (value < 0 && value >= -0x80000000) {
      this.#general(1, 0xc7, 0, dst, 4);
      return this.#dword(value);
    }
    const wide = value < 0 || value > 0xffffffff;
    const prefix = (wide ? 8 : 0) | dst >> 3;
    if (prefix !== 0) this.#code.byte(0x40 | prefix);
    this.#code.byte(0xb8 | dst & 7);
    this.#dword(value);
    if (wide) this.#dword(Math.floor(value / 0x100000000));
  }

  /** dst = 64 bits at m. */
  load64(dst: Gpr, m: Memory): void {
    this.#general(1, 0x8b, dst, m);
  }

  /** dst = 32 bits at m, the upper half 0. */
  load32(dst: Gpr, m: Memory): void {
    this.#general(0, 0x8b, dst, m);
  }

  /** dst = 32 bits at m, the sign in the upper half. */
  load32Signed(dst: Gpr, m: Memory): void {
    this.#general(1, 0x63, dst, m);
  }

  /** dst = 8 bits at m, the rest 0. */
  load8(dst: Gpr, m: Memory): void {
    this.#general(0, 0x0fb6, dst, m);
  }

  /** 64 bits at m = src. */
  store64(m: Memory, src: Gpr): void {
    this.#general(1, 0x89, src, m);
  }

  /** 32 bits at m = the low half of src. */
  store32(m: Memory, src: Gpr): void {
    this.#general(0, 0x89, src, m);
  }

  /** 8 bits at m = the lowest of src. */
  store8(m: Memory, src: Gpr): void {
    // Without a prefix the numbers 4 to 7 mean ah to bh.
    this.#general(0, 0x88, src, m, 0, src > 3);
  }

  /** dst += src. */
  add(dst: Gpr, src: Gpr | Memory): void {
    this.#arithmetic(0, dst, src);
  }

  /** dst |= src. */
  or(dst: Gpr, src: Gpr | Memory): void {
    this.#arithmetic(1, dst, src);
  }

  /** dst &= src. */
  and(dst: Gpr, src: Gpr | Memory): void {
    this.#arithmetic(4, dst, src);
  }

  /** dst -= src. */
  sub(dst: Gpr, src: Gpr | Memory): void {
    this.#arithmetic(5, dst, src);
  }

  /** dst ^= src. */
  xor(dst: Gpr, src: Gpr | Memory): void {
    this.#arithmetic(6, dst, src);
  }

  /** Flags of dst - src. */
  compare(dst: Gpr, src: Gpr | Memory): void {
    this.#arithmetic(7, dst, src);
  }

  /** dst += value, of 32 bits. */
  addImmediate(dst: Gpr, value: number): void {
    this.#arithmeticImmediate(0, dst, value);
  }

  /** dst &= value, of 32 bits and its sign above. */
  andImmediate(dst: Gpr, value: number): void {
    this.#arithmeticImmediate(4, dst, value);
  }

  /** dst -= value, of 32 bits. */
  subImmediate(dst: Gpr, value: number): void {
    this.#arithmeticImmediate(5, dst, value);
  }

  /** Flags of dst - value, of 32 bits. */
  compareImmediate(dst: Gpr, value: number): void {
    this.#arithmeticImmediate(7, dst, value);
  }

  /** 64 bits at m += src. */
  addMemory(m: Memory, src: Gpr): void {
    this.#general(1, 0x01, src, m);
  }

  /** 64 bits at m += value, of 32 bits. */
  addMemoryImmediate(m: Memory, value: number): void {
    this.#arithmeticImmediate(0, m, value);
  }

  /** dst *= src. */
  multiply(dst: Gpr, src: Gpr | Memory): void {
    this.#general(1, 0x0faf, dst, src);
  }

  /** dst = src * value, of 32 bits. */
  multiplyImmediate(dst: Gpr, src: Gpr | Memory, value: number): void {
    const short = isByte(value);
    this.#general(1, short ? 0x6b : 0x69, dst, src, short ? 1 : 4);
    this.#immediate(value, short);
  }

  /** dst <<= count. */
  shiftLeft(dst: Gpr, count: number): void {
    this.#shift(4, dst, count);
  }

  /** dst >>>= count. */
  shiftRight(dst: Gpr, count: number): void {
    this.#shift(5, dst, count);
  }

  /** dst >>= count, with its sign. */
  shiftRightArithmetic(dst: Gpr, count: number): void {
    this.#shift(7, dst, count);
  }

  /** dst = the address m. Flags stay. */
  lea(dst: Gpr, m: Memory): void {
    this.#general(1, 0x8d, dst, m);
  }

  /** dst = src where the last comparison found the condition. */
  moveIf(condition: Condition, dst: Gpr, src: Gpr | Memory): void {
    this.#general(1, 0x0f40 | CONDITIONS[condition], dst, src);
  }

  /** Flags of a & b. */
  test(a: Gpr, b: Gpr): void {
    this.#general(1, 0x85, b, a);
  }

  /** Puts a register on the stack. */
  push(src: Gpr): void {
    if (src > 7) this.#code.byte(0x41);
    this.#code.byte(0x50 | src & 7);
  }

  /** Takes a register from the stack. */
  pop(dst: Gpr): void {
    if (dst > 7) this.#code.byte(0x41);
    this.#code.byte(0x58 | dst & 7);
  }

  /** Returns to the caller. */
  ret(): void {
    this.#code.byte(0xc3);
  }

  /** Clears all vectors above 128 bits, which callers compiled for SSE want. */
  vzeroupper(): void {
    this.#all(0xc5, 0xf8, 0x77);
  }

  /** What the processor can: the answer to eax and ecx in eax, ebx, ecx and edx. */
  cpuid(): void {
    this.#all(0x0f, 0xa2);
  }

  /** Which registers the system saves: the control register ecx in edx and eax. */
  xgetbv(): void {
    this.#all(0x0f, 0x01, 0xd0);
  }

  /** Asks for the 64 bytes around m in the second-level cache; nothing is read, so m may be anything. */
  prefetch(m: Memory): void {
    this.#general(0, 0x0f18, 2, m);
  }

  /** Makes stores that passed the caches (vmovntps) visible before those that follow. */
  sfence(): void {
    this.#all(0x0f, 0xae, 0xf8);
  }

  // Masks. Between masks 16 bits count.

  /** k = the low 32 bits of src. */
  maskFrom(k: Mask, src: Gpr): void {
    this.#vex(0xf2, 0, 0, 0x92, k, 0, src);
  }

  /** dst = the low 32 bits of k. */
  maskTo(dst: Gpr, k: Mask): void {
    this.#vex(0xf2, 0, 0, 0x93, dst, 0, k);
  }

  /** k = a. */
  maskMove(k: Mask, a: Mask): void {
    this.#vex(0, 0, 0, 0x90, k, 0, a);
  }

  /** k = a & b. */
  maskAnd(k: Mask, a: Mask, b: Mask): void {
    this.#vex(0, 1, 0, 0x41, k, a, b);
  }

  /** k = ~a & b. */
  maskAndNot(k: Mask, a: Mask, b: Mask): void {
    this.#vex(0, 1, 0, 0x42, k, a, b);
  }

  /** k = ~a. */
  maskNot(k: Mask, a: Mask): void {
    this.#vex(0, 0, 0, 0x44, k, 0, a);
  }

  /** k = a | b. */
  maskOr(k: Mask, a: Mask, b: Mask): void {
    this.#vex(0, 1, 0, 0x45, k, a, b);
  }

  /** k = ~(a ^ b): with itself, all ones. */
  maskEqual(k: Mask, a: Mask, b: Mask): void {
    this.#vex(0, 1, 0, 0x46, k, a, b);
  }

  /** k = a ^ b. */
  maskXor(k: Mask, a: Mask, b: Mask): void {
    this.#vex(0, 1, 0, 0x47, k, a, b);
  }

  /** k = 8 bits of high above 8 bits of low. */
  maskJoin(k: Mask, high: Mask, low: Mask): void {
    this.#vex(0x66, 1, 0, 0x4b, k, high, low);
  }

  /** k = a >>> count. */
  maskShiftRight(k: Mask, a: Mask, count: number): void {
    this.#vex(0x66, 0, 1, 0x30, k, 0, a);
    this.#code.byte(count);
  }

  /** k = a << count. */
  maskShiftLeft(k: Mask, a: Mask, count: number): void {
    this.#vex(0x66, 0, 1, 0x32, k, 0, a);
    this.#code.byte(count);
  }

  /** Flags of a | b: "e" where it is 0, "b" where it is all ones. */
  maskTest(a: Mask, b: Mask): void {
    this.#vex(0, 0, 0, 0x98, a, 0, b);
  }

  // Vectors.

  /** dst = a op b. Fused multiply-adds and vpermt2/vpermi2 read dst too. */
  v3(name: V3Name, dst: Zmm, a: Zmm, b: Source, m: Masking = none): void {
    this.#evex(V3[name], dst, a, b, m, 0);
  }

  /** dst = op b. */
  v2(name: V2Name, dst: Zmm, b: Source, m: Masking = none): void {
    this.#evex2(V2[name], dst, b, m, 0);
  }

  /** dst = a op b, with an immediate. */
  v3i(name: V3IName, dst: Zmm, a: Zmm, b: Source, value: number, m: Masking = none): void {
    this.#evex(V3I[name], dst, a, b, m, 1);
    this.#code.byte(value);
  }

  /** dst = op b, with an immediate. */
  v2i(name: V2IName, dst: Zmm, b: Source, value: number, m: Masking = none): void {
    this.#evex2(V2I[name], dst, b, m, 1);
    this.#code.byte(value);
  }

  /** k = where a and b compare as the predicate says; elements outside of the mask are 0. */
  compareVectors(
    name: CmpName,
    k: Mask,
    a: Zmm,
    b: Source,
    predicate: number,
    m: Masking = none,
  ): void {
    refuseZero(m, "a mask");
    this.#evex(COMPARISONS[name], k, a, b, m, 1);
    this.#code.byte(predicate);
  }

  /** k = where a and b are equal, a is greater, or their bits meet (vptestm), or do not (vptestnm). */
  testVectors(name: TestName, k: Mask, a: Zmm, b: Source, m: Masking = none): void {
    refuseZero(m, "a mask");
    this.#evex(TESTS[name], k, a, b, m, 0);
  }

  /** Memory at m = src. */
  store(name: StoreName, m: Memory, src: Zmm, k: Masking = none): void {
    refuseZero(k, "memory");
    this.#evex(STORES[name], src, 0, m, k, 0);
  }

  /** Memory at m = a part of src, or src narrowed, with an immediate. */
  storeI(name: StoreIName, m: Memory, src: Zmm, value: number, k: Masking = none): void {
    refuseZero(k, "memory");
    this.#evex(STORES_I[name], src, 0, m, k, 1);
    this.#code.byte(value);
  }

  /**
   * dst = elements at 32-bit indices, in a vector given as the index of m. The mask is needed, and is
   * 0 after.
   */
  gather(name: GatherName, dst: Zmm, m: Memory & { readonly index: Zmm }, mask: Mask): void {
    this.#evex(GATHERS[name], dst, m.index & 16, m, { mask }, 0);
  }

  /** dst = the low bits of src in its lowest element (vmovd, vmovq), or in all. */
  fromGeneral(name: FromGeneralName, dst: Zmm, src: Gpr, m: Masking = none): void {
    this.#evex(FROM_GENERAL[name], dst, 0, src, m, 0);
  }

  /** dst = the lowest 32 or 64 bits of src. */
  toGeneral(name: ToGeneralName, dst: Gpr, src: Zmm): void {
    this.#evex(TO_GENERAL[name], src, 0, dst, none, 0);
  }

  /** dst = all ones where k is 1. */
  fromMask(name: FromMaskName, dst: Zmm, k: Mask): void {
    this.#evex(FROM_MASK[name], dst, 0, k, none, 0);
  }

  /** k = the signs of src. */
  toMask(name: ToMaskName, k: Mask, src: Zmm): void {
    this.#evex(TO_MASK[name], k, 0, src, none, 0);
  }

  /** The code, and its constants behind it. It may lie at every multiple of 64. */
  bytes(): Uint8Array<ArrayBuffer> {
    const length = this.#code.length;
    let end = length;
    const places: number[] = [];
    // The longest first, so that only the first needs padding.
    for (let size = 64; size >= 4; size >>= 1) {
      for (const [id, bytes] of this.#constants.entries()) {
        if (bytes.length !== size) continue;
        end = Math.ceil(end / size) * size;
        places[id] = end;
        end += size;
      }
    }
    const result = new Uint8Array(end);
    result.set(this.#code.view());
    // Traps, not code.
    result.fill(0xcc, length);
    for (const [id, bytes] of this.#constants.entries()) result.set(bytes, places[id]);
    const view = new DataView(result.buffer);
    for (const { at, end, target } of this.#reads) view.setInt32(at, places[target]! - end, true);
    for (const { at, end, target } of this.#jumps) {
      const place = this.#labels[target];
      if (place === undefined) {
        throw new RangeError(`Cannot jump to label ${target}: it must be bound to a place`);
      }
      view.setInt32(at, place - end, true);
    }
    return result;
  }

  #all(...bytes: number[]): void {
    for (const byte of bytes) this.#code.byte(byte);
  }

  #dword(value: number): void {
    this.#all(value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24 & 255);
  }

  #distance(fixups: Fixup[], target: number, immediateBytes: number): void {
    const at = this.#code.length;
    fixups.push({ at, end: at + 4 + immediateBytes, target });
    this.#dword(0);
  }

  #immediate(value: number, short: boolean): void {
    if (value !== (value | 0)) {
      throw new RangeError(`Cannot encode ${value}: it must be an integer of 32 bits`);
    }
    if (short) this.#code.byte(value & 255);
    else this.#dword(value);
  }

  #arithmetic(operation: number, dst: Gpr, src: Gpr | Memory): void {
    if (typeof src === "number") this.#general(1, operation << 3 | 1, src, dst);
    else this.#general(1, operation << 3 | 3, dst, src);
  }

  #arithmeticImmediate(operation: number, dst: Gpr | Memory, value: number): void {
    const short = isByte(value);
    if (dst === 0 && !short) this.#all(0x48, operation << 3 | 5);
    else this.#general(1, short ? 0x83 : 0x81, operation, dst, short ? 1 : 4);
    this.#immediate(value, short);
  }

  #shift(operation: number, dst: Gpr, count: number): void {
    this.#general(1, count === 1 ? 0xd1 : 0xc1, operation, dst);
    if (count !== 1) this.#code.byte(count);
  }

  /** An instruction of the general registers, its opcode of one byte or of two. */
  #general(
    wide: 0 | 1,
    opcode: number,
    reg: number,
    rm: Gpr | Memory,
    immediateBytes = 0,
    prefixed = false,
  ): void {
    const base = typeof rm === "number" ? rm : rm.base;
    const index = typeof rm === "number" ? 0 : rm.index ?? 0;
    const prefix = wide << 3 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3;
    if (prefix !== 0 || prefixed) this.#code.byte(0x40 | prefix);
    if (opcode > 255) this.#code.byte(opcode >> 8);
    this.#code.byte(opcode & 255);
    this.#operands(reg, rm, 0, immediateBytes);
  }

  /** An instruction of masks: `long` those of the map 0f3a, which all have W set. */
  #vex(
    prefix: number,
    length: 0 | 1,
    long: 0 | 1,
    opcode: number,
    reg: number,
    first: number,
    rm: number,
  ): void {
    const last = (~first & 15) << 3 | length << 2 | (prefix === 0 ? 0 : prefix === 0x66 ? 1 : 3);
    if (long === 0 && rm < 8) this.#all(0xc5, (~reg & 8) << 4 | last);
    else {this.#all(
        0xc4,
        (~reg & 8) << 4 | 0x40 | (~rm & 8) << 2 | (long ? 3 : 1),
        long << 7 | last,
      );}
    this.#all(opcode, 0xc0 | (reg & 7) << 3 | rm & 7);
  }

  #evex2(form: number, dst: Zmm, b: Source, m: Masking, immediateBytes: number): void {
    if ((form & DIGIT) !== 0) {
      this.#evex(form, form >> 21 & 7, dst, b, m, immediateBytes);
    } else if ((form & REVERSED) !== 0) {
      if (typeof b !== "number") {
        throw new TypeError("Cannot narrow what lies in memory: the source must be a register");
      }
      this.#evex(form, b, 0, dst, m, immediateBytes);
    } else {
      if ((form & MEMORY_ONLY) !== 0 && typeof b === "number") {
        throw new TypeError(`Cannot load register ${b}: the source must lie in memory`);
      }
      this.#evex(form, dst, 0, b, m, immediateBytes);
    }
  }

  /** A vector instruction: the fields of its form lie as `instructions.ts` says. */
  #evex(
    form: number,
    reg: number,
    first: number,
    rm: Source,
    m: Masking,
    immediateBytes: number,
  ): void {
    // Bits 3 of the base and of the index, or bits 3 and 4 of a register.
    let low = 0;
    let high = 0;
    let broadcast = 0;
    let scale = form >> 15 & 7;
    if (typeof rm === "number") {
      low = rm >> 3 & 1;
      high = rm >> 4;
    } else {
      if ("base" in rm) {
        low = rm.base >> 3;
        high = (rm.index ?? 0) >> 3 & 1;
      }
      if (m.broadcast) {
        broadcast = 1;
        scale = form >> 18 & 3;
        if (scale === 0) {
          throw new RangeError(`Cannot broadcast to ${hex(form)}: its operand has no such form`);
        }
        scale += 1;
      }
    }
    const mask = m.mask ?? 0;
    const zero = m.zero && mask !== 0 ? 1 : 0;
    const inverted = (reg >> 3 & 1) << 7 | high << 6 | low << 5 | (reg >> 4) << 4;
    this.#all(
      0x62,
      (~inverted & 0xf0) | form >> 10 & 3,
      (form >> 12 & 1) << 7 | (~first & 15) << 3 | 4 | form >> 8 & 3,
      zero << 7 | (form >> 13 & 3) << 5 | broadcast << 4 | (~first & 16) >> 1 | mask,
      form & 255,
    );
    this.#operands(reg, rm, scale, immediateBytes);
  }

  /** The operands: short displacements count in units of 1 << scale bytes. */
  #operands(reg: number, rm: Source, scale: number, immediateBytes: number): void {
    const field = (reg & 7) << 3;
    if (typeof rm === "number") return this.#code.byte(0xc0 | field | rm & 7);
    if (!("base" in rm)) {
      this.#code.byte(field | RIP);
      return this.#distance(this.#reads, rm.constant, immediateBytes);
    }
    const { base, index, disp } = rm;
    const short = disp / (1 << scale);
    // Without a displacement rbp and r13 mean something else.
    const size = disp === 0 && (base & 7) !== RIP ? 0 : isByte(short) ? 1 : 2;
    // rsp and r12 are addressed as if there were an index, and rsp as the index means none.
    if (index === undefined && (base & 7) !== 4) {
      this.#code.byte(size << 6 | field | base & 7);
    } else {
      this.#code.byte(size << 6 | field | 4);
      const times = 31 - Math.clz32(rm.scale ?? 1);
      this.#code.byte(times << 6 | ((index ?? 4) & 7) << 3 | base & 7);
    }
    if (size !== 0) this.#immediate(size === 1 ? short : disp, size === 1);
  }
}

function isByte(value: number): boolean {
  return value === value << 24 >> 24;
}

function refuseZero(m: Masking, destination: string): void {
  if (m.zero) throw new RangeError(`Cannot zero elements of ${destination}: only mask them`);
}

function hex(form: number): string {
  return `opcode 0x${(form & 255).toString(16)}`;
}
