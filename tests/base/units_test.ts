import { assertEquals } from "@std/assert";
import { formatCount, formatTime } from "../../src/base/units.ts";

Deno.test("counts have three digits and a decimal prefix", () => {
  const of = (n: number) => formatCount(n, "B");
  assertEquals([0, 7, 999, 1000, 12345, 999_499].map(of), [
    "0 B",
    "7 B",
    "999 B",
    "1.00 kB",
    "12.3 kB",
    "999 kB",
  ]);
  // what would round to four digits takes the next prefix
  assertEquals([999_500, 2e9, 3.25e15, 0.5].map(of), ["1.00 MB", "2.00 GB", "3.25 PB", "0.50 B"]);
});

Deno.test("times are in microseconds, milliseconds or seconds", () => {
  assertEquals([0, 0.01234, 0.9996, 12.34, 999.6, 61_000].map(formatTime), [
    "0.00 us",
    "12.3 us",
    "1.00 ms",
    "12.3 ms",
    "1.00 s",
    "61.0 s",
  ]);
});
