/**
 * Local files: whether they may be read, opening them, and reading them synchronously.
 *
 * @module
 */
import type { ByteStream } from "./byte_source.ts";

/** Throws, instead of asking, where reading is not permitted. */
export function checkReadable(path: string, action: string): void {
  if (Deno.permissions.querySync({ name: "read", path }).state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Cannot ${action} from ${path}: no permission: run again with --allow-read`,
  );
}

/** Opens a regular file for reading. */
export function openFile(path: string, action: string): Deno.FsFile {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (cause) {
    const kind = cause instanceof Deno.errors.NotFound ? Deno.errors.NotFound : Error;
    throw new kind(`Cannot ${action} from ${path}: ${(cause as Error).message}`, { cause });
  }
  if (file.statSync().isFile) return file;
  file.close();
  throw new TypeError(`Cannot ${action} from ${path}: it is no file; give the paths of files`);
}

/** The bytes of a file from an offset on. */
export class FileStream implements ByteStream {
  readonly #file: Deno.FsFile;

  constructor(path: string, offset: number, action: string) {
    this.#file = openFile(path, action);
    if (offset > 0) this.#file.seekSync(offset, Deno.SeekMode.Start);
  }

  read(into: Uint8Array): number {
    return this.#file.readSync(into) ?? 0;
  }

  close(): void {
    this.#file.close();
  }
}
