/**
 * Layer: variables and the computation that uses them.
 *
 * @module
 */
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { formatShape } from "../base/errors.ts";
import { flatten, type Structure, unflatten } from "../base/tree.ts";
import {
  currentScope,
  deviceOf,
  inside,
  onDevice,
  pairValues,
  StatelessScope,
  type Tensor,
  type TensorLike,
  toTensor,
  type Variable,
  withNameScope,
} from "../core/mod.ts";
import {
  buildShape,
  checkCallOptions,
  inLayer,
  inputsOf,
  layerName,
  onInputs,
  outputsOf,
  TAKES_LIST,
} from "./call.ts";
import {
  type GraphNode,
  isRecording,
  isSymbolic,
  nodeOutputs,
  notRecording,
  readableShape,
  recording,
} from "./graph.ts";
import { getRegularizer } from "./options.ts";
import { scan, SUBLAYERS } from "./scan.ts";
import type {
  CallOptions,
  InputShape,
  LayerInput,
  LayerOptions,
  Regularizer,
  StatelessCallOptions,
  WeightOptions,
} from "./types.ts";
import { Weights } from "./weights.ts";

/** What the layers inside of a call inherit from it. */
interface CallContext {
  readonly training: boolean | undefined;
}

/** A stateless call as it should be written. */
const STATELESS_FORM = "layer.statelessCall(trainableVariables, nonTrainableVariables, x)";

let context: CallContext | null = null;
let building: object | null = null;

/**
 * The base class of layers. A subclass makes its weights in `build` (or in its constructor, when it
 * knows their shapes), and computes in `call`. Users call a layer with `apply`, which builds it on
 * first use.
 *
 * Sublayers, Variables and seed generators are found by looking through the layer's own properties,
 * arrays and plain objects in them included, each time they are asked for. What is `#private` is not
 * seen: keep sublayers in ordinary properties.
 *
 * @example
 * ```ts
 * import { layers, np, type Tensor } from "glissade";
 * import { assertEquals } from "@std/assert";
 * class Scale extends layers.Layer {
 *   w = this.addWeight({ initializer: "ones", name: "w" });
 *   override call(x: Tensor): Tensor {
 *     return x.mul(this.w);
 *   }
 * }
 * const layer = new Scale();
 * assertEquals(layer.apply(np.array([1, 2])).toArray(), [1, 2]);
 * assertEquals(layer.trainableVariables.map((v) => v.path), ["scale/w"]);
 * ```
 */
export abstract class Layer<I = Tensor, O = Tensor> {
  /** Its name, the first part of its variables' paths. */
  readonly name: string;
  /** Element type of its weights and of the floats it computes with. */
  readonly dtype: DType;
  /** Whether its weights have been made. */
  built = false;
  #trainable: boolean;
  #locked = false;
  readonly #weights = new Weights();
  #losses: Tensor[] = [];
  #outputShapes: readonly InputShape[] = [];
  readonly #autocast: boolean;
  readonly #activityRegularizer: Regularizer | null;

  /**
   * Makes the part that all layers share.
   *
   * @throws {TypeError} when the name holds a "/"
   */
  constructor(options: LayerOptions = {}) {
    const kind = this.constructor.name || "Layer";
    this.name = layerName(options, kind);
    const action = `make the layer "${this.name}"`;
    this.dtype = checkDType(options.dtype ?? "float32", action);
    this.#trainable = options.trainable ?? true;
    this.#autocast = options.autocast ?? true;
    this.#activityRegularizer = getRegularizer(options.activityRegularizer, action);
    // whoever calls build, it runs once, under the layer's name
    const build = this.build;
    Object.defineProperty(this, "build", {
      configurable: true,
      writable: true,
      value: (shape: InputShape) => this.#build(() => build.call(this, shape)),
    });
  }

