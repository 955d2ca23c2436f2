/**
 * The graph of a model: checked when it is made, run on real inputs.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { flatten, type Structure, unflatten } from "../base/tree.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { type GraphNode, isSymbolic, readableShape, type SymbolicTensor } from "../layers/graph.ts";
import { InputLayer } from "../layers/input_layer.ts";
import type { Layer } from "../layers/layer.ts";
import { sortGraph } from "./graph_order.ts";

/** Symbols from inputs to outputs, and all between them in the order in which it runs. */
export interface Graph {
  readonly inputs: readonly SymbolicTensor[];
  readonly inputStructure: Structure;
  readonly outputs: readonly SymbolicTensor[];
  readonly outputStructure: Structure;
  readonly nodes: readonly GraphNode[];
  readonly layers: readonly Layer[];
}

function symbols(x: unknown, what: string): { list: SymbolicTensor[]; structure: Structure } {
  const [list, structure] = flatten(x);
  if (list.length === 0 || !list.every(isSymbolic)) {
    throw new TypeError(
      `Cannot make a model with ${what} ${formatValue(list.find((t) => !isSymbolic(t)) ?? x)}: ` +
        `give what layers.input({ shape }), and layers applied to it, return`,
    );
  }
  return { list, structure };
}

/**
 * Makes a graph.
 *
 * @throws {TypeError} when inputs are not those of `layers.input`, or outputs not made from them
 * @throws {RangeError} when an output depends on another input, or two layers share a name
 */
export function makeGraph(given: { inputs?: unknown; outputs?: unknown }): Graph {
  const inputs = symbols(given.inputs, "inputs");
  const outputs = symbols(given.outputs, "outputs");
  const odd = inputs.list.find((s) => !(s.node.layer instanceof InputLayer));
  if (odd !== undefined) {
    throw new TypeError(
      `Cannot make a model whose input is a ${odd}: inputs must come from layers.input`,
    );
  }
  const { nodes, layers } = sortGraph(inputs.list, outputs.list);
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) {
      throw new RangeError(
        `Cannot make a model with two layers named "${name}": give each a name of its own`,
      );
    }
    names.add(name);
  }
  return {
    inputs: inputs.list,
    inputStructure: inputs.structure,
    outputs: outputs.list,
    outputStructure: outputs.structure,
    nodes,
    layers,
  };
}

/**
 * Runs a graph.
 *
 * @throws {RangeError} when an input is missing, or its shape is wrong
 */
export function runGraph(graph: Graph, x: unknown): unknown {
  const given = matchInputs(graph, x);
  const values = new Map<Tensor, Tensor>(graph.inputs.map((s, i) => [s, fit(s, given[i]!)]));
  const [first, ...others] = graph.inputs.map((s) => values.get(s)!.shape[0]!);
  const other = others.find((n) => n !== first);
  if (other !== undefined) {
    throw new RangeError(
      `Cannot use inputs of batch sizes ${first} and ${other} together: they must be equal`,
    );
  }
  for (const node of graph.nodes) {
    if (node.layer instanceof InputLayer) continue;
    const outs = node.run(node.inputs.map((t) => values.get(t) ?? t), first!);
    node.outputs.forEach((s, i) => values.set(s, outs[i]!));
  }
  return unflatten(graph.outputStructure, graph.outputs.map((s) => values.get(s)!));
}

/** The given values in the order of the graph's inputs. */
function matchInputs(graph: Graph, x: unknown): readonly TensorLike[] {
  const { node } = graph.inputStructure;
  const [list, { node: got }] = flatten<TensorLike>(x);
  if (node.kind === "object" && node.children.every((c) => c.kind === "leaf")) {
    const record = got.kind === "object" ? x as Record<string, TensorLike> : {};
    return node.names.map((key) => {
      if (!Object.hasOwn(record, key)) {
        throw new RangeError(
          `Cannot use inputs without "${key}": wanted a record of ${node.names.join(", ")}`,
        );
      }
      return record[key]!;
    });
  }
  if (list.length !== graph.inputs.length) {
    const names = graph.inputs.map((s) => s.node.name).join(", ");
    throw new RangeError(
      `Cannot use ${list.length} inputs: there must be ${graph.inputs.length} (${names})`,
    );
  }
  return list;
}

/** Brings a value to an input's dtype and rank, and checks its sizes. */
function fit(s: SymbolicTensor, value: TensorLike): Tensor {
  let t = toTensor(value).astype(s.dtype);
  const want = readableShape(s.shape);
  if (t.ndim === want.length + 1 && t.shape[t.ndim - 1] === 1) t = t.reshape(t.shape.slice(0, -1));
  if (t.ndim === want.length - 1 && want[want.length - 1] === 1) t = t.reshape([...t.shape, 1]);
  if (t.ndim !== want.length || want.some((n, i) => n >= 0 && n !== t.shape[i])) {
    throw new RangeError(
      `Cannot use an input of shape ${
        formatShape(readableShape(t.shape))
      }: "${s.node.name}" must ` +
        `be ${formatShape(want)}, where -1 is any batch size`,
    );
  }
  return t;
}
