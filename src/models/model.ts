/**
 * Model: a graph of layers and operations from inputs to outputs, or a class that computes by itself.
 *
 * @module
 */
import { isTensor, type Tensor, uniqueName, type Variable } from "../core/mod.ts";
import { TAKES_LIST } from "../layers/call.ts";
import { Layer } from "../layers/layer.ts";
import { checkLayerOptions } from "../layers/options.ts";
import { SUBLAYERS } from "../layers/scan.ts";
import type { CallOptions, LayerOptions } from "../layers/types.ts";
import { type Graph, makeGraph, runGraph } from "./graph.ts";
import { ROWS, rowsOfGraph, rowsOfLayers, type SummaryRow } from "./rows.ts";
import { summarize } from "./summary.ts";
import type { SummaryOptions } from "./types.ts";
import { loadVariables, saveVariables } from "./weights.ts";

/** A tensor, or a list or record of tensors. */
export type Tensors = Tensor | readonly Tensor[] | { readonly [name: string]: Tensor };

/** Options of {@link Model}. */
export interface ModelOptions<I = Tensor, O = Tensor> extends LayerOptions {
  /** What `layers.input` gave: one, a list or a record of them. */
  inputs?: I | undefined;
  /** What came out at the end: one, a list or a record. */
  outputs?: O | undefined;
}

/**
 * A model. Made from symbolic inputs and outputs it runs the graph between them; a subclass that
 * writes `call` computes by itself, and has the variables of its layers after its first `apply`
 * (`build` alone does not make them).
 *
 * @example
 * ```ts
 * import { layers, models, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const inputs = layers.input({ shape: [4] });
 * const outputs = new layers.Dense(2).apply(inputs);
 * const model = new models.Model({ inputs, outputs });
 * assertEquals(model.apply(np.zeros([3, 4])).shape, [3, 2]);
 * assertEquals(model.trainableVariables.map((v) => v.path), ["dense/kernel", "dense/bias"]);
 * ```
 */
export class Model<I = Tensor, O = Tensor> extends Layer<I, O> {
  readonly #graph: Graph | null;

  /**
   * Makes the model of symbolic inputs and outputs; without them, for a class that has `call`.
   *
   * @throws {TypeError} when inputs or outputs are not symbolic
   * @throws {RangeError} when an output does not depend on the inputs alone, or two layers share a name
   */
  constructor(options: ModelOptions<I, O> = {}) {
    if (isTensor(options) || Array.isArray(options)) {
      throw new TypeError(
        "Cannot make a model of tensors alone: write new Model({ inputs, outputs })",
      );
    }
    if (new.target === Model) checkLayerOptions(options, ["inputs", "outputs"], "Model");
    const isGraph = options.inputs !== undefined || options.outputs !== undefined;
    const graph = isGraph ? makeGraph(options) : null;
    super({
      ...options,
      ...(new.target === Model && options.name === undefined
        ? { name: uniqueName("functional") }
        : {}),
      // the graph converts each input to the dtype of its symbol
      ...(isGraph ? { autocast: false } : {}),
    });
    this.#graph = graph;
    if (graph === null) return;
    this.built = true;
    if (!this.trainable) this.trainable = false; // reaches the layers, now that they are known
  }

  /** Internal: the layers of the graph, then others in its properties. */
  override [SUBLAYERS](): Layer[] {
    return [...new Set([...this.#graph?.layers ?? [], ...super[SUBLAYERS]()])];
  }

  /** Internal. */
  override [TAKES_LIST](): boolean {
    return this.#graph !== null && this.#graph.inputs.length > 1 &&
      this.#graph.inputStructure.node.kind === "array";
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

  /**
   * Runs the graph. A subclass writes its own.
   *
   * @throws {RangeError} when an input is missing, or its shape is wrong
   */
  override call(x: I, _options: CallOptions): O {
    if (this.#graph === null) {
      throw new TypeError(
        "Cannot call a model without a graph: give it inputs and outputs, or write call(x) in a subclass",
      );
    }
    return runGraph(this.#graph, x) as O;
  }

  /** Internal: the lines of its summary. */
  [ROWS](): SummaryRow[] {
    return this.#graph === null ? rowsOfLayers(this.layers) : rowsOfGraph(this.#graph.nodes);
  }

  /**
   * Prints a table of the layers, their output shapes and numbers of parameters, as Keras does.
   *
   * @param options `printFn`: called with the text instead of `console.log`; `lineLength`
   */
  summary(options: SummaryOptions = {}): void {
    const text = summarize({
      name: this.name,
      rows: this[ROWS](),
      weights: this.weights,
      trainable: this.trainableVariables,
    }, options);
    (options.printFn ?? console.log)(text);
  }

  /**
   * Writes all variables to a safetensors file, under their paths and with a checksum. Whoever looks
   * finds the old file or the new one, never a part. The values are those at the time of the call.
   *
   * @param path a path or file URL in a folder that may be read and written
   * @throws {TypeError} when the model has no variables yet
   * @throws {Deno.errors.NotCapable} without permission to read and write the folder
   *
   * @example
   * ```ts
   * import { layers, models } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const make = () =>
   *   new models.Sequential([layers.input({ shape: [3] }), new layers.Dense(2)]);
   * const [trained, fresh] = [make(), make()];
   * const file = await Deno.makeTempFile({ suffix: ".safetensors" });
   * await trained.saveWeights(file);
   * await fresh.loadWeights(file);
   * assertEquals(fresh.weights[0]!.value.toArray(), trained.weights[0]!.value.toArray());
   * await Deno.remove(file);
   * ```
   */
  async saveWeights(path: string | URL): Promise<void> {
    await saveVariables(path, this.#kept("save the weights of"));
  }

  /**
   * Reads all variables from a safetensors file, by their paths: one that `saveWeights` wrote, or
   * another program. The numbers of automatic names may differ ("dense_2" for "dense") in a file of
   * `saveWeights`. If anything does not fit, nothing changes.
   *
   * @throws {Deno.errors.NotFound} when there is no such file
   * @throws {RangeError} when the file is damaged, a variable is missing or left over, or a shape
   * differs; it names the variable, its shape and what was found
   * @throws {TypeError} when a dtype differs, it is no safetensors file, or the model has no
   * variables yet
   *
   * @example
   * ```ts
   * import { io, layers, models, np } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const inputs = layers.input({ shape: [1] });
   * const outputs = new layers.Dense(1, { name: "line" }).apply(inputs);
   * const model = new models.Model({ inputs, outputs });
   * const file = await Deno.makeTempFile({ suffix: ".safetensors" });
   * await io.saveSafetensors(file, { "line/kernel": [[2]], "line/bias": [1] });
   * await model.loadWeights(file);
   * assertEquals(model.apply(np.array([[3]])).toArray(), [[7]]);
   * await Deno.remove(file);
   * ```
   */
  async loadWeights(path: string | URL): Promise<void> {
    await loadVariables(path, this.#kept("load weights into"), `the model "${this.name}"`);
  }

  #kept(action: string): readonly Variable[] {
    const { variables } = this;
    if (variables.length > 0 || this.built) return variables;
    throw new TypeError(
      `Cannot ${action} the model "${this.name}": it has no variables yet: call it once, or make ` +
        `it with layers.input`,
    );
  }
}
