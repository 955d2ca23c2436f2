/**
 * The lists of values that stateless calls take: checked against the variables they stand for.
 *
 * @module
 */
import { isFloat, isInteger } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { isLeaf, type TensorLike, toTensor } from "./convert.ts";
import type { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/**
 * The variables paired with values, after checking that there are as many and that each has its
 * variable's shape.
 *
 * @param action what is done, as `update "mean"`
 * @param list the name of the list in the call
 * @param form the call as it should be written
 * @throws {TypeError} when the values are no list, one is no tensor, or it is floating point and its
 * variable an integer
 * @throws {RangeError} when the length or a shape differs; it names the variable
 */
export function pairValues(
  variables: readonly Variable[],
  values: readonly TensorLike[],
  action: string,
  list: string,
  form: string,
): [Variable, Tensor][] {
  if (!Array.isArray(values)) {
    throw new TypeError(
      `Cannot ${action} with ${list} ${
        formatValue(values)
      }: wanted a list of tensors; call ${form}`,
    );
  }
  if (values.length !== variables.length) {
    const paths = variables.map((v) => `"${v.path}"`);
    const shown = paths.length > 4 ? [...paths.slice(0, 4), "..."] : paths;
    throw new RangeError(
      `Cannot ${action} with ${values.length} ${list}: wanted ${variables.length}` +
        (paths.length > 0 ? ` (${shown.join(", ")})` : "") + `; call ${form}`,
    );
  }
  return variables.map((v, i) => {
    const value: TensorLike | undefined = values[i];
    if (!isLeaf(value) && !Array.isArray(value)) {
      throw new TypeError(
        `Cannot ${action}: ${list}[${i}] is ${
          formatValue(value)
        }: give a tensor for the variable ` +
          `"${v.path}"; call ${form}`,
      );
    }
    const t = toTensor(value, action);
    if (!sameShape(t.shape, v.shape)) {
      throw new RangeError(
        `Cannot ${action}: ${list}[${i}] is ${
          formatShape(t.shape)
        }, but the variable "${v.path}" ` +
          `is ${formatShape(v.shape)}; call ${form}`,
      );
    }
    if (isInteger(v.dtype) && isFloat(t.dtype) && !t.aval.weak) {
      throw new TypeError(
        `Cannot ${action}: ${list}[${i}] is ${t.dtype}, but the variable "${v.path}" is ` +
          `${v.dtype}; call ${form}`,
      );
    }
    return [v, t];
  });
}
