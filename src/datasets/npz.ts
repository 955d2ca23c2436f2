/**
 * NumPy's npz archives: zip files of npy files. The zip format itself is left to zip.js, which is
 * fetched on first use and checks the checksum of every entry.
 *
 * @module
 */
import type { HostArray } from "../base/host_array.ts";
import { parseNpy } from "./npy.ts";

/** Computed, so that nobody downloads it who never opens an npz file. */
const ZIP = ["npm", "@zip.js/zip.js@2.24.0"].join(":");

/** Arrays of more bytes than this are refused before they are unpacked. */
const LARGEST_ENTRY = 2 ** 31;

interface Entry {
  readonly filename: string;
  readonly uncompressedSize: number;
  getData(to: WritableStream<Uint8Array>): Promise<unknown>;
}

interface ZipModule {
  configure(options: { useWebWorkers: boolean }): void;
  Uint8ArrayReader: new (bytes: Uint8Array) => object;
  ZipReader: new (
    reader: object,
    options: { checkSignature: boolean },
  ) => { getEntries(): Promise<Entry[]>; close(): Promise<void> };
}

/**
 * Unpacks the named arrays of an npz archive.
 *
 * @param file the archive's name, for messages
 * @throws {RangeError} when the archive is damaged or lacks one of the names
 */
export async function parseNpz<Name extends string>(
  bytes: Uint8Array,
  file: string,
  names: readonly Name[],
): Promise<Record<Name, HostArray>> {
  const zip = await loadZip(file);
  zip.configure({ useWebWorkers: false });
  const reader = new zip.ZipReader(new zip.Uint8ArrayReader(bytes), { checkSignature: true });
  try {
    const entries = await reader.getEntries().catch((e) => {
      throw damaged(file, "it", e);
    });
    const arrays: Partial<Record<Name, HostArray>> = {};
    for (const name of names) {
      const entry = entries.find((e) => e.filename === `${name}.npy`);
      if (entry === undefined) {
        throw new RangeError(
          `Cannot read ${name} from ${file}: it holds ` +
            `${entries.map((e) => e.filename).join(", ") || "nothing"}`,
        );
      }
      arrays[name] = parseNpy(await unpack(entry, file), `${file}/${name}.npy`);
    }
    return arrays as Record<Name, HostArray>;
  } finally {
    await reader.close();
  }
}

async function loadZip(file: string): Promise<ZipModule> {
  try {
    return await import(ZIP) as ZipModule;
  } catch (cause) {
    throw new Error(
      `Cannot read ${file}: ${ZIP}, which opens zip archives, could not be fetched: ` +
        `connect to the network once, or unpack it into idx files`,
      { cause },
    );
  }
}

async function unpack(entry: Entry, file: string): Promise<Uint8Array> {
  const size = entry.uncompressedSize;
  if (!(size <= LARGEST_ENTRY)) {
    throw new RangeError(
      `Cannot unpack ${entry.filename} of ${file}: it claims ${size} bytes, ` +
        `at most ${LARGEST_ENTRY} are unpacked`,
    );
  }
  const out = new Uint8Array(size);
  let at = 0;
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      out.set(chunk, at); // throws a RangeError past the size that the archive states
      at += chunk.length;
    },
  });
  await entry.getData(sink).catch((e) => {
    throw damaged(file, entry.filename, e);
  });
  if (at !== size) throw damaged(file, entry.filename, `${at} bytes where it states ${size}`);
  return out;
}

function damaged(file: string, part: string, cause: unknown): RangeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RangeError(
    `Cannot unpack ${file}: ${part} is damaged or no zip archive (${reason}): fetch it again`,
    { cause },
  );
}
