/**
 * Layer: variables and the computation that uses them.
 *
 * @module
 */
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { flatten, unflatten } from "../base/tree.ts";
import {
  currentScope,
  isLeaf,
  isTensor,
  snakeCase,
  StatelessScope,
  Tensor,
  type TensorLike,
  toTensor,
  uniqueName,
  Variable,
  withNameScope,
} from "../core/mod.ts";
import * as initializers from "../initializers/mod.ts";
import type { Arg } from "../transform/types.ts";
import { type GraphNode, isSymbolic, nodeOutputs, readableShape } from "./graph.ts";

/** What every layer takes. */
export interface LayerOptions {
  /** Its name; default the class name in snake_case, made unique by a number. */
  name?: string;
  /** Whether its weights are trained; default true. */
  trainable?: boolean;
  /** Element type of its weights and of the floats it computes with; default "float32". */
  dtype?: DType;
  /** A penalty on the output, divided by the batch size and added to the losses. */
  activityRegularizer?: ((x: Tensor) => Tensor) | undefined;
}

/** What `call` is told beside its input. */
export interface CallOptions {
  /** Whether this is a training step: Dropout drops, BatchNormalization uses batch statistics. */
  training: boolean;
}

/** What a weight is made with. */
export interface WeightOptions {
  /** Its shape; default a scalar. */
  shape?: readonly number[];
  /** Its first values: an initializer or its name; default glorotUniform (zeros for integers). */
  initializer?: initializers.InitializerLike;
  /** Element type; default the layer's. */
  dtype?: DType;
  /** Whether optimizers may change it; default true. */
  trainable?: boolean;
  /** Its name. */
  name?: string;
  /** A penalty on the weight, added to the losses while it is trainable. */
  regularizer?: ((w: Tensor) => Tensor) | undefined;
}

/** What `statelessCall` takes beside variables and input. */
export interface StatelessCallOptions {
  /** Whether this is a training step; default false. */
  training?: boolean;
  /** Whether the losses that layers added are returned as well. */
  returnLosses?: boolean;
}

/** Objects that hold state of a layer beside its weights: a seed generator. */
interface HoldsState {
  readonly state: Variable;
}

interface CallContext {
  readonly training: boolean | null;
  readonly outermost: Layer<never, unknown>;
}

let context: CallContext | null = null;

