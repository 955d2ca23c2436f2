/**
 * Arrays in files that others read as well: NumPy's npy and npz, and safetensors.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import type { HostArray } from "../base/host_array.ts";
import { checkOptions } from "../base/options.ts";
import type { TensorLike } from "../core/mod.ts";
import { readFound, toPath, writeWhole } from "../formats/files.ts";
import type { Safetensors } from "../formats/safetensors.ts";
import { snapshot } from "./state.ts";

/** Copies of the arrays of a record. */
function snapshots(arrays: Readonly<Record<string, TensorLike>>): Record<string, HostArray> {
  const proto = typeof arrays === "object" && arrays !== null
    ? Object.getPrototypeOf(arrays)
    : undefined;
  if (proto !== Object.prototype && proto !== null) {
    throw new TypeError(
      `Cannot save ${formatValue(arrays)}: a record of arrays by name is wanted, as { x, y }`,
    );
  }
  return Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, snapshot(x)]));
}

/**
 * Writes an array to an npy file, as `np.save` does. The values are those at the time of the call;
 * the file is written whole or not at all.
 *
 * @param path a path or file URL in a folder that may be read and written
 * @throws {Deno.errors.NotCapable} without permission to read and write the folder
 * @throws {Error} when it cannot be written, as on a full disk; an older file is as it was
 *
 * @example
 * ```ts
 * import { io, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const file = await Deno.makeTempFile({ suffix: ".npy" });
 * await io.saveNpy(file, np.arange(6).reshape([2, 3]));
 * const x = await io.loadNpy(file);
 * assertEquals([x.dtype, x.toArray()], ["int32", [[0, 1, 2], [3, 4, 5]]]);
 * await Deno.remove(file);
 * ```
 */
export async function saveNpy(path: string | URL, x: TensorLike): Promise<void> {
  const [file, copy] = [toPath(path), snapshot(x)];
  const { formatNpy } = await import("../formats/npy.ts");
  await writeWhole(file, formatNpy(copy));
}

/**
 * Reads an npy file, of either byte and element order. What has no counterpart here is converted
 * where that is exact: int8, int16, uint16, int64 and uint64 become int32, float16 becomes float32.
 *
 * @throws {Deno.errors.NotFound} when there is no such file
 * @throws {TypeError} when it is no npy file, or of a type that has no counterpart, as complex64
 * @throws {RangeError} when it is truncated or too long, or an integer does not fit int32
 *
 * @example
 * ```ts
 * import { io } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const file = await Deno.makeTempFile({ suffix: ".npy" });
 * await io.saveNpy(file, [[1.5, 2], [3, 4]]);
 * assertEquals((await io.loadNpy(file)).at(0, 0).item(), 1.5);
 * await Deno.remove(file);
 * ```
 */
export async function loadNpy(path: string | URL): Promise<HostArray> {
  const bytes = await readFound(path);
  const { parseNpy } = await import("../formats/npy.ts");
  return parseNpy(bytes, toPath(path));
}

/** Options of {@link saveNpz}. */
export interface SaveNpzOptions {
  /** Whether to pack the arrays, as `np.savez_compressed` does; default false. */
  compress?: boolean | undefined;
}

/**
 * Writes named arrays to an npz archive, as `np.savez` does. Archives are made by zip.js, an npm
 * package that Deno fetches on first use.
 *
 * @param path a path or file URL in a folder that may be read and written
 * @param arrays the arrays by name
 * @throws {TypeError} when they are no record of arrays
 * @throws {Deno.errors.NotCapable} without permission to read and write the folder
 * @throws {Error} when it cannot be written, as on a full disk; an older file is as it was
 *
 * @example
 * ```ts
 * import { io, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const file = await Deno.makeTempFile({ suffix: ".npz" });
 * await io.saveNpz(file, { x: np.ones([2, 2]), y: [3] }, { compress: true });
 * const { x, y } = await io.loadNpz(file);
 * assertEquals([x!.shape, y!.toArray()], [[2, 2], [3]]);
 * await Deno.remove(file);
 * ```
 */
