/**
 * Files that reference implementations wrote, and what is in them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

const FILES = new URL("../goldens/data/files/", import.meta.url);
export const path = (name: string) => new URL(name, FILES);
const cases = readGolden("data_files").cases;
export const golden = (fn: string) => cases.find((c) => c.fn === fn)!;

export function assertSame(got: unknown, want: unknown): void {
  if (typeof want === "number") assertEquals((got as HostArray).toArray(), want);
  else if (got instanceof HostArray) {
    const w = want as GoldenArray;
    assertEquals([got.dtype, [...got.shape], [...got.values]], [w.dtype, [...w.shape], [
      ...w.data,
    ]]);
  } else assertEquals(got, want);
}
