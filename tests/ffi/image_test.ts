/** Headers of all three formats, made byte by byte, and cut at every length. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../ffi/errors.ts";
import { checkImage, type ImageBytes, type ImageTarget } from "../../ffi/image.ts";

function inMemory(bytes: Uint8Array<ArrayBuffer>): ImageBytes {
  return {
    length: bytes.length,
    read(offset, count) {
      assert(offset >= 0 && offset + count <= bytes.length, "read beyond the end");
      return bytes.slice(offset, offset + count);
    },
  };
}

function outcome(bytes: Uint8Array<ArrayBuffer>, target: ImageTarget): string {
  try {
    checkImage(inMemory(bytes), target);
    return "good";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.outcome;
  }
}

function image(
  size: number,
  fields: readonly (readonly [at: number, bytes: 1 | 2 | 4 | 8, value: number, big?: "big"])[],
): Uint8Array<ArrayBuffer> {
  const data = new DataView(new ArrayBuffer(size));
  for (const [at, bytes, value, big] of fields) {
    if (bytes === 1) data.setUint8(at, value);
    if (bytes === 2) data.setUint16(at, value, !big);
    if (bytes === 4) data.setUint32(at, value, !big);
    if (bytes === 8) data.setBigUint64(at, BigInt(value), !big);
  }
  return new Uint8Array(data.buffer);
}

// deno-fmt-ignore
const elf = image(1000, [
  [0, 4, 0x7f454c46, "big"], [4, 1, 2], [5, 1, 1], [16, 2, 3], [18, 2, 62],
  [0x20, 8, 64], [0x28, 8, 800], [0x36, 2, 56], [0x38, 2, 1], [0x3a, 2, 50], [0x3c, 2, 4],
  [64, 4, 1], [64 + 8, 8, 0], [64 + 32, 8, 700],
]);
// deno-fmt-ignore
const machO = image(1000, [
  [0, 4, 0xfeedfacf], [4, 4, 0x100000c], [12, 4, 6], [16, 4, 1], [20, 4, 72],
  [32, 4, 0x19], [36, 4, 72], [32 + 40, 8, 200], [32 + 48, 8, 800],
]);
// deno-fmt-ignore
const pe = image(1000, [
  [0, 2, 0x4d5a, "big"], [0x3c, 4, 128], [128, 4, 0x50450000, "big"], [132, 2, 0x8664],
  [134, 2, 1], [148, 2, 16], [150, 2, 0x2000],
  [168 + 16, 4, 600], [168 + 20, 4, 400],
]);

function fat(wide: boolean, types: readonly number[]): Uint8Array<ArrayBuffer> {
  const entry = wide ? 32 : 20;
  const bytes = image(1000 + 1000 * types.length, [
    [0, 4, wide ? 0xcafebabf : 0xcafebabe, "big"],
    [4, 4, types.length, "big"],
    ...types.flatMap((type, i) => [
      [8 + entry * i, 4, type, "big"] as const,
      [8 + entry * i + 8, wide ? 8 : 4, 1000 + 1000 * i, "big"] as const,
      [8 + entry * i + (wide ? 16 : 12), wide ? 8 : 4, 1000, "big"] as const,
    ]),
  ]);
  types.forEach((type, i) => {
    bytes.set(machO, 1000 + 1000 * i);
    new DataView(bytes.buffer).setUint32(1000 + 1000 * i + 4, type, true);
  });
  return bytes;
}

const ARM = 0x100000c;
const INTEL = 0x1000007;
const cases = [
  { name: "ELF", bytes: elf, target: { os: "linux", arch: "x86_64" } },
  { name: "Mach-O", bytes: machO, target: { os: "darwin", arch: "aarch64" } },
  {
    name: "fat Mach-O",
    bytes: fat(false, [INTEL, ARM]),
    target: { os: "darwin", arch: "aarch64" },
  },
  { name: "wide fat Mach-O", bytes: fat(true, [ARM]), target: { os: "darwin", arch: "aarch64" } },
  { name: "PE", bytes: pe, target: { os: "windows", arch: "x86_64" } },
];

for (const { name, bytes, target } of cases) {
  Deno.test(`a whole ${name} library is good, and cut anywhere it is not`, () => {
    assertEquals(outcome(bytes, target), "good");
    for (let length = 0; length < bytes.length; length++) {
      const cut = outcome(bytes.slice(0, length), target);
      assertEquals(cut, length < 4 && !(name === "PE" && length >= 4) ? "corrupt" : "truncated");
    }
  });

  Deno.test(`a ${name} library for another machine or system is foreign`, () => {
    const arch = target.arch === "x86_64" ? "aarch64" : "x86_64";
    const other = name === "fat Mach-O" ? fat(false, [ARM, ARM]) : bytes;
    assertEquals(outcome(other, { os: target.os, arch }), "foreign");
    const os = target.os === "linux" ? "darwin" : "linux";
    assertEquals(outcome(bytes, { os, arch: target.arch }), "foreign");
  });

  Deno.test(`a ${name} library with any header byte flipped ends in an answer`, () => {
    for (let at = 0; at < 256; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const flipped = bytes.slice();
        flipped[at]! ^= flip;
        const answers = ["good", "corrupt", "foreign", "truncated"];
        assert(answers.includes(outcome(flipped, target)), `byte ${at}`);
      }
    }
  });
}

Deno.test("the reason of a cut library names both lengths", () => {
  const short = inMemory(elf.slice(0, 900));
  const target = { os: "linux", arch: "x86_64" };
  assertThrows(
    () => checkImage(short, target),
    Refusal,
    "has 900 bytes and its headers promise 1000",
  );
});
