/**
 * The outer loops of the matrix product in machine code: they go through pieces and through blocks
 * that fit the caches, copy what is read often, and hand rows of tiles to `gemm_tile.ts`.
 *
 * @module
 */
import { align } from "../gemm.ts";
import { Assembler, type Gpr } from "../../../x64/x64.ts";
import {
  ARGUMENTS,
  at,
  atMost,
  type Element,
  FRAME,
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
  RSI,
  RSP,
  type Slot,
  slot,
  VECTOR,
} from "./gemm_frame.ts";
import { emitDots } from "./gemm_dot.ts";
import {
  copyLines,
  copySteps,
  leftBytes,
  lineBytes,
  packLines,
  rowBytes,
  stepBytes,
} from "./gemm_copy.ts";
import { emitRows, setAhead, type Side } from "./gemm_tile.ts";

/** Up to so many rows of C, an untransposed B is read in place: it is used too little to pack. */
const DIRECT_ROWS = 3 * MOST_ROWS;
/** So is one that lies in the second-level cache. */
const DIRECT_BYTES = 1 << 20;
/** A transposed B that so few rows use is packed a little at a time. */
const THIN_ROWS = 2 * MOST_ROWS;
const THIN_PANELS = 2;
/** With more panels than these, rows of A are copied before they are used. */
const NEAR_PANELS = 2;
const SAVED = [RBX, RBP, R12, R13, R14, R15];

/** Whether such a B is read in place, however many rows C has. */
export function isDirect(e: Element, n: number, k: number, tb: boolean): boolean {
  return !tb && n * k * e.bytes <= DIRECT_BYTES;
}

/** Bytes of scratch that a piece of these sizes needs; a C of one column is worked on as a row. */
export function scratchBytes(e: Element, m: number, n: number, k: number): number {
  const width = PANEL / e.bytes;
  const columns = Math.min(Math.ceil((n === 1 ? m : n) / width) * width, e.columns);
  const depth = Math.ceil(Math.min(k, e.depth) / 4) * 4;
  return align(leftBytes(e)) + align(lineBytes(e)) + align(columns * depth * e.bytes);
}

/** Writes the code of one dtype. */
class Writer {
  readonly asm: Assembler = new Assembler();
  readonly #e: Element;

  constructor(e: Element) {
    this.#e = e;
  }

  get(to: Gpr, name: Slot): void {
    this.asm.load64(to, slot(name));
  }

  set(name: Slot, from: Gpr): void {
    this.asm.store64(slot(name), from);
  }

  setTo(name: Slot, value: number): void {
    this.asm.moveImmediate(RAX, value);
    this.set(name, RAX);
  }

  /** to = the product of slots, and of a constant. */
  product(to: Gpr, names: readonly Slot[], times = 1): void {
    names.forEach((name, i) => i === 0 ? this.get(to, name) : this.asm.multiply(to, slot(name)));
    if (times !== 1) this.asm.multiplyImmediate(to, to, times);
  }

  /** to = base + x * y + z * w; uses rcx. */
  address(to: Gpr, base: Slot, ...steps: readonly (readonly [Slot, Slot])[]): void {
    this.get(to, base);
    for (const pair of steps) {
      this.product(RCX, pair);
      this.asm.add(to, RCX);
    }
  }

  /** Goes to a label where a slot is 0. */
  unless(name: Slot, label: number): void {
    this.get(RAX, name);
    this.asm.test(RAX, RAX);
    this.asm.jumpIf("e", label);
  }

  exchange(x: Slot, y: Slot): void {
    this.get(RAX, x);
    this.get(RDX, y);
    this.set(x, RDX);
    this.set(y, RAX);
  }

  /** Runs `body` for slots index = 0, step ... below size. `step` is a number, or what was worked on. */
  blocks(index: Slot, size: Slot, step: number | Slot, body: () => void): void {
    const { asm } = this;
    const again = asm.label();
    this.setTo(index, 0);
    asm.bind(again);
    body();
    if (typeof step === "number") asm.moveImmediate(RAX, step);
    else this.get(RAX, step);
    asm.add(RAX, slot(index));
    this.set(index, RAX);
    asm.compare(RAX, slot(size));
    asm.jumpIf("b", again);
  }

  /** Sets a slot to the smaller of size - index and most. */
  rest(name: Slot, size: Slot, index: Slot, most: Slot): void {
    this.get(RAX, size);
    this.asm.sub(RAX, slot(index));
    atMost(this.asm, RAX, most);
    this.set(name, RAX);
  }

