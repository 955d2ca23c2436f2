/**
 * Writes instructions on virtual registers as machine code, with each operand where it was placed:
 * in a register, on the stack, or among the constants behind the code.
 *
 * @module
 */
import type { Allocation } from "./allocate.ts";
import {
  Assembler,
  type Condition,
  type Gpr,
  type Label,
  type Masking,
  type Memory,
  type Source,
  type V2IName,
  type V2Name,
  type V3Name,
  type Zmm,
} from "../../../x64/x64.ts";
import type { Comparison, Listing, Virtual } from "./listing.ts";

const [RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI] = [0, 1, 2, 3, 4, 5, 6, 7];
/** Registers of the caller, which are put back. */
const SAVED = new Set([RBX, RBP, 12, 13, 14, 15]);

/** General registers for values. The arguments' address is in rdi, the memory's in rsi. */
export const GENERALS: readonly Gpr[] = [RDX, 8, 9, 10, 11, RBX, RBP, 12, 13, 14, 15];
/** Vector registers for values. The others are for instructions that need some on their way. */
export const VECTORS: readonly Zmm[] = Array.from({ length: 28 }, (_, i) => i);
const SPARE = [28, 29, 30, 31] as const;

/** The mask of a comparison on its way, and those of the lanes that count. */
const PASSING = 1;
const COUNTING = { words: 4, low: 5, high: 6 } as const;

/** Instructions on bits, which differ for constants of 8 bytes alone. */
const QUAD: Partial<Record<V3Name, V3Name>> = {
  vpandd: "vpandq",
  vpandnd: "vpandnq",
  vpord: "vporq",
  vpxord: "vpxorq",
};

interface Read {
  readonly source: Source;
  readonly masking: Masking;
  /** Bytes of the element that a broadcast reads. */
  readonly bytes: number;
}

/** Code whose operands have their places. */
export class Placed {
  readonly #asm = new Assembler();
  readonly #listing: Listing;
  readonly #allocation: Allocation;
  readonly #labels = new Map<number, Label>();
  readonly #saved: readonly Gpr[];
  readonly #generalBase: number;
  /** How many square roots of singles were written. */
  #roots = 0;
  /** Bytes of the stack that it takes. */
  readonly frame: number;

  constructor(listing: Listing, allocation: Allocation) {
    this.#listing = listing;
    this.#allocation = allocation;
    this.#saved = [...allocation.generals].filter((r) => SAVED.has(r));
    this.#generalBase = 64 * allocation.vectorSlots;
    this.frame = this.#generalBase + 8 * allocation.generalSlots;
  }

  /** All of the function. */
  bytes(): Uint8Array<ArrayBuffer> {
    const asm = this.#asm;
    for (const r of this.#saved) asm.push(r);
    if (this.frame > 0) asm.subImmediate(RSP, this.frame);
    for (const reg of this.#allocation.kept) this.#broadcast(this.#register(reg)!, reg);
    for (const instruction of this.#listing.instructions) instruction.write(this);
    if (this.frame > 0) asm.addImmediate(RSP, this.frame);
    for (const r of [...this.#saved].reverse()) asm.pop(r);
    asm.vzeroupper();
    asm.xor(RAX, RAX);
    asm.ret();
    return asm.bytes();
  }

  /** The register that holds a value, if one does. */
  #register(reg: Virtual): number | undefined {
    const location = this.#allocation.locations[reg];
    return location?.kind === "register" ? location.register : undefined;
  }

  /** Where on the stack a vector or a number lies. */
  #slot(reg: Virtual): Memory {
    const location = this.#allocation.locations[reg];
    if (location?.kind !== "stack") throw new Error(`Virtual register ${reg} has no place`);
    const isVector = this.#listing.banks[reg] === "vector";
    const disp = isVector ? 64 * location.slot : this.#generalBase + 8 * location.slot;
    return { base: RSP, disp };
  }

  #broadcast(to: Zmm, reg: Virtual): void {
    const bits = this.#listing.constants.get(reg)!;
    const constant = this.#asm.constant(bits);
    const name = bits.length === 4
      ? "vbroadcastss"
      : bits.length === 8
      ? "vbroadcastsd"
      : "vmovups";
    this.#asm.v2(name, to, constant);
  }

  /** A vector as the last operand of an instruction. */
  #read(reg: Virtual): Read {
    const register = this.#register(reg);
    if (register !== undefined) return { source: register, masking: {}, bytes: 64 };
    const bits = this.#listing.constants.get(reg);
    if (bits === undefined) return { source: this.#slot(reg), masking: {}, bytes: 64 };
    const source = this.#asm.constant(bits);
    return { source, masking: { broadcast: bits.length < 64 }, bytes: bits.length };
  }

  /** A register with the vector: its own, or a spare one. */
  #zmm(reg: Virtual, spare: number): Zmm {
    const register = this.#register(reg);
    if (register !== undefined) return register;
    if (this.#listing.constants.has(reg)) this.#broadcast(SPARE[spare]!, reg);
    else this.#asm.v2("vmovups", SPARE[spare]!, this.#slot(reg));
    return SPARE[spare]!;
  }

  /** Lets a function write a vector: into its register, or through a spare one. */
  #write(reg: Virtual, make: (to: Zmm) => void): void {
    const register = this.#register(reg);
    make(register ?? SPARE[3]);
    if (register === undefined) this.#asm.store("vmovups", this.#slot(reg), SPARE[3]);
  }

  /** A general register with a number: its own, or one on the way. */
  #gpr(reg: Virtual, spare: Gpr): Gpr {
    const register = this.#register(reg);
    if (register !== undefined) return register;
    this.#asm.load64(spare, this.#slot(reg));
    return spare;
  }

