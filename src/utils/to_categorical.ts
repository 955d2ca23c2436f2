/**
 * Class numbers as one-hot rows.
 *
 * @module
 */
import type { TypedArray } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import type { Nested } from "../base/nested.ts";
import type { ArraySource } from "../data/element.ts";

/**
 * One-hot rows of class numbers: float32 of shape `[...x.shape, numClasses]`. A last axis of size 1
 * is dropped first. Negative numbers count from the last class, as Keras has it.
 *
 * @param x class numbers: integers of any shape
 * @param numClasses default: the largest number plus one
 * @throws {RangeError} when a number is not an integer below numClasses
 *
 * @example
 * ```ts
 * import { utils } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(utils.toCategorical([0, 2], 3).toArray(), [[1, 0, 0], [0, 0, 1]]);
 * ```
 */
export function toCategorical(
  x: HostArray | ArraySource | TypedArray | Nested,
  numClasses?: number,
): HostArray {
  const ids = x instanceof HostArray
    ? x
    : isArraySource(x)
    ? new HostArray(x.data(), x.shape, x.dtype)
    : new HostArray(x, undefined, ArrayBuffer.isView(x) ? undefined : "float64");
  const { values, shape } = ids;
  const bad = values.find((id) => !Number.isInteger(id));
  if (bad !== undefined) {
    throw new RangeError(`Cannot make class ${bad} categorical: class numbers are integers`);
  }
  if (numClasses === undefined && values.length === 0) {
    throw new RangeError("Cannot count the classes of an empty array: give numClasses");
  }
  let largest = 0;
  for (const id of values) if (id > largest) largest = id;
  const classes = numClasses ?? largest + 1;
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new RangeError(
      `Cannot make ${formatValue(numClasses)} classes: numClasses must be an integer, at least 1`,
    );
  }
  const out = new Float32Array(values.length * classes);
  for (let i = 0; i < values.length; i++) {
    const id = values[i]!;
    if (id >= classes || id < -classes) {
      throw new RangeError(
        `Cannot make class ${id} categorical with ${classes} classes: ` +
          `class numbers must be in ${-classes}..${classes - 1}; give a larger numClasses`,
      );
    }
    out[i * classes + (id < 0 ? id + classes : id)] = 1;
  }
  const kept = shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
  return new HostArray(out, [...kept, classes]);
}

function isArraySource(x: object | number | boolean): x is ArraySource {
  return typeof x === "object" && "data" in x && typeof x.data === "function";
}
