/**
 * Files of arrays as sources: read whole, in the format that their names tell.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import type { HostArray } from "../base/host_array.ts";
import { parseIdx } from "../formats/idx.ts";
import { parseNpy } from "../formats/npy.ts";
import { parseNpz } from "../formats/npz.ts";
import { parseSafetensors } from "../formats/safetensors.ts";
import { type ByteSource, byteSource } from "./byte_source.ts";
import { ByteWindow } from "./byte_window.ts";

/**
 * Reads the arrays of an npy, npz, idx or safetensors file, packed or not: one array, or a record
 * by name.
 */
export async function readArrayFile(
  place: string | URL,
): Promise<HostArray | Record<string, HostArray>> {
  const name = String(place).replace(/[?#].*$/, "").replace(/\.(gz|gzip|zst|zstd|zz|zlib)$/i, "");
  const ending = /\.(npy|npz|idx|safetensors)$|[.-]idx\d-ubyte$|-ubyte$/i.exec(name)?.[0];
  if (ending === undefined) {
    throw new TypeError(
      `Cannot read arrays from ${formatValue(String(place))}: its name must end in .npy, .npz, ` +
        `.idx, -ubyte or .safetensors`,
    );
  }
  const bytes = await readAll(byteSource(place, "auto", "read arrays"));
  const shown = String(place);
  switch (ending.toLowerCase()) {
    case ".npy":
      return parseNpy(bytes, shown);
    case ".npz":
      return await parseNpz(bytes, shown);
    case ".safetensors":
      return parseSafetensors(bytes, shown).tensors as Record<string, HostArray>;
    default:
      return parseIdx(bytes, shown);
  }
}

async function readAll(source: ByteSource): Promise<Uint8Array> {
  const window = new ByteWindow(source, 0);
  try {
    while (!window.last) await window.more();
  } catch (e) {
    throw window.explain(e, "fromArrayFile", 0);
  } finally {
    await window.close();
  }
  return window.bytes.slice(0, window.end);
}
