/**
 * The order of a graph: which node runs when, and which layers it holds.
 *
 * @module
 */
import type { Tensor } from "../core/mod.ts";
import { type GraphNode, isSymbolic, type SymbolicTensor } from "../layers/graph.ts";
import { InputLayer } from "../layers/input_layer.ts";
import { Layer } from "../layers/layer.ts";

/**
 * Nodes between inputs and outputs, farthest from the outputs first; among equals in the order in
 * which a walk from the outputs (each node's inputs first) meets them. Keras orders layers, and so
 * variables, this way.
 *
 * @throws {RangeError} when an output depends on an input that is not among the inputs
 */
export function sortGraph(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): { nodes: GraphNode[]; layers: Layer[] } {
  const starts = new Set(inputs.map((s) => s.node));
  const found: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const visit = (t: Tensor): void => {
    if (!isSymbolic(t) || seen.has(t.node)) return;
    if (t.node.layer instanceof InputLayer && !starts.has(t.node)) {
      throw new RangeError(
        `Cannot make a model: an output depends on the input "${t.node.name}", which is not among ` +
          `its inputs`,
      );
    }
    seen.add(t.node);
    t.node.inputs.forEach(visit);
    found.push(t.node);
  };
  outputs.forEach(visit);
  const unused = [...starts].filter((node) => !seen.has(node));

  const depth = new Map<GraphNode, number>(unused.map((node) => [node, 0]));
  for (let k = found.length - 1; k >= 0; k--) {
    const node = found[k]!;
    const d = depth.get(node) ?? 0;
    depth.set(node, d);
    for (const t of node.inputs) {
      if (isSymbolic(t)) depth.set(t.node, Math.max(depth.get(t.node) ?? 0, d + 1));
    }
  }
  const nodes = [...unused, ...found].map((node, at) => ({ node, at }))
    .sort((a, b) => depth.get(b.node)! - depth.get(a.node)! || a.at - b.at)
    .map(({ node }) => node);
  const layers = [...new Set(nodes.map((n) => n.layer))].filter((l) => l instanceof Layer);
  return { nodes, layers };
}
