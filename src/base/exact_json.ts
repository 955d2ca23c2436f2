/**
 * JSON text that keeps apart the numbers which JSON does not: for keys of caches.
 *
 * @module
 */

function exact(_key: string, v: unknown): unknown {
  if (typeof v !== "number" || (Number.isFinite(v) && !Object.is(v, -0))) return v;
  return Object.is(v, -0) ? "#-0" : `#${v}`;
}

/** JSON of plain data in which NaN, the infinities and -0 are texts of their own. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, exact);
}
