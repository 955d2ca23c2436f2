/**
 * Random access to a file's bytes, through Deno where `read` is granted and through the C library
 * where only `ffi` is: a library's file has to be checked under either.
 *
 * @module
 */

import { Refusal } from "./errors.ts";
import type { ImageBytes } from "./image.ts";
import { type Libc, libc } from "./libc.ts";
import { granted } from "./permissions.ts";

/** An open file. */
export interface FileBytes extends ImageBytes, Disposable {}

/**
 * Opens a regular file for reading; never prompts.
 *
 * @throws {Refusal} if it is missing, is no regular file, or cannot be read by either way
 */
export function openFileBytes(path: string): FileBytes {
  if (path.includes("\0")) throw new Refusal("missing", "a path cannot hold a zero character");
  if (granted({ name: "read", path })) return throughDeno(path);
  const c = libc("files");
  if (c !== null) return throughLibc(c, path);
  throw new Refusal(
    "denied",
    "its file cannot be checked before it is opened: " +
      `run with --allow-read=${path} or with a bare --allow-ffi`,
  );
}

function throughDeno(path: string): FileBytes {
  let file: Deno.FsFile;
  let length: number;
  try {
    const info = Deno.statSync(path);
    if (!info.isFile) throw new Refusal("corrupt", "it is not a regular file");
    length = info.size;
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof Deno.errors.NotFound) throw new Refusal("missing", "no such file");
    throw new Refusal("denied", `its file cannot be read: ${(error as Error).message}`);
  }
  return {
    length,
    read(offset, count) {
      file.seekSync(offset, Deno.SeekMode.Start);
      return fill(count, (rest) => file.readSync(rest) ?? 0);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

const END = 2;

function throughLibc(c: Libc<"files">, path: string): FileBytes {
  // O_RDONLY | O_NONBLOCK: a pipe must not stop us.
  const flags = Deno.build.os === "linux" || Deno.build.os === "android" ? 0x800 : 0x4;
  const descriptor = c.open(new TextEncoder().encode(`${path}\0`), flags);
  if (descriptor < 0) throw new Refusal("missing", "no such file, or it is not readable");
  const length = Number(c.lseek(descriptor, 0n, END));
  // A pipe has no position; a folder has one, but no bytes.
  if (length < 0 || c.pread(descriptor, new Uint8Array(1), 1n, 0n) < 0n) {
    c.close(descriptor);
    throw new Refusal("corrupt", "it is not a regular file");
  }
  return {
    length,
    read(offset, count) {
      let at = BigInt(offset);
      return fill(count, (rest) => {
        const got = c.pread(descriptor, rest, BigInt(rest.length), at);
        at += BigInt(got);
        return Number(got);
      });
    },
    [Symbol.dispose]: () => {
      c.close(descriptor);
    },
  };
}

function fill(
  count: number,
  readInto: (rest: Uint8Array<ArrayBuffer>) => number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const got = readInto(bytes.subarray(done));
    if (got <= 0) throw new Refusal("truncated", "its file ended while it was being read");
    done += got;
  }
  return bytes;
}
