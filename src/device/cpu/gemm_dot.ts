/**
 * A vector times the lines of a matrix along which k lies side by side: dot products, for which
 * packing the matrix would cost more than using it once.
 *
 * @module
 */

import { type FunctionBuilder, I32, type ModuleBuilder, V128 } from "../../wasm/wasm.ts";
import type { Element } from "./gemm_kernel.ts";
import { advance, advanceBy, emitRepeat } from "./gemm_pack.ts";

const GROUP = 4;

/**
 * Emits `dots(x, xStep, y, c, lines, k, add)`: number i of c becomes the dot product of y with line
 * i of x, plus its former value with `add`. A dot product is summed in the same order in a group of
 * lines as alone.
 */
export function emitDots(
  module: ModuleBuilder,
  element: Element,
  relaxed: boolean,
): FunctionBuilder {
  const { bytes, lanes } = element;
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32, I32], []);
  const [x, xStep, y, c, lines, k, add] = [0, 1, 2, 3, 4, 5, 6];
  const [from, count, repeats] = [f.local(I32), f.local(I32), f.local(I32)];
  const pointers = Array.from({ length: GROUP }, () => f.local(I32));
  const sums = pointers.map(() => [f.local(V128), f.local(V128)]);
  const totals = pointers.map(() => f.local(element.type));
  const right = [f.local(V128), f.local(V128)];

  const group = (size: number): void => {
    const members = pointers.slice(0, size);
    f.get(y).set(from);
    members.forEach((pointer, i) => {
      f.get(x).set(pointer);
      advanceBy(f, x, xStep);
      sums[i]?.forEach((sum) => f.i32x4.const(0).set(sum));
    });
    f.get(k).i32.const(Math.log2(2 * lanes)).op("i32.shr_u").set(count);
    emitRepeat(f, count, () => {
      right.forEach((vector, j) => f.get(from).load("v128.load", { offset: 16 * j }).set(vector));
      members.forEach((pointer, i) => {
        sums[i]?.forEach((sum, j) => {
          if (!relaxed) f.get(sum);
          f.get(pointer).load("v128.load", { offset: 16 * j }).get(right[j] ?? 0);
          if (relaxed) f.get(sum).op(element.madd).set(sum);
          else f.op(element.mul).op(element.add).set(sum);
        });
        advance(f, pointer, 32);
      });
      advance(f, from, 32);
    });
    members.forEach((_, i) => {
      const [first = 0, second = 0] = sums[i] ?? [];
      f.get(first).get(second).op(element.add).set(first);
      for (let lane = 0; lane < lanes; lane++) {
        f.get(first).lane(element.extractLane, lane);
        if (lane > 0) f.op(element.addScalar);
      }
      f.set(totals[i] ?? 0);
    });
    f.get(k).i32.const(2 * lanes - 1).op("i32.and").set(count);
    emitRepeat(f, count, () => {
      members.forEach((pointer, i) => {
        const total = totals[i] ?? 0;
        f.get(pointer).load(element.load).get(from).load(element.load).op(element.mulScalar);
        f.get(total).op(element.addScalar).set(total);
        advance(f, pointer, bytes);
      });
      advance(f, from, bytes);
    });
    members.forEach((_, i) => {
      const total = totals[i] ?? 0;
      const offset = i * bytes;
      f.get(add).if(() => {
        f.get(c).load(element.load, { offset }).get(total).op(element.addScalar).set(total);
      });
      f.get(c).get(total).store(element.store, { offset });
    });
    advance(f, c, size * bytes);
  };

  f.get(lines).i32.const(Math.log2(GROUP)).op("i32.shr_u").set(repeats);
  emitRepeat(f, repeats, () => group(GROUP));
  f.get(lines).i32.const(GROUP - 1).op("i32.and").set(repeats);
  emitRepeat(f, repeats, () => group(1));
  return f;
}
