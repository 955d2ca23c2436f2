/**
 * Where a graph of layers begins.
 *
 * @module
 */
import { checkDType } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { checkShape } from "../base/shape.ts";
import { type Tensor, uniqueName } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { InputLayer } from "./input_layer.ts";
import type { InputOptions } from "./types.ts";

/**
 * The symbolic input of a model: a tensor without values whose first axis is the batch. Layers
 * applied to it, `np` functions of it and its methods are recorded; `models.Model` turns the record
 * into a model.
 *
 * The size of the batch is not known yet: `shape[0]` holds a placeholder number. It may be used in
 * other shapes and be added to, multiplied and divided by; what else is computed from it (its square
 * root, say) belongs into a layer's `call`, which runs anew for each batch.
 *
 * @throws {TypeError} when there is no shape
 * @throws {RangeError} when a size is no integer >= 0
 *
 * @example
 * ```ts
 * import { layers, models, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const x = layers.input({ shape: [4], name: "x" });
 * const model = new models.Model({ inputs: x, outputs: np.sum(x, { axis: -1 }) });
 * assertEquals(model.apply([[1, 2, 3, 4]]).toArray(), [10]);
 * ```
 */
export function input(options: InputOptions): Tensor {
  if (typeof options !== "object" || options === null || !("shape" in options)) {
    throw new TypeError(
      `Cannot make an input of ${formatValue(options)}: write layers.input({ shape: [784] })`,
    );
  }
  checkOptions(options, ["shape", "name", "dtype"], "make an input");
  const shape = checkShape(options.shape, "make an input");
  const dtype = checkDType(options.dtype ?? "float32", "make an input");
  return new InputLayer(options.name ?? uniqueName("input_layer"), shape, dtype).output;
}
