/**
 * The law that kernels and calls obey between lowering and the memory plan: each is well formed,
 * reads what was written before it, and agrees with the program about dtypes.
 *
 * @module
 */
import { checkKernel } from "../ir/kernel.ts";
import type { Id, Program } from "../ir/program.ts";
import type { LoweredStep } from "./lower.ts";
import { overwrites } from "./in_place.ts";
import { accesses, membersOf } from "./plan.ts";

/** Whether a kernel adds to a value. */
function adds(s: Extract<LoweredStep, { kind: "kernel" }>, id: Id): boolean {
  return s.kernel.stores.some((w) => w.add && s.args[w.arg] === id);
}

/** Throws when a step is malformed, or reads what nothing has written yet. */
export function checkSteps(steps: readonly LoweredStep[], p: Program): void {
  const given = new Set<Id>([...p.inputs, ...p.constants]);
  for (const s of p.steps) if (s.op === "literal") { for (const o of s.outs) given.add(o); }
  const written = new Set(given);
  const parts = steps.flatMap((s) => s.kind === "group" ? membersOf(s) : [s]);
  parts.forEach((s, k) => {
    const fail = (why: string): never => {
      throw new Error(`Step ${k} ${why}`);
    };
    if (s.kind === "kernel") {
      checkKernel(s.kernel);
      const { args, name } = s.kernel;
      if (args.length !== s.args.length) {
        fail(`gives ${s.args.length} arguments to ${name}`);
      }
      args.forEach(({ dtype }, i) => {
        const real = p.avals[s.args[i]!]!.dtype;
        if (real !== dtype) fail(`gives %${s.args[i]} of ${real} to ${name} as ${dtype}`);
      });
    }
    const { reads, writes } = accesses(s);
    for (const id of reads) {
      if (!written.has(id)) fail(`reads unwritten %${id}`);
      if (s.kind === "kernel" && writes.includes(id) && !adds(s, id) && !overwrites(s, id, id)) {
        fail(`loads %${id}, which it writes elsewhere`);
      }
    }
    for (const id of writes) {
      if (given.has(id)) fail(`writes %${id}, which is an input or a literal`);
      written.add(id);
    }
  });
  for (const o of p.outputs) if (!written.has(o)) throw new Error(`Output %${o} is never written`);
}
