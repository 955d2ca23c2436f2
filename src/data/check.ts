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

/** Checks that options is an object with no names but these. */
export function checkOptions(options: unknown, action: string, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot ${action} with ${formatValue(options)}: options are an object, as { ${
        names.join(", ")
      } }`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(
        `Cannot ${action} with option ${JSON.stringify(name)}: its options are ${names.join(", ")}`,
      );
    }
  }
}

/** Prints the options that were given, for a stage's label: `, { seed: 42 }`. */
export function printOptions(options: object): string {
  const given = Object.entries(options).filter(([, v]) => v !== undefined);
  return given.length === 0 ? "" : `, { ${given.map(([k, v]) => `${k}: ${v}`).join(", ")} }`;
}
