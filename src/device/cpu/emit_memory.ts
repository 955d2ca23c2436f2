/**
 * Loads and stores of kernels: one moving pointer for all views that move alike, contiguous vectors
 * where the stride allows, single lanes elsewhere.
 *
 * @module
 */
import { type DType, DTYPES } from "../../base/dtype.ts";
import type { Store, View } from "../../ir/kernel.ts";
import type { Local } from "../../wasm/wasm.ts";
import { type LoopPlan, variesAlong } from "./emit_plan.ts";
import { emitScalar } from "./emit_scalar.ts";
import { allocateReg, partsOf, type Reg, type Writer } from "./emit_values.ts";

/** The block of points that is being written: `copies` groups of `lanes` elements. */
export interface Block {
  readonly copies: number;
  /** All lanes of a vector, or 1. */
  readonly lanes: number;
  /** Whether only some of the lanes count. */
  readonly partial?: boolean;
  /** How many of them, where that is known. */
  readonly counting?: number;
}

/** A pointer that all views with the same argument and strides share. */
export interface Pointer {
  readonly local: Local;
  /** Bytes it moves by for one step along each axis. */
  readonly strides: readonly number[];
}

/** One place of a kernel that reads or writes memory. */
export interface Access {
  readonly dtype: DType;
  readonly bytes: number;
  readonly view: View;
  readonly pointer: Pointer;
  /** Bytes between the pointer and the element. */
  readonly displacement: number;
  /** Whether the lanes of a vector lie at computed places. */
  readonly scattered: boolean;
  /** Computed part of the address, for each copy (or one for all), once its steps are known. */
  terms?: readonly Local[] | undefined;
}

const NONE: readonly Access[] = [];

/** Constant offsets below the smallest memory are checked with one comparison. */
const CHEAP_OFFSET = 65536 - 64;

/** Writes the loads and stores of one kernel. */
export class MemoryWriter {
  readonly #w: Writer;
  readonly #plan: LoopPlan;
  /** Everything that moves. */
  readonly pointers: Pointer[] = [];
  /** One access for each live load step. */
  readonly loads = new Map<number, Access>();
  /** One access for each store. */
  readonly stores: Access[] = [];
  /** Those whose address has a computed part that is the same for all lanes. */
  readonly #indexed: readonly Access[];

  /** Sets up the pointers; the arguments of the function are locals 0, 1, ... */
  constructor(w: Writer, plan: LoopPlan) {
    this.#w = w;
    this.#plan = plan;
    const { kernel: k, steps, live } = plan;
    // loads by their steps, then stores
    const wanted: { readonly step: number; readonly arg: number; readonly view: View }[] = [];
    for (let step = 0; step < steps.length; step++) {
      const s = steps[step]!;
      if (s.op === "load" && live[step]) wanted.push({ step, arg: s.arg, view: s.view });
    }
    for (let i = 0; i < k.stores.length; i++) {
      wanted.push({ step: -1, arg: k.stores[i]!.arg, view: k.stores[i]!.view });
    }
    const groups = new Map<string, typeof wanted>();
    for (let i = 0; i < wanted.length; i++) {
      const want = wanted[i]!;
      // with a computed part the rest alone may lie outside of the memory: no immediate offsets
      const key = `${want.arg}|${want.view.strides}|${want.view.at ? want.view.offset : ""}`;
      const group = groups.get(key);
      if (group) group.push(want);
      else groups.set(key, [want]);
    }
    const accesses = new Map<(typeof wanted)[number], Access>();
    for (const group of groups.values()) {
      const { arg, view } = group[0]!;
      const { dtype } = k.args[arg]!;
      const { bytes } = DTYPES[dtype];
      const start = group.reduce((least, { view }) => Math.min(least, view.offset), Infinity);
      const pointer = { local: w.integer(), strides: view.strides.map((s) => s * bytes) };
      w.f.get(arg);
      if (start !== 0) w.f.i32.const(start * bytes).op("i32.add");
      w.f.set(pointer.local);
      this.pointers.push(pointer);
      for (const want of group) {
        accesses.set(want, {
          dtype,
          bytes,
          view: want.view,
          pointer,
          displacement: (want.view.offset - start) * bytes,
          scattered: want.view.at?.some((a) => variesAlong(plan, a.step, plan.vector)) ?? false,
        });
      }
    }
    for (let i = 0; i < wanted.length; i++) {
      const access = accesses.get(wanted[i]!)!;
      if (wanted[i]!.step < 0) this.stores.push(access);
      else this.loads.set(wanted[i]!.step, access);
    }
    this.#indexed = [...accesses.values()].filter((a) => a.view.at && !a.scattered);
  }

