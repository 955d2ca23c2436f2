/**
 * Compares tensors with golden arrays: shape, dtype and every element.
 *
 * @module
 */
import { HostArray } from "../../src/base/mod.ts";
import { type Tensor, toTensor } from "../../src/core/mod.ts";
import type { GoldenArray } from "../goldens/read.ts";

/** A golden array as a tensor. */
export function tensor(a: GoldenArray): Tensor {
  return toTensor(new HostArray(a.data, a.shape, a.dtype));
}

/** Throws unless the tensor has the golden's shape, dtype and, within the tolerance, values. */
export function assertGolden(
  got: Tensor,
  want: GoldenArray,
  { rtol, atol }: { rtol: number; atol: number },
  label: string,
): void {
  const kind = `${got.dtype}[${got.shape}]`;
  if (kind !== `${want.dtype}[${want.shape}]`) {
    throw new Error(`${label}: got ${kind}, wanted ${want.dtype}[${want.shape}]`);
  }
  const values = got.data();
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [values[i]!, want.data[i]!];
    const close = Object.is(a, b) || a === b || Math.abs(a - b) <= atol + rtol * Math.abs(b);
    if (!close) throw new Error(`${label}: element ${i} is ${a}, wanted ${b}`);
  }
}
