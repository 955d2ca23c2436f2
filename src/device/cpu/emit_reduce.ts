/**
 * Accumulators of kernels: several vectors each, joined in a fixed order. Sums, products and linear
 * recurrences of float32 are carried in float64, so that a sum of ten million values keeps its
 * digits. Adding every value in float64 takes 1.5 to 2.5 times as long as in float32, so long sums
 * add blocks of at most 16 values in float32 and carry only the blocks' sums in float64.
 *
 * @module
 */
import type { DType } from "../../base/dtype.ts";
import { type Accumulator, identityOf } from "../../ir/kernel.ts";
import type { Local } from "./asm.ts";
import type { Block } from "./emit_memory.ts";
import { emitScalar } from "./emit_scalar.ts";
import {
  allocateReg,
  copyReg,
  pushConstant,
  type Reg,
  SWAP_HALVES,
  SWAP_NEIGHBOURS,
  wideMask,
  type Writer,
} from "./emit_values.ts";

/** An accumulator while its kernel is written. */
export class AccumulatorWriter {
  readonly #w: Writer;
  readonly #spec: Accumulator;
  /** Type of the values taken in. */
  readonly #from: DType;
  /** Type that is carried. */
  readonly #held: DType;
  readonly #values: Reg[] = [];
  /** Sums of the running block, where sums are made in blocks. */
  readonly #partials: Reg[] = [];
  #inBlock = false;
  readonly #positions: Local[] = [];
  /** The place of the next point in row-major order of the reduction. */
  readonly #position: Local | undefined;

