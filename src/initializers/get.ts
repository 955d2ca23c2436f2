/**
 * Initializers by name, as layers take them.
 *
 * @module
 */
import { byName } from "./by_name.ts";
import { constant, identity, ones, zeros } from "./constants.ts";
import { randomNormal, randomUniform, truncatedNormal } from "./draws.ts";
import { orthogonal } from "./orthogonal.ts";
import type { Initializer } from "./types.ts";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
} from "./variance_scaling.ts";

const table = {
  zeros,
  ones,
  constant,
  identity,
  orthogonal,
  randomUniform,
  randomNormal,
  truncatedNormal,
  varianceScaling,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  zero: zeros,
  one: ones,
  uniform: randomUniform,
  normal: randomNormal,
} satisfies Record<string, () => Initializer>;

/**
 * An initializer by its name ("heNormal", or Keras' "he_normal"), made anew with default options; a
 * function is returned as it is.
 *
 * @throws {RangeError} when there is none of that name; it lists the names
 *
 * @example
 * ```ts
 * import { initializers } from "glissade";
 * import { assertEquals, assertThrows } from "@std/assert";
 * assertEquals(initializers.get("zeros")([2]).toArray(), [0, 0]);
 * assertThrows(() => initializers.get("zeroes"), RangeError, "zeros, ones");
 * ```
 */
export function get(initializer: string | Initializer): Initializer {
  if (typeof initializer === "function") return initializer;
  return byName<() => Initializer>("initializer", table, initializer)();
}
