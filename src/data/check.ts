/**
 * Checks of the arguments of pipeline stages.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";

/** Checks that a count is an integer, at least `low`; Infinity passes where `infinite`. */
export function checkCount(
  value: unknown,
  action: string,
  low: number,
  infinite = false,
): number {
  if (typeof value !== "number" || (!Number.isInteger(value) && value !== Infinity)) {
    throw new TypeError(`Cannot ${action} ${formatValue(value)}: it must be an integer`);
  }
  if (value < low || (value === Infinity && !infinite)) {
    throw new RangeError(
      `Cannot ${action} ${value}: it must be ${infinite ? "" : "finite and "}at least ${low}`,
    );
  }
  return value;
}

/** Prints the options that were given, for a stage's label: `, { seed: 42 }`. */
export function printOptions(options: object): string {
  const given = Object.entries(options).filter(([, v]) => v !== undefined);
  return given.length === 0 ? "" : `, { ${given.map(([k, v]) => `${k}: ${v}`).join(", ")} }`;
}
