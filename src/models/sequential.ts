/**
 * Sequential: layers one after the other.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { type Tensor, withNameScope } from "../core/mod.ts";
import { isSymbolic, type SymbolicTensor } from "../layers/graph.ts";
import { input } from "../layers/input.ts";
import { InputLayer } from "../layers/input_layer.ts";
import { Layer } from "../layers/layer.ts";
import { checkLayerOptions } from "../layers/options.ts";
import { SUBLAYERS } from "../layers/scan.ts";
import type { CallOptions, InputShape, LayerOptions } from "../layers/types.ts";
import { Model } from "./model.ts";
import { ROWS, rowsOfLayers, type SummaryRow } from "./rows.ts";

/**
 * A model of layers one after the other. With `layers.input` as first entry it is built at once,
 * otherwise at the first call.
 *
 * @example
 * ```ts
 * import { layers, models, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const model = new models.Sequential([
 *   layers.input({ shape: [4] }),
 *   new layers.Dense(3, { activation: "relu" }),
 *   new layers.Dense(2),
 * ]);
 * assertEquals(model.apply(np.zeros([5, 4])).shape, [5, 2]);
 * ```
 */
export class Sequential extends Model {
  readonly #layers: Layer[] = [];
  readonly #dtype: LayerOptions["dtype"];
  #input: SymbolicTensor | null = null;
  #model: Model | null = null;

  /**
   * Makes the model of its layers, in order.
   *
   * @param entries layers, perhaps with a `layers.input` as the first
   * @throws {TypeError} when an entry is no layer
   * @throws {RangeError} when two layers share a name
   */
  constructor(entries: readonly (Layer | Tensor)[] = [], options: LayerOptions = {}) {
    // the graph converts its input to the dtype of its symbol
    super({ ...options, autocast: false });
    if (!Array.isArray(entries)) {
      throw new TypeError(
        `Cannot make a Sequential of ${formatValue(entries)}: give a list of layers`,
      );
    }
    if (new.target === Sequential) checkLayerOptions(options, [], "Sequential");
    this.#dtype = options.dtype;
    for (const entry of entries) this.#push(entry);
    this.#connect();
  }

  /**
   * Adds a layer at the end.
   *
   * @throws {TypeError} when it is no layer
   * @throws {RangeError} when another has its name
   */
  add(layer: Layer | Tensor): void {
    this.#push(layer);
    try {
      this.#connect();
    } catch (e) {
      this.#layers.pop();
      throw e;
    }
  }

  #push(entry: Layer | Tensor): void {
    if (entry instanceof Layer) {
      if (this.#layers.some((l) => l.name === entry.name)) {
        throw new RangeError(
          `Cannot add a second layer named "${entry.name}" to "${this.name}": names must differ`,
        );
      }
      this.#layers.push(entry);
    } else if (isSymbolic(entry) && entry.node.layer instanceof InputLayer) {
      if (this.#layers.length > 0 || this.#input !== null) {
        throw new TypeError(`Cannot add an input to "${this.name}": it must be the first entry`);
      }
      this.#input = entry;
    } else {
      throw new TypeError(
        `Cannot add ${formatValue(entry)} to "${this.name}": give a layer, or layers.input first`,
      );
    }
  }

  /** Makes the graph, as soon as there is something to make it of. */
  #connect(building = false): void {
    if (this.#input === null || this.#layers.length === 0) return;
    const inputs: Tensor = this.#input;
    const connect = () => this.#layers.reduce((x, layer) => layer.apply(x), inputs);
    const outputs = building ? connect() : withNameScope(this.name, connect);
    this.#model = new Model({ inputs, outputs });
    this.built = true;
    if (!this.trainable) this.trainable = false; // reaches layers that were added
  }

  /** Internal: its layers, then others in its properties. */
  override [SUBLAYERS](): Layer[] {
    return [...new Set([...this.#layers, ...super[SUBLAYERS]()])];
  }

  /** The layers, in order. */
  override get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** The symbolic input; empty before it is built. */
  override get inputs(): readonly Tensor[] {
    return this.#model?.inputs ?? [];
  }

  /** The symbolic output; empty before it is built. */
  override get outputs(): readonly Tensor[] {
    return this.#model?.outputs ?? [];
  }

  /** Builds the layers for inputs of a shape (its first size is the batch and does not count). */
  override build(inputShape: InputShape): void {
    if (inputShape.length === 0) {
      throw new RangeError(
        `Cannot build with an input of shape ${formatShape(inputShape)}: it needs a batch axis`,
      );
    }
    if (this.#layers.length === 0) {
      throw new TypeError("Cannot build a Sequential without layers: add one first");
    }
    const dtype = this.#dtype ?? this.#layers[0]!.dtype;
    this.#input = input({ shape: inputShape.slice(1), dtype }) as SymbolicTensor;
    try {
      this.#connect(true);
    } catch (e) {
      this.#input = null;
      throw e;
    }
  }

  /**
   * Runs the layers.
   *
   * @throws {RangeError} when the shape of the input is wrong
   */
  override call(x: Tensor, options: CallOptions): Tensor {
    if (this.#model === null) {
      throw new TypeError(
        this.#layers.length === 0
          ? "Cannot call a Sequential without layers: add one first"
          : "Cannot call a Sequential before it is built: use apply(x)",
      );
    }
    return this.#model.call(x, options);
  }

  /** Internal: the lines of its summary. */
  override [ROWS](): SummaryRow[] {
    return this.#model === null
      ? rowsOfLayers(this.#layers)
      : this.#model[ROWS]().slice(1).map((row) => ({ ...row, connections: null }));
  }
}