/** Shapes of several inputs, or of one. */
export type InputShape = readonly number[];

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
 * assertEquals(layer.trainableVariables.length, 1);
 * ```
 */
export abstract class Layer<I = Tensor, O = Tensor> {
  /** Its name, the first part of its variables' paths. */
  readonly name: string;
  /** Element type of its weights and of the floats it computes with. */
  readonly dtype: DType;
  /** Whether its weights (and its sublayers') are trained. */
  trainable: boolean;
  /** Whether its weights have been made. */
  built = false;
  #weights: Variable[] = [];
  #losses: Tensor[] = [];
  readonly #regularizers = new Map<Variable, (w: Tensor) => Tensor>();
  readonly #activityRegularizer: ((x: Tensor) => Tensor) | null;

  /** @throws {TypeError} when the name holds a "/" */
  constructor(options: LayerOptions = {}) {
    const name = options.name ?? uniqueName(snakeCase(this.constructor.name));
    if (typeof name !== "string" || name.includes("/")) {
      throw new TypeError(
        `Cannot name a layer ${formatValue(name)}: a name is a text without "/"`,
      );
    }
    this.name = name;
    this.dtype = checkDType(options.dtype ?? "float32", `make the layer "${name}"`);
    this.trainable = options.trainable ?? true;
    this.#activityRegularizer = options.activityRegularizer ?? null;
  }

  /**
   * Makes the weights. Runs once, before the first call.
   *
   * @param _inputShape sizes of the input with -1 for the batch; a list of them for several inputs
   */
  build(_inputShape: InputShape | readonly InputShape[]): void {}

  /** Computes the output. */
  abstract call(x: I, options: CallOptions): O;

  /** Makes a weight of this layer, in its constructor or in `build`. */
  addWeight(options: WeightOptions = {}): Variable {
    if (this.built) {
      throw new TypeError(
        `Cannot add a weight to layer "${this.name}" after it is built: add it in build() or in the ` +
          `constructor`,
      );
    }
    const dtype = options.dtype ?? this.dtype;
    const shape = options.shape ?? [];
    for (const n of shape) {
      if (!Number.isSafeInteger(n) || n < 0) {
        throw new RangeError(
          `Cannot add a weight of shape ${
            formatShape(shape)
          } to layer "${this.name}": its sizes must ` +
            `be known`,
        );
      }
    }
    const initialize = initializers.get(
      options.initializer ?? (isFloat(dtype) ? "glorotUniform" : "zeros"),
    );
    const make = () =>
      new Variable(initialize(shape, { dtype }), {
        dtype,
        trainable: options.trainable ?? true,
        ...(options.name === undefined ? {} : { name: options.name }),
      });
    const v = building === this ? make() : withNameScope(this.name, make);
    this.#weights.push(v);
    if (options.regularizer !== undefined) this.#regularizers.set(v, options.regularizer);
    return v;
  }

  /** Adds a scalar to the losses of this call, from within `call`. */
  addLoss(loss: TensorLike): void {
    const t = toTensor(loss, "add as a loss");
    if (t.size !== 1) {
      throw new RangeError(
        `Cannot add a loss of shape ${formatShape(t.shape)} in layer "${this.name}": ` +
          `it must be a scalar; reduce it with sum() or mean()`,
      );
    }
    if (isSymbolic(t)) return; // shapes are being inferred
    const scope = currentScope();
    if (scope === null) this.#losses.push(t.reshape([]));
    else scope.losses?.push(t.reshape([]));
  }

  /** Calls the layer: builds it if need be, then computes. Accepts symbolic inputs. */
  apply(x: Arg<I>, options: { training?: boolean } = {}): O {
    const given = options.training ?? null;
    const [leaves, structure] = flatten<TensorLike>(wrap(x));
    const tensors = leaves.map((leaf) => {
      if (!isLeaf(leaf)) {
        throw new TypeError(
          `Cannot call layer "${this.name}" with ${
            formatValue(leaf)
          }: give a tensor, array or number`,
        );
      }
      return this.#cast(toTensor(leaf, `call layer "${this.name}" with`));
    });
    const inputs = unflatten(structure, tensors) as I;
    if (!this.built) this.#build(tensors, Array.isArray(inputs));
    if (tensors.some(isSymbolic)) return this.#record(inputs, tensors, structure, given);
    return this.#invoke(inputs, given);
  }

  #cast(t: Tensor): Tensor {
    return isFloat(t.dtype) && t.dtype !== this.dtype ? t.astype(this.dtype) : t;
  }

  #build(tensors: readonly Tensor[], several: boolean): void {
    const shapes = tensors.map((t) => readableBatch(t));
    const before = building;
    building = this;
    try {
      withNameScope(this.name, () => this.build(several ? shapes : shapes[0] ?? []));
    } catch (e) {
      throw inLayer(e, this.name);
    } finally {
      building = before;
    }
    this.built = true;
  }

  #invoke(inputs: I, given: boolean | null): O {
    const before = context;
    const outermost = before === null;
    const training = given ?? before?.training ?? null;
    if (outermost && currentScope() === null) this.#clearLosses();
    context = {
      training,
      outermost: before?.outermost ?? this as unknown as Layer<never, unknown>,
    };
    try {
      const y = withNameScope(this.name, () => this.call(inputs, { training: training ?? false }));
      if (y === undefined) {
        throw new TypeError(
          `Cannot use the result of layer "${this.name}": call() returned nothing`,
        );
      }
      if (this.#activityRegularizer !== null && isTensor(y) && !isSymbolic(y)) {
        this.addLoss(this.#activityRegularizer(y).div(y.shape[0] ?? 1));
      }
      return y;
    } catch (e) {
      throw inLayer(e, this.name);
    } finally {
      context = before;
    }
  }

  /** Records a call on symbolic inputs as a node of the graph. */
  #record(
    inputs: I,
    tensors: readonly Tensor[],
    structure: ReturnType<typeof flatten>[1],
    given: boolean | null,
  ): O {
    const scope = new StatelessScope([]);
    const probe = scope.run(() => this.#invoke(inputs, given));
    const [outs, outStructure] = flatten<Tensor>(probe);
    const node: GraphNode = {
      name: this.name,
      layer: this,
      inputs: tensors,
      outputs: [],
      run: (real) => {
        const y = this.#invoke(unflatten(structure, real.map((t) => this.#cast(t))) as I, given);
        return flatten<Tensor>(y)[0];
      },
    };
    return unflatten(outStructure, nodeOutputs(outs, node)) as O;
  }

  // ---- what it holds

  /** The layers in its properties, in order. */
  get layers(): readonly AnyLayer[] {
    return scan(this).filter((x): x is AnyLayer => x instanceof Layer);
  }

  #own(): Variable[] {
    const found = scan(this);
    const own = [...this.#weights, ...found.filter((x): x is Variable => x instanceof Variable)];
    const states = found.filter(holdsState).map((s) => s.state);
    return [
      ...own.filter((v) => v.trainable),
      ...own.filter((v) => !v.trainable),
      ...states,
    ];
  }

  /** All variables: its own, trainable ones first, then its sublayers'. */
  get variables(): Variable[] {
    return [...new Set([...this.#own(), ...this.layers.flatMap((l) => l.variables)])];
  }

  /** The variables that optimizers change. */
  get trainableVariables(): Variable[] {
    if (!this.trainable) return [];
    const own = this.#own().filter((v) => v.trainable);
    return [...new Set([...own, ...this.layers.flatMap((l) => l.trainableVariables)])];
  }

  /** The other variables: moving statistics, seeds, frozen weights. */
  get nonTrainableVariables(): Variable[] {
    const trainable = new Set(this.trainableVariables);
    return this.variables.filter((v) => !trainable.has(v));
  }

  /** The number of values in all variables. */
  countParams(): number {
    return this.variables.reduce((n, v) => n + v.shape.reduce((a, b) => a * b, 1), 0);
  }

  /**
   * The losses that the last call added, its own and its sublayers', then the penalties on trainable
   * weights as they are now.
   */
  get losses(): Tensor[] {
    return [...this.#collected(), ...this.#penalties()];
  }

  #collected(): Tensor[] {
    return [...this.#losses, ...this.layers.flatMap((l) => (l as this).#collected())];
  }

  #penalties(): Tensor[] {
    const own = this.trainable
      ? [...this.#regularizers].filter(([v]) => v.trainable).map(([v, f]) => f(v.value))
      : [];
    return [...own, ...this.layers.flatMap((l) => (l as this).#penalties())];
  }

  #clearLosses(): void {
    this.#losses = [];
    for (const l of this.layers) (l as this).#clearLosses();
  }

  /**
   * Calls the layer with the values of its variables given from outside, and changes none of them.
   *
   * @param trainable one value per entry of `trainableVariables`
   * @param nonTrainable one value per entry of `nonTrainableVariables`
   * @param x the input
   * @param options `training` (default false), `returnLosses`
   * @returns `[y, nonTrainable]` with the new values of the non-trainable variables, and as third
   * entry the losses when `returnLosses`
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
    x: Arg<I>,
    options: StatelessCallOptions & { returnLosses: true },
  ): [O, Tensor[], Tensor[]];
  statelessCall(
    trainable: readonly TensorLike[],
    nonTrainable: readonly TensorLike[],
    x: Arg<I>,
    options?: StatelessCallOptions,
  ): [O, Tensor[]];
  statelessCall(
    trainable: readonly TensorLike[],
    nonTrainable: readonly TensorLike[],
    x: Arg<I>,
    options: StatelessCallOptions = {},
  ): [O, Tensor[], Tensor[]] | [O, Tensor[]] {
    if (!this.built) {
      throw new TypeError(
        `Cannot call "${this.name}" statelessly before it is built: call apply() on a batch once, so ` +
          `that its variables exist`,
      );
    }
    const own = this.trainableVariables;
    const rest = this.nonTrainableVariables;
    const scope = new StatelessScope([
      ...pair(this.name, "trainableVariables", own, trainable),
      ...pair(this.name, "nonTrainableVariables", rest, nonTrainable),
    ], options.returnLosses === true);
    return scope.run(() => {
      const before = context;
      context = null;
      try {
        const y = this.apply(x, { training: options.training ?? false });
        const values = rest.map((v) => v.value);
        if (!options.returnLosses) return [y, values];
        return [y, values, [...scope.losses!, ...this.#penalties()]];
      } finally {
        context = before;
      }
    });
  }

  /** A description for `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return `${this.constructor.name}("${this.name}", ${
      this.built ? `${this.countParams()} parameters` : "not built"
    })`;
  }
}

