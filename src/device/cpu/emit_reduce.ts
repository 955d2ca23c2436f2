/**
 * Accumulators of kernels: several vectors each, joined in a fixed order. Sums, products and linear
 * recurrences of float32 are carried in float64, so that a sum of ten million values keeps its
 * digits. Adding every value in float64 takes 1.5 to 2.5 times as long as in float32, so long sums
 * add blocks of at most 16 values in float32 and carry only the blocks' sums in float64.
 *
 * @module
 */
import { type DType, DTYPES, isFloat } from "../../base/dtype.ts";
import { type Accumulator, type Combine, identityOf } from "../../ir/kernel.ts";
import type { Local } from "../../wasm/wasm.ts";
import type { Block } from "./emit_memory.ts";
import { emitScalar } from "./emit_scalar.ts";
import { allocateReg, copyReg, pushConstant, type Reg, type Writer } from "./emit_values.ts";

/** Combinations that are scalar operations. */
type Plain = Exclude<Combine, "argmax" | "argmin" | "linear">;

/** See `takeBounds`. */
const BOUNDS = ["i32x4.max_s", "i32x4.min_u", "i32x4.max_u"] as const;

/** Which lanes of a vector are taken in: all, the first, or those that the writer says. */
type Masked = "none" | "first" | "some";

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
  /** For the extremes of float32: what {@linkcode BOUNDS} keep. */
  readonly #bounds: Reg[] = [];
  /** The place of the next point in row-major order of the reduction. */
  readonly #position: Local | undefined;

  /**
   * Takes locals for `copies` vectors, to be used until the end of the running scope.
   *
   * @param running whether results are wanted after every point
   */
  constructor(w: Writer, spec: Accumulator, from: DType, copies: number, running: boolean) {
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
    const extreme = combine === "max" || combine === "min";
    const bounds = extreme && !running && from === "float32" && spec.dtype === "float32";
    for (let copy = 0; copy < copies; copy++) {
      if (bounds) {
        this.#bounds.push(BOUNDS.map(() => w.vector()));
        continue;
      }
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
    for (const reg of [...this.#values, ...this.#bounds]) {
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
    const masked: Masked = !rowwise
      ? "none"
      : block.lanes === 1
      ? "first"
      : block.partial
      ? "some"
      : "none";
    const at = this.#position === undefined ? undefined : this.#w.vector();
    if (at !== undefined) f.get(this.#position!).op("i32x4.splat").set(at);
    for (let copy = 0; copy < block.copies; copy++) {
      const value = values[copy % values.length]!;
      if (at !== undefined) {
        this.#takeNext(copy, value, at, masked);
        continue;
      }
      if (this.#bounds.length > 0) {
        this.#takeBounds(copy, value[0]!, masked);
        continue;
      }
      const held = this.#inBlock ? this.#partials[copy]! : this.#values[copy]!;
      const type = this.#inBlock ? dtype : this.#held;
      // rounded to the accumulator's type before it is widened
      const own = this.#cast(dtype, type, this.#cast(this.#from, dtype, value));
      const whole = masked === "none";
      const shape = whole ? { lanes: 4, into: held } : { lanes: 4 };
      let next: Reg;
      if (combine === "linear") {
        const factor = this.#cast(dtype, type, factors[copy % factors.length]!);
        const product = emitScalar(this.#w, "mul", type, type, [factor, held], { lanes: 4 });
        next = emitScalar(this.#w, "add", type, type, [product, own], shape);
      } else {
        next = emitScalar(this.#w, combine as Plain, type, type, [held, own], shape);
      }
      if (whole) copyReg(this.#w, next, held);
      else this.#keepOthers(masked, type, next, held);
    }
    if (this.#position !== undefined) {
      f.get(this.#position).i32.const(rowwise ? block.copies * (block.counting ?? block.lanes) : 1)
        .op("i32.add")
        .set(this.#position);
    }
  }

  #cast(from: DType, to: DType, x: Reg): Reg {
    return from === to ? x : emitScalar(this.#w, "cast", from, to, [x], { lanes: 4 });
  }

  /** Takes over what is new in the lanes that count. */
  #keepOthers(masked: Masked, type: DType, next: Reg, held: Reg): void {
    const { f } = this.#w;
    held.forEach((local, part) => {
      if (masked === "first" && part > 0) return;
      f.get(next[part]!).get(local);
      this.#pushCounting(masked, part, DTYPES[type].bytes === 8 ? 8 : 4);
      f.op("v128.bitselect").set(local);
    });
  }

  /** Pushes the mask of the lanes that count in one of a value's vectors. */
  #pushCounting(masked: Masked, part: number, bytes: number): void {
    const { lanes } = this.#w;
    if (masked === "some") lanes.mask(part, bytes);
    else lanes.words(Array.from({ length: lanes.count }, (_, i) => i < bytes / 4 ? -1 : 0));
  }

  /**
   * Replaces the best value of a copy where the next one is better. Where the lanes and copies are
   * successive points, `join` adds their distance to the first one to the positions.
   */
  #takeNext(copy: number, value: Reg, at: Local, masked: Masked): void {
    const w = this.#w;
    const { f } = w;
    const from = this.#from;
    const best = this.#values[copy]!;
    const place = this.#positions[copy]!;
    const keep = w.vector();
    const op = this.#spec.combine === "argmax" ? "ge" : "le";
    f.get(emitScalar(w, op, from, "bool", [best, value], { lanes: 4 })[0]!);
    if (isFloat(from)) {
      f.get(emitScalar(w, "ne", from, "bool", [best, best], { lanes: 4 })[0]!).op("v128.or");
    }
    if (masked !== "none") {
      this.#pushCounting(masked, 0, 4);
      f.op("v128.not").op("v128.or");
    }
    f.set(keep);
    emitScalar(w, "where", from, from, [[keep], best, value], { lanes: 4, into: best });
    emitScalar(w, "where", "int32", "int32", [[keep], [place], [at]], { lanes: 4, into: [place] });
  }

  /** Replaces the best value of a copy where another one is better, or equal and nearer. */
  #takeBetter(copy: number, value: Reg, at: Local): void {
    const w = this.#w;
    const { f } = w;
    const from = this.#from;
    const best = this.#values[copy]!;
    const place = this.#positions[copy]!;
    const test = (op: "gt" | "lt" | "eq" | "ne", x: Reg, y: Reg): Local =>
      emitScalar(w, op, from, "bool", [x, y], { lanes: 4 })[0]!;
    const better = w.vector();
    const equal = w.vector();
    f.get(test(this.#spec.combine === "argmax" ? "gt" : "lt", value, best)).set(better);
    f.get(test("eq", value, best)).set(equal);
    if (isFloat(from)) {
      const bestIsNumber = test("eq", best, best);
      const isNaN = test("ne", value, value);
      f.get(isNaN).get(bestIsNumber).op("v128.and").get(better).op("v128.or").set(better);
      f.get(isNaN).get(bestIsNumber).op("v128.andnot").get(equal).op("v128.or").set(equal);
    }
    f.get(at).get(place).op("i32x4.lt_s").get(equal).op("v128.and");
    f.get(better).op("v128.or").set(better);
    emitScalar(w, "where", from, from, [[better], value, best], { lanes: 4, into: best });
    emitScalar(w, "where", "int32", "int32", [[better], [at], [place]], {
      lanes: 4,
      into: [place],
    });
  }

  /**
   * Takes a value into the bounds of the bits seen so far: the greatest as signed integers, the
   * least and the greatest as unsigned ones. These three tell the extremes of floats, the signs of
   * zeros and NaN included, in three instructions where one `max` of floats is eight.
   */
  #takeBounds(copy: number, value: Local, masked: Masked): void {
    const { f } = this.#w;
    BOUNDS.forEach((op, i) => {
      const held = this.#bounds[copy]![i]!;
      f.get(held).get(value).op(op);
      if (masked !== "none") {
        f.get(held);
        this.#pushCounting(masked, 0, 4);
        f.op("v128.bitselect");
      }
      f.set(held);
    });
  }

  /** The greatest or least float that the bounds tell of. */
  #bounded(copy: number): Local {
    const w = this.#w;
    const [signed, least, greatest] = this.#bounds[copy]! as [Local, Local, Local];
    const out = w.vector();
    const { f } = w;
    if (this.#spec.combine === "max") {
      // without a number that is not negative, the one of the least bits
      f.get(least).get(signed).get(signed).i32.const(31).op("i32x4.shr_s").op("v128.bitselect");
      f.get(greatest).i32x4.const(0xff800000 | 0).op("i32x4.gt_u").op("v128.or").set(out);
    } else {
      f.get(greatest).get(least).get(greatest).i32.const(31).op("i32x4.shr_s");
      f.op("v128.bitselect");
      f.get(signed).i32x4.const(0x7f800000).op("i32x4.gt_s").op("v128.or").set(out);
    }
    return out;
  }

  /** Joins all copies and lanes into every lane of the first copy. */
  join(): void {
    const w = this.#w;
    this.#positions.forEach((place, copy) => {
      const { count } = w.lanes;
      w.f.get(place);
      w.lanes.words(Array.from({ length: count }, (_, lane) => count * copy + lane));
      w.f.op("i32x4.add").set(place);
    });
    if (this.#bounds.length > 0) return this.#joinBounds();
    const merge = (into: number, value: Reg, at: Local | undefined): void => {
      if (at !== undefined) return this.#takeBetter(into, value, at);
      const held = this.#values[into]!;
      const op = this.#spec.combine as Plain;
      const shape = { lanes: 4, into: held };
      copyReg(w, emitScalar(w, op, this.#held, this.#held, [held, value], shape), held);
    };
    for (let distance = 1; distance < this.#values.length; distance *= 2) {
      for (let i = 0; i + distance < this.#values.length; i += 2 * distance) {
        merge(i, this.#values[i + distance]!, this.#positions[i + distance]);
      }
    }
    for (let distance = w.lanes.count / 2; distance >= 1; distance /= 2) {
      const value = this.#rotate(this.#values[0]!, distance);
      const place = this.#positions[0];
      merge(0, value, place === undefined ? undefined : this.#rotate([place], distance)[0]!);
    }
  }

  #joinBounds(): void {
    const { f } = this.#w;
    BOUNDS.forEach((op, i) => {
      const held = this.#bounds[0]![i]!;
      for (const other of this.#bounds.slice(1)) f.get(held).get(other[i]!).op(op).set(held);
      for (let bytes = 2 * this.#w.lanes.count; bytes >= 4; bytes /= 2) {
        f.get(held);
        this.#w.lanes.swap(held, bytes).op(op).set(held);
      }
    });
  }

  /** A copy in which each lane holds that of its partner at a distance. */
  #rotate(reg: Reg, distance: number): Reg {
    const w = this.#w;
    const out = reg.map(() => w.vector());
    out.forEach((local, part) => {
      if (reg.length === 2 && distance === w.lanes.count / 2) w.f.get(reg[1 - part]!).set(local);
      else w.lanes.swap(reg[part]!, distance * 4 * reg.length).set(local);
    });
    return out;
  }

  /** The results in type `to`: one for each copy of the block. */
  results(to: DType, copies: number): readonly Reg[] {
    return Array.from({ length: copies }, (_, copy): Reg => {
      const w = this.#w;
      const { dtype } = this.#spec;
      const reg = this.#keepsPosition
        ? [this.#positions[copy]!]
        : this.#bounds.length > 0
        ? [this.#bounded(copy)]
        : this.#values[copy]!;
      const held = this.#keepsPosition ? "int32" : this.#held;
      // asked for as it is carried, as partial results are
      if (to === held && dtype === "float32") return reg;
      const own = emitScalar(w, "cast", held, dtype, [reg], { lanes: 4 });
      return emitScalar(w, "cast", dtype, to, [own], { lanes: 4 });
    });
  }
}
