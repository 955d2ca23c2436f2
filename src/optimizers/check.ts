/**
 * What optimizers are given: learning rates, variables and gradients, checked.
 *
 * @module
 */
import { formatValue, isFloat } from "../base/mod.ts";
import { pairValues, type Tensor, type TensorLike, Variable } from "../core/mod.ts";

/** Checks a learning rate that is no schedule. */
export function checkRate(rate: unknown, kind: string): number {
  if (typeof rate !== "number") {
    throw new TypeError(
      `Cannot set the learning rate of ${kind} to ${formatValue(rate)}: wanted a number ` +
        `or a schedule, as new optimizers.schedules.ExponentialDecay({ ... })`,
    );
  }
  if (!(rate >= 0 && rate < Infinity)) {
    throw new RangeError(
      `Cannot set the learning rate of ${kind} to ${rate}: it must be finite, at least 0`,
    );
  }
  return rate;
}

/** Checks what an optimizer is to be built for. */
export function checkVariables(variables: readonly Variable[], kind: string): Variable[] {
  if (!Array.isArray(variables)) {
    throw new TypeError(
      `Cannot build ${kind} for ${formatValue(variables)}: wanted a list of Variables`,
    );
  }
  if (variables.length === 0) {
    throw new RangeError(
      `Cannot build ${kind} for no variables: a model has them once it is built; call ` +
        `model.apply(x) on a batch before`,
    );
  }
  variables.forEach((v: unknown, i) => {
    if (!(v instanceof Variable)) {
      throw new TypeError(
        `Cannot build ${kind}: variables[${i}] is ${formatValue(v)}, not a Variable; ` +
          `give model.trainableVariables`,
      );
    }
    if (!isFloat(v.dtype)) {
      throw new TypeError(
        `Cannot build ${kind}: the variable "${v.path}" is ${v.dtype}, and only ` +
          `floating-point variables have gradients`,
      );
    }
  });
  if (new Set(variables).size !== variables.length) {
    throw new RangeError(`Cannot build ${kind}: a variable is given twice`);
  }
  return [...variables];
}

/** Checks that an optimizer which is built is asked for the same variables again. */
export function checkSame(
  list: readonly Variable[],
  own: readonly Variable[],
  kind: string,
): void {
  if (list.length === own.length && list.every((v, i) => v === own[i])) return;
  const paths = own.slice(0, 3).map((v) => `"${v.path}"`);
  throw new RangeError(
    `Cannot build ${kind} for other variables: it was built for ${own.length} ` +
      `(${paths.join(", ")}${own.length > 3 ? ", ..." : ""}); make a new optimizer`,
  );
}

/** The gradients of all variables, in their dtypes; null where there is none. */
export function checkGradients(
  grads: readonly (TensorLike | null)[],
  variables: readonly Variable[],
  kind: string,
  form: string,
): (Tensor | null)[] {
  const action = `apply gradients with ${kind}`;
  const known = Array.isArray(grads) && grads.length === variables.length
    ? variables.filter((_, i) => grads[i] !== null)
    : variables;
  const given = Array.isArray(grads) && known !== variables
    ? grads.filter((g) => g !== null)
    : grads;
  const pairs = pairValues(known, given as readonly TensorLike[], action, "grads", form);
  if (pairs.length === 0 && variables.length > 0) {
    throw new RangeError(`Cannot ${action}: no variable has a gradient; call ${form}`);
  }
  const found = new Map(pairs);
  return variables.map((v) => {
    const g = found.get(v);
    return g === undefined ? null : g.astype(v.dtype);
  });
}