  /** Sets a slot to one of two numbers or slots. */
  choose(name: Slot, condition: Slot, yes: () => void, no: () => void): void {
    const { asm } = this;
    const [other, end] = [asm.label(), asm.label()];
    this.unless(condition, other);
    yes();
    asm.jump(end);
    asm.bind(other);
    no();
    asm.bind(end);
    this.set(name, RAX);
  }

  code(): Uint8Array<ArrayBuffer> {
    const { asm } = this;
    const end = asm.label();
    for (const register of SAVED) asm.push(register);
    asm.subImmediate(RSP, FRAME);
    for (const [i, name] of ARGUMENTS.entries()) {
      asm.load32(RAX, at(RDI, 4 * i));
      if (name === "a" || name === "b" || name === "c" || name === "scratch") asm.add(RAX, RSI);
      this.set(name, RAX);
    }
    this.get(RAX, "end");
    asm.sub(RAX, slot("begin"));
    asm.jumpIf("be", end);
    this.set("end", RAX);
    this.#prepare();
    this.#find();
    const again = asm.label();
    asm.bind(again);
    this.#piece();
    this.#advance();
    this.get(RAX, "end");
    asm.subImmediate(RAX, 1);
    this.set("end", RAX);
    asm.jumpIf("ne", again);
    asm.bind(end);
    asm.vzeroupper();
    asm.addImmediate(RSP, FRAME);
    for (const register of SAVED.toReversed()) asm.pop(register);
    asm.moveImmediate(RAX, 0);
    asm.ret();
    return asm.bytes();
  }

  /** Distances, the same for all pieces. */
  #prepare(): void {
    const { asm } = this;
    const { bytes } = this.#e;
    const usual = asm.label();
    // a column is a row: C' = B' A'
    this.get(RAX, "n");
    asm.compareImmediate(RAX, 1);
    asm.jumpIf("ne", usual);
    this.get(RAX, "m");
    asm.compareImmediate(RAX, 1);
    asm.jumpIf("e", usual);
    this.exchange("m", "n");
    this.exchange("a", "b");
    this.exchange("ta", "tb");
    for (const name of ["ta", "tb"] as const) {
      this.get(RAX, name);
      asm.moveImmediate(RDX, 1);
      asm.xor(RAX, RDX);
      this.set(name, RAX);
    }
    this.exchange("rows", "columns");
    this.get(RAX, "each");
    this.set("across", RAX);
    asm.bind(usual);

