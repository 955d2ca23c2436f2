/**
 * The outer loops of the built-in matrix multiplication: they cut the operands into blocks that
 * fit the caches, pack them, and hand tiles to the kernels.
 *
 * @module
 */

import { type FunctionBuilder, I32, type Local, type ModuleBuilder } from "../../wasm/wasm.ts";
import { emitDots } from "./gemm_dot.ts";
import { type Element, emitKernel, ROW_VECTORS, TILE_ROWS, TILE_VECTORS } from "./gemm_kernel.ts";
import {
  emitPackAny,
  emitPackPanels,
  emitRepeat,
  forRange,
  offset,
  remaining,
} from "./gemm_pack.ts";

/** Depth of a block: one panel of B, 8 KiB, stays in the first-level cache. */
export const BLOCK_DEPTH = 256;
/** Rows of a block of A, which stays in the second-level cache. */
export const BLOCK_ROWS = 160;
/** Bytes of one k of a block of B: the whole block has at most 1 MiB. */
export const BLOCK_LINE_BYTES = 4096;
/** Bytes at the start of the scratch block where a tile that C cannot hold whole is kept. */
export const TILE_BYTES = 192;
/** Up to so many rows of C, an untransposed B is read in place: it is used too little to pack. */
const DIRECT_ROWS = 40;
/** So is one that fits the first-level cache as it lies. */
const DIRECT_BYTES = 40960;

/** Emits `merge(tile, c, cStep, rows, columns, add)`: the part of a tile that C holds. */
function emitMerge(module: ModuleBuilder, element: Element): FunctionBuilder {
  const { bytes, lanes } = element;
  const f = module.func(undefined, [I32, I32, I32, I32, I32, I32], []);
  const [tile, c, cStep, rows, columns, add] = [0, 1, 2, 3, 4, 5];
  const [from, to, count] = [f.local(I32), f.local(I32), f.local(I32)];
  emitRepeat(f, rows, () => {
    f.get(tile).set(from).get(c).set(to).get(columns).set(count);
    emitRepeat(f, count, () => {
      f.get(to).get(from).load(element.load);
      f.get(add).if(
        () => f.get(to).load(element.load),
        () => element.bytes === 4 ? f.f32.const(-0) : f.f64.const(-0),
        element.type,
      );
      f.op(element.addScalar).store(element.store);
      f.get(from).i32.const(bytes).op("i32.add").set(from);
      f.get(to).i32.const(bytes).op("i32.add").set(to);
    });
    f.get(tile).i32.const(TILE_VECTORS * lanes * bytes).op("i32.add").set(tile);
    f.get(c).get(cStep).op("i32.add").set(c);
  });
  return f;
}

/** Emits `tile(a, b, bStep, c, cStep, k, add, rows, columns, scratch)`: one tile of any size. */
function emitTile(module: ModuleBuilder, element: Element, relaxed: boolean): FunctionBuilder {
  const kernels: FunctionBuilder[] = [];
  for (let rows = 1; rows <= TILE_ROWS; rows++) {
    for (let vectors = 1; vectors <= TILE_VECTORS; vectors++) {
      kernels.push(emitKernel(module, element, rows, vectors, relaxed));
    }
  }
  const merge = emitMerge(module, element);
  const f = module.func(undefined, Array<typeof I32>(10).fill(I32), []);
  const [a, b, bStep, c, cStep, k, add, rows, columns, scratch] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const [target, step, adding, which] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)];
  f.get(c).set(target).get(cStep).set(step).get(add).set(adding);
  f.get(columns).i32.const(element.lanes - 1).op("i32.and");
  f.if(() => {
    f.get(scratch).set(target).i32.const(16 * TILE_VECTORS).set(step).i32.const(0).set(adding);
  });
  f.get(rows).i32.const(1).op("i32.sub").i32.const(TILE_VECTORS).op("i32.mul");
  f.get(columns).i32.const(1).op("i32.sub").i32.const(Math.log2(element.lanes));
  f.op("i32.shr_u").op("i32.add").set(which);
  f.block((done) => {
    // The full tile, last of the kernels, is the usual one.
    for (let i = kernels.length - 1; i >= 0; i--) {
      f.get(which).i32.const(i).op("i32.eq").if(() => {
        f.get(a).get(b).get(bStep).get(target).get(step).get(k).get(adding);
        f.call(kernels[i] ?? merge).br(done);
      });
    }
  });
  f.get(columns).i32.const(element.lanes - 1).op("i32.and");
  f.if(() => {
    f.get(scratch).get(c).get(cStep).get(rows).get(columns).get(add).call(merge);
  });
  return f;
}

/** Pushes `condition ? x : y` for three locals. */
function choose(f: FunctionBuilder, condition: Local, x: Local, y: Local): FunctionBuilder {
  return f.get(x).get(y).get(condition).op("select");
}

/**
 * Emits and exports `gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc, scratch)`: all i32,
 * addresses in bytes, leading dimensions in numbers. The order in which one number of C is summed
 * depends on k alone, except that a vector times rows of a matrix is made of dot products.
 */
