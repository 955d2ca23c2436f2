/** npz archives: read, incomplete, damaged, dishonest. @module */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseNpz } from "../../src/formats/npz.ts";

/** Written by NumPy: np.savez(f, a=np.arange(4, dtype="u1"), b=np.float32([1.5])). */
const STORED = Uint8Array.fromBase64(
  "UEsDBC0AAAAAAAAAIQAkA95Y//////////8FABQAYS5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3x1MScsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICg0LCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAECA1BLAwQtAAAAAAAAACEAVHkug///////////BQAUAGIubnB5AQAQAIQAAAAAAAAAhAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgAAwD9QSwECLQMtAAAAAAAAACEAJAPeWIQAAACEAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAAAAAAACEAVHkug4QAAACEAAAABQAAAAAAAAAAAAAAgAG7AAAAYi5ucHlQSwUGAAAAAAIAAgBmAAAAdgEAAAAA",
);
/** The same by np.savez_compressed. */
const PACKED = Uint8Array.fromBase64(
  "UEsDBC0AAAAIAAAAIQAkA95Y//////////8FABQAYS5ucHkBABAAhAAAAAAAAABIAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6mjoKtQoUAC4GRiZmAFBLAwQtAAAACAAAACEAVHkug///////////BQAUAGIubnB5AQAQAIQAAAAAAAAASAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFAAuBoYD9gBQSwECLQMtAAAACAAAACEAJAPeWEgAAACEAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAACAAAACEAVHkug0gAAACEAAAABQAAAAAAAAAAAAAAgAF/AAAAYi5ucHlQSwUGAAAAAAIAAgBmAAAA/gAAAAAA",
);

Deno.test("parseNpz reads NumPy's archives, packed or not", async () => {
  for (const bytes of [STORED, PACKED]) {
    const { a, b } = await parseNpz(bytes, "f.npz", ["a", "b"]);
    assertEquals([a.dtype, a.toArray(), b.dtype, b.toArray()], ["uint8", [0, 1, 2, 3], "float32", [
      1.5,
    ]]);
  }
});

Deno.test("parseNpz lists what is there when a name is not", async () => {
  await assertRejects(
    () => parseNpz(STORED, "f.npz", ["x_train"]),
    RangeError,
    "Cannot read x_train from f.npz: it holds a.npy, b.npy",
  );
});

Deno.test("parseNpz notices every truncation", async () => {
  for (let n = 0; n < PACKED.length; n++) {
    await assertRejects(() => parseNpz(PACKED.slice(0, n), "f.npz", ["a"]), RangeError, "f.npz");
  }
});

Deno.test("parseNpz notices changed values by their checksum", async () => {
  const wrong = STORED.slice();
  const at = wrong.findIndex((_, i) => wrong[i] === 0 && wrong[i + 1] === 1 && wrong[i + 2] === 2);
  wrong[at + 1] = 9;
  await assertRejects(() => parseNpz(wrong, "f.npz", ["a"]), RangeError, "a.npy is damaged");
});

Deno.test("parseNpz refuses sizes that are not those of the values", async () => {
  const central = (bytes: Uint8Array) => {
    for (let i = 0;; i++) {
      if (bytes[i] === 0x50 && bytes[i + 1] === 0x4b && bytes[i + 2] === 1 && bytes[i + 3] === 2) {
        return i;
      }
    }
  };
  for (const size of [1, 131, 133, 1 << 20, 0xf0000000]) {
    const wrong = PACKED.slice();
    new DataView(wrong.buffer).setUint32(central(wrong) + 24, size, true);
    await assertRejects(() => parseNpz(wrong, "f.npz", ["a"]), RangeError, "Cannot unpack");
  }
});

Deno.test("parseNpz never takes changed values for right, whatever bit of an archive is changed", async () => {
  for (const bytes of [STORED, PACKED]) {
    const { a, b } = await parseNpz(bytes, "f.npz", ["a", "b"]);
    for (let i = 0; i < bytes.length; i++) {
      const wrong = bytes.slice();
      wrong[i]! ^= 1 << (i % 8);
      try {
        for (const x of Object.values(await parseNpz(wrong, "f.npz"))) {
          const was = x.dtype === a.dtype ? a : b;
          assertEquals([x.dtype, x.toArray()], [was.dtype, was.toArray()], `byte ${i}`);
        }
      } catch (e) {
        assert(e instanceof Error && /^Cannot .*f\.npz/.test(e.message), `byte ${i}: ${e}`);
      }
    }
  }
});
