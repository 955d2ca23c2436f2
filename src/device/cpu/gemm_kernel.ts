/**
 * The innermost loop of the built-in matrix multiplication: one tile of C kept in vector registers
 * while a panel of A and a panel of B stream past.
 *
 * @module
 */

import { F32, F64, type FunctionBuilder, I32, type ModuleBuilder, V128 } from "../../wasm/wasm.ts";
import type {
  LaneMemoryName,
  LaneName,
  LoadName,
  PlainName,
  StoreName,
} from "../../wasm/opcodes.ts";

/** How numbers of one dtype are loaded, stored and computed with. */
export interface Element {
  /** Bytes of one number. */
  readonly bytes: 4 | 8;
  /** Numbers in a vector. */
  readonly lanes: 4 | 2;
  readonly type: typeof F32 | typeof F64;
  readonly load: LoadName;
  readonly store: StoreName;
  readonly splat: LoadName;
  readonly storeLane: LaneMemoryName;
  readonly extractLane: LaneName;
  readonly addScalar: PlainName;
  readonly mulScalar: PlainName;
  readonly add: PlainName;
  readonly mul: PlainName;
  readonly madd: PlainName;
}

/** The dtypes that can be multiplied. */
export const ELEMENTS = {
  float32: {
    bytes: 4,
    lanes: 4,
    type: F32,
    load: "f32.load",
    store: "f32.store",
    splat: "v128.load32_splat",
    storeLane: "v128.store32_lane",
    extractLane: "f32x4.extract_lane",
    addScalar: "f32.add",
    mulScalar: "f32.mul",
    add: "f32x4.add",
    mul: "f32x4.mul",
    madd: "f32x4.relaxed_madd",
  },
  float64: {
    bytes: 8,
    lanes: 2,
    type: F64,
    load: "f64.load",
    store: "f64.store",
    splat: "v128.load64_splat",
    storeLane: "v128.store64_lane",
    extractLane: "f64x2.extract_lane",
    addScalar: "f64.add",
    mulScalar: "f64.mul",
    add: "f64x2.add",
    mul: "f64x2.mul",
    madd: "f64x2.relaxed_madd",
  },
} as const satisfies Record<string, Element>;

/**
 * Rows and vectors of a full tile. Ten accumulators, two vectors of B, one of A and one broadcast
 * fill 14 of the 15 registers that V8 leaves to a function on x64. Measured on AVX-512 hardware,
 * float32 from the first-level cache, of 47.7 GFLOP/s that 128-bit fused multiply-adds can reach:
 * 5 x 2 vectors 43.9, 3 x 3 40.5, 2 x 6 40.3, 4 x 2 39.9, 6 x 2 39.4, 4 x 3 32.4 (it spills).
 */
export const TILE_ROWS = 5;
export const TILE_VECTORS = 2;
/** Vectors of a tile of a single row, where two sums would wait for each other. */
export const ROW_VECTORS = 8;

// Loading a vector of A and broadcasting its lanes by shuffles costs one bounds check where loads
// that broadcast cost one for each lane: 43.9 against 38.0 GFLOP/s.
const UNROLL = 4;

/** Byte indices that copy one lane of a vector to all lanes. */
function broadcast(element: Element, lane: number): number[] {
  return Array.from({ length: 16 }, (_, i) => lane * element.bytes + i % element.bytes);
}

/**
 * Emits `kernel(a, b, bStep, c, cStep, k, add)`: a tile of C, `rows` by `vectors`, becomes the
 * product of packed A (for each k, `rows` numbers) and B (for each k, `vectors` vectors at `b`,
 * the next k `bStep` bytes on). With `add` the tile's former value is added. Steps are in bytes.
 */
export function emitKernel(
  module: ModuleBuilder,
  element: Element,
  rows: number,
  vectors: number,
  relaxed: boolean,
): FunctionBuilder {
  const { bytes, lanes } = element;
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32, I32], []);
  const [a, b, bStep, c, cStep, k, add] = [0, 1, 2, 3, 4, 5, 6];
  const sums = Array.from(
    { length: rows },
    () => Array.from({ length: vectors }, () => f.local(V128)),
  );
  const right = Array.from({ length: vectors }, () => f.local(V128));
  const left = f.local(V128);
  const spread = f.local(V128);
  const count = f.local(I32);

  const loadRight = (): void => {
    right.forEach((vector, j) => f.get(b).load("v128.load", { offset: 16 * j }).set(vector));
    f.get(b).get(bStep).op("i32.add").set(b);
  };
  const accumulate = (row: number): void => {
    sums[row]?.forEach((sum, j) => {
      const vector = right[j] ?? 0;
      if (relaxed) f.get(spread).get(vector).get(sum).op(element.madd).set(sum);
      else f.get(sum).get(spread).get(vector).op(element.mul).op(element.add).set(sum);
    });
  };
  const advanceLeft = (steps: number): void => {
    f.get(a).i32.const(steps * rows * bytes).op("i32.add").set(a);
  };
  const repeat = (body: () => void): void => {
    f.if(() => {
      f.loop((again) => {
        body();
        f.get(count).i32.const(1).op("i32.sub").tee(count).brIf(again);
      });
    });
  };

  f.get(k).i32.const(Math.log2(UNROLL)).op("i32.shr_u").tee(count);
  repeat(() => {
    for (let step = 0; step < UNROLL; step++) {
      loadRight();
      for (let row = 0; row < rows; row++) {
        const at = step * rows + row;
        if (at % lanes === 0) f.get(a).load("v128.load", { offset: at * bytes }).set(left);
        f.get(left).get(left).shuffle(broadcast(element, at % lanes)).set(spread);
        accumulate(row);
      }
    }
    advanceLeft(UNROLL);
  });
  f.get(k).i32.const(UNROLL - 1).op("i32.and").tee(count);
  repeat(() => {
    loadRight();
    for (let row = 0; row < rows; row++) {
      f.get(a).load(element.splat, { offset: row * bytes }).set(spread);
      accumulate(row);
    }
    advanceLeft(1);
  });

  const targets = sums.map((_, row) => {
    const target = f.local(I32);
    f.get(c).get(cStep).i32.const(row).op("i32.mul").op("i32.add").set(target);
    return target;
  });
  const forEachVector = (body: (target: number, sum: number, offset: number) => void): void => {
    sums.forEach((row, i) => row.forEach((sum, j) => body(targets[i] ?? 0, sum, 16 * j)));
  };
  f.get(add).if(() => {
    forEachVector((target, sum, offset) => {
      f.get(target).load("v128.load", { offset }).get(sum).op(element.add).set(sum);
    });
  });
  forEachVector((target, sum, offset) => {
    f.get(target).get(sum).store("v128.store", { offset });
  });
  return f;
}