export function emitGemm(
  module: ModuleBuilder,
  element: Element,
  relaxed: boolean,
): FunctionBuilder {
  const { bytes, lanes } = element;
  const width = TILE_VECTORS * lanes;
  const tile = emitTile(module, element, relaxed);
  const row = emitKernel(module, element, 1, ROW_VECTORS, relaxed);
  const dots = emitDots(module, element, relaxed);
  const packAny = emitPackAny(module, element);
  const packLeft = emitPackPanels(module, element, TILE_ROWS, 1, packAny);
  const packRight = emitPackPanels(module, element, width, lanes, packAny);

  const f = module.func("gemm", Array<typeof I32>(13).fill(I32), []);
  const [ta, tb, m, n, k] = [0, 1, 2, 3, 4];
  const [a, lda, b, ldb, beta, c, ldc, scratch] = [5, 6, 7, 8, 9, 10, 11, 12];
  const local = (): Local => f.local(I32);
  const [size, aLine, aK, bLine, bK] = [local(), local(), local(), local(), local()];
  const [left, right, add, direct] = [local(), local(), local(), local()];
  const [single, dotted, start] = [local(), local(), local()];
  const [i0, j0, k0, i, j] = [local(), local(), local(), local(), local()];
  const [mBlock, nBlock, kBlock, rows, columns] = [local(), local(), local(), local(), local()];
  const [bBlock, bPanel, bStep, whole] = [local(), local(), local(), local()];

  f.i32.const(bytes).set(size);
  for (const step of [lda, ldb, ldc]) f.get(step).get(size).op("i32.mul").set(step);

  f.get(k).op("i32.eqz").if(() => {
    f.get(beta).op("i32.eqz").if(() => {
      emitRepeat(f, m, () => {
        f.get(c).i32.const(0).get(n).get(size).op("i32.mul").memoryFill();
        f.get(c).get(ldc).op("i32.add").set(c);
      });
    });
    f.op("return");
  });

  // A column whose numbers lie side by side is a row: C' = B' A'.
  f.get(n).i32.const(1).op("i32.eq").get(ldc).get(size).op("i32.eq").op("i32.and");
  f.get(m).i32.const(1).op("i32.ne").op("i32.and").if(() => {
    f.get(m).set(n).i32.const(1).set(m);
    f.get(ta).op("i32.eqz").get(tb).op("i32.eqz").set(ta).set(tb);
    for (const [first, second] of [[a, b], [lda, ldb]] as const) {
      f.get(first).get(second).set(first).set(second);
    }
  });

  choose(f, ta, size, lda).set(aLine);
  choose(f, ta, lda, size).set(aK);
  choose(f, tb, ldb, size).set(bLine);
  choose(f, tb, size, ldb).set(bK);
  f.get(m).i32.const(DIRECT_ROWS).op("i32.le_u");
  f.get(k).get(ldb).op("i32.mul").i32.const(DIRECT_BYTES).op("i32.le_u").op("i32.or");
  f.get(tb).op("i32.eqz").op("i32.and").set(direct);
  f.get(m).i32.const(1).op("i32.eq").set(single);
  f.get(single).get(tb).op("i32.and").set(dotted);
  f.get(scratch).i32.const(TILE_BYTES).op("i32.add").set(left);
  f.i32.const(0).set(i0);
  remaining(f, mBlock, m, i0, BLOCK_ROWS);
  remaining(f, kBlock, k, i0, BLOCK_DEPTH);
  f.get(left).get(mBlock).get(kBlock).op("i32.mul").get(size).op("i32.mul").op("i32.add");
  f.i32.const(63).op("i32.add").i32.const(-64).op("i32.and").set(right);

  forRange(f, j0, n, BLOCK_LINE_BYTES / bytes, () => {
    remaining(f, nBlock, n, j0, BLOCK_LINE_BYTES / bytes);
    forRange(f, k0, k, BLOCK_DEPTH, () => {
      remaining(f, kBlock, k, k0, BLOCK_DEPTH);
      f.get(beta).get(k0).op("i32.or").set(add);
      offset(f, b, j0, bLine).get(k0).get(bK).op("i32.mul").op("i32.add").set(bBlock);
      f.get(dotted).if(() => {
        offset(f, a, k0, aK).get(left).get(m).get(kBlock).get(aLine).get(aK).call(packLeft);
        f.get(bBlock).get(bLine).get(left).get(c).get(j0).get(size).op("i32.mul").op("i32.add");
        f.get(nBlock).get(kBlock).get(add).call(dots);
      }, () => {
        f.get(direct).if(() => {
          // Only the columns that do not fill a panel.
          f.get(nBlock).i32.const(-width).op("i32.and").set(whole);
          offset(f, bBlock, whole, size).get(right).get(nBlock).get(whole).op("i32.sub");
          f.get(kBlock).get(bLine).get(bK).call(packRight);
        }, () => {
          f.get(bBlock).get(right).get(nBlock).get(kBlock).get(bLine).get(bK).call(packRight);
        });
        forRange(f, i0, m, BLOCK_ROWS, () => {
          remaining(f, mBlock, m, i0, BLOCK_ROWS);
          offset(f, a, i0, aLine).get(k0).get(aK).op("i32.mul").op("i32.add");
          f.get(left).get(mBlock).get(kBlock).get(aLine).get(aK).call(packLeft);
          // Where A is one row, wide tiles first; the usual ones begin where they end.
          f.i32.const(0).set(start);
          f.get(single).get(direct).op("i32.and").if(() => {
            f.get(nBlock).i32.const(-ROW_VECTORS * lanes).op("i32.and").set(start);
            forRange(f, j, start, ROW_VECTORS * lanes, () => {
              f.get(left);
              offset(f, bBlock, j, size).get(bK);
              f.get(c).get(j0).get(j).op("i32.add").get(size).op("i32.mul").op("i32.add");
              f.get(ldc).get(kBlock).get(add).call(row);
            });
          });
          forRange(f, j, nBlock, width, () => {
            remaining(f, columns, nBlock, j, width);
            f.get(direct).get(columns).i32.const(width).op("i32.eq").op("i32.and");
            f.if(() => {
              offset(f, bBlock, j, size).set(bPanel).get(bK).set(bStep);
            }, () => {
              f.get(right).i32.const(0).get(j).get(direct).op("select").get(kBlock).op("i32.mul");
              f.get(size).op("i32.mul").op("i32.add").set(bPanel);
              f.get(columns).i32.const(lanes - 1).op("i32.add").i32.const(-lanes).op("i32.and");
              f.get(size).op("i32.mul").set(bStep);
            });
            forRange(f, i, mBlock, TILE_ROWS, () => {
              remaining(f, rows, mBlock, i, TILE_ROWS);
              f.get(left).get(i).get(kBlock).op("i32.mul").get(size).op("i32.mul").op("i32.add");
              f.get(bPanel).get(bStep);
              f.get(c).get(i0).get(i).op("i32.add").get(ldc).op("i32.mul").op("i32.add");
              f.get(j0).get(j).op("i32.add").get(size).op("i32.mul").op("i32.add");
              f.get(ldc).get(kBlock).get(add).get(rows).get(columns).get(scratch).call(tile);
            });
          }, start);
        });
      });
    });
  });
  return f;
}

