/**
 * How tables of native functions are written and judged: most functions of NVIDIA's libraries return
 * a status and take numbers, addresses and buffers.
 *
 * @module
 */

import { Refusal } from "./errors.ts";

/** A function that returns a status of 32 bits; optional, so that all missing names are told at once. */
export interface StatusFunction<P extends readonly Deno.NativeType[]> {
  readonly optional: true;
  readonly parameters: P;
  readonly result: "i32";
}

/** One row of a table: a function that takes these parameters and returns a status. */
export function status<const P extends readonly Deno.NativeType[]>(
  ...parameters: P
): StatusFunction<P> {
  return { optional: true, parameters, result: "i32" };
}

/** The bound functions of a table of which all but those named in `Newer` are there. */
export type Bound<S extends Deno.ForeignLibraryInterface, Newer extends keyof S = never> = {
  readonly [K in keyof Deno.DynamicLibrary<S>["symbols"]]: K extends Newer
    ? Deno.DynamicLibrary<S>["symbols"][K]
    : NonNullable<Deno.DynamicLibrary<S>["symbols"][K]>;
};

/**
 * Returns the bound functions, of which none but the newer ones is missing.
 *
 * @throws {Refusal} with the names of those that are
 */
export function requireAll<S extends Deno.ForeignLibraryInterface, Newer extends keyof S = never>(
  native: Deno.DynamicLibrary<S>["symbols"],
  newer: readonly Newer[] = [],
): Bound<S, Newer> {
  const missing = Object.entries(native)
    .filter(([name, bound]) => bound === null && !(newer as readonly string[]).includes(name))
    .map(([name]) => name)
    .sort(); // Deno gives them in any order
  if (missing.length > 0) {
    throw new Refusal("unsuitable", `it does not export ${missing.join(", ")}`);
  }
  return native as unknown as Bound<S, Newer>;
}
