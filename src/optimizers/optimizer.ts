/**
 * The frame of optimizers: their variables, and steps in place or as pure functions.
 *
 * @module
 */
import type { DType } from "../base/mod.ts";
import {
  literal,
  pairValues,
  snakeCase,
  type Tensor,
  type TensorLike,
  toTensor,
  uniqueName,
  type Variable,
} from "../core/mod.ts";
import { advance, type Frame } from "./advance.ts";
import { checkGradients, checkRate, checkSame, checkVariables } from "./check.ts";
import { readSettings, type Settings } from "./options.ts";
import { OwnVariables } from "./own_variables.ts";
import { LearningRateSchedule } from "./schedules/schedule.ts";
import { type Slots, Step, type Updated } from "./step.ts";
import type { Exclusions, OptimizerOptions } from "./types.ts";

const FORM = "statelessApply(optimizerVariables, grads, trainableVariables)";

/**
 * What turns gradients into new weights. Subclasses name their slots (`slotNames`) and write the
 * rule (`rule`), a pure function.
 *
 * @example
 * ```ts
 * import { optimizers, type Tensor, Variable } from "glissade";
 * import { assertEquals } from "@std/assert";
 * class SignDescent extends optimizers.Optimizer {
 *   protected slotNames(): string[][] {
 *     return [];
 *   }
 *   protected rule(w: Tensor, g: Tensor, _slots: optimizers.Slots, step: optimizers.Step) {
 *     return { value: w.sub(g.sign().mul(step.rate(w.dtype))), slots: {} };
 *   }
 * }
 * const w = new Variable([1, 2], { name: "w" });
 * const optimizer = new SignDescent({ learningRate: 0.5 });
 * optimizer.apply([[3, -4]], [w]);
 * assertEquals(w.value.toArray(), [0.5, 2.5]);
 * ```
 */
export abstract class Optimizer {
  /** Its name. */
  readonly name: string;
  readonly #kind: string;
  readonly #settings: Settings;
  readonly #own: OwnVariables;
  #trainable: Variable[] | null = null;
  readonly #index = new Map<Variable, number>();
  #schedule: LearningRateSchedule | null = null;
  /** The learning rate as a double, while it is the one that was given. */
  #given: number | null = null;
  #excluded: Exclusions;

