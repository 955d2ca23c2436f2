/**
 * The layer that stands for an input in `model.layers`.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import type { Tensor } from "../core/mod.ts";
import { makeAval } from "../ir/aval.ts";
import { BATCH, SymbolicTensor } from "./graph.ts";
import { Layer } from "./layer.ts";

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