  #writeGeneral(reg: Virtual, make: (to: Gpr) => void): void {
    const register = this.#register(reg);
    make(register ?? RAX);
    if (register === undefined) this.#asm.store64(this.#slot(reg), RAX);
  }

  #label(id: number): Label {
    let label = this.#labels.get(id);
    if (label === undefined) this.#labels.set(id, label = this.#asm.label());
    return label;
  }

  // Numbers and addresses

  /** An argument: a number, or the address that it is in the memory. */
  argument(def: Virtual, index: number, isAddress: boolean): void {
    this.#writeGeneral(def, (to) => {
      this.#asm.load32(to, { base: RDI, disp: 4 * index });
      if (isAddress) this.#asm.add(to, RSI);
    });
  }

  /** def = reg + plus; without a register the constant. */
  addConstant(def: Virtual, reg: Virtual | undefined, plus: number): void {
    const asm = this.#asm;
    this.#writeGeneral(def, (to) => {
      if (reg === undefined) return asm.moveImmediate(to, plus);
      const from = this.#gpr(reg, RCX);
      if (plus !== (plus | 0)) {
        if (from === to) {
          asm.moveImmediate(RCX, plus);
          asm.add(to, RCX);
        } else {
          asm.moveImmediate(to, plus);
          asm.add(to, from);
        }
      } else if (from === to) {
        if (plus !== 0) asm.addImmediate(to, plus);
      } else if (plus === 0) asm.move(to, from);
      else asm.lea(to, { base: from, disp: plus });
    });
  }

  add(def: Virtual, a: Virtual, b: Virtual): void {
    this.#writeGeneral(def, (to) => {
      const y = this.#gpr(b, RCX);
      const x = this.#gpr(a, RAX);
      if (to === y) this.#asm.add(to, x);
      else {
        if (to !== x) this.#asm.move(to, x);
        this.#asm.add(to, y);
      }
    });
  }

  subtract(def: Virtual, a: Virtual, b: Virtual): void {
    this.#writeGeneral(def, (to) => {
      const y = this.#gpr(b, RCX);
      const x = this.#gpr(a, RAX);
      if (to === x) return this.#asm.sub(to, y);
      if (x !== RAX) this.#asm.move(RAX, x);
      this.#asm.sub(RAX, y);
      if (to !== RAX) this.#asm.move(to, RAX);
    });
  }

  multiplyConstant(def: Virtual, a: Virtual, factor: number): void {
    this.#writeGeneral(def, (to) => {
      const x = this.#gpr(a, RAX);
      const log = Math.log2(factor);
      if (!Number.isInteger(log)) return this.#asm.multiplyImmediate(to, x, factor);
      if (to !== x) this.#asm.move(to, x);
      if (log > 0) this.#asm.shiftLeft(to, log);
    });
  }

  /** def = yes where a stands in a relation to b, else no. */
  choose(def: Virtual, is: Condition, a: Virtual, b: Virtual, yes: Virtual, no: Virtual): void {
    const asm = this.#asm;
    this.#compare(a, b);
    // moves leave what the comparison found
    const n = this.#gpr(no, RAX);
    if (n !== RAX) asm.move(RAX, n);
    asm.moveIf(is, RAX, this.#gpr(yes, RCX));
    this.#writeGeneral(def, (to) => {
      if (to !== RAX) asm.move(to, RAX);
    });
  }

  #compare(a: Virtual, b: Virtual | undefined): void {
    const x = this.#gpr(a, RAX);
    if (b === undefined) this.#asm.test(x, x);
    else this.#asm.compare(x, this.#gpr(b, RCX));
  }

  bind(id: number): void {
    this.#asm.bind(this.#label(id));
  }

  /** Jumps where a number stands in a relation to another, or to 0. */
  jumpIf(id: number, is: Condition, a: Virtual, b: Virtual | undefined): void {
    this.#compare(a, b);
    this.#asm.jumpIf(is, this.#label(id));
  }

  loadByte(def: Virtual, base: Virtual, disp: number): void {
    this.#writeGeneral(def, (to) => this.#asm.load8(to, { base: this.#gpr(base, RAX), disp }));
  }

  /** The lowest lane, as a signed number. */
  first(def: Virtual, x: Virtual): void {
    this.#writeGeneral(def, (to) => {
      this.#asm.toGeneral("vmovd", to, this.#zmm(x, 0));
      this.#asm.shiftLeft(to, 32);
      this.#asm.shiftRightArithmetic(to, 32);
    });
  }

  // Vectors

  copy(def: Virtual, from: Virtual): void {
    this.#write(def, (to) => {
      if (this.#listing.constants.has(from) && this.#register(from) === undefined) {
        this.#broadcast(to, from);
      } else {
        const { source } = this.#read(from);
        if (source !== to) this.#asm.v2("vmovups", to, source);
      }
    });
  }

  /** A number in all lanes. */
  splat(def: Virtual, from: Virtual): void {
    this.#write(def, (to) => this.#asm.fromGeneral("vpbroadcastd", to, this.#gpr(from, RAX)));
  }

  load(name: V2Name, def: Virtual, base: Virtual, disp: number, masking: Masking = {}): void {
    this.#write(
      def,
      (to) => this.#asm.v2(name, to, { base: this.#gpr(base, RAX), disp }, masking),
    );
  }

  store(
    name: "vmovups" | "vmovupd" | "vmovss" | "vmovsd" | "vpmovdb",
    base: Virtual,
    disp: number,
    x: Virtual,
    masking: Masking = {},
  ): void {
    const value = this.#zmm(x, 0);
    this.#asm.store(name, { base: this.#gpr(base, RAX), disp }, value, masking);
  }

  /** Writes the lowest byte. */
  storeByte(base: Virtual, disp: number, x: Virtual): void {
    this.#asm.toGeneral("vmovd", RCX, this.#zmm(x, 0));
    this.#asm.store8({ base: this.#gpr(base, RAX), disp }, RCX);
  }

  three(name: V3Name, def: Virtual, a: Virtual, b: Virtual, commutes: boolean): void {
    const [x, y] = commutes && this.#register(b) !== undefined ? [b, a] : [a, b];
    this.#write(def, (to) => {
      const first = this.#zmm(x, 0);
      const { source, masking, bytes } = this.#read(y);
      this.#asm.v3(bytes === 8 ? QUAD[name] ?? name : name, to, first, source, masking);
    });
  }

  two(name: V2Name, def: Virtual, a: Virtual): void {
    // most read memory in another way than a broadcast of constants does
    this.#write(def, (to) => this.#asm.v2(name, to, this.#zmm(a, 0)));
  }

  twoImmediate(name: V2IName, def: Virtual, a: Virtual, value: number): void {
    this.#write(def, (to) => this.#asm.v2i(name, to, this.#zmm(a, 0), value));
  }

  /** def = a * b + c, rounded once. */
  multiplyAdd(type: "ps" | "pd", def: Virtual, a: Virtual, b: Virtual, c: Virtual): void {
    const asm = this.#asm;
    const [ra, rb, rc] = [this.#register(a), this.#register(b), this.#register(c)];
    const form = (name: "132" | "213" | "231", to: Zmm, x: Virtual, last: Virtual) => {
      const { source, masking } = this.#read(last);
      asm.v3(`vfmadd${name}${type}`, to, this.#zmm(x, 0), source, masking);
    };
    this.#write(def, (to) => {
      // of the factors the one without a register comes last
      const [m, n] = ra === undefined ? [b, a] : [a, b];
      if (to === rc) return form("231", to, m, n);
      for (const [own, other] of [[ra, b], [rb, a]] as const) {
        if (to !== own) continue;
        if (this.#register(other) === undefined && rc !== undefined) {
          return form("132", to, c, other);
        }
        return form("213", to, other, c);
      }
      if (rc === undefined) {
        // the sum with what is in memory
        const start = this.#zmm(m, 1);
        asm.v2("vmovaps", to, start);
        return form("213", to, n, c);
      }
      asm.v2("vmovaps", to, rc);
      form("231", to, m, n);
    });
  }

  /** def = (x where mask is set) | (y where it is not). */
  bitSelect(def: Virtual, x: Virtual, y: Virtual, mask: Virtual): void {
    this.#write(def, (to) => {
      const [rx, ry, rm] = [this.#zmm(x, 0), this.#zmm(y, 1), this.#zmm(mask, 2)];
      // what the destination holds decides about the table of truth: bits of its three inputs
      const [first, second, third, table] = to === rx
        ? [rx, ry, rm, 0xe4]
        : to === ry
        ? [ry, rx, rm, 0xd8]
        : [rm, rx, ry, 0xca];
      if (to !== first) this.#asm.v2("vmovaps", to, first);
      this.#asm.v3i("vpternlogd", to, second, third, table);
    });
  }

  /** The lanes in which a comparison holds, as a mask. */
  #compareInto(k: number, { name, a, b, predicate }: Comparison, contrary = false): void {
    const x = this.#zmm(a, 0);
    const { source, masking } = this.#read(b);
    this.#asm.compareVectors(name, k, x, source, contrary ? predicate ^ 4 : predicate, masking);
  }

  /** A comparison as a vector of masks. */
  compare(def: Virtual, comparison: Comparison): void {
    this.#compareInto(PASSING, comparison);
    const wide = comparison.name === "vcmppd" || comparison.name === "vpcmpq";
    this.#write(def, (to) => this.#asm.fromMask(wide ? "vpmovm2q" : "vpmovm2d", to, PASSING));
  }

  /** def = yes where a comparison holds, else no; a missing one is 0. */
  choice(
    def: Virtual,
    comparison: Comparison,
    yes: Virtual | undefined,
    no: Virtual | undefined,
  ): void {
    const wide = comparison.name === "vcmppd" || comparison.name === "vpcmpq";
    const asm = this.#asm;
    this.#compareInto(PASSING, comparison, yes === undefined);
    this.#write(def, (to) => {
      if (yes === undefined || no === undefined) {
        const { source, masking } = this.#read((yes ?? no)!);
        const into = { mask: PASSING, zero: true };
        if (masking.broadcast) {
          return asm.v2(wide ? "vbroadcastsd" : "vbroadcastss", to, source, into);
        }
        return asm.v2(wide ? "vmovupd" : "vmovups", to, source, into);
      }
      const otherwise = this.#zmm(no, 0);
      const { source, masking } = this.#read(yes);
      const name = wide ? "vblendmpd" : "vblendmps";
      asm.v3(name, to, otherwise, source, { ...masking, mask: PASSING });
    });
  }

  /** The extremes of WebAssembly: NaN where either is, and -0 below 0. */
  extreme(type: "ps" | "pd", which: "min" | "max", def: Virtual, a: Virtual, b: Virtual): void {
    const asm = this.#asm;
    const [x, y] = [this.#zmm(a, 0), this.#zmm(b, 1)];
    this.#write(def, (to) => {
      const name = `v${which}${type}` as const;
      const made = SPARE[2];
      asm.v3(name, made, x, y);
      asm.v3(name, SPARE[3], y, x);
      // of equal numbers, which zeros of both signs are, both come; of unequal ones the same twice
      asm.v3(which === "min" ? "vpord" : "vpandd", made, made, SPARE[3]);
      asm.compareVectors(type === "ps" ? "vcmpps" : "vcmppd", PASSING, x, y, 3);
      asm.v3(type === "ps" ? "vaddps" : "vaddpd", made, x, y, { mask: PASSING });
      asm.v2("vmovaps", to, made);
    });
  }

  /** Floats to integers: truncated, saturated, NaN as 0. Doubles give the lower half. */
  truncate(from: "ps" | "pd", signed: boolean, def: Virtual, a: Virtual): void {
    const asm = this.#asm;
    const x = this.#zmm(a, 0);
    const limit = SPARE[1];
    const bits = (value: number): Uint8Array =>
      new Uint8Array((from === "ps" ? Float32Array : Float64Array).of(value).buffer);
    const constant = (value: number): void =>
      asm.v2(from === "ps" ? "vbroadcastss" : "vbroadcastsd", limit, asm.constant(bits(value)));
    this.#write(def, (to) => {
      if (!signed) {
        // the second operand where one is NaN; too large ones become all ones by themselves
        constant(0);
        asm.v3(from === "ps" ? "vmaxps" : "vmaxpd", limit, x, limit);
        return asm.v2(from === "ps" ? "vcvttps2udq" : "vcvttpd2udq", to, limit);
      }
      const [ordered, beyond] = [PASSING, PASSING + 1];
      asm.compareVectors(from === "ps" ? "vcmpps" : "vcmppd", ordered, x, x, 7);
      constant(from === "ps" ? 2 ** 31 : 2 ** 31 - 1);
      if (from === "pd") {
        asm.v3("vminpd", limit, x, limit);
        return asm.v2("vcvttpd2dq", to, limit, { mask: ordered, zero: true });
      }
      asm.compareVectors("vcmpps", beyond, x, limit, 0x1d);
      asm.v2("vcvttps2dq", to, x, { mask: ordered, zero: true });
      const most = new Uint8Array(Int32Array.of(2 ** 31 - 1).buffer);
      asm.v2("vpbroadcastd", to, asm.constant(most), { mask: beyond });
    });
  }

  /**
   * The square root of singles. The processor's instruction keeps divisions waiting, and what does
   * without keeps all else waiting: so they take turns.
   */
  squareRoot(def: Virtual, a: Virtual): void {
    if (this.#roots++ % 2 === 0) this.two("vsqrtps", def, a);
    else this.#rootByProducts(def, a);
  }

  /**
   * The square root of singles, rounded as the processor's instruction does: from 1/sqrt(x) to 14 bits
   * one step of Goldschmidt's iteration for sqrt(x) and 1/(2 sqrt(x)), and one correction by the rest
   * that a fused multiply-add leaves (P. Markstein, "IA-64 and Elementary Functions", 2000). Zeros
   * stay; where the rest would lose bits, and for what has no root or an infinite one, the instruction
   * is used.
   */
  #rootByProducts(def: Virtual, a: Virtual): void {
    const asm = this.#asm;
    const x = this.#zmm(a, 0);
    const [root, half, rest] = [SPARE[1], SPARE[2], SPARE[3]];
    const [rare, nonzero] = [PASSING, PASSING + 1];
    const broadcast = { broadcast: true };
    const float = (value: number) => asm.constant(new Uint8Array(Float32Array.of(value).buffer));
    const word = (value: number) => asm.constant(new Uint8Array(Int32Array.of(value).buffer));
    asm.testVectors("vptestmd", nonzero, x, x);
    asm.v2("vrsqrt14ps", root, x, { mask: nonzero, zero: true });
    asm.v3("vmulps", half, root, float(0.5), broadcast);
    asm.v3("vmulps", root, root, x);
    asm.v2("vmovaps", rest, half);
    asm.v3("vfnmadd213ps", rest, root, float(0.5), broadcast);
    asm.v3("vfmadd231ps", root, root, rest);
    asm.v3("vfmadd231ps", half, half, rest);
    asm.v2("vmovaps", rest, x);
    asm.v3("vfnmadd231ps", rest, root, root);
    asm.v3("vfmadd231ps", root, rest, half);
    // the bits of 2^-102 and of infinity
    const [least, infinite] = [0x0c800000, 0x7f800000];
    asm.v3("vpsubd", rest, x, word(least), broadcast);
    const limit = word(infinite - least);
    asm.compareVectors("vpcmpud", rare, rest, limit, 5, { mask: nonzero, broadcast: true });
    const done = asm.label();
    asm.maskTest(rare, rare);
    asm.jumpIf("e", done);
    asm.v2("vsqrtps", root, x, { mask: rare });
    asm.bind(done);
    this.#write(def, (to) => asm.v2("vmovaps", to, root));
  }

  // What goes from lane to lane

  /** The upper half of a vector as the lower one, or what an instruction makes of it. */
  upper(def: Virtual, a: Virtual, then?: V2Name): void {
    this.#write(def, (to) => {
      this.#asm.v2i("vextractf64x4", to, this.#zmm(a, 0), 1);
      if (then !== undefined) this.#asm.v2(then, to, to);
    });
  }

  /** The lower halves of two vectors as one. */
  join(def: Virtual, a: Virtual, b: Virtual): void {
    const [low, high] = [this.#zmm(a, 0), this.#zmm(b, 1)];
    this.#write(def, (to) => this.#asm.v3i("vinsertf64x4", to, low, high, 1));
  }

  /** The lower words of the 64-bit lanes of two vectors. */
  narrow(def: Virtual, a: Virtual, b: Virtual): void {
    this.#asm.v2("vpmovqd", SPARE[1], this.#zmm(b, 1));
    this.#write(def, (to) => {
      this.#asm.v2("vpmovqd", to, this.#zmm(a, 0));
      this.#asm.v3i("vinsertf64x4", to, to, SPARE[1], 1);
    });
  }

  /** Neighbouring groups of so many bytes in each other's places. */
  swap(def: Virtual, a: Virtual, bytes: number): void {
    const asm = this.#asm;
    this.#write(def, (to) => {
      const x = this.#zmm(a, 0);
      if (bytes === 32) asm.v3i("vshuff64x2", to, x, x, 0x4e);
      else if (bytes === 16) asm.v3i("vshuff64x2", to, x, x, 0xb1);
      else asm.v3i("vshufps", to, x, x, bytes === 8 ? 0x4e : 0xb1);
    });
  }

  /** From here on so many lanes count. */
  only(count: number): void {
    this.#asm.moveImmediate(RAX, 2 ** count - 1);
    this.#asm.maskFrom(COUNTING.words, RAX);
    this.#countParts();
  }

  /** From here on as many lanes count as a register tells, less than all. */
  onlyFirst(count: Virtual): void {
    const asm = this.#asm;
    const [limit, numbers] = [SPARE[0], SPARE[1]];
    asm.fromGeneral("vpbroadcastd", limit, this.#gpr(count, RAX));
    const lanes = Int32Array.from({ length: 16 }, (_, i) => i);
    asm.v2("vmovups", numbers, asm.constant(new Uint8Array(lanes.buffer)));
    asm.compareVectors("vpcmpud", COUNTING.words, numbers, limit, 1);
    this.#countParts();
  }

  #countParts(): void {
    this.#asm.maskMove(COUNTING.low, COUNTING.words);
    this.#asm.maskShiftRight(COUNTING.high, COUNTING.words, 8);
  }

  /** The mask of the lanes of one of a value's vectors that count. */
  counting(part: number, bytes: number): Masking & { readonly mask: number } {
    if (bytes !== 8) return { mask: COUNTING.words };
    return { mask: part === 0 ? COUNTING.low : COUNTING.high };
  }

  /**
   * Loads the lanes of one of a value's vectors from where an index of bytes says. What was computed
   * counts modulo 4 GiB, as WebAssembly's addresses do: an array may be larger than signed bytes tell.
   */
  gather(
    def: Virtual,
    base: Virtual,
    disp: number,
    places: Virtual,
    part: number,
    bytes: number,
    partial: boolean,
    computed: boolean,
  ): void {
    const asm = this.#asm;
    // the instruction uses its mask up, and its destination must not be its index
    const [index, into] = [SPARE[1], SPARE[2]];
    if (partial) asm.maskMove(PASSING, this.counting(part, bytes).mask);
    else asm.maskEqual(PASSING, PASSING, PASSING);
    let [from, start]: [Zmm, Gpr] = [this.#zmm(places, 0), this.#gpr(base, RAX)];
    if (computed) {
      // all counted from the middle of the memory
      asm.move(RCX, start);
      asm.sub(RCX, RSI);
      asm.addImmediate(RCX, disp);
      asm.fromGeneral("vpbroadcastd", into, RCX);
      asm.v3("vpaddd", index, from, into);
      const middle = asm.constant(new Uint8Array(Uint32Array.of(2 ** 31).buffer));
      asm.v3("vpaddd", index, index, middle, { broadcast: true });
      asm.moveImmediate(RAX, 2 ** 31);
      asm.add(RAX, RSI);
      [from, start, disp] = [index, RAX, 0];
    }
    if (part === 1) asm.v2i("vextractf64x4", index, from, 1);
    else if (from !== index) asm.v2("vmovaps", index, from);
    asm.v3("vpxord", into, into, into);
    const at = { base: start, index, disp };
    asm.gather(bytes === 8 ? "vgatherdpd" : "vgatherdps", into, at, PASSING);
    this.#write(def, (to) => asm.v2("vmovaps", to, into));
  }

  /** That mask as a vector. */
  countingVector(def: Virtual, part: number, bytes: number): void {
    const { mask } = this.counting(part, bytes);
    this.#write(def, (to) => this.#asm.fromMask(bytes === 8 ? "vpmovm2q" : "vpmovm2d", to, mask));
  }
}
