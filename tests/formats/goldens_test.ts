/** npy, npz and safetensors files of NumPy and of the safetensors package: read, and written alike. @module */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { HostArray } from "../../src/base/host_array.ts";
import { HostArray as Host } from "../../src/base/host_array.ts";
import { formatNpy, parseNpy } from "../../src/formats/npy.ts";
import { parseNpz } from "../../src/formats/npz.ts";
import { formatSafetensors, parseSafetensors } from "../../src/formats/safetensors.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

const { cases } = readGolden("io");
const ofKind = (kind: string) => cases.filter((c) => c.kind === kind);
const bytes = (c: { file?: unknown }) => Uint8Array.fromBase64(c.file as string);

function assertSame(got: HostArray, want: GoldenArray, name: string): void {
  assertEquals([got.dtype, got.shape], [want.dtype, want.shape], name);
  assertEquals(got.values, want.data, name);
}

const host = (x: GoldenArray) => new Host(x.data, x.shape, x.dtype);

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

Deno.test("npy files of NumPy are read: all dtypes, zero sizes, big-endian, Fortran, versions, exact conversions", () => {
  for (const c of ofKind("npy")) {
    assertSame(parseNpy(bytes(c), c.name as string), c.want as GoldenArray, c.name as string);
  }
});

Deno.test("npy files are written byte for byte as NumPy writes them", () => {
  const same = ofKind("npy").filter((c) => c.same);
  assert(same.length >= 40);
  for (const c of same) {
    assertEquals(join(formatNpy(host(c.want as GoldenArray))), bytes(c), c.name as string);
  }
});

Deno.test("npy files of types without a counterpart are refused", () => {
  for (const c of ofKind("npy refused")) {
    assertThrows(() => parseNpy(bytes(c), "a.npy"), TypeError, "Cannot read npy file a.npy: its ");
  }
});

Deno.test("npz archives of NumPy are read, packed or not", async () => {
  for (const c of ofKind("npz")) {
    const want = c.want as Record<string, GoldenArray>;
    const got = await parseNpz(bytes(c), "a.npz");
    assertEquals(Object.keys(got), Object.keys(want));
    for (const [name, x] of Object.entries(want)) assertSame(got[name]!, x, name);
  }
});

Deno.test("safetensors files of the safetensors package are read", () => {
  for (const c of ofKind("safetensors")) {
    const want = c.want as Record<string, GoldenArray>;
    const { tensors, metadata } = parseSafetensors(bytes(c), "a.safetensors");
    assertEquals(metadata, c.metadata);
    assertEquals(Object.keys(tensors).sort(), Object.keys(want).sort());
    for (const [name, x] of Object.entries(want)) assertSame(tensors[name]!, x, name);
  }
});

Deno.test("safetensors files are written byte for byte as the package writes them", () => {
  const same = ofKind("safetensors").filter((c) => c.same);
  assertEquals(same.length, 5);
  for (const c of same) {
    const tensors = Object.fromEntries(
      Object.entries(c.want as Record<string, GoldenArray>).map(([name, x]) => [name, host(x)]),
    );
    const metadata = c.metadata as Record<string, string>;
    assertEquals(join(formatSafetensors({ tensors, metadata })), bytes(c), c.name as string);
  }
});

Deno.test("safetensors files of types without a counterpart are refused", () => {
  for (const c of ofKind("safetensors refused")) {
    assertThrows(() => parseSafetensors(bytes(c), "a.st"), TypeError, "has no counterpart here");
  }
});

Deno.test("an npz archive of arrays that are not all readable gives those asked for", async () => {
  const [c] = ofKind("npz");
  const { int32_5 } = await parseNpz(bytes(c!), "a.npz", ["int32_5"]);
  assertEquals(int32_5.shape, [5]);
  await assertRejects(
    () => parseNpz(bytes(c!), "a.npz", ["no"]),
    RangeError,
    "Cannot read no from",
  );
});
