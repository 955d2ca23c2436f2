/**
 * A module for `parallelMap` that computes for about two milliseconds.
 *
 * @module
 */
import type { HostArray } from "../../src/base/host_array.ts";

/** Some hundred thousand sines of an element. */
export default function busy(x: HostArray): number {
  let sum = x.item();
  for (let i = 0; i < 150_000; i++) sum += Math.sin(sum + i);
  return sum;
}
