/**
 * Image sets in MNIST's form: four idx files, or one npz archive as Keras has it.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import type { HostArray } from "../base/host_array.ts";
import { checkOptions } from "../base/options.ts";
import { toPath } from "../formats/files.ts";
import { parseIdx } from "../formats/idx.ts";
import { gunzip, readFile } from "./files.ts";
import type { ImageSetOptions, ImageSplit } from "./types.ts";

/**
 * Loads an image set.
 *
 * @param name what it is called, for messages
 * @param home the folder of its files where neither a path nor a url is given
 */
export async function loadImageSet(
  name: string,
  options: ImageSetOptions,
  home: () => string | Promise<string>,
): Promise<[train: ImageSplit, test: ImageSplit]> {
  checkOptions(options, ["path", "url", "sha256"], `load ${name}`);
  const { path, url, sha256 } = options;
  if (path !== undefined && typeof path !== "string" && !(path instanceof URL)) {
    throw new TypeError(`Cannot load ${name} from path ${formatValue(path)}: give a text or a URL`);
  }
  if (path !== undefined && url !== undefined) {
    throw new TypeError(`Cannot load ${name} from a path and a url: give one of them`);
  }
  if (url !== undefined) {
    const from = url instanceof URL ? url : parseUrl(name, url);
    if (from.protocol === "file:") return await load(name, toPath(from), readFile, within, sha256);
    const { fetchCached } = await import("./cache.ts");
    return await load(name, from, fetchCached, beneath, sha256);
  }
  if (path !== undefined) return await load(name, toPath(path), readFile, within, sha256);
  return await load(name, await home(), readFile, within, sha256);
}

function parseUrl(name: string, url: string): URL {
  const parsed = URL.parse(url);
  if (parsed !== null && ["http:", "https:", "file:"].includes(parsed.protocol)) return parsed;
  throw new TypeError(
    `Cannot load ${name} from url ${formatValue(url)}: it must be an http, https or file URL; ` +
      `for a local folder give path`,
  );
}

const within = (folder: string, name: string): string => node("path").join(folder, name);

function beneath(base: URL, name: string): URL {
  const folder = new URL(base);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  folder.pathname += name;
  return folder;
}

/** Loads from a folder or an npz file, wherever `read` reads. */
async function load<Place extends string | URL>(
  set: string,
  place: Place,
  read: (file: Place, sha256?: string) => Promise<Uint8Array | null>,
  beneath: (folder: Place, name: string) => Place,
  sha256: ImageSetOptions["sha256"],
): Promise<[ImageSplit, ImageSplit]> {
  const path = typeof place === "string" ? place : (place as URL).pathname;
  const base = path.split(/[\\/]/).pop()!;
  if (path.endsWith(".npz")) {
    const bytes = await read(place, typeof sha256 === "string" ? sha256 : sha256?.[base]);
    if (bytes === null) throw missing(set, place, [base]);
    const names = ["x_train", "y_train", "x_test", "y_test"] as const;
    const { parseNpz } = await import("../formats/npz.ts");
    const { x_train, y_train, x_test, y_test } = await parseNpz(bytes, String(place), names);
    return [split(x_train, y_train, place), split(x_test, y_test, place)];
  }
  if (typeof sha256 === "string") {
    throw new TypeError(
      "Cannot check four idx files against one SHA-256: give a record by the name of the file",
    );
  }
  const open = async (name: string): Promise<HostArray> => {
    // Servers have the packed files, folders more often the unpacked ones.
    const packed = place instanceof URL ? [".gz", ""] : ["", ".gz"];
    const names = [name, name.replace("-idx", ".idx")].flatMap((n) => packed.map((p) => n + p));
    for (const candidate of names) {
      const file = beneath(place, candidate);
      const bytes = await read(file, sha256?.[candidate]);
      if (bytes === null) continue;
      return parseIdx(gunzip(bytes, String(file)), String(file));
    }
    throw missing(set, place, names);
  };
  const parts = [
    open("train-images-idx3-ubyte"),
    open("train-labels-idx1-ubyte"),
    open("t10k-images-idx3-ubyte"),
    open("t10k-labels-idx1-ubyte"),
  ] as const;
  // Where one fails, the others are waited for: nothing is left reading behind the error.
  await Promise.allSettled(parts);
  const [xTrain, yTrain, xTest, yTest] = await Promise.all(parts);
  return [split(xTrain, yTrain, place), split(xTest, yTest, place)];
}

function missing(set: string, place: string | URL, names: readonly string[]): Error {
  return new Deno.errors.NotFound(
    `Cannot find ${set} at ${place}: there is no ${names.join(", nor ")}: ` +
      `give a folder of the four idx files or an npz archive`,
  );
}

function split(images: HostArray, labels: HostArray, place: string | URL): ImageSplit {
  const fits = images.dtype === "uint8" && labels.dtype === "uint8" && images.ndim === 3 &&
    labels.ndim === 1 && images.length === labels.length;
  if (fits) return [images, labels];
  throw new RangeError(
    `Cannot use the files at ${place} as MNIST: images are ` +
      `${images.dtype}${formatShape(images.shape)} and labels ` +
      `${labels.dtype}${formatShape(labels.shape)}: uint8[n,28,28] and uint8[n] are wanted`,
  );
}