  /** Takes locals for `copies` vectors, to be used until the end of the running scope. */
  constructor(w: Writer, spec: Accumulator, from: DType, copies: number) {
    this.#w = w;
    this.#spec = spec;
    this.#from = from;
    const { combine } = spec;
    this.#held = this.#keepsPosition
      ? from
      : spec.dtype === "float32" && combine !== "max" && combine !== "min"
      ? "float64"
      : spec.dtype;
    if (this.#keepsPosition) this.#position = w.integer();
    for (let copy = 0; copy < copies; copy++) {
      this.#values.push(allocateReg(w, this.#held));
      if (this.hasBlocks) this.#partials.push([w.vector()]);
      if (this.#keepsPosition) this.#positions.push(w.vector());
    }
  }

  get #keepsPosition(): boolean {
    return this.#spec.combine === "argmax" || this.#spec.combine === "argmin";
  }

  /** Whether values may be taken in by blocks. */
  get hasBlocks(): boolean {
    return this.#spec.combine === "add" && this.#spec.dtype === "float32";
  }

  /** Starts a block: what is taken in until its end is added in float32. */
  openBlock(copies: number): void {
    if (!this.hasBlocks) return;
    for (const [local] of this.#partials.slice(0, copies)) {
      this.#w.f.f32x4.const(0).set(local!);
    }
    this.#inBlock = true;
  }

  /** Ends a block: its sums are carried on in float64. */
  closeBlock(copies: number): void {
    if (!this.hasBlocks) return;
    const w = this.#w;
    this.#partials.slice(0, copies).forEach((partial, copy) => {
      const into = this.#values[copy]!;
      const wide = emitScalar(w, "cast", "float32", "float64", [partial], { lanes: 4 });
      emitScalar(w, "add", "float64", "float64", [into, wide], { lanes: 4, into });
    });
    this.#inBlock = false;
  }

  /** Sets the identity. */
  reset(): void {
    const { f } = this.#w;
    const { combine } = this.#spec;
    const start = identityOf(
      combine === "argmax" ? "max" : combine === "argmin" ? "min" : combine,
      this.#held,
    );
    for (const reg of this.#values) {
      for (const local of reg) {
        pushConstant(this.#w, this.#held, start);
        f.set(local);
      }
    }
    for (const local of this.#positions) f.i32x4.const(0).set(local);
    if (this.#position !== undefined) f.i32.const(0).set(this.#position);
  }

  /**
   * Takes in the values of a block. `rowwise`: its lanes and copies are successive points of the
   * reduction; otherwise they belong to different results.
   */
  take(values: readonly Reg[], factors: readonly Reg[], block: Block, rowwise: boolean): void {
    const { f } = this.#w;
    const { combine, dtype } = this.#spec;
    const masked = rowwise && block.lanes === 1;
    for (let copy = 0; copy < block.copies; copy++) {
      const value = values[copy % values.length]!;
      if (combine === "argmax" || combine === "argmin") {
        const at = this.#w.vector();
        f.get(this.#position!).op("i32x4.splat");
        if (rowwise) {
          const first = copy * 4;
          f.v128.const(words([first, first + 1, first + 2, first + 3])).op("i32x4.add");
        }
        f.set(at);
        this.#takeBetter(copy, value, at, false, masked);
        continue;
      }
      const held = this.#inBlock ? this.#partials[copy]! : this.#values[copy]!;
      const type = this.#inBlock ? dtype : this.#held;
      const cast = (from: DType, to: DType, x: Reg): Reg =>
        emitScalar(this.#w, "cast", from, to, [x], { lanes: 4 });
      // rounded to the accumulator's type before it is widened
      const own = cast(dtype, type, cast(this.#from, dtype, value));
      const shape = masked ? { lanes: 4 } : { lanes: 4, into: held };
      let next: Reg;
      if (combine === "linear") {
        const factor = cast(dtype, type, factors[copy % factors.length]!);
        const product = emitScalar(this.#w, "mul", type, type, [factor, held], { lanes: 4 });
        next = emitScalar(this.#w, "add", type, type, [product, own], shape);
      } else {
        next = emitScalar(this.#w, combine, type, type, [held, own], shape);
      }
      if (masked) {
        const local = held[0]!;
        f.get(next[0]!).get(local).v128.const(lowestLane(type)).op("v128.bitselect").set(local);
      } else copyReg(this.#w, next, held);
    }
    if (this.#position !== undefined) {
      f.get(this.#position).i32.const(rowwise ? block.copies * block.lanes : 1).op("i32.add")
        .set(this.#position);
    }
  }

  /**
   * Replaces the best value of a copy where another one is better. With `unordered` the other's
   * position may come first.
   */
  #takeBetter(copy: number, value: Reg, at: Local, unordered: boolean, masked: boolean): void {
    const w = this.#w;
    const { f } = w;
    const from = this.#from;
    const best = this.#values[copy]!;
    const place = this.#positions[copy]!;
    const test = (op: "gt" | "lt" | "eq" | "ne", x: Reg, y: Reg): Local =>
      emitScalar(w, op, from, "bool", [x, y], { lanes: 4 })[0]!;
    const better = w.vector();
    f.get(test(this.#spec.combine === "argmax" ? "gt" : "lt", value, best)).set(better);
    const float = from === "float32" || from === "float64";
    const bestIsNumber = float ? test("eq", best, best) : undefined;
    const isNaN = float ? test("ne", value, value) : undefined;
    if (bestIsNumber !== undefined && isNaN !== undefined) {
      f.get(isNaN).get(bestIsNumber).op("v128.and").get(better).op("v128.or").set(better);
    }
    if (unordered) {
      f.get(test("eq", value, best));
      if (bestIsNumber !== undefined && isNaN !== undefined) {
        f.get(isNaN).get(bestIsNumber).op("v128.andnot").op("v128.or");
      }
      f.get(at).get(place).op("i32x4.lt_s").op("v128.and").get(better).op("v128.or").set(better);
    }
    if (masked) f.get(better).v128.const(lowestLane("int32")).op("v128.and").set(better);
    f.get(at).get(place).get(better).op("v128.bitselect").set(place);
    const mask = from === "float64" ? wideMask(w, [better]) : [better];
    best.forEach((local, part) => {
      f.get(value[part]!).get(local).get(mask[part]!).op("v128.bitselect").set(local);
    });
  }

  /** Joins all copies and lanes into every lane of the first copy. */
  join(): void {
    const w = this.#w;
    const merge = (into: number, value: Reg, at: Local | undefined): void => {
      if (at !== undefined) return this.#takeBetter(into, value, at, true, false);
      const held = this.#values[into]!;
      const op = this.#spec.combine as "add" | "mul" | "max" | "min";
      const shape = { lanes: 4, into: held };
      copyReg(w, emitScalar(w, op, this.#held, this.#held, [held, value], shape), held);
    };
    for (let distance = 1; distance < this.#values.length; distance *= 2) {
      for (let i = 0; i + distance < this.#values.length; i += 2 * distance) {
        merge(i, this.#values[i + distance]!, this.#positions[i + distance]);
      }
    }
    for (const distance of [2, 1] as const) {
      const value = this.#rotate(this.#values[0]!, distance);
      const place = this.#positions[0];
      merge(0, value, place === undefined ? undefined : this.#rotate([place], distance)[0]!);
    }
  }

  /** A copy in which each lane holds that of its partner at a distance. */
  #rotate(reg: Reg, distance: 1 | 2): Reg {
    const w = this.#w;
    const out = reg.map(() => w.vector());
    out.forEach((local, part) => {
      if (reg.length === 2 && distance === 2) w.f.get(reg[1 - part]!).set(local);
      else {
        const halves = reg.length === 2 || distance === 2;
        w.f.get(reg[part]!).get(reg[part]!).shuffle(halves ? SWAP_HALVES : SWAP_NEIGHBOURS)
          .set(local);
      }
    });
    return out;
  }

  /** The results in type `to`: one for each copy of the block. */
  results(to: DType, copies: number): readonly Reg[] {
    return Array.from({ length: copies }, (_, copy): Reg => {
      const w = this.#w;
      const { dtype } = this.#spec;
      const reg = this.#keepsPosition ? [this.#positions[copy]!] : this.#values[copy]!;
      const held = this.#keepsPosition ? "int32" : this.#held;
      const own = emitScalar(w, "cast", held, dtype, [reg], { lanes: 4 });
      return emitScalar(w, "cast", dtype, to, [own], { lanes: 4 });
    });
  }
}

function words(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

/** The mask of lane 0 in the first part of a value. */
function lowestLane(dtype: DType): Uint8Array {
  return words(dtype === "float64" ? [-1, -1, 0, 0] : [-1, 0, 0, 0]);
}
