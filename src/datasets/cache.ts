/**
 * Files fetched once and kept in the user's cache directory. Keeping them is a convenience: where
 * the environment or the disk may not be touched, they are fetched anew.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { cacheFolder } from "../../ffi/cache_folder.ts";
import { checkHash, fetchFile, readFile } from "./files.ts";

/**
 * The bytes behind an http or https URL, from the cache if they are there; null where the server
 * has none.
 *
 * @param sha256 the checksum that they must have, in hex; default: any
 * @throws {RangeError} when the checksum differs; such a file is not kept
 */
export async function fetchCached(url: URL, sha256?: string): Promise<Uint8Array | null> {
  const file = cacheFile(url);
  // A kept file that cannot be read, or has another checksum, is as good as none.
  const kept = file === null ? null : await readFile(file, sha256).catch(() => null);
  if (kept !== null) return kept;
  const bytes = await fetchFile(url);
  if (bytes === null) return null;
  checkHash(bytes, String(url), sha256);
  if (file !== null) await keep(file, bytes);
  return bytes;
}

/** Where a URL's file is kept; null where the environment does not say, or may not be read. */
function cacheFile(url: URL): string | null {
  const folder = cacheFolder();
  if (folder === undefined) return null;
  const name = url.pathname.split("/").pop()!.replace(/[^\w.-]/g, "_");
  const key = node("crypto").createHash("sha256").update(url.href).digest("hex").slice(0, 16);
  return node("path").join(folder, "datasets", `${key}-${name}`);
}

/** Writes beside the place and renames, so that no reader ever meets half a file. */
async function keep(file: string, bytes: Uint8Array): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "write", path: file });
  if (state !== "granted") return;
  const temporary = `${file}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.mkdir(node("path").join(file, ".."), { recursive: true });
    await Deno.writeFile(temporary, bytes);
    await Deno.rename(temporary, file);
  } catch {
    await Deno.remove(temporary).catch(() => {});
  }
}
