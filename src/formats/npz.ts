/**
 * NumPy's npz archives: zip files of npy files. The zip format itself is left to zip.js, which is
 * fetched on first use and checks the checksum of every entry.
 *
 * @module
 */
import type { HostArray } from "../base/host_array.ts";
import { formatNpy, parseNpy } from "./npy.ts";

/** Computed, so that nobody downloads it who never opens an npz file. */
const ZIP = ["npm", "@zip.js/zip.js@2.24.0"].join(":");

/** Arrays of more bytes than this are refused before they are unpacked. */
const LARGEST_ENTRY = 2 ** 31;

/** Deflate packs at most so many bytes in one; an entry that claims more is refused. */
const DENSEST = 1032;

/** Earlier than this the format knows no time; a fixed one makes equal arrays equal files. */
const EPOCH = new Date(1980, 0, 1);

interface Entry {
  readonly filename: string;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  getData(to: WritableStream<Uint8Array>): Promise<unknown>;
}

interface Writer {
  add(
    name: string,
    reader: object,
    options: { level: number; lastModDate: Date },
  ): Promise<unknown>;
  close(): Promise<Uint8Array<ArrayBuffer>>;
}

interface ZipModule {
  configure(options: { useWebWorkers: boolean }): void;
  Uint8ArrayReader: new (bytes: Uint8Array) => object;
  Uint8ArrayWriter: new () => object;
  ZipWriter: new (
    writer: object,
    options: { keepOrder: boolean; extendedTimestamp: boolean },
  ) => Writer;
  ZipReader: new (
    reader: object,
    options: { checkSignature: boolean },
  ) => { getEntries(): Promise<Entry[]>; close(): Promise<void> };
}

/**
 * Unpacks the arrays of an npz archive: those named, or all.
 *
 * @param file the archive's name, for messages
 * @throws {RangeError} when the archive is damaged or lacks one of the names
 */
export async function parseNpz<Name extends string = string>(
  bytes: Uint8Array,
  file: string,
  names?: readonly Name[],
): Promise<Record<Name, HostArray>> {
  const zip = await loadZip(`read ${file}`);
  const reader = new zip.ZipReader(new zip.Uint8ArrayReader(bytes), { checkSignature: true });
  try {
    const entries = await reader.getEntries().catch((e) => {
      throw damaged(file, "it", e);
    });
    const found = new Map<string, Entry>();
    for (const entry of entries) {
      if (!entry.filename.endsWith(".npy")) continue;
      const name = entry.filename.slice(0, -".npy".length);
      if (found.has(name)) throw damaged(file, "it", `it holds ${entry.filename} twice`);
      found.set(name, entry);
    }
    const arrays: [string, HostArray][] = [];
    for (const name of names ?? found.keys()) {
      const entry = found.get(name);
      if (entry === undefined) {
        throw new RangeError(
          `Cannot read ${name} from ${file}: it holds ` +
            `${entries.map((e) => e.filename).join(", ") || "nothing"}`,
        );
      }
      const unpacked = await unpack(entry, file, bytes.length);
      arrays.push([name, parseNpy(unpacked, `${file}/${name}.npy`)]);
    }
    return Object.fromEntries(arrays) as Record<Name, HostArray>;
  } finally {
    await reader.close();
  }
}

/**
 * The bytes of an npz archive.
 *
 * @param compress whether to pack the arrays, as `np.savez_compressed` does
 * @throws {TypeError} for an empty name
 */
export async function formatNpz(
  arrays: Readonly<Record<string, HostArray>>,
  compress: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  // Made before anything is waited for: the arrays may change after that.
  const files = Object.entries(arrays).map(([name, x]) => {
    if (name === "") throw new TypeError("Cannot write an array without a name: give it one");
    const [header, values] = formatNpy(x);
    const file = new Uint8Array(header.length + values.length);
    file.set(header);
    file.set(values, header.length);
    return [`${name}.npy`, file] as const;
  });
  const zip = await loadZip("write an npz archive");
  const writer = new zip.ZipWriter(new zip.Uint8ArrayWriter(), {
    keepOrder: true,
    extendedTimestamp: false,
  });
  for (const [name, file] of files) {
    await writer.add(name, new zip.Uint8ArrayReader(file), {
      level: compress ? 6 : 0,
      lastModDate: EPOCH,
    });
  }
  return await writer.close();
}

async function loadZip(action: string): Promise<ZipModule> {
  try {
    const zip = await import(ZIP) as ZipModule;
    zip.configure({ useWebWorkers: false });
    return zip;
  } catch (cause) {
    throw new Error(
      `Cannot ${action}: ${ZIP}, which knows zip archives, could not be fetched: ` +
        `connect to the network once, or keep the arrays in files of other formats`,
      { cause },
    );
  }
}

async function unpack(entry: Entry, file: string, length: number): Promise<Uint8Array> {
  const { compressedSize, uncompressedSize: size } = entry;
  if (!(size <= LARGEST_ENTRY)) {
    throw new RangeError(
      `Cannot unpack ${entry.filename} of ${file}: it claims ${size} bytes, ` +
        `at most ${LARGEST_ENTRY} are unpacked`,
    );
  }
  if (!(compressedSize <= length && size <= compressedSize * DENSEST)) {
    throw damaged(
      file,
      entry.filename,
      `it claims ${compressedSize} bytes that unpack to ${size}, in a file of ${length}`,
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