  /** Computes the index terms of every access whose index steps are known by now. */
  resolveTerms(regs: readonly (readonly Reg[] | undefined)[]): void {
    if (this.#indexed.length === 0) return;
    const { f } = this.#w;
    for (const access of this.#indexed) {
      const at = access.view.at!;
      if (access.terms || at.some((a) => regs[a.step] === undefined)) continue;
      const copies = Math.max(...at.map((a) => regs[a.step]!.length));
      access.terms = Array.from({ length: copies }, (_, c) => {
        const term = this.#w.integer();
        at.forEach((a, j) => {
          const index = regs[a.step]!;
          f.get(index[c % index.length]![0]!).lane("i32x4.extract_lane", 0)
            .i32.const(a.stride * access.bytes).op("i32.mul");
          if (j > 0) f.op("i32.add");
        });
        f.set(term);
        return term;
      });
    }
  }

  /** The accesses whose index terms are computed. */
  termsKnown(): readonly Access[] {
    return this.#indexed.length === 0 ? NONE : this.#indexed.filter((a) => a.terms !== undefined);
  }

  /** Forgets the terms of all accesses but these: a scope has ended. */
  forgetTerms(known: readonly Access[]): void {
    for (let i = 0; i < this.#indexed.length; i++) {
      const access = this.#indexed[i]!;
      if (access.terms !== undefined && !known.includes(access)) access.terms = undefined;
    }
  }

  /** Bytes between an access's first element in the block and that of a copy. */
  #shift(access: Access, copy: number): number {
    const { copyAxis, vector } = this.#plan;
    if (copy === 0 || copyAxis < 0) return 0;
    return copy * (copyAxis === vector ? this.#w.lanes.count : 1) *
      access.pointer.strides[copyAxis]!;
  }

  /** Pushes an address and returns the constant offset that goes with it. */
  #push(access: Access, copy: number, extra: number, vectorTerm?: Local, lane = 0): number {
    const { f } = this.#w;
    f.get(access.pointer.local);
    if (access.terms) f.get(access.terms[copy % access.terms.length]!).op("i32.add");
    if (vectorTerm !== undefined) {
      f.get(vectorTerm).lane("i32x4.extract_lane", lane).op("i32.add");
    }
    const offset = access.displacement + this.#shift(access, copy) + extra;
    if (offset === 0) return 0;
    if (offset > 0 && offset < CHEAP_OFFSET && !access.view.at) return offset;
    f.i32.const(offset).op("i32.add");
    return 0;
  }

