/**
 * The radix sort of a long row: entries of index and key are put in the order of one byte of the key
 * after another, from the lowest; each pass keeps the order of equal bytes, so the sort is stable.
 *
 * @module
 */

import { type FunctionBuilder, I32, type Local, type ModuleBuilder } from "../../wasm/wasm.ts";
import { advance, advanceBy, emitRepeat } from "./gemm_pack.ts";
import type { SortElement } from "./sort_keys.ts";

/** Bytes of the counters of one digit. */
const COUNTER_BYTES = 4 * 256;

/** An entry's first half holds an index, its second half the key. */
function entryBytes(element: SortElement): 8 | 16 {
  return element.keyBits === 64 ? 16 : 8;
}

function counterBytes(element: SortElement): number {
  return element.keyBits / 8 * COUNTER_BYTES;
}

/** Bytes of scratch for a row: the counters, and the entries twice. */
export function radixBytes(size: number, element: SortElement): number {
  return counterBytes(element) + 2 * size * entryBytes(element);
}

/** Replaces the digit on the stack by the address of its counter. */
function counterOf(f: FunctionBuilder, counters: Local): void {
  f.i32.const(2).op("i32.shl").get(counters).op("i32.add");
}

/**
 * Emits `distribute(from, to, size, counters, digit)`: copies entries into the order of the byte
 * `digit` of each. `counters` holds how many entries have each value of it, and is used up. Returns
 * whether it copied: not when all have the same.
 */
function emitDistribute(module: ModuleBuilder, element: SortElement): FunctionBuilder {
  const bytes = entryBytes(element);
  const kind = bytes === 16 ? "v128" : "i64";
  const f = module.func(undefined, [I32, I32, I32, I32, I32], [I32]);
  const [from, to, size, counters, digit] = [0, 1, 2, 3, 4];
  const [pointer, count, target] = [f.local(I32), f.local(I32), f.local(I32)];
  const counter = (): void => {
    f.get(from).get(digit).op("i32.add").load("i32.load8_u");
    counterOf(f, counters);
  };

  counter();
  f.load("i32.load").get(size).op("i32.eq").if(() => f.i32.const(0).op("return"));
  // From numbers of entries to the addresses where the entries of each value begin.
  f.get(counters).set(pointer).i32.const(256).set(count);
  emitRepeat(f, count, () => {
    f.get(pointer).load("i32.load").i32.const(bytes).op("i32.mul").set(target);
    f.get(pointer).get(to).store("i32.store");
    advanceBy(f, to, target);
    advance(f, pointer, 4);
  });
  emitRepeat(f, size, () => {
    counter();
    f.tee(pointer).load("i32.load").tee(target).get(from).load(`${kind}.load`);
    f.store(`${kind}.store`);
    f.get(pointer).get(target).i32.const(bytes).op("i32.add").store("i32.store");
    advance(f, from, bytes);
  });
  return f.i32.const(1);
}

/**
 * Emits `place(entries, x, values, indices, size, step, indexStep)`: writes one sorted row, whose
 * values are fetched from x.
 */
function emitPlace(module: ModuleBuilder, element: SortElement): FunctionBuilder {
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32, I32], []);
  const [entries, x, values, indices, size, step, indexStep] = [0, 1, 2, 3, 4, 5, 6];
  const index = f.local(I32);
  emitRepeat(f, size, () => {
    f.get(values).get(entries).load("i32.load").tee(index);
    f.get(step).op("i32.mul").get(x).op("i32.add").load(element.load).store(element.store);
    f.get(indices).get(index).store("i32.store");
    advance(f, entries, entryBytes(element));
    advanceBy(f, values, step);
    advanceBy(f, indices, indexStep);
  });
  return f;
}

/**
 * Emits `radix(x, values, indices, size, step, indexStep, scratch)`: sorts one row whose numbers lie
 * `step` bytes apart, and its indices `indexStep`. `scratch` has {@linkcode radixBytes}; size is not
 * zero.
 */
export function emitRadix(module: ModuleBuilder, element: SortElement): FunctionBuilder {
  const bytes = entryBytes(element);
  const half = bytes / 2;
  const distribute = emitDistribute(module, element);
  const place = emitPlace(module, element);
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32, I32], []);
  const [x, values, indices, size, step, indexStep, counters] = [0, 1, 2, 3, 4, 5, 6];
  const [a, b, from, at] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)];
  const [index, count, counter, digit] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)];
  const key = element.key(f);

  f.get(counters).i32.const(counterBytes(element)).op("i32.add").tee(a);
  f.get(size).i32.const(bytes).op("i32.mul").op("i32.add").set(b);
  f.get(counters).i32.const(0).i32.const(counterBytes(element)).memoryFill();
  f.get(x).set(from).get(a).set(at).get(size).set(count);
  emitRepeat(f, count, () => {
    f.get(at).get(index).store("i32.store").get(at).get(from);
    key();
    f.store(half === 8 ? "i64.store" : "i64.store32", { offset: half });
    for (let i = 0; i < element.keyBits / 8; i++) {
      const offset = i * COUNTER_BYTES;
      f.get(at).load("i32.load8_u", { offset: half + i });
      counterOf(f, counters);
      f.tee(counter).get(counter).load("i32.load", { offset });
      f.i32.const(1).op("i32.add").store("i32.store", { offset });
    }
    advance(f, at, bytes);
    advance(f, index, 1);
    advanceBy(f, from, step);
  });
  f.i32.const(half).set(digit).i32.const(element.keyBits / 8).set(count);
  emitRepeat(f, count, () => {
    f.get(a).get(b).get(size).get(counters).get(digit).call(distribute);
    f.if(() => f.get(a).get(b).set(a).set(b));
    advance(f, digit, 1);
    advance(f, counters, COUNTER_BYTES);
  });
  f.get(a);
  for (const argument of [x, values, indices, size, step, indexStep]) f.get(argument);
  return f.call(place);
}
