/**
 * The source of the names of files that match patterns.
 *
 * @module
 */
import { node } from "../../../ffi/node.ts";
import { formatValue } from "../../base/errors.ts";
import { checkReadable } from "../bytes/local_file.ts";
import { allRows } from "../reorder.ts";
import type { Stage } from "../stage.ts";

/** Makes a source of the paths of the files that match, sorted; found when it is made. */
export function fromFiles(patterns: string | readonly string[]): Stage<string> {
  const list: readonly unknown[] = Array.isArray(patterns) ? patterns : [patterns];
  if (list.length === 0) throw new RangeError("Cannot find files by no pattern: give at least one");
  const found = new Set<string>();
  for (const pattern of list) {
    if (typeof pattern !== "string" || pattern === "") {
      throw new TypeError(`Cannot find files by ${formatValue(pattern)}: give a glob pattern`);
    }
    // The folder that the pattern starts in, up to its first wildcard.
    const fixed = /^[^*?[\]{}]*\//.exec(pattern)?.[0] ?? ".";
    checkReadable(fixed, `find files by ${pattern}`);
    const matches = node("fs").globSync(pattern).filter((path) =>
      node("fs").statSync(path).isFile()
    );
    if (matches.length === 0) {
      throw new Deno.errors.NotFound(
        `Cannot find files by ${formatValue(pattern)}: none matches in ${
          fixed === "." ? Deno.cwd() : fixed
        }`,
      );
    }
    for (const path of matches) found.add(path);
  }
  const paths = [...found].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
  const source = {
    inMemory: true,
    at: (row: number) => paths[row]!,
    gather: (rows: readonly number[], count: number) =>
      rows.slice(0, count).map((row) => paths[row]!) as unknown as string,
  };
  return {
    label: `fromFiles(${list.join(", ")})`,
    inputs: [],
    cardinality: paths.length,
    spec: null,
    ...allRows(source, paths.length),
  };
}
