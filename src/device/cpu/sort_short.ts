/**
 * Sorting a short row by counting, for each number, how many come before it: a square of steps, but
 * of vector steps that no branch depends on.
 *
 * @module
 */

import {
  type FunctionBuilder,
  I32,
  type Local,
  type ModuleBuilder,
  V128,
} from "../../wasm/wasm.ts";
import { advance, advanceBy, emitRepeat, forRange } from "./gemm_pack.ts";
import type { SortElement } from "./sort_keys.ts";

const KEY_BYTES = 8;
const PAIR_BYTES = 2 * KEY_BYTES;

/** Bytes of the keys of a row, and of one key or two behind them. */
export function shortKeyBytes(size: number): number {
  return (Math.floor(size / 2) + 1) * PAIR_BYTES;
}

/**
 * Emits `short(x, values, indices, size, step, indexStep, keys)`: sorts one row whose numbers lie
 * `step` bytes apart, and its indices `indexStep`. `keys` has {@linkcode shortKeyBytes}.
 */
export function emitShort(module: ModuleBuilder, element: SortElement): FunctionBuilder {
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32, I32], []);
  const [x, values, indices, size, step, indexStep, keys] = [0, 1, 2, 3, 4, 5, 6];
  const [from, pair, end, at] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)];
  const [index, count] = [f.local(I32), f.local(I32)];
  const two = f.local(V128);
  const wanted = [f.local(V128), f.local(V128)] as const;
  const sums = [f.local(V128), f.local(V128)] as const;
  const key = element.key(f);

  f.get(x).set(from).get(keys).set(at).get(size).set(count);
  emitRepeat(f, count, () => {
    f.get(at).get(from);
    key();
    // Vectors compare 64-bit integers as signed ones.
    if (element.keyBits === 64) f.i64.const(-(2n ** 63n)).op("i64.xor");
    f.store("i64.store");
    advance(f, at, KEY_BYTES);
    advanceBy(f, from, step);
  });
  // Behind an odd number of keys: less than none.
  f.get(at).i64.const(2n ** 63n - 1n).store("i64.store");
  f.get(at).get(size).i32.const(1).op("i32.and").i32.const(3).op("i32.shl").op("i32.add").set(end);

  const compare = (op: "i64x2.gt_s" | "i64x2.lt_s"): void => {
    f.get(at).load("v128.load").set(two);
    wanted.forEach((vector, i) => {
      const sum = sums[i] ?? 0;
      f.get(sum).get(two).get(vector).op(op);
      f.op(op === "i64x2.gt_s" ? "i64x2.add" : "i64x2.sub").set(sum);
    });
  };
  /** Writes number `index`, whose rank is the sum of both lanes, index and what `more` adds. */
  const write = (sum: Local, more?: () => void): void => {
    f.get(sum).lane("i64x2.extract_lane", 0).get(sum).lane("i64x2.extract_lane", 1);
    f.op("i64.add").op("i32.wrap_i64").get(index).op("i32.add");
    more?.();
    f.set(count);
    f.get(values).get(count).get(step).op("i32.mul").op("i32.add");
    f.get(x).load(element.load).store(element.store);
    f.get(indices).get(count).get(indexStep).op("i32.mul").op("i32.add");
    f.get(index).store("i32.store");
    advanceBy(f, x, step);
    advance(f, index, 1);
  };
  forRange(f, pair, end, PAIR_BYTES, () => {
    f.get(pair).load("v128.load64_splat").set(wanted[0]);
    f.get(pair).load("v128.load64_splat", { offset: KEY_BYTES }).set(wanted[1]);
    for (const sum of sums) f.i64x2.const(0).set(sum);
    // All before the pair come first but those that are greater; of the others those that are less.
    forRange(f, at, pair, PAIR_BYTES, () => compare("i64x2.gt_s"), keys);
    forRange(f, at, end, PAIR_BYTES, () => compare("i64x2.lt_s"), pair);
    write(sums[0]);
    f.get(index).get(size).op("i32.lt_u").if(() => {
      // Index is one more than the pair's: right for an equal first, which is not less.
      write(sums[1], () => {
        f.get(pair).load("i64.load");
        f.get(pair).load("i64.load", { offset: KEY_BYTES }).op("i64.ne").op("i32.sub");
      });
    });
  }, keys);
  return f;
}
