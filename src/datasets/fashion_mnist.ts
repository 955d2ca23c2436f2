/**
 * Fashion-MNIST: 70,000 pictures of clothes of 28 by 28 pixels, in ten classes.
 *
 * Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747.
 *
 * @module
 */
import type { ImageSetOptions, ImageSplit } from "./types.ts";

/**
 * The names of the classes 0 to 9.
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(datasets.fashionMnist.classNames[9], "Ankle boot");
 * ```
 */
export const classNames: readonly string[] = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/**
 * Loads Fashion-MNIST: 60,000 pictures to train with and 10,000 to test with, pixels 0 to 255. No
 * npm package carries them: give a path or a URL.
 *
 * @param options `path` or `url`: a folder of the four idx files, packed or not, or an npz archive;
 * `sha256`: checksums that they must have
 * @returns `[[xTrain, yTrain], [xTest, yTest]]`
 * @throws {TypeError} when neither a path nor a url is given
 * @throws {Deno.errors.NotFound} when a file is missing
 * @throws {RangeError} when a file is truncated, damaged or has another checksum
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertRejects } from "@std/assert";
 * await assertRejects(
 *   () => datasets.fashionMnist.loadData({ path: "/nowhere" }),
 *   Deno.errors.NotFound,
 *   "Cannot find Fashion-MNIST at /nowhere",
 * );
 * ```
 */
export async function loadData(
  options: ImageSetOptions,
): Promise<[train: ImageSplit, test: ImageSplit]> {
  const { loadImageSet } = await import("./image_set.ts");
  return await loadImageSet("Fashion-MNIST", options, () => {
    throw new TypeError(
      "Cannot load Fashion-MNIST from nowhere: give the path or url of a folder of its four idx " +
        "files, as its authors publish them",
    );
  });
}