  /** For scattered lanes: the vector of the computed parts of their addresses. */
  #vectorTerm(
    access: Access,
    copy: number,
    regs: readonly (readonly Reg[] | undefined)[],
  ): Local | undefined {
    if (!access.scattered) return undefined;
    const { f } = this.#w;
    const term = this.#w.vector();
    access.view.at!.forEach((a, j) => {
      const index = regs[a.step]!;
      f.get(index[copy % index.length]![0]!);
      const factor = a.stride * access.bytes;
      const log = Math.log2(factor);
      if (factor > 0 && Number.isInteger(log)) {
        if (log > 0) f.i32.const(log).op("i32x4.shl");
      } else f.i32x4.const(factor).op("i32x4.mul");
      if (j > 0) f.op("i32x4.add");
    });
    f.set(term);
    return term;
  }

  get #vectorBytes(): number {
    return 4 * this.#w.lanes.count;
  }

  /** Bytes from lane to lane in a block; 0 when all lanes read the same element. */
  #laneBytes(access: Access, block: Block): number {
    return block.lanes > 1 && this.#plan.vector >= 0
      ? access.pointer.strides[this.#plan.vector]!
      : 0;
  }

  /** Loads the values of a step: one for each copy. */
  load(
    step: number,
    block: Block,
    regs: readonly (readonly Reg[] | undefined)[],
  ): readonly Reg[] {
    const access = this.loads.get(step)!;
    const { copyAxis, vector } = this.#plan;
    const copies = variesAlong(this.#plan, step, copyAxis) ? block.copies : 1;
    const moving = variesAlong(this.#plan, step, vector);
    const out: Reg[] = [];
    for (let copy = 0; copy < copies; copy++) out.push(this.#allocate(access.dtype));
    const lanes = moving ? block.lanes : 1;
    if (
      lanes === 4 && copyAxis !== vector && copies % 4 === 0 && access.bytes === 4 &&
      !access.view.at && access.pointer.strides[copyAxis] === 4 &&
      Math.abs(access.pointer.strides[vector]!) !== 4
    ) {
      for (let c = 0; c < copies; c += 4) this.#loadTransposed(access, c, out.slice(c, c + 4));
      return out;
    }
    const each = { copies, lanes, partial: block.partial === true };
    for (let copy = 0; copy < copies; copy++) this.#loadOne(access, copy, each, regs, out[copy]!);
    return out;
  }

  #allocate(dtype: DType): Reg {
    return allocateReg(this.#w, dtype);
  }

  #loadOne(
    access: Access,
    copy: number,
    block: Block,
    regs: readonly (readonly Reg[] | undefined)[],
    out: Reg,
  ): void {
    const { f } = this.#w;
    const { bytes } = access;
    const term = this.#vectorTerm(access, copy, regs);
    const laneBytes = this.#laneBytes(access, block);
    if (block.lanes === 1 || (laneBytes === 0 && term === undefined)) {
      const offset = this.#push(access, copy, 0, term);
      if (bytes === 8) {
        f.load("v128.load64_splat", { offset }).tee(out[0]!).set(out[1]!);
      } else {
        if (bytes === 4) f.load("v128.load32_splat", { offset });
        else f.load("i32.load8_u", { offset }).op("i32x4.splat");
        this.#booleanMask(access);
        f.set(out[0]!);
      }
      return;
    }
    if (laneBytes === bytes && term === undefined) {
      if (bytes === 1) {
        const offset = this.#push(access, copy, 0);
        if (block.partial) this.#w.lanes.loadOnly(0, 1, { offset });
        else this.#w.lanes.loadBytes({ offset });
        this.#booleanMask(access);
        f.set(out[0]!);
        return;
      }
      out.forEach((local, part) => {
        const offset = this.#push(access, copy, part * this.#vectorBytes);
        if (block.partial) this.#w.lanes.loadOnly(part, bytes, { offset }).set(local);
        else f.load("v128.load", { offset }).set(local);
      });
      return;
    }
    if (laneBytes === -4 && bytes === 4 && term === undefined && block.lanes === 4) {
      f.load("v128.load", { offset: this.#push(access, copy, -12) }).set(out[0]!);
      f.get(out[0]!).get(out[0]!).shuffle(REVERSED).set(out[0]!);
      return;
    }
    if (this.#w.lanes.masks && bytes !== 1) return this.#gather(access, copy, block, term, out);
    const perPart = block.lanes / partsOf(access.dtype);
    out.forEach((local, part) => {
      for (let i = 0; i < perPart; i++) {
        const lane = part * perPart + i;
        if (i > 0 && bytes !== 1) {
          const offset = this.#push(access, copy, lane * laneBytes, term, lane);
          f.get(local);
          f.laneMemory(bytes === 8 ? "v128.load64_lane" : "v128.load32_lane", i, { offset });
        } else {
          if (i > 0) f.get(local);
          const offset = this.#push(access, copy, lane * laneBytes, term, lane);
          if (bytes === 8) f.load("v128.load64_splat", { offset });
          else if (bytes === 4) f.load("v128.load32_splat", { offset });
          else {
            f.load("i32.load8_u", { offset });
            if (i === 0) f.op("i32x4.splat");
            else f.lane("i32x4.replace_lane", i);
          }
        }
        f.set(local);
      }
    });
    if (bytes === 1) {
      f.get(out[0]!);
      this.#booleanMask(access);
      f.set(out[0]!);
    }
  }

  /** Loads lanes that lie apart. */
  #gather(
    access: Access,
    copy: number,
    block: Block,
    term: Local | undefined,
    out: Reg,
  ): void {
    const { f, lanes } = this.#w;
    const laneBytes = this.#laneBytes(access, block);
    let places = term;
    if (laneBytes !== 0 || places === undefined) {
      lanes.words(Array.from({ length: lanes.count }, (_, lane) => lane * laneBytes));
      if (places !== undefined) f.get(places).op("i32x4.add");
      places = this.#w.vector();
      f.set(places);
    }
    const how = { partial: block.partial === true, computed: term !== undefined };
    out.forEach((local, part) => {
      const offset = this.#push(access, copy, 0);
      lanes.gather(part, access.bytes, places, how, { offset }).set(local);
    });
  }

  #booleanMask(access: Access): void {
    if (access.dtype === "bool") this.#w.f.i32x4.const(0).op("i32x4.ne");
  }

  /** Loads four copies by four contiguous vectors along the copy axis, and transposes them. */
  #loadTransposed(access: Access, copy: number, out: readonly Reg[]): void {
    const { f } = this.#w;
    const laneBytes = access.pointer.strides[this.#plan.vector]!;
    const rows = [0, 1, 2, 3].map((lane) => {
      const row = this.#w.vector();
      f.load("v128.load", { offset: this.#push(access, copy, lane * laneBytes) }).set(row);
      return row;
    });
    const pairs = [[0, 1, LOW_PAIRS], [2, 3, LOW_PAIRS], [0, 1, HIGH_PAIRS], [2, 3, HIGH_PAIRS]]
      .map(([i, j, bytes]) => {
        const pair = this.#w.vector();
        f.get(rows[i as number]!).get(rows[j as number]!).shuffle(bytes as number[]).set(pair);
        return pair;
      });
    const halves = [[0, 1, LOW_HALF], [0, 1, HIGH_HALF], [2, 3, LOW_HALF], [2, 3, HIGH_HALF]];
    halves.forEach(([i, j, bytes], c) => {
      f.get(pairs[i as number]!).get(pairs[j as number]!).shuffle(bytes as number[])
        .set(out[c]![0]!);
    });
  }

  /** Stores the values of a store: one for each copy, or one for all. */
  store(
    index: number,
    store: Store,
    values: readonly Reg[],
    block: Block,
    regs: readonly (readonly Reg[] | undefined)[],
  ): void {
    const access = this.stores[index]!;
    for (let copy = 0; copy < block.copies; copy++) {
      this.#storeOne(access, copy, block, regs, values[copy % values.length]!, store.add === true);
    }
  }

  #storeOne(
    access: Access,
    copy: number,
    block: Block,
    regs: readonly (readonly Reg[] | undefined)[],
    value: Reg,
    add: boolean,
  ): void {
    const { f } = this.#w;
    const { bytes, dtype } = access;
    const term = this.#vectorTerm(access, copy, regs);
    const laneBytes = this.#laneBytes(access, block);
    const contiguous = block.lanes > 1 && laneBytes === bytes && term === undefined;
    if (contiguous) {
      let sum = value;
      if (add) {
        const old = this.#allocate(dtype);
        this.#loadOne(access, copy, block, regs, old);
        sum = emitScalar(this.#w, "add", dtype, dtype, [old, value], { lanes: 4, into: old });
      }
      if (bytes === 1) {
        const packed = this.#pack(dtype, sum);
        const offset = this.#push(access, copy, 0);
        f.get(packed);
        if (block.partial) this.#w.lanes.storeOnly(0, 1, { offset });
        else this.#w.lanes.storeBytes({ offset });
        return;
      }
      sum.forEach((local, part) => {
        const offset = this.#push(access, copy, part * this.#vectorBytes);
        f.get(local);
        if (block.partial) this.#w.lanes.storeOnly(part, bytes, { offset });
        else f.store("v128.store", { offset });
      });
      return;
    }
    const perPart = this.#w.lanes.count / partsOf(dtype);
    const source = bytes === 1 && !add ? [this.#pack(dtype, value)] : value;
    for (let lane = 0; lane < block.lanes; lane++) {
      const part = Math.floor(lane / perPart);
      let local = source[part]!;
      if (add) {
        // one lane after the other: their places may coincide
        const old = this.#allocate(dtype);
        const offset = this.#push(access, copy, lane * laneBytes, term, lane);
        if (bytes === 8) f.load("v128.load64_splat", { offset }).tee(old[0]!).set(old[1]!);
        else {
          if (bytes === 4) f.load("v128.load32_splat", { offset });
          else f.load("i32.load8_u", { offset }).op("i32x4.splat");
          this.#booleanMask(access);
          f.set(old[0]!);
        }
        const shape = { lanes: 4, into: old };
        const sum = emitScalar(this.#w, "add", dtype, dtype, [old, value], shape);
        local = bytes === 1 ? this.#pack(dtype, sum) : sum[part]!;
      }
      const offset = this.#push(access, copy, lane * laneBytes, term, lane);
      f.get(local).laneMemory(
        bytes === 8 ? "v128.store64_lane" : bytes === 4 ? "v128.store32_lane" : "v128.store8_lane",
        lane % perPart,
        { offset },
      );
    }
  }

  /** The values of a byte-sized type in the lowest bytes. */
  #pack(dtype: DType, value: Reg): Local {
    const { f } = this.#w;
    const packed = this.#w.vector();
    this.#w.lanes.packed(value[0]!);
    if (dtype === "bool") f.i32x4.const(0x01010101).op("v128.and");
    f.set(packed);
    return packed;
  }
}

const REVERSED = [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3];
const LOW_PAIRS = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH_PAIRS = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];
const LOW_HALF = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];
