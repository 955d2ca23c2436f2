/**
 * Elements as messages between threads: plain objects whose buffers are handed over.
 *
 * @module
 */
import type { DType, Values } from "../../base/dtype.ts";
import { HostArray, valuesOf } from "../../base/host_array.ts";
import { putTogether, type Skeleton, takeApart } from "../skeleton.ts";

/** An element that can be posted. */
export interface Sent {
  readonly nest: Skeleton;
  readonly arrays: readonly {
    readonly dtype: DType;
    readonly shape: readonly number[];
    readonly values: Values;
  }[];
}

/** Makes a message of an element; arrays are copied, because the element may be a view of others. */
export function send(element: unknown): { message: Sent; transfer: ArrayBuffer[] } {
  const { nest, arrays } = takeApart(element);
  const copies = arrays.map((x) => ({
    dtype: x.dtype,
    shape: [...x.shape],
    values: valuesOf(x).slice() as Values,
  }));
  return {
    message: { nest, arrays: copies },
    transfer: copies.map((x) => x.values.buffer as ArrayBuffer),
  };
}

/** Makes an element of a message. */
export function receive({ nest, arrays }: Sent): unknown {
  return putTogether(nest, arrays.map((x) => new HostArray(x.values, x.shape, x.dtype)));
}
