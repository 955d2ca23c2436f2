/**
 * What the compiler made, kept on disk by the hash of all that it depends on. A file that is not what
 * was written is as good as none; where nothing may be written nothing is kept, and nobody is asked.
 *
 * @module
 */
import { cacheFolder } from "../../../ffi/cache_folder.ts";
import { granted } from "../../../ffi/mod.ts";
import { node } from "../../../ffi/node.ts";

/** Bytes that may be kept; the files that were used longest ago go first, down to half of it. */
const LIMIT = 128 << 20;
const ENDING = ".cubin";
/** At the start of each file: the format's name and version, the hash of its name and the rest, the rest. */
const MAGIC = new TextEncoder().encode("glissade cubin 2");
const HASH = 32;

/** Images by the hash of what they were made of. */
export class CubinCache {
  readonly #folder: string | null;
  readonly #limit: number;
  /** Bytes in the folder, once they have been counted. */
  #size = -1;

  /** A cache in `folder`, or in the user's cache folder where that is null; "" keeps nothing. */
  constructor(folder: string | null, limit: number = LIMIT) {
    const own = folder ?? ownFolder();
    const may = own !== null && own !== "" && granted({ name: "read", path: own }) &&
      granted({ name: "write", path: own });
    this.#folder = may ? own : null;
    this.#limit = limit;
  }

  /** What an image depends on, as the name under which it is kept. */
  key(parts: readonly string[]): string {
    return node("crypto").createHash("sha256").update(parts.join("\0")).digest("hex");
  }

  /** The image of that name, or null. */
  get(key: string): Uint8Array<ArrayBuffer> | null {
    if (this.#folder === null) return null;
    const path = this.#path(key);
    try {
      const file = Deno.readFileSync(path);
      const image = contentOf(key, file);
      if (image === null) Deno.removeSync(path);
      else touch(path);
      return image;
    } catch {
      return null;
    }
  }

  /** Keeps an image; where that cannot be, it is not kept. */
  set(key: string, image: Uint8Array): void {
    if (this.#folder === null) return;
    const path = this.#path(key);
    const temporary = `${path}.${crypto.randomUUID()}`;
    try {
      Deno.mkdirSync(this.#folder, { recursive: true });
      Deno.writeFileSync(temporary, fileOf(key, image));
      Deno.renameSync(temporary, path);
      if (this.#size >= 0) this.#size += MAGIC.length + HASH + image.length;
      this.#bound();
    } catch {
      try {
        Deno.removeSync(temporary);
      } catch {
        // it was never made
      }
    }
  }

  /** Forgets an image. */
  delete(key: string): void {
    if (this.#folder === null) return;
    try {
      Deno.removeSync(this.#path(key));
    } catch {
      // another process was faster
    }
  }

  #path(key: string): string {
    return node("path").join(this.#folder!, key + ENDING);
  }

  #bound(): void {
    if (this.#size >= 0 && this.#size <= this.#limit) return;
    const folder = this.#folder!;
    const files: { path: string; size: number; used: number }[] = [];
    for (const { name } of Deno.readDirSync(folder)) {
      if (!name.includes(ENDING)) continue;
      const path = node("path").join(folder, name);
      const { size, mtime } = Deno.statSync(path);
      files.push({ path, size, used: mtime?.getTime() ?? 0 });
    }
    this.#size = files.reduce((sum, { size }) => sum + size, 0);
    if (this.#size <= this.#limit) return;
    for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
      if (this.#size <= this.#limit / 2) return;
      Deno.removeSync(path);
      this.#size -= size;
    }
  }
}

function ownFolder(): string | null {
  const cache = cacheFolder();
  return cache === undefined ? null : node("path").join(cache, "cubins");
}

function hashOf(key: string, image: Uint8Array): Uint8Array {
  return node("crypto").createHash("sha256").update(key).update(image).digest();
}

function fileOf(key: string, image: Uint8Array): Uint8Array {
  const file = new Uint8Array(MAGIC.length + HASH + image.length);
  file.set(MAGIC);
  file.set(hashOf(key, image), MAGIC.length);
  file.set(image, MAGIC.length + HASH);
  return file;
}

/** The image in a file; null where the file is another, or not whole. */
function contentOf(
  key: string,
  file: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | null {
  if (file.length < MAGIC.length + HASH) return null;
  if (MAGIC.some((byte, i) => file[i] !== byte)) return null;
  const image = file.slice(MAGIC.length + HASH);
  const hash = hashOf(key, image);
  return hash.every((byte, i) => file[MAGIC.length + i] === byte) ? image : null;
}

/** Files that are used are kept longest; those that are another's can be read all the same. */
function touch(path: string): void {
  const now = new Date();
  try {
    Deno.utimeSync(path, now, now);
  } catch {
    // its age alone decides how long it is kept
  }
}
