/** A module for `parallelMap` that throws, dies or hangs, as the element says. @module */
import process from "node:process";
import type { HostArray } from "../../../mod.ts";

/** 1 throws, 2 ends the worker, 3 never answers. */
export default function fail(x: HostArray): unknown {
  if (x.item() === 1) throw new RangeError("Out of tape");
  if (x.item() === 2) process.exit(0);
  if (x.item() === 3) { for (;;); }
  return x;
}
