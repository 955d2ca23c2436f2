/**
 * Reading files and URLs without ever stopping at a permission prompt: what is not granted already
 * is an error that names the flag to give.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { ProgressBar } from "../base/progress_bar.ts";
import { Connection } from "../formats/connection.ts";
import { readWhole } from "../formats/files.ts";

/** A gzip file that unpacks to more than this is refused. */
const LARGEST = 2 ** 30;

const KIB = 1024;

/**
 * The bytes of a file; null where there is none.
 *
 * @param sha256 the checksum that they must have, in hex; default: any
 * @throws {Deno.errors.NotCapable} without permission to read it
 * @throws {RangeError} when the checksum differs
 */
export async function readFile(path: string, sha256?: string): Promise<Uint8Array | null> {
  const bytes = await readWhole(path);
  if (bytes !== null) checkHash(bytes, path, sha256);
  return bytes;
}

/**
 * The bytes behind an http or https URL; null where the server has none.
 *
 * @throws {Deno.errors.NotCapable} without permission to reach that host
 */
export async function fetchFile(url: URL): Promise<Uint8Array | null> {
  const { state } = await Deno.permissions.query({ name: "net", host: url.host });
  if (state !== "granted") {
    throw new Deno.errors.NotCapable(
      `Cannot fetch ${url}: no permission: run again with --allow-net=${url.host}`,
    );
  }
  let status: string;
  try {
    const connection = await Connection.open(url);
    try {
      if (connection.ok) return await received(connection, url);
    } finally {
      await connection.close();
    }
    if (connection.status === 404) return null;
    status = connection.statusText;
  } catch (cause) {
    throw new Error(`Cannot fetch ${url}: ${(cause as Error).message}`, { cause });
  }
  throw new Error(`Cannot fetch ${url}: the server answered ${status}`);
}

/** The body of a response, under a progress bar where its length is known. */
async function received(connection: Connection, url: URL): Promise<Uint8Array> {
  const length = connection.length ?? NaN;
  const bar = new ProgressBar({
    total: Math.ceil(length / KIB),
    label: `${url.pathname.split("/").pop()} (KiB)`,
  });
  const pieces: Uint8Array[] = [];
  let done = 0;
  try {
    for (let piece; (piece = await connection.read()) !== null;) {
      pieces.push(piece);
      done += piece.length;
      if (length > 0) bar.update(Math.floor(done / KIB));
    }
  } finally {
    bar.finish();
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Checks the SHA-256 of a file, where one is wanted. */
export function checkHash(bytes: Uint8Array, name: string, sha256: string | undefined): void {
  if (sha256 === undefined) return;
  const found = node("crypto").createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256.toLowerCase()) {
    throw new RangeError(
      `Cannot use ${name}: its SHA-256 is ${found} where ${sha256} is wanted: ` +
        `it is damaged or another version`,
    );
  }
}

/**
 * The same bytes, unpacked when they are gzip.
 *
 * @param name the file's name, for messages
 * @throws {RangeError} when the gzip data is damaged or truncated
 */
export function gunzip(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return node("zlib").gunzipSync(bytes, { maxOutputLength: LARGEST });
  } catch (cause) {
    throw new RangeError(
      `Cannot unpack ${name}: its gzip data of ${bytes.length} bytes is damaged or truncated ` +
        `(${(cause as Error).message}): fetch it again`,
      { cause },
    );
  }
}
