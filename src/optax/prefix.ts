/**
 * Trees of labels that stand for whole branches: a mask `{ encoder: false, head: true }` says it of
 * all that is below.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import { leaves, structure } from "../base/tree.ts";

/** What labels are, for one use of them. */
export interface Labels<L> {
  /** Whether something is a label. */
  readonly is: (x: unknown) => x is L;
  /** What labels are, in words, as "booleans". */
  readonly words: string;
  /** The name of the tree of labels in messages, as `mask`. */
  readonly root: string;
}

/** The label of every leaf of a tree, in order; a label may stand for a branch. */
export function spread<L>(prefix: unknown, x: unknown, labels: Labels<L>, action: string): L[] {
  const out: L[] = [];
  const visit = (label: unknown, branch: unknown, path: string): void => {
    if (labels.is(label)) {
      for (const _ of leaves(branch)) out.push(label);
    } else if (Array.isArray(label) && Array.isArray(branch) && label.length === branch.length) {
      label.forEach((l, i) => visit(l, branch[i], `${path}[${i}]`));
    } else if (isPlain(label) && isPlain(branch) && sameKeys(label, branch)) {
      for (const name of Object.keys(branch).sort()) {
        visit(label[name], branch[name], `${path}.${name}`);
      }
    } else if (
      label !== null && typeof label === "object" && structure(label).key === structure(branch).key
    ) {
      leaves(label).forEach((l) => visit(l, 0, path));
    } else if (label !== null || branch !== null) {
      throw new TypeError(
        `Cannot ${action}: ${path} is ${formatValue(label)} where the tree has ` +
          `${
            formatValue(branch)
          }: wanted a tree of ${labels.words} like the parameters, in which ` +
          `one may stand for a branch`,
      );
    }
  };
  visit(prefix, x, labels.root);
  return out;
}

function isPlain(x: unknown): x is Record<string, unknown> {
  if (typeof x !== "object" || x === null) return false;
  const prototype = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
}

function sameKeys(a: object, b: object): boolean {
  return Object.keys(a).sort().join("\n") === Object.keys(b).sort().join("\n");
}
