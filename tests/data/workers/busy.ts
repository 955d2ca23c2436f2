/** A module for `parallelMap` that computes for some milliseconds. @module */
import type { HostArray } from "../../../mod.ts";

/** About as much arithmetic as the element says. */
export default function work(x: HostArray): number {
  let sum = 0;
  for (let i = 1; i < x.item(); i++) sum += Math.sin(i) / i;
  return sum;
}
