/**
 * The memory of batches: fresh for each, or, where a loop asks for that, the same few arrays in turn.
 * Fresh memory is zeroed and was last in a cache a garbage collection ago; for batches of some
 * 100 kB it takes as long as the copying.
 *
 * @module
 */
import { allocate, type DType } from "../base/dtype.ts";
import { HostArray } from "../base/host_array.ts";
import { type Shape, sizeOf } from "../base/shape.ts";

/** Where a source or a join takes the arrays of a batch from. */
export interface BatchMemory {
  /** Begins another batch. */
  begin(): void;
  /** An array for a leaf of the batch; all of its elements are still to be written. */
  array(leaf: number, dtype: DType, count: number, rowShape: Shape): HostArray;
}

function fresh(dtype: DType, count: number, rowShape: Shape): HostArray {
  return new HostArray(allocate(dtype, count * sizeOf(rowShape)), [count, ...rowShape], dtype);
}

/** Every array is fresh, so that each batch owns its memory. */
export const FRESH: BatchMemory = {
  begin: () => {},
  array: (_leaf, dtype, count, rowShape) => fresh(dtype, count, rowShape),
};

/** The batch that a loop holds stays as it is while the next one is made, and no longer. */
const TURNS = 2;

/** The arrays of the batch before the last serve again, where they fit and were not given away. */
export class ReusedMemory implements BatchMemory {
  readonly #turns: HostArray[][] = Array.from({ length: TURNS }, () => []);
  #turn = 0;

  begin(): void {
    this.#turn = (this.#turn + 1) % TURNS;
  }

  array(leaf: number, dtype: DType, count: number, rowShape: Shape): HostArray {
    const arrays = this.#turns[this.#turn]!;
    const last = arrays[leaf];
    if (last !== undefined && fits(last, dtype, count, rowShape)) return last;
    return arrays[leaf] = fresh(dtype, count, rowShape);
  }
}

/** Whether an array is as wanted; one whose buffer was transferred is empty. */
function fits(x: HostArray, dtype: DType, count: number, rowShape: Shape): boolean {
  const { shape } = x;
  if (x.dtype !== dtype || shape.length !== rowShape.length + 1 || shape[0] !== count) return false;
  for (let i = 0; i < rowShape.length; i++) if (shape[i + 1] !== rowShape[i]) return false;
  return x.values.length === count * sizeOf(rowShape);
}
