/**
 * Donation: which output of a program takes the memory of which donated argument.
 *
 * @module
 */
import { sameShape } from "../base/shape.ts";
import { paths } from "../base/tree.ts";
import type { Id, Program } from "../ir/program.ts";

/**
 * Matches donated inputs with outputs: the same path first, then the first of equal aval. An input
 * that is itself an output gives its memory to that output only, or, returned twice, to none.
 *
 * @param donate positions of the donated arguments
 * @param args the arguments, each a tree
 * @param returned what the function returned, a tree
 * @returns for a donated input the output that takes its memory, both by number
 */
export function matchDonated(
  donate: readonly number[],
  args: readonly unknown[],
  program: Program,
  returned: unknown,
): Map<number, number> {
  const pairs = new Map<number, number>();
  const inputs: { index: number; path: string }[] = [];
  let at = 0;
  args.forEach((x, n) => {
    const names = paths(x);
    if (donate.includes(n)) {
      names.forEach((path, i) => inputs.push({ index: at + i, path }));
    }
    at += names.length;
  });
  const taken = new Set<number>();
  const { outputs } = program;
  const known = new Set([...program.inputs, ...program.constants]);
  const times = new Map<Id, number>();
  for (const id of outputs) times.set(id, (times.get(id) ?? 0) + 1);
  const fits = (i: number, k: number): boolean => {
    const id = program.inputs[i]!;
    const out = outputs[k]!;
    if (taken.has(k)) return false;
    if (times.has(id) || known.has(out)) return out === id && times.get(id) === 1;
    const [a, b] = [program.avals[id]!, program.avals[out]!];
    return a.dtype === b.dtype && sameShape(a.shape, b.shape);
  };
  const outPaths = paths(returned);
  // the state is either the whole result or one entry of it
  const entryPaths = outPaths.map((p) => p.replace(/^\[\d+\]/, ""));
  const left: number[] = [];
  for (const { index, path } of inputs) {
    const k = outPaths.findIndex((p, j) =>
      (p === path || entryPaths[j] === path) && fits(index, j)
    );
    if (k < 0) left.push(index);
    else {
      taken.add(k);
      pairs.set(index, k);
    }
  }
  for (const index of left) {
    const k = outputs.findIndex((_, j) => fits(index, j));
    if (k < 0) continue;
    taken.add(k);
    pairs.set(index, k);
  }
  return pairs;
}