    const one = (): void => asm.moveImmediate(RAX, bytes);
    const line = (name: Slot) => (): void => this.product(RAX, [name], bytes);
    this.choose("aRow", "ta", one, line("k"));
    this.choose("aStep", "ta", line("m"), one);
    this.choose("bRow", "tb", line("k"), one);
    this.choose("bStep", "tb", one, line("n"));
    const sizes = { cRow: ["n"], aItem: ["m", "k"], bItem: ["k", "n"], cItem: ["m", "n"] } as const;
    for (const [name, factors] of Object.entries(sizes)) {
      this.product(RAX, factors, bytes);
      this.set(name as keyof typeof sizes, RAX);
    }
    this.get(RAX, "scratch");
    asm.addImmediate(RAX, align(leftBytes(this.#e)));
    this.set("lines", RAX);
    asm.addImmediate(RAX, align(lineBytes(this.#e)));
    this.set("packed", RAX);
  }

  /** Where the first piece is. */
  #find(): void {
    const { asm } = this;
    /** rdx = rax / size, rax = what is left; it is small. */
    const divide = (size: Slot): void => {
      const [again, end] = [asm.label(), asm.label()];
      this.get(RCX, size);
      asm.moveImmediate(RDX, 0);
      asm.bind(again);
      asm.compare(RAX, RCX);
      asm.jumpIf("b", end);
      asm.sub(RAX, RCX);
      asm.addImmediate(RDX, 1);
      asm.jump(again);
      asm.bind(end);
    };
    this.get(RAX, "begin");
    divide("each");
    for (const [name, item] of [["a", "aItem"], ["b", "bItem"], ["c", "cItem"]] as const) {
      asm.move(RCX, RDX);
      asm.multiply(RCX, slot(item));
      asm.addMemory(slot(name), RCX);
    }
    divide("across");
    asm.multiply(RAX, slot("columns"));
    this.set("j0", RAX);
    asm.multiply(RDX, slot("rows"));
    this.set("i0", RDX);
  }

  /** To the next piece. */
  #advance(): void {
    const { asm } = this;
    const end = asm.label();
    for (const [index, step, size] of [["j0", "columns", "n"], ["i0", "rows", "m"]] as const) {
      this.get(RAX, index);
      asm.add(RAX, slot(step));
      this.set(index, RAX);
      asm.compare(RAX, slot(size));
      asm.jumpIf("b", end);
      this.setTo(index, 0);
    }
    for (const [name, item] of [["a", "aItem"], ["b", "bItem"], ["c", "cItem"]] as const) {
      this.get(RAX, item);
      asm.addMemory(slot(name), RAX);
    }
    asm.bind(end);
  }

  /** One piece. */
  #piece(): void {
    const { asm } = this;
    const e = this.#e;
    this.rest("height", "m", "i0", "rows");
    this.rest("width", "n", "j0", "columns");
    this.address(RAX, "a", ["i0", "aRow"]);
    this.set("left", RAX);
    this.address(RAX, "b", ["j0", "bRow"]);
    this.set("right", RAX);
    this.address(RAX, "c", ["i0", "cRow"]);
    this.product(RCX, ["j0"], e.bytes);
    asm.add(RAX, RCX);
    this.set("target", RAX);

    // known of the whole product, so that cuts do not show
    const [tiles, end] = [asm.label(), asm.label()];
    this.unless("tb", tiles);
    this.get(RAX, "m");
    asm.compareImmediate(RAX, 1);
    asm.jumpIf("ne", tiles);
    emitDots(asm, e);
    asm.jump(end);
    asm.bind(tiles);

    const [transposed, chosen, direct] = [asm.label(), asm.label(), asm.label()];
    this.setTo("most", e.columns);
    asm.moveImmediate(RDX, 0);
    this.get(RAX, "tb");
    asm.test(RAX, RAX);
    asm.jumpIf("ne", transposed);
    this.get(RAX, "height");
    asm.compareImmediate(RAX, DIRECT_ROWS);
    asm.jumpIf("be", direct);
    this.product(RAX, ["k", "bStep"]);
    asm.compareImmediate(RAX, DIRECT_BYTES);
    asm.jumpIf("a", chosen);
    asm.bind(direct);
    asm.moveImmediate(RDX, 1);
    asm.jump(chosen);
    asm.bind(transposed);
    this.get(RAX, "height");
    asm.compareImmediate(RAX, THIN_ROWS);
    asm.jumpIf("a", chosen);
    this.setTo("most", THIN_PANELS * PANEL / e.bytes);
    asm.bind(chosen);
    this.set("direct", RDX);

    this.blocks("j", "width", "wide", () => {
      this.rest("wide", "width", "j", "most");
      this.blocks("l", "k", e.depth, () => this.#block());
    });
    asm.bind(end);
  }

  /** Some columns of the piece, some of k, all rows. */
  #block(): void {
    const { asm } = this;
    const e = this.#e;
    const [packed, ready] = [asm.label(), asm.label()];
    this.setTo("depth", e.depth);
    this.rest("depth", "k", "l", "depth");
    this.get(RAX, "l");
    asm.or(RAX, slot("beta"));
    this.set("add", RAX);
    this.address(RBX, "right", ["j", "bRow"], ["l", "bStep"]);
    this.set("panel", RBX);
    this.set("source", RBX);
    this.#lookAhead();
    this.setTo("first", 1);
    this.unless("direct", packed);
    this.get(RAX, "bStep");
    this.set("step", RAX);
    this.setTo("apart", PANEL);
    asm.jump(ready);

    asm.bind(packed);
    this.setTo("step", PANEL);
    this.get(RAX, "depth");
    asm.addImmediate(RAX, 3);
    asm.andImmediate(RAX, -4);
    asm.multiplyImmediate(RAX, RAX, PANEL);
    this.set("apart", RAX);
    this.get(R15, "packed");
    this.set("panel", R15);
    this.setTo("first", 2);
    // the first rows of tiles are full ones: they pack a panel each, while the next one comes nearer
    this.get(RAX, "height");
    asm.compareImmediate(RAX, THIN_ROWS);
    asm.jumpIf("a", ready);
    this.setTo("first", 0);
    this.get(R14, "wide");
    packLines(asm, e);
    asm.bind(ready);

    this.blocks("i", "height", "high", () => this.#rows());
  }

  /** Some rows of the block. */
  #rows(): void {
    const { asm } = this;
    const e = this.#e;
    const [chosen, halves, alongside, end] = [1, 2, 3, 4].map(() => asm.label()) as [
      number,
      number,
      number,
      number,
    ];
    // two rows of tiles alike are better than a high and a low one
    this.get(RBX, "height");
    asm.sub(RBX, slot("i"));
    asm.compareImmediate(RBX, MOST_ROWS);
    asm.jumpIf("be", chosen);
    asm.compareImmediate(RBX, 2 * MOST_ROWS);
    asm.jumpIf("b", halves);
    asm.moveImmediate(RBX, MOST_ROWS);
    asm.jump(chosen);
    asm.bind(halves);
    asm.addImmediate(RBX, 1);
    asm.shiftRight(RBX, 1);
    asm.bind(chosen);
    this.set("high", RBX);

    this.address(RBP, "left", ["i", "aRow"], ["l", "aStep"]);
    this.#next();
    this.unless("ta", alongside);
    this.get(RDX, "aStep");
    this.#unlessNear(() => {
      this.get(RCX, "scratch");
      copySteps(asm, e);
      this.get(RBP, "scratch");
      asm.moveImmediate(RDX, stepBytes(e));
    });
    this.#tiles("depth");
    asm.jump(end);
    asm.bind(alongside);
    this.get(RDX, "aRow");
    this.#unlessNear(() => {
      asm.move(R8, RBX);
      this.get(R9, "scratch");
      copyLines(asm, e, { count: R8, from: RAX, step: RDX, to: R9, free: [R10, R11] });
      this.get(RBP, "scratch");
      asm.moveImmediate(RDX, rowBytes(e));
    });
    this.#tiles("row");
    asm.bind(end);
    this.setTo("first", 0);
  }

  /** What tiles ask for, in pairs of lines: of numbers side by side, or of lines along which k lies. */
  #lookAhead(): void {
    const { asm } = this;
    const { bytes } = this.#e;
    this.get(RAX, "depth");
    asm.multiplyImmediate(RAX, RAX, bytes);
    asm.addImmediate(RAX, VECTOR - 1);
    asm.shiftRight(RAX, Math.log2(VECTOR));
    this.set("pairs", RAX);
    for (
      const [along, row, step, other, ahead, back] of [
        ["ta", "aRow", "aStep", "aOther", "aAhead", "aBack"],
        ["tb", "bRow", "bStep", "bOther", "bAhead", "bBack"],
      ] as const
    ) {
      const [lines, end] = [asm.label(), asm.label()];
      this.get(RAX, along);
      if (along === "tb") {
        asm.moveImmediate(RDX, 1);
        asm.xor(RAX, RDX);
      }
      asm.test(RAX, RAX);
      asm.jumpIf("e", lines);
      this.setTo(other, VECTOR);
      this.get(RAX, step);
      this.set(ahead, RAX);
      this.setTo(back, 0);
      asm.jump(end);
      asm.bind(lines);
      this.get(RAX, row);
      this.set(other, RAX);
      asm.add(RAX, RAX);
      this.product(RDX, ["pairs"], VECTOR);
      asm.sub(RAX, RDX);
      this.set(back, RAX);
      this.setTo(ahead, VECTOR);
      asm.bind(end);
    }
  }

  /** What comes after these rows of A at rbp: the next, if there are any. */
  #next(): void {
    const { asm } = this;
    const end = asm.label();
    this.set("next", RBP);
    this.get(RAX, "i");
    asm.add(RAX, RBX);
    asm.compare(RAX, slot("height"));
    asm.jumpIf("ae", end);
    this.product(RAX, ["high", "aRow"]);
    asm.addMemory(slot("next"), RAX);
    asm.bind(end);
    setAhead(asm, "next", "a");
  }

  /** Runs `copy`, with the rows' address in rax, where they are used so often that it pays. */
  #unlessNear(copy: () => void): void {
    const { asm } = this;
    const near = asm.label();
    this.get(RCX, "wide");
    asm.compareImmediate(RCX, NEAR_PANELS * PANEL / this.#e.bytes);
    asm.jumpIf("be", near);
    asm.move(RAX, RBP);
    copy();
    asm.bind(near);
  }

  /** All tiles of these rows, with rbp and rdx as `gemm_tile.ts` says. */
  #tiles(side: Side): void {
    const { asm } = this;
    this.get(R8, "step");
    this.get(R10, "cRow");
    this.address(RDI, "target", ["i", "cRow"]);
    this.product(RCX, ["j"], this.#e.bytes);
    asm.add(RDI, RCX);
    this.get(R14, "wide");
    this.get(R15, "panel");
    emitRows(asm, this.#e, side);
  }
}

/** The machine code of `part` in `gemm_blocks.ts`, for k of at least 1. */
export function gemmCode(e: Element): Uint8Array<ArrayBuffer> {
  return new Writer(e).code();
}
