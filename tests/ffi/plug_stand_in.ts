/**
 * Stands in for @denosaurs/plug where its registry cannot be reached: the same `download`, with as
 * little care (it neither checks what it got nor writes atomically).
 *
 * @module
 */

/** Fetches a URL into a file below `location` and returns its path. */
export async function download(
  options: { url: string; location: string; cache: "reloadAll" },
): Promise<string> {
  const response = await fetch(options.url);
  if (!response.ok) throw new Error(`Could not find ${options.url}`);
  const folder = `${options.location}/${new URL(options.url).protocol.slice(0, -1)}`;
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/file.so`;
  await Deno.writeFile(path, new Uint8Array(await response.arrayBuffer()));
  return path;
}