/** A layer of any input and output. */
// deno-lint-ignore no-explicit-any
type AnyLayer = Layer<any, any>;

let building: object | null = null;

function holdsState(x: unknown): x is HoldsState {
  return typeof x === "object" && x !== null && !(x instanceof Layer) && "state" in x &&
    x.state instanceof Variable;
}

/** A typed array or nested list of numbers given to a one-input layer is one array, not a tree. */
function wrap(x: unknown): unknown {
  if (Array.isArray(x) && !x.some(holdsArray)) return toTensor(x as TensorLike);
  return x;
}

function holdsArray(x: unknown): boolean {
  return (typeof x === "object" && x !== null && !Array.isArray(x)) ||
    (Array.isArray(x) && x.some(holdsArray));
}

function readableBatch(t: Tensor): number[] {
  return isSymbolic(t)
    ? readableShape(t.shape)
    : t.shape.length === 0
    ? []
    : [-1, ...t.shape.slice(1)];
}

/** Layers, Variables and holders of state in an object's own properties, arrays and records too. */
function scan(root: object): object[] {
  const found = new Set<object>();
  const visit = (x: unknown, depth: number): void => {
    if (typeof x !== "object" || x === null || found.has(x)) return;
    if (x instanceof Layer || x instanceof Variable || holdsState(x)) found.add(x);
    else if (Array.isArray(x)) { if (depth < 8) x.forEach((y) => visit(y, depth + 1)); }
    else if (depth < 8 && Object.getPrototypeOf(x) === Object.prototype) {
      Object.values(x).forEach((y) => visit(y, depth + 1));
    }
  };
  for (const value of Object.values(root)) visit(value, 0);
  found.delete(root);
  return [...found];
}

