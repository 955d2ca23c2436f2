/**
 * The lists of values that stateless calls take: checked against the variables they stand for.
 *
 * @module
 */
import { formatShape, formatValue, isFloat, isInteger, sameShape } from "../base/mod.ts";
import { isTensor, isVariable, type TensorLike, toTensor, type Variable } from "../core/mod.ts";

/**
 * The variables paired with values, after checking that there are as many and that each has its
 * variable's shape.
 *
 * @param action what is done, as `update "mean"`
 * @param list the name of the list in the call
 * @param form the call as it should be written
 * @throws {TypeError} when the values are no list, or floats for an integer variable
 * @throws {RangeError} when the length or a shape differs; it names the variable
 */
export function pairUp(
  variables: readonly Variable[],
  values: readonly TensorLike[],
  action: string,
  list: string,
  form: string,
): [Variable, TensorLike][] {
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
    const value = values[i] as TensorLike;
    const t = isTensor(value) ? value : isVariable(value) ? value.value : toTensor(value, action);
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
