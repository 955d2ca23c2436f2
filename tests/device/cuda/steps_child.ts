/**
 * A child of memory_test.ts: ten thousand donated training steps on the stand-in that its argument
 * names. Prints what lived before most of them and after, what they called, and by how much the
 * process grew.
 *
 * @module
 */
import { useDevice } from "../../../src/core/mod.ts";
import { createCuda } from "../../../src/device/cuda/mod.ts";
import { livingNames, openStandIn } from "../../standins/cuda/control.ts";
import { smallBatch, smallTraining } from "./train_step.ts";

/** What is printed, as JSON. */
export interface Steps {
  /** Numbers of the driver's objects that live, and of the blocks that were ever allocated. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  /** The functions that a few steps call. */
  readonly names: readonly string[];
  /** Bytes by which the resident set grew. */
  readonly grown: number;
  readonly faults: string;
}

const path = Deno.args[0]!;
const standIn = openStandIn(path);
standIn.checks(false);
useDevice(createCuda({ cuda: path, nvrtc: path, cublas: path, cubinCache: "" }));

/** All but the work that waits. */
function living(): Record<string, number> {
  const counts = standIn.counts();
  const names = [...livingNames.filter((name) => name !== "pending"), "allocations" as const];
  return Object.fromEntries(names.map((name) => [name, counts[name]]));
}

let { w, step } = smallTraining();
function run(steps: number): void {
  for (let i = 0; i < steps; i++) {
    const [l, next] = step(w, smallBatch(i));
    w = next;
    if (i % 50 === 0) l.item();
    l.dispose();
  }
}

run(500);
const before = living();
const { rss } = Deno.memoryUsage();
standIn.trace(true);
run(3);
const names = [...new Set(standIn.traced())];
standIn.trace(false);
run(9_500);
const grown = Deno.memoryUsage().rss - rss;
const told: Steps = { before, after: living(), names, grown, faults: standIn.report() };
console.log(JSON.stringify(told));
