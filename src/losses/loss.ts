/**
 * What a loss is, and what all factories of them share.
 *
 * @module
 */
import { formatShape, formatValue, sameShape } from "../base/mod.ts";
import { isLeaf, type Tensor, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { predictions } from "./align.ts";
import { checkReduction, reduceValues, type Values } from "./reduce.ts";
import type { Loss, LossOptions } from "./types.ts";

/** Makes a loss out of a function that gives values per sample. */
export function makeLoss<T extends LossOptions>(
  factory: string,
  options: T,
  allowed: readonly string[],
  valuesOf: (yTrue: Tensor, yPred: Tensor) => Values,
): Loss {
  checkFactory(factory, options, ["reduction", "name", ...allowed]);
  const name = options.name ?? factory.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  const reduction = checkReduction(options.reduction, factory);
  const loss: Loss = (yTrue, yPred, call = {}) => {
    if (isLeaf(call) || Array.isArray(call)) {
      throw new TypeError(
        `Cannot take ${factory} with ${formatValue(call)} as options: wanted { sampleWeight }`,
      );
    }
    checkOptions(call, ["sampleWeight"], `take ${factory}`);
    const p = predictions(yPred, `take ${factory} of`);
    const values = valuesOf(toTensor(yTrue, `take ${factory} of`), p);
    return reduceValues(values, call.sampleWeight, reduction, factory);
  };
  Object.defineProperty(loss, "name", { value: name });
  return loss;
}

/** Checks the options of a factory; tensors in their place are the common slip. */
function checkFactory(factory: string, options: object, allowed: readonly string[]): void {
  if (isLeaf(options) || Array.isArray(options)) {
    const hint = allowed.includes("fromLogits") ? "{ fromLogits: true }" : "";
    throw new TypeError(
      `Cannot make ${factory} of ${formatValue(options)}: it takes options and gives the loss: ` +
        `call losses.${factory}(${hint})(yTrue, yPred)`,
    );
  }
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot make ${factory} of ${formatValue(options)}: wanted options`);
  }
  checkOptions(options, allowed, `make ${factory}`);
}

/** Throws unless labels and predictions have the same shape. */
export function needSameShape(y: Tensor, p: Tensor, factory: string, remedy = ""): void {
  if (sameShape(y.shape, p.shape)) return;
  throw new RangeError(
    `Cannot take ${factory} of yTrue ${formatShape(y.shape)} and yPred ${formatShape(p.shape)}: ` +
      `their shapes must be equal${remedy}`,
  );
}

/** Checks that an option is a number within bounds, and returns it. */
export function within(
  x: number,
  low: number,
  high: number,
  option: string,
  factory: string,
): number {
  if (typeof x !== "number") {
    throw new TypeError(`Cannot make ${factory} with ${option} ${formatValue(x)}: wanted a number`);
  }
  if (!(x >= low && x <= high)) {
    const range = high === Infinity ? `at least ${low}` : `in ${low}..${high}`;
    throw new RangeError(`Cannot make ${factory} with ${option} ${x}: it must be ${range}`);
  }
  return x;
}

/** Checks that an option is true or false, and returns it. */
export function yesOrNo(x: boolean, option: string, factory: string): boolean {
  if (typeof x === "boolean") return x;
  throw new TypeError(
    `Cannot make ${factory} with ${option} ${formatValue(x)}: wanted true or false`,
  );
}
