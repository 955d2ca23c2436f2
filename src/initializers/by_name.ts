/**
 * Finding a function by its name, in camelCase or in Keras' spelling.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";

/** Looks a name up; an unknown one is an error that lists those there are. */
export function byName<T>(
  kind: string,
  table: Readonly<Record<string, T>>,
  name: unknown,
): T {
  if (typeof name !== "string") {
    throw new TypeError(
      `Cannot find the ${kind} ${formatValue(name)}: wanted a name or a function`,
    );
  }
  const camel = name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
  for (const key of [name, camel, camel.charAt(0).toLowerCase() + camel.slice(1)]) {
    if (Object.hasOwn(table, key)) return table[key]!;
  }
  throw new RangeError(
    `Cannot find the ${kind} "${name}": wanted one of ${Object.keys(table).join(", ")}`,
  );
}
