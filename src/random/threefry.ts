/**
 * How the counters of Threefry-2x32 are laid out over an array, in both of JAX's ways: each element
 * its own block (`jax_threefry_partitionable`, the default), or one stream of words.
 *
 * @module
 */
import { flag } from "../base/mod.ts";
import { emit, emitAll, literal, type Tensor } from "../core/mod.ts";
import { select } from "../numpy/operands.ts";

/** The two words of a key, or of the keys of many elements. */
export type Words = readonly [Tensor, Tensor];

const WORDS = 2 ** 32;

/** Whether each element has its own block. */
export function isPartitionable(): boolean {
  return flag("threefryPartitionable");
}

/** Counters `first..first+n-1`. */
function counters(n: number, first = 0): Tensor {
  const i = emit("iota", [], { shape: [n], axis: 0, dtype: "uint32" });
  return first === 0 ? i : i.add(first);
}

function block(key: Words, c0: Tensor, c1: Tensor): Words {
  const [a, b] = emitAll("threefry", [...key, c0, c1]);
  return [a!, b!];
}

/** The words of a key of shape [2], each of shape [1]. */
export function wordsOf(key: Tensor): Words {
  const word = (i: number): Tensor => emit("slice", [key], { start: [i], size: [1], step: [1] });
  return [word(0), word(1)];
}

function checkCount(n: number, action: string): void {
  if (n > WORDS) {
    throw new RangeError(
      `Cannot ${action} of ${n} elements: a key has counters for 2^32: split it`,
    );
  }
}

/** The block of each of `n` positions, as two tensors of shape [n]. */
export function blocks(key: Tensor, n: number, action: string): Words {
  checkCount(n, action);
  return block(wordsOf(key), literal(0, "uint32"), counters(n));
}

/** The first `n` words of the one stream: counters 0..n-1, the first half beside the second. */
export function stream(key: Tensor, n: number, action: string): Tensor {
  checkCount(n, action);
  const half = Math.ceil(n / 2);
  const first = counters(half);
  let second = counters(half, half);
  if (n % 2 === 1) second = select(first.eq(half - 1), 0, second);
  const words = emit("concatenate", block(wordsOf(key), first, second), { axis: 0 });
  return n === 2 * half ? words : emit("slice", [words], { start: [0], size: [n], step: [1] });
}

/** `n` keys out of one, as a tensor of shape [n, 2]. */
export function splitKey(key: Tensor, n: number, action: string): Tensor {
  if (!isPartitionable()) return stream(key, 2 * n, action).reshape([n, 2]);
  const pair = blocks(key, n, action).map((w) => w.reshape([n, 1]));
  return emit("concatenate", pair, { axis: 1 });
}

/** Row `i` of keys of shape [n, 2]. */
export function keyAt(keys: Tensor, i: number): Tensor {
  return emit("slice", [keys], { start: [i, 0], size: [1, 2], step: [1, 1] }).reshape([2]);
}

/** The same as `n` keys of shape [2]. */
export function keysOf(key: Tensor, n: number, action: string): Tensor[] {
  const keys = splitKey(key, n, action);
  return Array.from({ length: n }, (_, i) => keyAt(keys, i));
}

/** 32 random bits for each of `n` elements. */
export function draw32(key: Tensor, n: number, action: string): Tensor {
  return isPartitionable() ? emit("xor", [...blocks(key, n, action)]) : stream(key, n, action);
}

/** 64 random bits for each of `n` elements, as high and low words. */
export function draw64(key: Tensor, n: number, action: string): Words {
  if (isPartitionable()) return blocks(key, n, action);
  const words = stream(key, 2 * n, action);
  const half = (from: number): Tensor =>
    emit("slice", [words], { start: [from], size: [n], step: [1] });
  return [half(0), half(n)];
}

/** 8 random bits for each of `n` elements. */
export function draw8(key: Tensor, n: number, action: string): Tensor {
  if (isPartitionable()) return draw32(key, n, action).astype("uint8");
  const count = Math.ceil(n / 4);
  const words = stream(key, count, action).reshape([count, 1]);
  const shifts = counters(4).mul(8).reshape([1, 4]);
  const bytes = emit("shr", [words, shifts]).astype("uint8").reshape([4 * count]);
  return emit("slice", [bytes], { start: [0], size: [n], step: [1] });
}

/** For the key of each element: `n` keys more, as the layout in force splits it. */
export function splitEach(key: Words, n: number): Words[] {
  const word = (i: number): Tensor => literal(i, "uint32");
  const far = isPartitionable();
  const pairs = Array.from(
    { length: n },
    (_, i) => block(key, word(far ? 0 : i), word(far ? i : n + i)),
  );
  if (far) return pairs;
  const words = [...pairs.map(([a]) => a), ...pairs.map(([, b]) => b)];
  return pairs.map((_, i) => [words[2 * i]!, words[2 * i + 1]!]);
}

/** For the key of each element: 32 random bits. */
export function draw32Each(key: Words): Tensor {
  const zero = literal(0, "uint32");
  const [a, b] = block(key, zero, zero);
  return isPartitionable() ? emit("xor", [a, b]) : a;
}

/** For the key of each element: 64 random bits. */
export function draw64Each(key: Words): Words {
  return block(key, literal(0, "uint32"), literal(isPartitionable() ? 0 : 1, "uint32"));
}
