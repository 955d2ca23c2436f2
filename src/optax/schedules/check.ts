/**
 * What schedules share: checks of their numbers, and the count that they are called with.
 *
 * @module
 */
import { formatValue, isFloat } from "../../base/mod.ts";
import { type Tensor, type TensorLike, toTensor } from "../../core/mod.ts";
import { number } from "../check.ts";
import type { Schedule } from "../types.ts";

/** Checks that numbers, by their names, are finite. */
export function finite(kind: string, numbers: Readonly<Record<string, unknown>>): void {
  for (const [name, x] of Object.entries(numbers)) number(x, name, kind);
}

/** Checks that numbers of steps are integers, at least `least`. */
export function steps(
  kind: string,
  numbers: Readonly<Record<string, unknown>>,
  least: number,
): void {
  for (const [name, x] of Object.entries(numbers)) {
    number(x, name, kind);
    if (!Number.isSafeInteger(x) || (x as number) < least) {
      throw new RangeError(
        `Cannot make ${kind} with ${name} ${formatValue(x)}: wanted an integer, at least ${least}`,
      );
    }
  }
}

/** A schedule from a function of a floating-point scalar. */
export function schedule(value: (count: Tensor) => Tensor): Schedule {
  return (count: TensorLike): Tensor => {
    const t = toTensor(count, "call a schedule with");
    return value(isFloat(t.dtype) ? t.astype(t.dtype) : t.astype("float32"));
  };
}
