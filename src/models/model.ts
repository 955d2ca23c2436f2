/**
 * Model: a graph of layers and operations from inputs to outputs, or a class that computes by itself.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { flatten, type Structure, unflatten } from "../base/tree.ts";
import { type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { type GraphNode, isSymbolic, readableShape, type SymbolicTensor } from "../layers/graph.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layers/layer.ts";
import { sortGraph } from "./graph_order.ts";
import { summarize, type SummaryOptions } from "./summary.ts";

/** A tensor, or a list or record of tensors. */
export type Tensors = Tensor | readonly Tensor[] | { readonly [name: string]: Tensor };

/** Options of {@link Model}. */
export interface ModelOptions extends LayerOptions {
  /** What `layers.input` gave: one, a list or a record of them. */
  inputs?: Tensors;
  /** What came out at the end: one, a list or a record. */
  outputs?: Tensors;
}

interface Graph {
  readonly inputs: readonly SymbolicTensor[];
  readonly inputStructure: Structure;
  readonly outputs: readonly SymbolicTensor[];
  readonly outputStructure: Structure;
  readonly nodes: readonly GraphNode[];
  readonly layers: readonly Layer[];
}

/**
 * A model. Made from symbolic inputs and outputs it runs the graph between them; a subclass that
 * writes `call` computes by itself.
 *
 * @example
 * ```ts
 * import { layers, models, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const inputs = layers.input({ shape: [4] });
 * const outputs = new layers.Dense(2).apply(inputs);
 * const model = new models.Model({ inputs, outputs });
 * assertEquals(model.apply(np.zeros([3, 4])).shape, [3, 2]);
 * assertEquals(model.trainableVariables.map((v) => v.shape), [[4, 2], [2]]);
 * ```
 */
export class Model<I = Tensor, O = Tensor> extends Layer<I, O> {
  readonly #graph: Graph | null;

  /**
   * @throws {TypeError} when inputs or outputs are not symbolic
   * @throws {RangeError} when an output does not depend on the inputs alone, or two layers share a name
   */
  constructor(options: ModelOptions = {}) {
    super({ ...options, name: options.name ?? "" });
    this.#graph = options.inputs === undefined && options.outputs === undefined
      ? null
      : makeGraph(options);
    if (this.#graph !== null) this.built = true;
  }

  /** The layers of the graph, inputs' side first; of a subclass, those in its properties. */
  override get layers(): readonly Layer[] {
    return this.#graph?.layers ?? super.layers;
  }

  /** The symbolic inputs; empty for a subclass. */
  get inputs(): readonly Tensor[] {
    return this.#graph?.inputs ?? [];
  }

  /** The symbolic outputs; empty for a subclass. */
  get outputs(): readonly Tensor[] {
    return this.#graph?.outputs ?? [];
  }

  /** Runs the graph. A subclass writes its own. */
  override call(x: I, _options: CallOptions): O {
    const graph = this.#graph;
    if (graph === null) {
      throw new TypeError(
        `Cannot call model "${this.name}": give it inputs and outputs, or write call(x) in a subclass`,
      );
    }
    const given = matchInputs(graph, x, this.name);
    const values = new Map<Tensor, Tensor>(
      graph.inputs.map((s, i) => [s, fit(s, given[i]!, this.name)]),
    );
    const batch = values.get(graph.inputs[0]!)!.shape[0]!;
    for (const node of graph.nodes) {
      const outs = node.run(node.inputs.map((t) => values.get(t) ?? t), batch);
      node.outputs.forEach((s, i) => values.set(s, outs[i]!));
    }
    return unflatten(graph.outputStructure, graph.outputs.map((s) => values.get(s)!)) as O;
  }

  /**
   * Prints a table of the layers, their output shapes and numbers of parameters, as Keras does.
   *
   * @param options `printFn`: called with the text instead of `console.log`
   */
  summary(options: SummaryOptions = {}): void {
    const shapes = new Map<object, number[]>();
    for (const node of this.#graph?.nodes ?? []) {
      if (node.layer !== null) shapes.set(node.layer, readableShape(node.outputs[0]!.shape));
    }
    const inputs = (this.#graph?.inputs ?? []).map((s) => ({
      name: s.name,
      shape: readableShape(s.shape),
    }));
    (options.printFn ?? console.log)(summarize(this, inputs, shapes));
  }
}

function symbols(x: unknown, what: string): { list: SymbolicTensor[]; structure: Structure } {
  const [list, structure] = flatten(x);
  if (list.length === 0 || !list.every(isSymbolic)) {
    throw new TypeError(
      `Cannot make a model with ${what} ${formatValue(list.find((t) => !isSymbolic(t)) ?? x)}: ` +
        `give what layers.input({ shape }) and layers applied to it return`,
    );
  }
  return { list, structure };
}

function makeGraph(options: ModelOptions): Graph {
  const inputs = symbols(options.inputs, "inputs");
  const outputs = symbols(options.outputs, "outputs");
  for (const s of inputs.list) {
    if (s.node !== null) {
      throw new TypeError(
        `Cannot make a model whose input is ${s}: it must come from layers.input`,
      );
    }
  }
  const { nodes, layers } = sortGraph(inputs.list, outputs.list);
  const names = new Set<string>();
  for (const layer of layers) {
    if (names.has(layer.name)) {
      throw new RangeError(
        `Cannot make a model with two layers named "${layer.name}": give each a name of its own`,
      );
    }
    names.add(layer.name);
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

/** The given values in the order of the graph's inputs. */
function matchInputs(graph: Graph, x: unknown, name: string): readonly TensorLike[] {
  const node = graph.inputStructure.node;
  if (node.kind === "object") {
    const record = x as Record<string, TensorLike>;
    return node.names.map((key) => {
      if (typeof x !== "object" || x === null || !(key in record)) {
        throw new RangeError(`Cannot call model "${name}": the input "${key}" is missing`);
      }
      return record[key]!;
    });
  }
  const list = flatten<TensorLike>(x)[0];
  if (list.length !== graph.inputs.length) {
    throw new RangeError(
      `Cannot call model "${name}" with ${list.length} inputs: it has ${graph.inputs.length}`,
    );
  }
  return list;
}

/** Brings a value to an input's dtype and rank, and checks its sizes. */
function fit(s: SymbolicTensor, value: TensorLike, name: string): Tensor {
  let t = toTensor(value).astype(s.dtype);
  const want = readableShape(s.shape);
  if (t.ndim === want.length + 1 && t.shape[t.ndim - 1] === 1) t = t.reshape(t.shape.slice(0, -1));
  if (t.ndim === want.length - 1 && want[want.length - 1] === 1) t = t.reshape([...t.shape, 1]);
  if (t.ndim !== want.length || want.some((n, i) => n >= 0 && n !== t.shape[i])) {
    throw new RangeError(
      `Cannot call model "${name}" with an input of shape ${formatShape(t.shape)}: ` +
        `"${s.name}" must be ${formatShape(want)}, where -1 is any batch size`,
    );
  }
  return t;
}
