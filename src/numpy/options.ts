/**
 * Reading the options object that ends an argument list, or the one argument that NumPy users write
 * positionally in its place.
 *
 * @module
 */
import { checkDType, checkOptions, type DType, formatValue } from "../base/mod.ts";
import type { DTypeOptions, Options } from "./types.ts";

export { checkOptions };

/**
 * Turns "options, or one value in their place" into options: what is no plain object stands for the
 * option named `positional`.
 */
export function readOptions<T extends Options>(
  arg: unknown,
  allowed: readonly string[],
  action: string,
  positional?: string,
): T {
  if (arg === undefined) return {} as T;
  const plain = typeof arg === "object" && arg !== null &&
    (Object.getPrototypeOf(arg) === Object.prototype || Object.getPrototypeOf(arg) === null);
  if (plain) {
    checkOptions(arg, allowed, action);
    const { dtype } = arg as { dtype?: unknown };
    if (dtype !== undefined && allowed.includes("dtype")) checkDType(dtype, action);
    return arg as T;
  }
  if (positional === undefined) {
    throw new TypeError(
      `Cannot ${action} with ${formatValue(arg)} as options: wanted an object of ${
        allowed.join(", ")
      }`,
    );
  }
  if (positional === "dtype") checkDType(arg, action);
  return { [positional]: arg } as T;
}

/** The dtype where that is the one option. */
export function dtypeOption(
  arg: DType | DTypeOptions | undefined,
  action: string,
): DType | undefined {
  return readOptions<DTypeOptions>(arg, ["dtype"], action, "dtype").dtype;
}

/** Checks that a user's number is an integer, and returns it. */
export function integer(x: unknown, what: string, action: string, least = -Infinity): number {
  if (!Number.isSafeInteger(x)) {
    throw new TypeError(`Cannot ${action} with ${what} ${formatValue(x)}: wanted an integer`);
  }
  if ((x as number) < least) {
    throw new RangeError(`Cannot ${action} with ${what} ${x}: wanted an integer >= ${least}`);
  }
  return x as number;
}
