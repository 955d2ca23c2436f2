/**
 * Starts the child processes of these tests.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Attempt, BlasOptions } from "../../ffi/mod.ts";

/** What the child tells of one search. */
export interface Told {
  readonly blas: { readonly path: string; readonly coreType: string } | null;
  readonly attempts: readonly Attempt[];
  readonly reason: string;
  /** The message of the NativeLibraryError, if one was thrown. */
  readonly error?: string;
}

/** The path of a file beside this one. */
export function here(name: string): string {
  return decodeURIComponent(new URL(name, import.meta.url).pathname);
}

/** Runs a script of this folder and returns what it printed as JSON; it must end by itself. */
export async function runChild<T>(
  script: string,
  flags: readonly string[],
  argument: unknown,
  env: Record<string, string> = {},
): Promise<T> {
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", ...flags, here(script), JSON.stringify(argument)],
    env,
    stdin: "null",
  }).output();
  const complaint = new TextDecoder().decode(stderr);
  assertEquals({ code, signal, complaint }, { code: 0, signal: null, complaint: "" });
  return JSON.parse(new TextDecoder().decode(stdout).split("\n").at(-2) ?? "") as T;
}

/** Runs each search in one child. */
export function search(
  flags: readonly string[],
  searches: readonly BlasOptions[],
  env: Record<string, string> = {},
): Promise<Told[]> {
  return runChild<Told[]>("find_blas_child.ts", flags, searches, env);
}
