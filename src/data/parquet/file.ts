/**
 * Opening Parquet files, local ones and those behind URLs, with what their footers say.
 *
 * @module
 */
import { toPath } from "../../formats/files.ts";
import type { AsyncBuffer, FileMetaData, Hyparquet } from "./hyparquet.ts";
import { openFile } from "../bytes/local_file.ts";
import { ParquetFault, UnreadableFile } from "./fault.ts";

/** The first and the last bytes of a file. */
const MARK = "PAR1";

/** An open file. */
export interface ParquetFile {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  close(): void;
}

/** Whether a place is behind a URL that has to be fetched. */
export function isRemote(place: string | URL): boolean {
  return /^https?:/.test(String(place));
}

/** Opens a file and reads its footer. */
export function openParquet(library: Hyparquet, place: string | URL): Promise<ParquetFile> {
  return isRemote(place) ? openRemote(library, place) : openLocal(library, place);
}

async function openRemote(library: Hyparquet, place: string | URL): Promise<ParquetFile> {
  const { host } = new URL(place);
  const { state } = await Deno.permissions.query({ name: "net", host });
  if (state !== "granted") {
    throw new Deno.errors.NotCapable(
      `Cannot fetch ${place}: no permission: run again with --allow-net=${host}`,
    );
  }
  const buffer = await library.asyncBufferFromUrl({ url: String(place) }).catch((e) => {
    throw new ParquetFault(`It could not be fetched (${(e as Error).message})`);
  });
  return { buffer, metadata: await library.parquetMetadataAsync(buffer), close: () => {} };
}

async function openLocal(library: Hyparquet, place: string | URL): Promise<ParquetFile> {
  let file: Deno.FsFile;
  try {
    file = openFile(toPath(place), "read Parquet");
  } catch (cause) {
    throw new UnreadableFile("", { cause });
  }
  try {
    const buffer = bufferOf(file);
    await checkMarks(buffer);
    const metadata = await library.parquetMetadataAsync(buffer);
    const rows = metadata.row_groups.reduce((n, group) => n + Number(group.num_rows), 0);
    if (rows !== Number(metadata.num_rows)) {
      throw new ParquetFault(`It claims ${metadata.num_rows} rows and ${rows} in its row groups`);
    }
    return { buffer, metadata, close: () => file.close() };
  } catch (e) {
    file.close();
    throw e;
  }
}

function bufferOf(file: Deno.FsFile): AsyncBuffer {
  const { size } = file.statSync();
  return {
    byteLength: size,
    slice(start, end = size) {
      if (!(start >= 0 && start <= end && end <= size)) {
        throw new ParquetFault(`Bytes ${start} to ${end} are wanted of a file of ${size}`);
      }
      const bytes = new Uint8Array(end - start);
      file.seekSync(start, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        const n = file.readSync(bytes.subarray(at));
        if (n === null) throw new ParquetFault(`It ends at byte ${start + at} of ${size}`);
        at += n;
      }
      return bytes.buffer;
    },
  };
}

async function checkMarks(buffer: AsyncBuffer): Promise<void> {
  const size = buffer.byteLength;
  for (const start of [0, size - MARK.length]) {
    if (size < 2 * MARK.length || !isMark(await buffer.slice(start, start + MARK.length))) {
      throw new ParquetFault(
        `It does not ${start === 0 ? "begin" : `end, at byte ${size},`} with ${MARK}: it is ` +
          `truncated or no Parquet file`,
      );
    }
  }
}

function isMark(bytes: ArrayBuffer): boolean {
  return new TextDecoder().decode(bytes) === MARK;
}