  /**
   * For subclasses.
   *
   * @param own the names of the options that a subclass adds
   * @param learningRate the learning rate where none is given
   * @throws {TypeError} for an unknown option or one of the wrong kind
   * @throws {RangeError} for one out of its range
   */
  constructor(options: OptimizerOptions = {}, own: readonly string[] = [], learningRate = 0.001) {
    this.#kind = new.target.name;
    this.#settings = readSettings(options, own, this.#kind);
    this.name = options.name ?? uniqueName(snakeCase(this.#kind));
    this.#own = new OwnVariables(this.name);
    this.#excluded = options.excludeFromWeightDecay ?? {};
    this.#own.add("iteration", literal(0, "int32"));
    const rate = options.learningRate ?? learningRate;
    if (rate instanceof LearningRateSchedule) {
      this.#schedule = rate;
    } else {
      this.#given = checkRate(rate, this.#kind);
      this.#own.add("learning_rate", literal(this.#given, "float32"));
    }
  }

  /** The slots of a variable, in groups: those of a group stand side by side in `variables`. */
  protected abstract slotNames(): readonly (readonly string[])[];

  /** The new weights and slots of one variable; called once per variable and step. */
  protected abstract rule(weights: Tensor, gradient: Tensor, slots: Slots, step: Step): Updated;

  /**
   * Its variables, in the order of the lists that `statelessApply` takes: iteration, learning_rate
   * (unless a schedule is used), averages, accumulators, then the slots of the rule.
   */
  get variables(): Variable[] {
    return [...this.#own.list];
  }

  /**
   * Moves its variables to a device, in place. What `build` makes is on the devices of the weights.
   *
   * @param device "cpu", "cuda", "cuda:1"
   * @returns the optimizer itself
   * @throws {NativeLibraryError} when that device is not there
   *
   * @example
   * ```ts
   * import { optimizers } from "glissade";
   * import { assertEquals } from "@std/assert";
   * const adam = new optimizers.Adam();
   * assertEquals(adam.to("cpu").variables.every((v) => v.device === "cpu"), true);
   * ```
   */
  to(device: string): this {
    for (const v of this.variables) v.to(device);
    return this;
  }

  /** Whether `build` has been called. */
  get built(): boolean {
    return this.#trainable !== null;
  }

  /** How many times the weights have been updated, an int32 scalar. */
  get iterations(): Tensor {
    return this.#updates(this.#own.list[0]!.value);
  }

  #updates(iteration: Tensor): Tensor {
    const k = this.#settings.gradientAccumulationSteps;
    return k === null ? iteration : iteration.floorDivide(k);
  }

  /**
   * The learning rate in force. It can be set to a number; its variable is the second of
   * `variables`. One that follows a schedule cannot be set to a number.
   */
  get learningRate(): Tensor {
    return this.#rateOf(this.#own.values());
  }

  set learningRate(rate: TensorLike | LearningRateSchedule) {
    if (rate instanceof LearningRateSchedule) {
      if (this.#schedule === null) {
        if (this.built) {
          throw new TypeError(
            `Cannot give ${this.#kind} a schedule after it was built: its variables would change; ` +
              `make a new optimizer with { learningRate: schedule }`,
          );
        }
        this.#own.list.length = 1;
      }
      this.#schedule = rate;
    } else if (this.#schedule !== null) {
      throw new TypeError(
        `Cannot set the learning rate of ${this.#kind}: it follows a schedule; ` +
          `make the optimizer with a number to be able to set it`,
      );
    } else {
      if (typeof rate === "number") checkRate(rate, this.#kind);
      this.#own.list[1]!.assign(rate);
      this.#given = typeof rate === "number" ? rate : null;
    }
  }

  #rateOf(state: readonly Tensor[]): Tensor {
    if (this.#schedule === null) return state[1]!;
    const wide = this.#trainable?.some((v) => v.dtype === "float64") ?? false;
    return this.#schedule.at(state[0]!.astype(wide ? "float64" : "float32"));
  }

  /**
   * Keeps the weights of some variables from decaying.
   *
   * @param exclusions by variable, or by patterns found in their names (as "bias")
   */
  excludeFromWeightDecay(exclusions: Exclusions): void {
    this.#excluded = exclusions;
  }

  #decays(v: Variable): boolean {
    const { varList = [], varNames = [] } = this.#excluded;
    return !varList.includes(v) && !varNames.some((pattern) => new RegExp(pattern).test(v.name));
  }

  /**
   * Makes the variables that belong to the weights; once.
   *
   * @param variables the trainable variables, as `model.trainableVariables`
   * @throws {TypeError} for what is no variable of floating point
   * @throws {RangeError} when there are none, or it was built for others
   */
  build(variables: readonly Variable[]): void {
    const list = checkVariables(variables, this.#kind);
    if (this.#trainable !== null) {
      checkSame(list, this.#trainable, this.#kind);
      return;
    }
    this.#trainable = list;
    list.forEach((v, i) => this.#index.set(v, i));
    if (this.#schedule === null && list.some((v) => v.dtype === "float64")) {
      this.#own.widenRate(this.#given);
    }
    this.#own.addFor(list, this.#settings, this.slotNames());
  }

  /**
   * Updates variables in place.
   *
   * @param grads one gradient per variable; null where there is none
   * @param variables the variables, when they are not all that it was built for; builds if need be
   * @throws {RangeError} when a length or a shape differs, or a variable is unknown; it names it
   */
  apply(grads: readonly (TensorLike | null)[], variables?: readonly Variable[]): void {
    if (variables !== undefined && !this.built) this.build(variables);
    const own = this.#builtFor("apply(grads, variables)");
    if (Array.isArray(grads) && grads.length === 0) return;
    const targets = variables ?? own;
    const all: (Tensor | null)[] = own.map(() => null);
    checkGradients(grads, targets, this.#kind, "apply(grads, variables)").forEach((g, i) => {
      const at = this.#index.get(targets[i]!);
      if (at === undefined) {
        throw new RangeError(
          `Cannot apply gradients with ${this.#kind} to the variable "${targets[i]!.path}": ` +
            `it was not built for it; make a new optimizer for other variables`,
        );
      }
      all[at] = g;
    });
    const state = this.#own.values();
    const [weights, next] = this.#advance(state, all, own.map((v) => v.value));
    const assign = (list: readonly Variable[], before: readonly (Tensor | null)[], now: Tensor[]) =>
      list.forEach((v, i) => {
        if (now[i] !== before[i]) v.assign(now[i]!);
      });
    assign(own, own.map((v) => v.value), weights);
    assign(this.#own.list, state, next);
  }

  /**
   * The weights and optimizer variables after a step from those given; nothing changes. All lists
   * take tensors or variables.
   *
   * @param optimizerVariables values of `optimizer.variables`
   * @param grads one gradient per trainable variable; null where there is none
   * @param trainableVariables values of the variables that it was built for
   * @returns `[trainableVariables, optimizerVariables]`: the other way round than they are taken
   * @throws {RangeError} when a length or a shape differs; it names the variable
   */
  statelessApply(
    optimizerVariables: readonly TensorLike[],
    grads: readonly (TensorLike | null)[],
    trainableVariables: readonly TensorLike[],
  ): [trainableVariables: Tensor[], optimizerVariables: Tensor[]] {
    const own = this.#builtFor(FORM);
    const action = `apply gradients with ${this.#kind}`;
    const values = (list: readonly Variable[], x: readonly TensorLike[], name: string): Tensor[] =>
      pairValues(list, x, action, name, FORM).map(([v, t]) => t.astype(v.dtype));
    const state = values(this.#own.list, optimizerVariables, "optimizerVariables");
    const weights = values(own, trainableVariables, "trainableVariables");
    const gradients = checkGradients(grads, own, this.#kind, FORM);
    if (own.length === 0) return [weights, state];
    return this.#advance(state, gradients, weights);
  }

  #builtFor(form: string): Variable[] {
    if (this.#trainable !== null) return this.#trainable;
    throw new TypeError(
      `Cannot call ${form} of ${this.#kind} before it is built: ` +
        `call optimizer.build(model.trainableVariables)`,
    );
  }

  /** One step, as a pure function of lists. */
  #advance(
    state: readonly Tensor[],
    grads: readonly (Tensor | null)[],
    before: readonly Tensor[],
  ): [Tensor[], Tensor[]] {
    const step = new Step(
      this.#updates(state[0]!),
      (dtype: DType) => this.#rateOf(state).astype(dtype),
    );
    const frame: Frame = {
      settings: this.#settings,
      places: this.#own.places,
      step,
      decays: (i) => this.#decays(this.#trainable![i]!),
      rule: (w, g, slots) => this.rule(w, g, slots, step),
    };
    return advance(frame, state, grads, before);
  }

  /** With `useEma`, puts the averages in place of the weights: the last thing after training. */
  finalizeVariableValues(): void {
    const own = this.#builtFor("finalizeVariableValues()");
    if (!this.#settings.useEma) return;
    own.forEach((v, i) => v.assign(this.#own.list[this.#own.places[i]!.average]!.value));
  }

  /** The loss times `lossScaleFactor`: what to differentiate. */
  scaleLoss(loss: TensorLike): Tensor {
    const { lossScaleFactor } = this.#settings;
    const t = toTensor(loss, "scale");
    return lossScaleFactor === null ? t : t.mul(lossScaleFactor);
  }

  /** A description. */
  toString(): string {
    const n = this.#trainable === null ? "not built" : `${this.#trainable.length} variables`;
    return `${this.#kind}(${this.name}, ${n})`;
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}
