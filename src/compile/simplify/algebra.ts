/**
 * Algebra: the rules that hold exactly, whatever the numbers are. A value keeps its bits (only what
 * a NaN carries beside being one may differ), so that it does not matter whether this pass runs.
 *
 * @module
 */
import { opDef, type OpName, OPS } from "../../ir/ops.ts";
import type { Program } from "../../ir/program.ts";
import { rewrite, type Rule, type Rules } from "./rewrite.ts";
import { ARITHMETIC } from "./rules/arithmetic.ts";
import { CASTS } from "./rules/casts.ts";
import { CHOICE } from "./rules/choice.ts";
import { CONTRACT } from "./rules/contract.ts";
import { MOVEMENT, unbroadcast } from "./rules/movement.ts";

/** All rules, op by op. */
function collect(...tables: readonly Rules[]): Rules {
  const all: Partial<Record<OpName, Rule[]>> = {};
  for (const table of tables) {
    for (const [op, rules] of Object.entries(table) as [OpName, readonly Rule[]][]) {
      (all[op] ??= []).push(...rules);
    }
  }
  return all;
}

const elementwise = (Object.keys(OPS) as OpName[]).filter((op) =>
  opDef(op).class === "elementwise"
);

const RULES = collect(
  ARITHMETIC,
  CASTS,
  CHOICE,
  MOVEMENT,
  CONTRACT,
  Object.fromEntries(elementwise.map((op) => [op, [unbroadcast]])),
);

/** Rewrites what can be had more cheaply. */
export function algebra(p: Program): Program {
  return rewrite(p, RULES);
}
