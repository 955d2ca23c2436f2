/**
 * Files that are cut off, changed or not what they should be: made, read, and their errors looked at.
 *
 * @module
 */
import { assert, assertStringIncludes } from "@std/assert";

const FILES = new URL("../goldens/data/files/", import.meta.url);
export const bytesOf = (name: string) => Deno.readFileSync(new URL(name, FILES));

export async function withFile<T>(
  bytes: Uint8Array | string,
  ending: string,
  f: (path: string) => T | Promise<T>,
): Promise<T> {
  const path = await Deno.makeTempFile({ suffix: ending });
  try {
    await Deno.writeFile(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    return await f(path);
  } finally {
    await Deno.remove(path);
  }
}

/** How many elements come, and the error after them. */
export async function outcome(
  d: AsyncIterable<unknown>,
): Promise<[count: number, error: Error | null]> {
  let count = 0;
  try {
    for await (const _ of d) count++;
    return [count, null];
  } catch (e) {
    return [count, e as Error];
  }
}

export function named(e: Error | null, path: string, stage: string): void {
  if (e === null) throw new Error(`Found no error from ${path}`);
  assert(e instanceof RangeError || e instanceof TypeError, `${e}`);
  assertStringIncludes(e.message, path);
  assertStringIncludes(e.message, `in ${stage}(${path}`);
  assertStringIncludes(e.message, "(stage 0)");
}
