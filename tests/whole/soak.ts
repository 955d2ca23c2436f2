/**
 * Runs soaks and says what flat memory is.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { here, runDeno } from "./children.ts";
import type { Soak, Soaked } from "./soak_child.ts";

const MIB = 1024 * 1024;
/** What the process may grow by between the second and the last quarter, and have at most. */
const GROWTH = 96 * MIB;
const PEAK = 600 * MIB;

/** Runs one soak, with what BLAS the tests run with. */
export async function runSoak(soak: Soak, timeout: number): Promise<Soaked> {
  const { code, stdout, stderr } = await runDeno({
    args: ["run", "--allow-ffi", "--allow-env", here("soak_child.ts"), JSON.stringify(soak)],
    // soaks run side by side
    env: { GLISSADE_BLAS: Deno.env.get("GLISSADE_BLAS") ?? "auto", GLISSADE_THREADS: "1" },
    timeout,
  });
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Soaked;
}

/** Whether memory stayed flat. */
export function isFlat({ warm, end, peak }: Soaked): boolean {
  return end - warm < GROWTH && peak < PEAK;
}

/** Fails when memory did not stay flat, or nothing was computed. */
export function assertFlat(soaked: Soaked): void {
  const { warm, end, peak, value, seconds } = soaked;
  const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
  const told =
    `${mib(warm)} in the second quarter, ${mib(end)} in the last, ${mib(peak)} at most, ` +
    `${seconds.toFixed(1)} s`;
  console.log(told);
  assert(Number.isFinite(value), `The last value is ${value}`);
  assert(isFlat(soaked), `Memory is not flat: ${told}`);
}
