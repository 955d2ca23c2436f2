/**
 * The weights that a layer has made, and what each was made as.
 *
 * @module
 */
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { type Tensor, Variable } from "../core/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { getRegularizer } from "./options.ts";
import type { Regularizer, WeightOptions } from "./types.ts";

/** A weight. */
interface Weight {
  readonly variable: Variable;
  /** Whether it is trained while the layer is. */
  readonly trainable: boolean;
  readonly regularizer: Regularizer | null;
}

/** What a weight takes from the layer that makes it. */
interface Maker {
  readonly dtype: DType;
  readonly trainable: boolean;
  /** Makes the variable under the layer's name. */
  readonly named: (make: () => Variable) => Variable;
}

/** The weights of one layer, in the order in which they were made. */
export class Weights {
  readonly #list: Weight[] = [];

  /** Makes a weight. */
  add(options: WeightOptions, maker: Maker, action: string): Variable {
    checkOptions(
      options,
      ["shape", "initializer", "dtype", "trainable", "name", "regularizer"],
      action,
    );
    const dtype = checkDType(options.dtype ?? maker.dtype, action);
    const shape = options.shape ?? [];
    if (!Array.isArray(shape) || shape.some((n) => !Number.isSafeInteger(n) || n < 0)) {
      throw new RangeError(
        `Cannot ${action} of shape ${formatValue(shape)}: its sizes must be known`,
      );
    }
    const regularizer = getRegularizer(options.regularizer, action);
    const initialize = initializers.get(
      options.initializer ?? (isFloat(dtype) ? "glorotUniform" : "zeros"),
    );
    const trainable = options.trainable ?? true;
    const variable = maker.named(() =>
      new Variable(initialize(shape, { dtype }), {
        dtype,
        trainable: trainable && maker.trainable,
        ...(options.name === undefined ? {} : { name: options.name }),
      })
    );
    this.#list.push({ variable, trainable, regularizer });
    return variable;
  }

  /** Runs a function; what it made is forgotten when it throws. */
  attempt(make: () => void): void {
    const before = this.#list.length;
    try {
      make();
    } catch (e) {
      this.#list.length = before;
      throw e;
    }
  }

  /** Trains the weights that are for training, or freezes them. */
  set trainable(value: boolean) {
    for (const w of this.#list) if (w.trainable) w.variable.trainable = value;
  }

  /** The weights with other variables that the layer holds, each once: trainable ones first. */
  with(others: readonly Variable[]): Variable[] {
    const all = [
      ...this.#list,
      ...others.map((variable) => ({ variable, trainable: variable.trainable })),
    ];
    const known = new Set<Variable>();
    const fresh = all.filter(({ variable }) => !known.has(variable) && known.add(variable));
    return [...fresh.filter((w) => w.trainable), ...fresh.filter((w) => !w.trainable)]
      .map((w) => w.variable);
  }

  /** The penalties on trainable weights as they are now. */
  penalties(): Tensor[] {
    return this.#list.filter((w) => w.variable.trainable && w.regularizer !== null)
      .map((w) => w.regularizer!(w.variable.value));
  }
}
