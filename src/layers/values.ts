/**
 * Values given from outside for the variables of a layer, checked one by one.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { isLeaf, type TensorLike, toTensor, type Variable } from "../core/mod.ts";

/**
 * Pairs variables with their values.
 *
 * @param list the name of the argument, for messages
 * @throws {TypeError} when it is no list, or an entry no tensor
 * @throws {RangeError} when the length differs, or a shape; the message names the variable
 */
export function pairValues(
  list: string,
  variables: readonly Variable[],
  values: readonly TensorLike[],
): [Variable, TensorLike][] {
  if (!Array.isArray(values)) {
    throw new TypeError(
      `Cannot use ${formatValue(values)} as ${list}: give a list of ${variables.length} values, ` +
        `as layer.${list}.map((v) => v.value)`,
    );
  }
  if (values.length !== variables.length) {
    const names = variables.map((v) => v.path).join(", ");
    throw new RangeError(
      `Cannot use ${values.length} values as ${list}: there are ` +
        `${variables.length}${names === "" ? "" : ` (${names})`}`,
    );
  }
  return variables.map((v, i) => {
    const value = values[i]!;
    if (!isLeaf(value) && !Array.isArray(value)) {
      throw new TypeError(
        `Cannot use ${formatValue(value)} for "${v.path}" (${list}[${i}]): give a tensor`,
      );
    }
    const t = toTensor(value);
    if (!sameShape(t.shape, v.shape)) {
      throw new RangeError(
        `Cannot use a value of shape ${formatShape(t.shape)} for "${v.path}" (${list}[${i}]): ` +
          `its shape is ${formatShape(v.shape)}`,
      );
    }
    return [v, t];
  });
}
