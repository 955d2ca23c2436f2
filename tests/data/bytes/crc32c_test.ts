/** The checksum of TFRecords. @module */
import { assertEquals } from "@std/assert";
import { crc32c } from "../../../src/data/bytes/crc32c.ts";

Deno.test("crc32c of the check value", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa); // RFC 3720, B.4
  assertEquals(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});