  /** Whether its weights are trained; setting it sets it in all sublayers as well. */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    for (const layer of this.#walk()) {
      layer.#trainable = value;
      layer.#weights.trainable = value;
    }
  }

  // ---- what subclasses write and use

  /**
   * Makes the weights, under the layer's name. It is called before the first call; calling it with a
   * shape makes the weights early.
   *
   * @param _inputShape sizes of the input, -1 for the batch; for several inputs a list or record of
   * such
   */
  build(
    _inputShape: InputShape | readonly InputShape[] | { readonly [name: string]: InputShape },
  ): void {}

  /** Computes the output: a tensor, or a list or record of tensors. */
  abstract call(x: I, options: CallOptions): O;

  /**
   * Makes a weight of this layer, in its constructor or in `build`.
   *
   * @throws {TypeError} when the layer is built already
   * @throws {RangeError} when a size of the shape is not known
   */
  addWeight(options: WeightOptions = {}): Variable {
    const action = `add a weight to layer "${this.name}"`;
    if (this.#locked) {
      throw new TypeError(
        `Cannot ${action} after it is built: add it in build() or in the constructor`,
      );
    }
    const named = (make: () => Variable): Variable =>
      building === this ? make() : withNameScope(this.name, make);
    return this.#weights.add(
      options,
      { dtype: this.dtype, trainable: this.#trainable, named },
      action,
    );
  }

  /**
   * Adds a scalar to the losses of this call, from within `call`.
   *
   * @throws {RangeError} when it is no scalar
   */
  addLoss(loss: TensorLike): void {
    const t = toTensor(loss, "add as a loss");
    if (t.size !== 1) {
      throw new RangeError(
        `Cannot add a loss of shape ${formatShape(readableShape(t.shape))}: it must be a scalar; ` +
          `reduce it with sum() or mean()`,
      );
    }
    if (isSymbolic(t)) return; // only shapes are asked for
    const scope = currentScope();
    if (scope === null) this.#losses.push(t.reshape([]));
    else scope.losses?.push(t.reshape([]));
  }

  // ---- calling

  /**
   * Calls the layer: builds it if need be, then computes. Accepts symbolic inputs, which record the
   * call in the graph of a model.
   *
   * @param x the input; a list or record of them where `call` takes one
   * @param options `training`: default that of the call around this one
   * @throws {TypeError} when the input is no tensor and cannot be made one
   */
  apply(x: LayerInput<I>, options: CallOptions = {}): O {
    checkCallOptions(options, ["training"], this.name);
    const input = inputsOf(x, this[TAKES_LIST](), this.name);
    const { structure } = input;
    const tensors = input.tensors.map((t) => this.#cast(t));
    if (!this.built) {
      const shape = unflatten(structure, tensors.map(buildShape)) as InputShape;
      const home = deviceOf(tensors, `build "${this.name}" for`);
      if (home === null) this.build(shape);
      else onDevice(home, () => this.build(shape));
      this.built = true;
    }
    if (tensors.some(isSymbolic)) return this.#record(tensors, structure, options.training);
    return this.#invoke(unflatten(structure, tensors) as I, options.training);
  }

  #cast(t: Tensor): Tensor {
    return this.#autocast && isFloat(t.dtype) ? t.astype(this.dtype) : t;
  }

  #build(build: () => void): void {
    if (this.built) return;
    if (currentScope() !== null && !isRecording()) {
      throw new TypeError(
        `Cannot build the layer "${this.name}" in a stateless call: call apply() on a batch once ` +
          `before, so that all variables exist`,
      );
    }
    const before = building;
    building = this;
    try {
      this.#weights.attempt(() => notRecording(() => withNameScope(this.name, build)));
    } catch (e) {
      throw inLayer(e, this.name);
    } finally {
      building = before;
    }
    this.built = true;
    this.#locked = true;
  }

  #invoke(inputs: I, given: boolean | undefined): O {
    if (typeof this.call !== "function") {
      throw new TypeError(`Cannot call layer "${this.name}": its class has no method call(x)`);
    }
    const before = context;
    if (before === null && currentScope() === null) {
      for (const layer of this.#walk()) layer.#losses = [];
    }
    context = { training: given ?? before?.training };
    try {
      const y = withNameScope(this.name, () => this.call(inputs, { ...context }));
      const outputs = outputsOf(y);
      this.#outputShapes = outputs.map(buildShape);
      if (this.#activityRegularizer !== null) {
        for (const t of outputs) {
          this.addLoss(this.#activityRegularizer(t).div(Math.max(1, t.shape[0] ?? 1)));
        }
      }
      return y;
    } catch (e) {
      throw inLayer(onInputs(e, inputs), this.name);
    } finally {
      context = before;
    }
  }

  /** Records a call on symbolic inputs as a node of the graph. */
  #record(tensors: readonly Tensor[], structure: Structure, given: boolean | undefined): O {
    const call = (real: readonly Tensor[]): O =>
      this.#invoke(unflatten(structure, real) as I, given);
    // tells the shapes; whatever it assigns is forgotten
    const shapes = recording(() => new StatelessScope([]).run(() => call(tensors)));
    const [outs, outStructure] = flatten<Tensor>(shapes);
    const node: GraphNode = {
      name: this.name,
      layer: this,
      inputs: tensors,
      outputs: [],
      run: (real) => flatten<Tensor>(call(real))[0],
    };
    return unflatten(outStructure, nodeOutputs(outs, node)) as O;
  }

  // ---- what it holds

  /** The layers in its properties; internal, extended by models. */
  [SUBLAYERS](): Layer[] {
    return scan(this as object, isLayer).layers as Layer[];
  }

  /** Whether nested lists of numbers in a list are one input each; internal. */
  [TAKES_LIST](): boolean {
    return false;
  }

  /** This layer and all below it, each once; `enter` says where not to go further down. */
  #walk(enter: (layer: Layer) => boolean = () => true): Layer[] {
    const seen = new Set<Layer>();
    const visit = (layer: Layer): void => {
      if (seen.has(layer) || !enter(layer)) return;
      seen.add(layer);
      layer[SUBLAYERS]().forEach(visit);
    };
    visit(this as unknown as Layer);
    return [...seen];
  }

  /** Its own weights: trainable ones first, then others. */
  #own(): Variable[] {
    return this.#weights.with(scan(this as object, isLayer).variables);
  }

  #states(): Variable[] {
    return scan(this as object, isLayer).generators.map((g) => g.state);
  }

  /** The layers it is made of. */
  get layers(): readonly Layer[] {
    return this[SUBLAYERS]();
  }

  /** The shapes of the outputs of the last call, -1 for the batch; empty before the first. */
  get outputShapes(): readonly InputShape[] {
    return this.#outputShapes;
  }

  /** All variables: its own, trainable ones first, then its sublayers'. */
  get variables(): Variable[] {
    return [...new Set(this.#walk().flatMap((l) => [...l.#own(), ...l.#states()]))];
  }

  /**
   * Moves all variables to a device, in place: what the layer computes from then on runs there. A
   * layer that is built by its first call has them on the device of that call's inputs.
   *
   * @param device "cpu", "cuda", "cuda:1"
   * @returns the layer itself
   * @throws {NativeLibraryError} when that device is not there
   *
   * @example
   * ```ts
   * import { layers, models } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const model = new models.Sequential([layers.input({ shape: [4] }), new layers.Dense(2)]);
   * assertEquals(model.to("cpu").variables.map((v) => v.device), ["cpu", "cpu"]);
   * ```
   */
  to(device: string): this {
    for (const v of this.variables) v.to(device);
    return this;
  }

  /** The variables without the states of seed generators. */
  get weights(): Variable[] {
    return [...new Set(this.#walk().flatMap((l) => l.#own()))];
  }

  /** The variables that optimizers change. */
  get trainableVariables(): Variable[] {
    const layers = this.#walk((l) => l.trainable);
    return [...new Set(layers.flatMap((l) => l.#own().filter((v) => v.trainable)))];
  }

  /** The other variables: moving statistics, seeds, frozen weights. */
  get nonTrainableVariables(): Variable[] {
    const trainable = new Set(this.trainableVariables);
    return this.variables.filter((v) => !trainable.has(v));
  }

  /** The number of values in all weights. */
  countParams(): number {
    return this.weights.reduce((n, v) => n + v.value.size, 0);
  }

  /**
   * The losses that the last call added, its own and its sublayers', then the penalties on trainable
   * weights as they are now. A call of the outermost layer begins the list anew.
   */
  get losses(): Tensor[] {
    // a loss of a trace that has ended is nothing that anyone could use
    const added = this.#walk().flatMap((l) => l.#losses).filter((t) => !inside(t).owner?.ended);
    return [...added, ...this.#penalties()];
  }

  #penalties(): Tensor[] {
    return this.#walk((l) => l.trainable).flatMap((l) => l.#weights.penalties());
  }

  // ---- without side effects

  /**
   * Calls the layer with the values of its variables given from outside, and changes none of them.
   *
   * @param trainable one value per entry of `trainableVariables`
   * @param nonTrainable one value per entry of `nonTrainableVariables`
   * @param x the input
   * @param options `training`, `returnLosses`
   * @returns `[y, nonTrainable]` with the new values of the non-trainable variables, and as third
   * entry the losses (scalars) when `returnLosses`
   * @throws {TypeError} when the layer is not built
   * @throws {RangeError} when a list has the wrong length or a value the wrong shape; the message names
   * the variable
   *
   * @example
   * ```ts
   * import { layers, np } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const layer = new layers.Dense(2, { kernelInitializer: "ones" });
   * layer.apply(np.ones([1, 3]));
   * const [y] = layer.statelessCall([np.zeros([3, 2]), np.ones([2])], [], np.ones([1, 3]));
   * assertEquals(y.toArray(), [[1, 1]]);
   * ```
   */
  statelessCall(
    trainable: readonly TensorLike[],
    nonTrainable: readonly TensorLike[],
    x: LayerInput<I>,
    options: StatelessCallOptions & { returnLosses: true },
  ): [O, Tensor[], Tensor[]];
  /** With the losses behind the other results. */
  statelessCall(
    trainable: readonly TensorLike[],
    nonTrainable: readonly TensorLike[],
    x: LayerInput<I>,
    options?: StatelessCallOptions,
  ): [O, Tensor[]];
  statelessCall(
    trainable: readonly TensorLike[],
    nonTrainable: readonly TensorLike[],
    x: LayerInput<I>,
    options: StatelessCallOptions = {},
  ): [O, Tensor[], Tensor[]] | [O, Tensor[]] {
    checkCallOptions(options, ["training", "returnLosses"], this.name);
    if (!this.built) {
      throw new TypeError(
        `Cannot call "${this.name}" statelessly before it is built: call apply() on a batch once, ` +
          `so that its variables exist`,
      );
    }
    const rest = this.nonTrainableVariables;
    const pairs = (list: readonly Variable[], values: readonly TensorLike[], name: string) =>
      pairValues(list, values, `call layer "${this.name}" statelessly`, name, STATELESS_FORM);
    const scope = new StatelessScope([
      ...pairs(this.trainableVariables, trainable, "trainableVariables"),
      ...pairs(rest, nonTrainable, "nonTrainableVariables"),
    ], options.returnLosses === true);
    const before = context;
    context = null;
    try {
      return scope.run(() => {
        const y = this.apply(
          x,
          options.training === undefined ? {} : { training: options.training },
        );
        const values = rest.map((v) => v.value);
        return options.returnLosses
          ? [y, values, [...scope.losses!, ...this.#penalties()]]
          : [y, values];
      });
    } finally {
      context = before;
    }
  }

  /** A description. */
  toString(): string {
    return `${this.constructor.name}("${this.name}", ${
      this.built ? `${this.countParams()} parameters` : "not built"
    })`;
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

function isLayer(x: object): x is Layer {
  return x instanceof Layer;
}
