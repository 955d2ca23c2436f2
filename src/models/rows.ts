/**
 * The rows of a summary: what is known of each layer and operation of a model.
 *
 * @module
 */
import { type GraphNode, isSymbolic, readableShape } from "../layers/graph.ts";
import { Layer } from "../layers/layer.ts";

/** Where a model says the lines of its summary. Internal. */
export const ROWS: unique symbol = Symbol("rows");

/** What a summary says of a layer or operation. */
export interface SummaryRow {
  readonly name: string;
  /** The name of its class. */
  readonly type: string;
  /** Its output, as "(None, 10)"; "?" when that is not known. */
  readonly shape: string;
  /** The number of its parameters; null while it is not built. */
  readonly parameters: number | null;
  /** What its inputs are outputs of, as "dense[0][0]"; null where the rows are a simple chain. */
  readonly connections: readonly string[] | null;
}

/** The rows of layers whose calls are not recorded: with the shapes of the last call. */
export function rowsOfLayers(layers: readonly Layer[]): SummaryRow[] {
  return layers.map((layer) => rowOf(layer, textOf(layer.outputShapes), null));
}

/** The rows of a graph, with connections unless each node has the one before it as only input. */
export function rowsOfGraph(all: readonly GraphNode[]): SummaryRow[] {
  const shown = new Set<GraphNode>(); // not what is made of constants alone
  for (const n of all) {
    if (n.layer !== null || n.inputs.some((t) => isSymbolic(t) && shown.has(t.node))) shown.add(n);
  }
  const nodes = [...shown];
  const names = namesOf(nodes);
  const places = new Map<object, GraphNode[]>();
  for (const node of nodes) {
    const key = node.layer ?? node;
    places.set(key, [...places.get(key) ?? [], node]);
  }
  const label = (node: GraphNode, output: number): string => {
    const calls = places.get(node.layer ?? node)!;
    return `${names.get(node)!}[${calls.indexOf(node)}][${output}]`;
  };
  const sources = (node: GraphNode): string[] =>
    node.inputs.flatMap((t) =>
      isSymbolic(t) && names.has(t.node) ? [label(t.node, t.node.outputs.indexOf(t))] : []
    );
  const chain = places.size === nodes.length &&
    nodes.every((node, i) =>
      i === 0 ? sources(node).length === 0 : sources(node).join() === label(nodes[i - 1]!, 0)
    );
  return [...places.values()].map((calls) => {
    const node = calls[calls.length - 1]!;
    const connections = chain ? null : calls.flatMap(sources);
    const shape = shapeOf(node);
    if (node.layer instanceof Layer) return rowOf(node.layer, shape, connections);
    const type = node.name.charAt(0).toUpperCase() + node.name.slice(1);
    return { name: names.get(node)!, type, shape, parameters: 0, connections };
  });
}

/** Names of nodes; operations of the same kind are numbered, past the names that layers have. */
function namesOf(nodes: readonly GraphNode[]): Map<GraphNode, string> {
  const taken = new Set(nodes.filter((n) => n.layer !== null).map((n) => n.name));
  return new Map(nodes.map((node) => {
    let name = node.name;
    if (node.layer === null) {
      for (let k = 1; taken.has(name); k++) name = `${node.name}_${k}`;
      taken.add(name);
    }
    return [node, name];
  }));
}

function textOf(shapes: readonly (readonly number[])[]): string {
  const texts = shapes.map((s) => `(${s.map((n) => n < 0 ? "None" : n).join(", ")})`);
  return texts.length === 0 ? "?" : texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
}

function shapeOf(node: GraphNode): string {
  return textOf(node.outputs.map((t) => readableShape(t.shape)));
}

function rowOf(layer: Layer, shape: string, connections: readonly string[] | null): SummaryRow {
  return {
    name: layer.name,
    type: layer.constructor.name,
    shape,
    parameters: layer.built ? layer.countParams() : null,
    connections,
  };
}
