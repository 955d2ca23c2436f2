/**
 * Brings a BLAS from a URL that the user gave, and keeps it under the name of its hash. Downloading
 * is @denosaurs/plug's work; plug neither checks a hash nor writes atomically, so the file lands in
 * a folder of its own, is hashed there, and only then takes its name by a rename.
 *
 * @module
 */
import { node } from "./node.ts";

import { cacheFolder } from "./cache_folder.ts";
import { NativeLibraryError } from "./errors.ts";
import { granted } from "./permissions.ts";

/** A library to download. */
export interface Download {
  /** http:, https: or file: */
  readonly url: string;
  /** The SHA-256 of the file, as 64 hexadecimal digits. */
  readonly sha256: string;
  /** Where to keep it; the user's cache folder unless given. */
  readonly directory?: string;
}

/** The part of @denosaurs/plug that is used. */
interface Plug {
  download(options: { url: string; location: string; cache: "reloadAll" }): Promise<string>;
}

// Not a literal at its import: Deno would fetch that for every user of glissade.
const PLUG = "jsr:@denosaurs/plug@1.1.0";

/**
 * Checks the form of a URL and its hash.
 *
 * @throws {NativeLibraryError} if the hash is absent or malformed, or the URL is
 */
export function checkDownload(url: string, sha256: string | undefined): Download {
  if (sha256 === undefined || sha256 === "") {
    throw new NativeLibraryError(
      `Cannot use ${url} without its SHA-256: native code is only run when its hash is known: ` +
        "set GLISSADE_OPENBLAS_SHA256",
    );
  }
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new NativeLibraryError(
      `Cannot use "${sha256}" as a SHA-256: 64 hexadecimal digits are wanted: ` +
        "correct GLISSADE_OPENBLAS_SHA256",
    );
  }
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (!["http:", "https:", "file:"].includes(protocol)) {
    throw new NativeLibraryError(
      `Cannot download "${url}": an http, https or file URL is wanted: correct GLISSADE_OPENBLAS_URL`,
    );
  }
  return { url, sha256: sha256.toLowerCase() };
}

/**
 * The path of an already downloaded library, or null. Its hash is checked now, before anybody opens
 * it; a file that does not match is removed.
 *
 * @throws {NativeLibraryError} as {@linkcode checkDownload}
 */
export function cachedBlas(download: Download): string | null {
  const { sha256 } = checkDownload(download.url, download.sha256);
  const directory = download.directory ?? cacheFolder();
  if (directory === undefined) return null;
  const path = node("path").join(directory, fileName(sha256));
  if (!granted({ name: "read", path })) return null;
  const hash = hashFile(path);
  if (hash === sha256) return path;
  if (hash !== null && granted({ name: "write", path })) Deno.removeSync(path);
  return null;
}

/**
 * Downloads a library unless it is already there, and returns its path. plug prints one line about
 * it. Needs permission to reach the host and to write the cache folder; never prompts.
 *
 * @throws {NativeLibraryError} if the hash does not match (the file is removed), a permission is
 * missing, or the download fails
 */
export async function prefetchBlas(download: Download): Promise<string> {
  const { url, sha256 } = checkDownload(download.url, download.sha256);
  const cached = cachedBlas(download);
  if (cached !== null) return cached;
  const directory = download.directory ?? cacheFolder();
  if (directory === undefined) {
    throw new NativeLibraryError(
      `Cannot download ${url}: the cache folder is unknown: ` +
        "run with --allow-env=HOME,XDG_CACHE_HOME,LOCALAPPDATA",
    );
  }
  requirePermissions(url, directory);
  try {
    return await fetchInto(directory, url, sha256);
  } catch (error) {
    if (error instanceof NativeLibraryError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new NativeLibraryError(
      `Cannot download ${url}: ${reason}: check GLISSADE_OPENBLAS_URL and the connection`,
      [],
      { cause: error },
    );
  }
}

async function fetchInto(directory: string, url: string, sha256: string): Promise<string> {
  Deno.mkdirSync(directory, { recursive: true });
  const staging = Deno.makeTempDirSync({ dir: directory, prefix: "download-" });
  try {
    const plug = await import(PLUG) as Plug;
    const file = await plug.download({ url, location: staging, cache: "reloadAll" });
    const hash = hashFile(file);
    if (hash !== sha256) {
      throw new NativeLibraryError(
        `Cannot use ${url}: its SHA-256 is ${hash} and not ${sha256}: the file was removed: ` +
          "correct GLISSADE_OPENBLAS_SHA256, or find out who changed the file",
      );
    }
    const path = node("path").join(directory, fileName(sha256));
    Deno.renameSync(file, path);
    return path;
  } finally {
    Deno.removeSync(staging, { recursive: true });
  }
}

function requirePermissions(url: string, directory: string): void {
  const { protocol, host, pathname } = new URL(url);
  const missing: string[] = [];
  if (protocol === "file:") {
    if (!granted({ name: "read", path: new URL(url) })) missing.push(`--allow-read=${pathname}`);
  } else {
    const address = /:\d+$/.test(host) ? host : `${host}:${protocol === "http:" ? 80 : 443}`;
    if (!granted({ name: "net", host: address })) missing.push(`--allow-net=${address}`);
  }
  if (!granted({ name: "read", path: directory })) missing.push(`--allow-read=${directory}`);
  if (!granted({ name: "write", path: directory })) missing.push(`--allow-write=${directory}`);
  if (!granted({ name: "import", host: "jsr.io:443" })) missing.push("--allow-import=jsr.io:443");
  if (missing.length > 0) {
    throw new NativeLibraryError(
      `Cannot download ${url} without permission: run with ${missing.join(" ")}`,
    );
  }
}

function fileName(sha256: string): string {
  const { os } = Deno.build;
  return `${sha256}.${os === "windows" ? "dll" : os === "darwin" ? "dylib" : "so"}`;
}

/** The SHA-256 of a file, or null where there is none. */
function hashFile(path: string): string | null {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  using _ = file;
  const hash = node("crypto").createHash("sha256");
  const chunk = new Uint8Array(1 << 20);
  for (let got = file.readSync(chunk); got !== null; got = file.readSync(chunk)) {
    hash.update(chunk.subarray(0, got));
  }
  return hash.digest("hex");
}
