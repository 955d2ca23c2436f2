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

/** Checks the names of the columns to give: at least one, each once. */
export function checkSelect(select: unknown, action: string): void {
  if (select === undefined) return;
  const listed = Array.isArray(select) && select.length > 0 &&
    select.every((name) => typeof name === "string");
  if (listed && new Set(select).size === select.length) return;
  const what = `Cannot ${action} with select ${formatValue(select)}: `;
  if (!listed) throw new TypeError(`${what}give a list of names of columns, at least one`);
  throw new RangeError(`${what}name each column once`);
}

/** Prints the options that were given, for a stage's label: `, { seed: 42 }`. */
export function printOptions(options: object): string {
  const given = Object.entries(options).filter(([, v]) => v !== undefined);
  return given.length === 0 ? "" : `, { ${given.map(([k, v]) => `${k}: ${v}`).join(", ")} }`;
}
