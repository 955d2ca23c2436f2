/**
 * Sequential: layers one after the other.
 *
 * @module
 */
import { formatShape, formatValue } from "../base/errors.ts";
import { type Tensor, uniqueName } from "../core/mod.ts";
import { isSymbolic } from "../layers/graph.ts";
import { input } from "../layers/graph.ts";
import { type CallOptions, type InputShape, Layer, type LayerOptions } from "../layers/layer.ts";
import { Model } from "./model.ts";
import { summarize, type SummaryOptions } from "./summary.ts";

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
export class Sequential extends Layer {
  #layers: Layer[] = [];
  #model: Model | null = null;
  #input: Tensor | null = null;

  /** @throws {TypeError} when an entry is no layer */
  constructor(entries: readonly (Layer | Tensor)[] = [], options: LayerOptions = {}) {
    super(options);
    for (const entry of entries) this.#push(entry);
    this.#rebuild();
  }

  /** Adds a layer at the end. */
  add(layer: Layer | Tensor): void {
    this.#push(layer);
    this.#rebuild();
  }

  #push(entry: Layer | Tensor): void {
    if (isSymbolic(entry)) {
      if (this.#layers.length > 0 || this.#input !== null) {
        throw new TypeError(`Cannot add an input to "${this.name}" after its first entry`);
      }
      this.#input = entry;
    } else if (entry instanceof Layer) {
      if (this.#layers.some((l) => l.name === entry.name)) {
        throw new RangeError(
          `Cannot add a second layer named "${entry.name}" to "${this.name}": names must differ`,
        );
      }
      this.#layers.push(entry);
    } else {
      throw new TypeError(
        `Cannot add ${formatValue(entry)} to "${this.name}": give a layer, or layers.input first`,
      );
    }
  }

  #rebuild(): void {
    if (this.#input === null || this.#layers.length === 0) return;
    let x = this.#input;
    for (const layer of this.#layers) x = layer.apply(x);
    this.#model = new Model({ inputs: this.#input, outputs: x, name: `${this.name}_graph` });
    this.built = true;
  }

  /** The layers, in order. */
  override get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** Builds the layers for inputs of a shape. */
  override build(inputShape: InputShape): void {
    if (inputShape.length === 0) {
      throw new RangeError(`Cannot build with an input of shape ${formatShape(inputShape)}`);
    }
    this.#input ??= input({
      shape: inputShape.slice(1),
      name: uniqueName("input"),
      dtype: this.dtype,
    });
    this.#rebuild();
  }

  /** See the class. */
  override call(x: Tensor, options: CallOptions): Tensor {
    if (this.#model === null) {
      if (this.#layers.length === 0) {
        throw new TypeError(`Cannot call "${this.name}": it has no layers yet`);
      }
      throw new TypeError(`Cannot call "${this.name}" before it is built: use apply(x)`);
    }
    if (isSymbolic(x)) return this.#layers.reduce((y, layer) => layer.apply(y), x as Tensor);
    return this.#model.call(x, options);
  }

  /** Prints a table of the layers: see `Model.summary`. */
  summary(options: SummaryOptions = {}): void {
    if (this.#model === null) {
      (options.printFn ?? console.log)(summarize(this, [], new Map()));
      return;
    }
    this.#model.summary({ ...options, titled: this });
  }
}