export async function saveNpz(
  path: string | URL,
  arrays: Readonly<Record<string, TensorLike>>,
  options: SaveNpzOptions = {},
): Promise<void> {
  checkOptions(options, ["compress"], "save an npz archive");
  const [file, copies, compress] = [toPath(path), snapshots(arrays), options.compress ?? false];
  const { formatNpz } = await import("../formats/npz.ts");
  await writeWhole(file, [await formatNpz(copies, compress)]);
}

/**
 * Reads the arrays of an npz archive, packed or not; types as for {@link loadNpy}. Every array is
 * checked against the checksum in the archive.
 *
 * @param names the arrays to read; default: all
 * @throws {Deno.errors.NotFound} when there is no such file
 * @throws {TypeError} when an array is of a type that has no counterpart
 * @throws {RangeError} when it is damaged, or lacks one of the names
 *
 * @example
 * ```ts
 * import { io } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const file = await Deno.makeTempFile({ suffix: ".npz" });
 * await io.saveNpz(file, { kernel: [[1, 2]], bias: new Int32Array([7]) });
 * const { bias } = await io.loadNpz(file, ["bias"]);
 * assertEquals([bias.dtype, bias.toArray()], ["int32", [7]]);
 * await Deno.remove(file);
 * ```
 */
export async function loadNpz<Name extends string = string>(
  path: string | URL,
  names?: readonly Name[],
): Promise<Record<Name, HostArray>> {
  const bytes = await readFound(path);
  const { parseNpz } = await import("../formats/npz.ts");
  return await parseNpz(bytes, toPath(path), names);
}

/** Options of {@link saveSafetensors}. */
export interface SaveSafetensorsOptions {
  /** Texts by name, kept in the header. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * Writes named arrays to a safetensors file. The values are those at the time of the call; the file
 * is written whole or not at all.
 *
 * @param path a path or file URL in a folder that may be read and written
 * @param tensors the arrays by name
 * @throws {TypeError} when they are no record of arrays, or the metadata are not texts
 * @throws {Deno.errors.NotCapable} without permission to read and write the folder
 * @throws {Error} when it cannot be written, as on a full disk; an older file is as it was
 *
 * @example
 * ```ts
 * import { io, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const file = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await io.saveSafetensors(file, { kernel: np.ones([2, 3]) }, { metadata: { by: "me" } });
 * const { tensors, metadata } = await io.loadSafetensors(file);
 * assertEquals([tensors.kernel!.shape, metadata.by], [[2, 3], "me"]);
 * await Deno.remove(file);
 * ```
 */
export async function saveSafetensors(
  path: string | URL,
  tensors: Readonly<Record<string, TensorLike>>,
  options: SaveSafetensorsOptions = {},
): Promise<void> {
  checkOptions(options, ["metadata"], "save a safetensors file");
  const file = toPath(path);
  const { metadata: texts = {} } = options;
  const copies = snapshots(tensors);
  const metadata = Object.fromEntries(Object.entries(texts));
  const { formatSafetensors } = await import("../formats/safetensors.ts");
  await writeWhole(file, formatSafetensors({ tensors: copies, metadata }));
}

/**
 * Reads a safetensors file: its arrays and its metadata. What has no counterpart here is converted
 * where that is exact: I8, I16, U16, I64 and U64 become int32, F16 and BF16 float32.
 *
 * @throws {Deno.errors.NotFound} when there is no such file
 * @throws {TypeError} when it is no safetensors file, or of a type that has no counterpart, as F8_E4M3
 * @throws {RangeError} when it is truncated or too long, its offsets overlap, leave gaps or do not fit
 * the shapes, or an integer does not fit int32
 *
 * @example
 * ```ts
 * import { io } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const file = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await io.saveSafetensors(file, { mask: [true, false] });
 * const { tensors } = await io.loadSafetensors(file);
 * assertEquals(tensors.mask!.toArray(), [true, false]);
 * await Deno.remove(file);
 * ```
 */
export async function loadSafetensors(path: string | URL): Promise<Safetensors> {
  const bytes = await readFound(path);
  const { parseSafetensors } = await import("../formats/safetensors.ts");
  return parseSafetensors(bytes, toPath(path));
}
