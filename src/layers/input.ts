/**
 * Where a graph of layers begins: `input` and the layer that stands for it in `model.layers`.
 *
 * @module
 */
import { checkDType, type DType } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { checkShape } from "../base/shape.ts";
import { type Tensor, uniqueName } from "../core/mod.ts";
import { makeAval } from "../ir/aval.ts";
import { checkOptions } from "../numpy/options.ts";
import { BATCH, SymbolicTensor } from "./graph.ts";
import { Layer } from "./layer.ts";

/** What {@link input} takes. */
export interface InputOptions {
  /** Sizes of one example, without the batch axis. */
  shape: readonly number[];
  /** Its name; default "input_layer", made unique by a number. */
  name?: string;
  /** Element type that given data is converted to; default "float32". */
  dtype?: DType;
}

/** The layer that an input of a model counts as. */
export class InputLayer extends Layer {
  /** The one output. */
  readonly output: SymbolicTensor;

  constructor(name: string, shape: readonly number[], dtype: DType) {
    super({ name, dtype });
    this.built = true;
    const node = { name, layer: this, inputs: [], outputs: [], run: () => [] };
    this.output = new SymbolicTensor(makeAval([BATCH, ...shape], dtype), node);
  }

  /** Gives its input back. */
  override call(x: Tensor): Tensor {
    return x;
  }
}

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
