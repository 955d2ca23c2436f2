/**
 * Many blocks of Philox4x32-10 at once in WebAssembly, four side by side: JavaScript has no product
 * of 64 bits and takes four times as long.
 *
 * @module
 */
import { type FunctionBuilder, I32, type Local, ModuleBuilder, V128 } from "../../wasm/wasm.ts";

/** Blocks that are made side by side. */
export const ABREAST = 4;
/** Words that a call can make at most. */
export const MOST_WORDS = 1 << 13;

/** What the rounds multiply by and add to the key, by the paper. */
export const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
export const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
export const ROUNDS = 10;

/** Writes blocks from a counter on to `words`: `ABREAST` of them, so many times. */
export interface PhiloxKernel {
  readonly words: Uint32Array;
  fours(
    low: number,
    high: number,
    counter2: number,
    counter3: number,
    key0: number,
    key1: number,
    times: number,
  ): void;
}

let made: PhiloxKernel | undefined;

/** The kernel of this thread. */
export function philoxKernel(): PhiloxKernel {
  return made ??= make();
}

function make(): PhiloxKernel {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const module = new ModuleBuilder({ minimum: 1, maximum: 1 });
  emitFours(module);
  const compiled = new WebAssembly.Module(module.bytes());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const words = new Uint32Array(memory.buffer, 0, MOST_WORDS);
  return { words, fours: exports["fours"] as PhiloxKernel["fours"] };
}

/** Bytes of a shuffle of two vectors by their eight words. */
const byWords = (...words: number[]): number[] =>
  words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]);
const LOW = byWords(0, 2, 4, 6), HIGH = byWords(1, 3, 5, 7);

/** Emits `fours(low, high, counter2, counter3, key0, key1, times)`; words are by block, then by lane. */
function emitFours(module: ModuleBuilder): void {
  const f = module.func("fours", [I32, I32, I32, I32, I32, I32, I32], []);
  const [low, high, counter2, counter3, key0, key1, times] = [0, 1, 2, 3, 4, 5, 6];
  const [lanes, c0, c1, c2, c3, k0, k1] = Array.from({ length: 7 }, () => f.local(V128)) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const halves = [f.local(V128), f.local(V128)] as const;
  const products = [0, 1].map(() => ({ low: f.local(V128), high: f.local(V128) }));
  const at = f.local(I32);
  f.v128.const(byWords(0, 1, 2, 3).map((b) => b % 4 === 0 ? b / 4 : 0)).set(lanes);
  f.loop((again) => {
    f.get(low).op("i32x4.splat").get(lanes).op("i32x4.add").set(c0);
    // a sum that is less than what was added has carried
    f.get(high).op("i32x4.splat").get(c0).get(lanes).op("i32x4.lt_u").op("i32x4.sub").set(c1);
    f.get(counter2).op("i32x4.splat").set(c2).get(counter3).op("i32x4.splat").set(c3);
    f.get(key0).op("i32x4.splat").set(k0).get(key1).op("i32x4.splat").set(k1);
    for (let round = 0; round < ROUNDS; round++) {
      emitProduct(f, c0, MULTIPLIERS[0], halves, products[0]!);
      emitProduct(f, c2, MULTIPLIERS[1], halves, products[1]!);
      f.get(products[1]!.high).get(c1).op("v128.xor").get(k0).op("v128.xor").set(c0);
      f.get(products[1]!.low).set(c1);
      f.get(products[0]!.high).get(c3).op("v128.xor").get(k1).op("v128.xor").set(c2);
      f.get(products[0]!.low).set(c3);
      f.get(k0).i32x4.const(WEYL[0] | 0).op("i32x4.add").set(k0);
      f.get(k1).i32x4.const(WEYL[1] | 0).op("i32x4.add").set(k1);
    }
    // rows are words, and columns blocks: transposed
    f.get(c0).get(c1).shuffle(byWords(0, 4, 1, 5)).set(products[0]!.low);
    f.get(c2).get(c3).shuffle(byWords(0, 4, 1, 5)).set(products[0]!.high);
    f.get(c0).get(c1).shuffle(byWords(2, 6, 3, 7)).set(products[1]!.low);
    f.get(c2).get(c3).shuffle(byWords(2, 6, 3, 7)).set(products[1]!.high);
    for (let block = 0; block < ABREAST; block++) {
      const { low, high } = products[block >> 1]!;
      const pick = block % 2 === 0 ? byWords(0, 1, 4, 5) : byWords(2, 3, 6, 7);
      f.get(at).get(low).get(high).shuffle(pick).store("v128.store", { offset: 16 * block });
    }
    f.get(at).i32.const(16 * ABREAST).op("i32.add").set(at);
    f.get(low).i32.const(ABREAST).op("i32.add").tee(low).i32.const(ABREAST).op("i32.lt_u");
    f.get(high).op("i32.add").set(high);
    f.get(times).i32.const(1).op("i32.sub").tee(times).brIf(again);
  });
}

/** The words of the products of four unsigned words by a constant. */
function emitProduct(
  f: FunctionBuilder,
  x: Local,
  factor: number,
  [left, right]: readonly [Local, Local],
  product: { readonly low: Local; readonly high: Local },
): void {
  f.get(x).i32x4.const(factor | 0).op("i64x2.extmul_low_i32x4_u").set(left);
  f.get(x).i32x4.const(factor | 0).op("i64x2.extmul_high_i32x4_u").set(right);
  f.get(left).get(right).shuffle(LOW).set(product.low);
  f.get(left).get(right).shuffle(HIGH).set(product.high);
}