function pair(
  owner: string,
  list: string,
  variables: readonly Variable[],
  values: readonly TensorLike[],
): [Variable, TensorLike][] {
  if (!Array.isArray(values)) {
    throw new TypeError(
      `Cannot call "${owner}" statelessly with ${list} ${formatValue(values)}: give a list of ` +
        `${variables.length} values`,
    );
  }
  if (values.length !== variables.length) {
    const names = variables.map((v) => v.path).join(", ");
    throw new RangeError(
      `Cannot call "${owner}" statelessly with ${values.length} ${list}: it has ` +
        `${variables.length}${names === "" ? "" : ` (${names})`}`,
    );
  }
  return variables.map((v, i) => {
    const value = values[i]!;
    if (!isLeaf(value) && !Array.isArray(value)) {
      throw new TypeError(
        `Cannot use ${
          formatValue(value)
        } as the value of "${v.path}" (${list}[${i}]): give a tensor`,
      );
    }
    const t = toTensor(value);
    if (!sameShape(t.shape, v.shape)) {
      throw new RangeError(
        `Cannot use a value of shape ${formatShape(t.shape)} for "${v.path}" (${list}[${i}]): ` +
          `its shape is ${formatShape(v.shape)}`,
      );
    }
    return [v, t];
  });
}

const named = new WeakSet<object>();

/** Says once in which layer an error arose. */
function inLayer(e: unknown, name: string): unknown {
  if (e instanceof Error && !named.has(e)) {
    named.add(e);
    e.message += `, in layer "${name}"`;
  }
  return e;
}
