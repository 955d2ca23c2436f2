/**
 * Sorting along one axis on the CPU, which no loop nest expresses: the routine behind the `sort`
 * call of a plan.
 *
 * @module
 */

import { type FunctionBuilder, I32, type MemoryType, ModuleBuilder } from "../../wasm/wasm.ts";
import { memoryTypeOf } from "./emit.ts";
import { advance, emitRepeat, forRange } from "./gemm_pack.ts";
import { Piece } from "./pool.ts";
import { SORT_ELEMENTS, type SortElement } from "./sort_keys.ts";
import { emitRadix, radixBytes } from "./sort_radix.ts";
import { emitShort, shortKeyBytes } from "./sort_short.ts";

/** A dtype that can be sorted. */
export type SortDtype = keyof typeof SORT_ELEMENTS;

/** What is sorted: an array [outer, size, inner], row-major, along its middle axis. */
export interface SortCall {
  readonly dtype: SortDtype;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** The sort of one memory. */
export interface Sort {
  /**
   * Sorts each of the outer * inner rows at byte address `x`, ascending and stable: NaN last and
   * equal to each other, -0 equal to 0. Writes the values, bits unchanged, to `values` and their
   * positions in the row, int32, to `indices`; x is only read. Addresses are those of the memory;
   * `scratch` is 64-byte aligned and has {@linkcode Sort.scratchBytes}. None may overlap another.
   *
   * @throws {WebAssembly.RuntimeError} when an address lies outside the memory.
   */
  run(call: SortCall, x: number, values: number, indices: number, scratch: number): void;
  /** Bytes that a sort needs at its scratch address. */
  scratchBytes(call: SortCall): number;
  /**
   * Ranges of rows, for several threads: takes x, values, indices, scratch, size and inner. Row
   * number o * inner + i is that of o along the outer axis and i along the inner one.
   */
  piece(dtype: SortDtype): Piece;
}

/** Rows up to this size are short: measured, by bits of a key. */
const SHORT = { 8: 32, 32: 88, 64: 128 } as const;

/** Bytes that a sort needs at its scratch address. */
function sortScratchBytes({ dtype, outer, size, inner }: SortCall): number {
  const element: SortElement = SORT_ELEMENTS[dtype];
  if (outer * size * inner === 0) return 0;
  return size <= SHORT[element.keyBits] ? shortKeyBytes(size) : radixBytes(size, element);
}

/**
 * Encodes the module that exports `sort(x, values, indices, scratch, outer, size, inner)` for one
 * dtype.
 */
function sortModule(dtype: SortDtype, memory: MemoryType): Uint8Array<ArrayBuffer> {
  const element: SortElement = SORT_ELEMENTS[dtype];
  const { bytes } = element;
  const module = new ModuleBuilder(memory);
  const short = emitShort(module, element);
  const radix = emitRadix(module, element);
  const f = module.func("sort", [I32, I32, I32, I32, I32, I32, I32], []);
  const [x, values, indices, scratch, outer, size, inner] = [0, 1, 2, 3, 4, 5, 6];
  const [step, indexStep, rows] = [f.local(I32), f.local(I32), f.local(I32)];

  f.get(size).op("i32.eqz").if(() => f.op("return"));
  f.get(inner).i32.const(bytes).op("i32.mul").set(step);
  f.get(inner).i32.const(4).op("i32.mul").set(indexStep);
  emitRepeat(f, outer, () => {
    f.get(inner).set(rows);
    emitRepeat(f, rows, () => {
      const row = [x, values, indices, size, step, indexStep, scratch];
      const callRow = (callee: FunctionBuilder): void => {
        for (const argument of row) f.get(argument);
        f.call(callee);
      };
      f.get(size).i32.const(SHORT[element.keyBits]).op("i32.le_u");
      f.if(() => callRow(short), () => callRow(radix));
      advance(f, x, bytes);
      advance(f, values, bytes);
      advance(f, indices, 4);
    });
    // The rows of one block begin side by side; the next block begins size - 1 steps behind them.
    for (const [pointer, stride] of [[x, step], [values, step], [indices, indexStep]] as const) {
      f.get(pointer).get(size).i32.const(1).op("i32.sub").get(stride).op("i32.mul");
      f.op("i32.add").set(pointer);
    }
  });
  emitPart(module, element, short, radix);
  return module.bytes();
}

/** Emits and exports `part(x, values, indices, scratch, size, inner, begin, end)`: a range of rows. */
function emitPart(
  module: ModuleBuilder,
  { bytes, keyBits }: SortElement,
  short: FunctionBuilder,
  radix: FunctionBuilder,
): void {
  const f = module.func("part", [I32, I32, I32, I32, I32, I32, I32, I32], []);
  const [x, values, indices, scratch, size, inner, begin, end] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [row, at, step, indexStep] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)];
  f.get(inner).i32.const(bytes).op("i32.mul").set(step);
  f.get(inner).i32.const(4).op("i32.mul").set(indexStep);
  forRange(f, row, end, 1, () => {
    f.get(row).get(inner).op("i32.div_u").get(size).op("i32.mul").get(inner).op("i32.mul");
    f.get(row).get(inner).op("i32.rem_u").op("i32.add").set(at);
    const callRow = (callee: FunctionBuilder): void => {
      for (const [base, width] of [[x, bytes], [values, bytes], [indices, 4]] as const) {
        f.get(base).get(at).i32.const(width).op("i32.mul").op("i32.add");
      }
      f.get(size).get(step).get(indexStep).get(scratch).call(callee);
    };
    f.get(size).i32.const(SHORT[keyBits]).op("i32.le_u");
    f.if(() => callRow(short), () => callRow(radix));
  }, begin);
}

type Export = (...values: number[]) => void;

/**
 * Makes the sort of a memory; each dtype is compiled when it is first met.
 *
 * @example Sort three numbers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSort } from "./sort.ts";
 *
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * new Float32Array(memory.buffer).set([3, NaN, -1]);
 * const call = { dtype: "float32", outer: 1, size: 3, inner: 1 } as const;
 * createSort(memory).run(call, 0, 64, 128, 192);
 * assertEquals([...new Float32Array(memory.buffer, 64, 3)], [-1, 3, NaN]);
 * assertEquals([...new Int32Array(memory.buffer, 128, 3)], [2, 0, 1]);
 * ```
 */
export function createSort(memory: WebAssembly.Memory): Sort {
  const compiled = new Map<SortDtype, { sort: Export; piece: Piece }>();
  const compile = (dtype: SortDtype): { sort: Export; piece: Piece } => {
    const bytes = sortModule(dtype, memoryTypeOf(memory));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const { sort, part } = instance.exports as Record<"sort" | "part", Export>;
    const made = { sort, piece: new Piece(`the sort of ${dtype}`, bytes, part) };
    compiled.set(dtype, made);
    return made;
  };
  return {
    run: ({ dtype, outer, size, inner }, x, values, indices, scratch) => {
      const { sort } = compiled.get(dtype) ?? compile(dtype);
      sort(x, values, indices, scratch, outer, size, inner);
    },
    scratchBytes: sortScratchBytes,
    piece: (dtype) => (compiled.get(dtype) ?? compile(dtype)).piece,
  };
}
