/**
 * Files of arrays as sources: read whole, in the format that their names tell.
 *
 * @module
 */
import { formatShape, formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { parseIdx } from "../../formats/idx.ts";
import { parseNpy } from "../../formats/npy.ts";
import { parseNpz } from "../../formats/npz.ts";
import { parseSafetensors } from "../../formats/safetensors.ts";
import { type ByteSource, byteSource } from "../bytes/byte_source.ts";
import { ByteWindow } from "../bytes/byte_window.ts";

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
  const arrays = await parse(bytes, ending.toLowerCase(), shown);
  checkRows(arrays, shown);
  return arrays;
}

/** Throws unless all arrays have the same number of rows. */
function checkRows(arrays: HostArray | Record<string, HostArray>, file: string): void {
  const list: [name: string, HostArray][] = arrays instanceof HostArray
    ? [["it", arrays]]
    : Object.entries(arrays).map(([name, x]) => [formatValue(name), x]);
  const shown = () =>
    list.map(([name, x]) => `${name} is ${x.dtype}${formatShape(x.shape)}`).join(", ");
  if (list.length === 0) throw new RangeError(`Cannot read rows from ${file}: it holds no arrays`);
  const rows = list[0]![1].shape[0];
  if (rows !== undefined && list.every(([, x]) => x.shape[0] === rows)) return;
  throw new RangeError(
    `Cannot read rows from ${file}: ${shown()}: all need a first axis of one size: read it with ` +
      `glissade's io and give what you need to fromTensorSlices`,
  );
}

async function parse(
  bytes: Uint8Array,
  ending: string,
  shown: string,
): Promise<HostArray | Record<string, HostArray>> {
  switch (ending) {
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
