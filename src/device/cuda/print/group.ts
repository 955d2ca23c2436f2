/**
 * Kernels over the same rows as one launch: a block does row after row, and of each what one kernel
 * after the other does with it. What they hand each other goes through memory, where it still lies in
 * the caches.
 *
 * @module
 */
import type { Kernel } from "../../../ir/kernel.ts";
import { type Facts, liveSteps } from "./facts.ts";
import type { Sheet } from "./launch.ts";
import { printReduceWithin } from "./reduce.ts";
import { Lines, Text } from "./text.ts";

/** One kernel of a group. */
export interface Member {
  readonly kernel: Kernel;
  readonly facts: Facts;
  readonly firstArg: number;
}

/** Fewer rows for a multiprocessor than this are better spread over blocks one kernel at a time. */
const LEAST_ROWS = 1;
/** Work for a row beyond which more blocks than rows are wanted. */
const MOST_WORK = 1 << 17;

/** Whether kernels may be, and should be, printed as one launch. */
export function canFuse(members: readonly Member[], sheet: Sheet): boolean {
  const rows = members[0]!.kernel.shape[0];
  return rows !== undefined && rows >= LEAST_ROWS * sheet.limits.multiprocessors &&
    members.every(({ facts }) =>
      facts.kernel.rows === true && facts.sizes[0] === rows && !facts.wide &&
      facts.points > 0 && workOf(facts) <= MOST_WORK
    );
}

/** Points of a row. */
function workOf(facts: Facts): number {
  return facts.rows / facts.sizes[0]! * facts.points;
}

/** Prints kernels over the same rows as one launch. */
export function printGroup(sheet: Sheet, members: readonly Member[]): void {
  const rows = members[0]!.facts.sizes[0]!;
  const work = Math.max(...members.map((m) => workOf(m.facts)));
  const threads = work >= 4096 ? 512 : work >= 1024 ? 256 : work >= 256 ? 128 : 64;
  const lines = new Lines();
  lines.block(`for (unsigned int g = blockIdx.x; g < ${rows}u; g += gridDim.x)`, () => {
    for (const { facts, firstArg } of members) {
      lines.block("", () => {
        if (facts.kernel.accumulators.length === 0 && facts.kernel.reduce.length === 0) {
          printPoints(lines, facts, firstArg, threads);
        } else {
          printReduceWithin(sheet, facts, firstArg, { lines, threads, index: "g" });
        }
      });
      lines.add("__syncthreads();");
    }
  });
  const name = members.map((m) => m.facts.kernel.name).join(" | ");
  const blocks = Math.min(rows, 2 ** 20);
  sheet.launch(name, [blocks, 1, 1], [threads, 1, 1], lines);
}

/** What a kernel does at each point of a row by itself. */
function printPoints(lines: Lines, facts: Facts, firstArg: number, threads: number): void {
  const { kernel, steps, sizes } = facts;
  const text = new Text(facts, { firstArg });
  const used = text.usedAxes(liveSteps(facts), kernel.stores);
  if (used[0]) lines.add("const int i0 = g;");
  const points = workOf(facts);
  const rest = sizes.map((_, axis) => axis).slice(1);
  const body = () => {
    lines.add(
      ...text.indices(rest, "p", used),
      ...text.steps(0, steps.length),
      ...kernel.stores.map((s) => text.store(s)),
    );
  };
  if (points === 1) lines.block("if (threadIdx.x == 0)", body);
  else {
    lines.block(
      `for (unsigned int p = threadIdx.x; p < ${points}u; p += ${threads}u)`,
      body,
    );
  }
}