/**
 * Emits and exports `part(ta, tb, m, n, k, a, b, c, beta, scratch, rows, columns, across, each, begin,
 * end)`: pieces of products of contiguous matrices, one product behind the other. A product has `each`
 * pieces, `across` of them side by side, of `rows` by `columns` numbers, the last ones of what is left.
 */
export function emitGemmPart(
  module: ModuleBuilder,
  element: Element,
  gemm: FunctionBuilder,
): void {
  const f = module.func("part", Array<typeof I32>(16).fill(I32), []);
  const [ta, tb, m, n, k, a, b, c, beta, scratch] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const [rows, columns, across, each, begin, end] = [10, 11, 12, 13, 14, 15];
  const local = (): Local => f.local(I32);
  const [unit, item, piece, i0, j0, one] = [local(), local(), local(), local(), local(), local()];
  const [height, width, aStep, bStep] = [local(), local(), local(), local()];
  /** Pushes `base` plus so many numbers; the products of locals in each list are added. */
  const at = (base: Local, ...products: Local[][]): void => {
    products.forEach((factors, p) => {
      factors.forEach((factor, i) => {
        f.get(factor);
        if (i > 0) f.op("i32.mul");
      });
      if (p > 0) f.op("i32.add");
    });
    f.i32.const(element.bytes).op("i32.mul").get(base).op("i32.add");
  };
  const rest = (to: Local, size: Local, from: Local, most: Local): void => {
    f.get(size).get(from).op("i32.sub").tee(to).get(most);
    f.get(to).get(most).op("i32.lt_u").op("select").set(to);
  };
  f.i32.const(1).set(one);
  choose(f, ta, one, k).set(aStep);
  choose(f, tb, k, one).set(bStep);
  forRange(f, unit, end, 1, () => {
    f.get(unit).get(each).op("i32.div_u").set(item);
    f.get(unit).get(each).op("i32.rem_u").tee(piece).get(across).op("i32.div_u");
    f.get(rows).op("i32.mul").set(i0);
    f.get(piece).get(across).op("i32.rem_u").get(columns).op("i32.mul").set(j0);
    rest(height, m, i0, rows);
    rest(width, n, j0, columns);
    f.get(ta).get(tb).get(height).get(width).get(k);
    at(a, [item, m, k], [i0, aStep]);
    choose(f, ta, m, k);
    at(b, [item, k, n], [j0, bStep]);
    choose(f, tb, k, n);
    f.get(beta);
    at(c, [item, m, n], [i0, n], [j0]);
    f.get(n).get(scratch).call(gemm);
  }, begin);
}
