/**
 * JSON text that keeps apart the numbers which JSON does not: for keys of caches.
 *
 * @module
 */

function exact(_key: string, v: unknown): unknown {
  if (typeof v !== "number" || (Number.isFinite(v) && !Object.is(v, -0))) return v;
  return Object.is(v, -0) ? "#-0" : `#${v}`;
}

/** Whether JSON says of a value all that there is to it. */
function isPlain(v: unknown): boolean {
  if (typeof v === "number") return Number.isFinite(v) && !Object.is(v, -0);
  if (typeof v !== "object" || v === null) return true;
  if (Array.isArray(v)) {
    for (let i = 0; i < v.length; i++) if (!isPlain(v[i])) return false;
    return true;
  }
  if ("toJSON" in v) return false;
  for (const key in v) if (!isPlain((v as Record<string, unknown>)[key])) return false;
  return true;
}

/**
 * JSON of plain data in which NaN, the infinities and -0 are texts of their own. Most data has none
 * of them, and then `JSON.stringify` alone is three times as fast as with a function of ours.
 */
export function exactJson(value: unknown): string {
  return isPlain(value) ? JSON.stringify(value) : JSON.stringify(value, exact);
}
