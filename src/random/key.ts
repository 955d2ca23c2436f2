/**
 * Keys: what a draw depends on. A key is a uint32 tensor of shape [2], as JAX's raw keys are.
 *
 * Threefry-2x32: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011).
 *
 * @module
 */
import { checkShape, formatShape, formatValue, isInteger, sizeOf } from "../base/mod.ts";
import {
  cast,
  emit,
  emitAll,
  literal,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { checkKey } from "./options.ts";
import { rawKey } from "./seeds.ts";
import { splitKey, wordsOf } from "./threefry.ts";

const WORDS = 2 ** 32;

/**
 * The key of a seed: `[0, seed mod 2^32]`, as `jax.random.key` has it.
 *
 * @param seed an integer, or an integer scalar tensor
 * @throws {TypeError} when it is not an integer
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.key(42).toArray(), [0, 42]);
 * ```
 */
export function key(seed: TensorLike): Tensor {
  if (typeof seed === "number") {
    if (!Number.isSafeInteger(seed)) {
      throw new TypeError(`Cannot make a key of ${formatValue(seed)}: a seed is an integer`);
    }
    return rawKey(0, ((seed % WORDS) + WORDS) % WORDS);
  }
  const s = integerScalar(seed, "make a key of");
  return emit("concatenate", [s.zeros([1]), s.reshape([1])], { axis: 0 });
}

function integerScalar(x: TensorLike, action: string): Tensor {
  const t = toTensor(x, action);
  if (!isInteger(t.dtype) || t.shape.length !== 0) {
    throw new TypeError(
      `Cannot ${action} a ${t.dtype} tensor of shape ${formatShape(t.shape)}: wanted an integer`,
    );
  }
  return cast(t, "uint32");
}

/**
 * New keys out of one, unlike it and unlike each other.
 *
 * @param key a key; do not draw with it again
 * @param shape how many (default 2), or the shape of the array of keys
 * @returns a uint32 tensor of shape `[...shape, 2]`; iterate over it to get the keys
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [a, b] = random.split(random.key(0));
 * assertEquals(a!.toArray(), [1797259609, 2579123966]);
 * assertEquals(b!.toArray(), [928981903, 3453687069]);
 * ```
 */
export function split(key: TensorLike, shape: number | readonly number[] = 2): Tensor {
  const k = checkKey(key, "split");
  const sizes = checkShape(shape, "split a key");
  return splitKey(k, sizeOf(sizes), "split a key").reshape([...sizes, 2]);
}

/**
 * A new key out of a key and a number, as that of a step or a layer.
 *
 * @param data an integer in 0..2^32-1, or an integer scalar tensor
 * @throws {RangeError} when it is outside
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const key = random.key(0);
 * assertEquals(random.foldIn(key, 1).toArray(), random.split(key).at(1).toArray());
 * ```
 */
export function foldIn(key: TensorLike, data: TensorLike): Tensor {
  const k = checkKey(key, "fold in");
  let counter: Tensor;
  if (typeof data === "number") {
    if (!Number.isInteger(data) || data < 0 || data >= WORDS) {
      throw new RangeError(`Cannot fold in ${data}: wanted an integer in 0..4294967295`);
    }
    counter = literal(data, "uint32");
  } else {
    counter = integerScalar(data, "fold in");
  }
  const pair = emitAll("threefry", [...wordsOf(k), literal(0, "uint32"), counter]);
  return emit("concatenate", pair, { axis: 0 });
}

/**
 * The two words of a key, as `jax.random.key_data`: a key is its own data here.
 *
 * @param key a key
 * @throws {TypeError} when it is not one
 * @returns a uint32 tensor of shape [2]
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.keyData(random.key(7)).toArray(), [0, 7]);
 * ```
 */
export function keyData(key: TensorLike): Tensor {
  return checkKey(key, "take the data of a key");
}

/**
 * The key of two words, as `jax.random.wrap_key_data`.
 *
 * @param data two integers in 0..2^32-1, or a uint32 tensor of shape [2]
 * @throws {TypeError} when it is neither
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(random.wrapKeyData([0, 7]).toArray(), random.key(7).toArray());
 * ```
 */
export function wrapKeyData(data: TensorLike): Tensor {
  const action = "wrap key data";
  if (!Array.isArray(data)) return checkKey(data, action);
  const [k0, k1, ...rest] = data as unknown[];
  const isWord = (x: unknown): x is number =>
    Number.isInteger(x) && x as number >= 0 && x as number < WORDS;
  if (!isWord(k0) || !isWord(k1) || rest.length > 0) {
    throw new TypeError(
      `Cannot ${action} ${formatValue(data)}: wanted two integers in 0..4294967295`,
    );
  }
  return rawKey(k0, k1);
}
