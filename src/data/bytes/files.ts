/**
 * What users name the files of a source by: one path or URL, or several.
 *
 * @module
 */

/** Paths or URLs of files: one, or several that are read one after the other. */
export type Files = string | URL | readonly (string | URL)[];

/** The files as a list; at least one. */
export function listFiles(files: Files, action: string): readonly (string | URL)[] {
  const list = Array.isArray(files) ? files as (string | URL)[] : [files as string | URL];
  if (list.length > 0) return list;
  throw new RangeError(`Cannot ${action} from no files: give at least one`);
}

/** The label of a source over files. */
export function fileLabel(name: string, files: readonly (string | URL)[], more = ""): string {
  const others = files.length > 1 ? ` and ${files.length - 1} more` : "";
  return `${name}(${files[0]}${others}${more})`;
}
