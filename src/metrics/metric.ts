/**
 * The frame of metrics: named variables, updates, and their stateless twins.
 *
 * @module
 */
import { type DType, formatValue, isFloat } from "../base/mod.ts";
import {
  literal,
  pairValues,
  snakeCase,
  StatelessScope,
  type Tensor,
  type TensorLike,
  Variable,
  withNameScope,
} from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";

/** Options of every metric. */
export interface MetricOptions {
  /** Its name, which starts the paths of its variables; default the class name in snake case. */
  name?: string | undefined;
  /** "float32" (the default; it counts exactly up to 2^24) or "float64". */
  dtype?: DType | undefined;
}

/** Options of an update. */
export interface UpdateOptions {
  /** What each sample counts: a number, or a tensor of at most the rank of the values. */
  sampleWeight?: TensorLike | null | undefined;
}

/**
 * A figure that is gathered batch by batch. Subclasses make their variables in the constructor with
 * `addVariable`, and write `updateState` and `result`.
 *
 * @example
 * ```ts
 * import { metrics, np, type Tensor, type TensorLike, type Variable } from "glissade";
 * import { assertEquals } from "@std/assert";
 * class Total extends metrics.Metric<[values: TensorLike]> {
 *   readonly total: Variable = this.addVariable("total");
 *   updateState(values: TensorLike): void {
 *     this.total.assign(this.total.value.add(np.sum(values)));
 *   }
 *   result(): Tensor {
 *     return this.total.value;
 *   }
 * }
 * const total = new Total();
 * total.updateState([1, 2]);
 * assertEquals(total.result().item(), 3);
 * assertEquals(total.variables[0]!.path, "total/total");
 * ```
 */
export abstract class Metric<A extends readonly unknown[] = readonly unknown[]> {
  /** Its name. */
  readonly name: string;
  /** The element type of its variables and result. */
  readonly dtype: DType;
  readonly #variables: Variable[] = [];

  /**
   * For subclasses.
   *
   * @param allowed the names of the options that a subclass adds
   * @throws {TypeError} for an unknown option or a dtype that is not floating point
   */
  constructor(options: MetricOptions = {}, allowed: readonly string[] = []) {
    const kind = new.target.name;
    if (typeof options !== "object" || options === null) {
      throw new TypeError(`Cannot make ${kind} of ${formatValue(options)}: wanted options`);
    }
    checkOptions(options, ["name", "dtype", ...allowed], `make ${kind}`);
    this.name = options.name ?? snakeCase(kind);
    this.dtype = options.dtype ?? "float32";
    if (!isFloat(this.dtype)) {
      throw new TypeError(
        `Cannot make ${kind} of dtype ${formatValue(this.dtype)}: wanted "float32" or "float64"`,
      );
    }
  }

  /** Its variables, in the order of the lists that stateless calls take. */
  get variables(): Variable[] {
    return [...this.#variables];
  }

  /**
   * Moves its variables to a device, in place. New ones, which hold zeros, go where the first values
   * lie.
   *
   * @param device "cpu", "cuda", "cuda:1"
   * @returns the metric itself
   * @throws {NativeLibraryError} when that device is not there
   *
   * @example
   * ```ts
   * import { metrics } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const mean = new metrics.Mean();
   * assertEquals(mean.to("cpu").variables.every((v) => v.device === "cpu"), true);
   * ```
   */
  to(device: string): this {
    for (const v of this.variables) v.to(device);
    return this;
  }

  /** Makes a variable of zeros; for constructors of subclasses. */
  protected addVariable(name: string, shape: readonly number[] = []): Variable {
    const zeros = literal(0, this.dtype).broadcastTo(shape);
    const v = withNameScope(
      this.name,
      () => new Variable(zeros, { name, dtype: this.dtype, trainable: false }),
    );
    this.#variables.push(v);
    return v;
  }

  /** Takes a batch in. */
  abstract updateState(...args: A): void;

  /** The figure so far. */
  abstract result(): Tensor;

  /** Starts anew: every variable becomes zeros. */
  resetState(): void {
    for (const v of this.#variables) v.assign(v.value.zeros());
  }

  /**
   * What the variables would hold after an update, if they held `variables` before; nothing changes.
   *
   * @throws {RangeError} when the list has another length or shape; it names the variable
   */
  statelessUpdateState(variables: readonly TensorLike[], ...args: A): Tensor[] {
    const scope = this.#scope(variables, "update", "statelessUpdateState(variables, ...)");
    scope.run(() => this.updateState(...args));
    return this.#variables.map((v) => scope.get(v)!);
  }

  /**
   * The figure, if the variables held `variables`.
   *
   * @throws {RangeError} when the list has another length or shape; it names the variable
   */
  statelessResult(variables: readonly TensorLike[]): Tensor {
    const scope = this.#scope(variables, "take the result of", "statelessResult(variables)");
    return scope.run(() => this.result());
  }

  /** What the variables hold at the start. */
  statelessResetState(): Tensor[] {
    const scope = new StatelessScope(this.#variables.map((v) => [v, v.value.zeros()] as const));
    scope.run(() => this.resetState());
    return this.#variables.map((v) => scope.get(v)!);
  }

  #scope(variables: readonly TensorLike[], verb: string, form: string): StatelessScope {
    const action = `${verb} the metric "${this.name}"`;
    return new StatelessScope(pairValues(this.#variables, variables, action, "variables", form));
  }

  /** Its name and its figure. */
  toString(): string {
    return `${this.constructor.name}(${this.name}: ${this.result()})`;
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}
