/**
 * No file may reach itself by value imports: in a cycle the order of evaluation decides what is
 * defined, and no file of it can be read alone. (Tarjan's strongly connected components.)
 * @module
 */
import type { Problem, Tree } from "./tree.ts";

/** One problem for each group of files that import each other in a circle. */
export function checkCycles(tree: Tree): Problem[] {
  const edges = new Map<string, string[]>();
  for (const { from, to, kind } of tree.imports) {
    if (kind === "value" && to !== undefined) edges.set(from, [...edges.get(from) ?? [], to]);
  }
  return components(edges)
    .filter((group) => group.length > 1 || edges.get(group[0]!)?.includes(group[0]!))
    .map((group) => {
      const files = group.sort();
      return { file: files[0]!, message: `Cannot import in a circle: ${files.join(", ")}` };
    });
}

function components(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const groups: string[][] = [];

  function visit(node: string): void {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    open.add(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node)!, low.get(next)!));
      } else if (open.has(next)) {
        low.set(node, Math.min(low.get(node)!, index.get(next)!));
      }
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    for (const member of group) open.delete(member);
    groups.push(group);
  }

  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return groups;
}
