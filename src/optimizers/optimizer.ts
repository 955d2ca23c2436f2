/**
 * The frame of optimizers: variables, checks, and all that happens around the update rule.
 *
 * @module
 */
import { type DType, formatValue, isFloat } from "../base/mod.ts";
import {
  emit,
  literal,
  snakeCase,
  type Tensor,
  type TensorLike,
  toTensor,
  uniqueName,
  Variable,
  withNameScope,
} from "../core/mod.ts";
import { pairUp } from "../metrics/stateless.ts";
import { clip } from "./clip.ts";
import { type Exclusions, type OptimizerOptions, readSettings, type Settings } from "./options.ts";
import { LearningRateSchedule } from "./schedules/schedule.ts";
import { type Slots, Step, type Updated } from "./step.ts";

const FORM = "statelessApply(optimizerVariables, grads, trainableVariables)";

/** Where the values that belong to a weight stand in the list of the optimizer's variables. */
interface Place {
  average: number;
  accumulator: number;
  readonly slots: Record<string, number>;
}

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
  #variables: Variable[] = [];
  #trainable: Variable[] | null = null;
  readonly #index = new Map<Variable, number>();
  readonly #places: Place[] = [];
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
    this.#excluded = options.excludeFromWeightDecay ?? {};
    this.#add("iteration", literal(0, "int32"));
    const rate = options.learningRate ?? learningRate;
    if (rate instanceof LearningRateSchedule) {
      this.#schedule = rate;
    } else {
      this.#given = this.#checkRate(rate);
      this.#add("learning_rate", literal(this.#given, "float32"));
    }
  }

  #add(name: string, value: Tensor): number {
    const v = withNameScope(this.name, () => new Variable(value, { name, trainable: false }));
    return this.#variables.push(v) - 1;
  }

  #checkRate(rate: unknown): number {
    if (typeof rate !== "number") {
      throw new TypeError(
        `Cannot set the learning rate of ${this.#kind} to ${formatValue(rate)}: wanted a number ` +
          `or a schedule, as new optimizers.schedules.ExponentialDecay({ ... })`,
      );
    }
    if (!(rate >= 0 && rate < Infinity)) {
      throw new RangeError(
        `Cannot set the learning rate of ${this.#kind} to ${rate}: it must be finite, at least 0`,
      );
    }
    return rate;
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
    return [...this.#variables];
  }

  /** Whether `build` has been called. */
  get built(): boolean {
    return this.#trainable !== null;
  }

  /** How many times the weights have been updated, an int32 scalar. */
  get iterations(): Tensor {
    return this.#updates(this.#variables[0]!.value);
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
    return this.#rateOf(this.#variables.map((v) => v.value));
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
        this.#variables.length = 1;
      }
      this.#schedule = rate;
    } else if (this.#schedule !== null) {
      throw new TypeError(
        `Cannot set the learning rate of ${this.#kind}: it follows a schedule; ` +
          `make the optimizer with a number to be able to set it`,
      );
    } else {
      if (typeof rate === "number") this.#checkRate(rate);
      this.#variables[1]!.assign(rate);
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
    const list = this.#checkVariables(variables);
    if (this.#trainable !== null) {
      const own = this.#trainable;
      if (list.length === own.length && list.every((v, i) => v === own[i])) return;
      throw new RangeError(
        `Cannot build ${this.#kind} for other variables: it was built for ${own.length} ` +
          `(${own.slice(0, 3).map((v) => `"${v.path}"`).join(", ")}${
            own.length > 3 ? ", ..." : ""
          }` +
          `); make a new optimizer`,
      );
    }
    this.#trainable = list;
    list.forEach((v, i) => {
      this.#index.set(v, i);
      this.#places.push({ average: -1, accumulator: -1, slots: {} });
    });
    if (this.#schedule === null && list.some((v) => v.dtype === "float64")) this.#widenRate();
    const each = (names: readonly string[], keep: (p: Place, name: string, at: number) => void) =>
      list.forEach((v, i) => {
        for (const name of names) {
          const zeros = literal(0, v.dtype).broadcastTo(v.shape);
          keep(this.#places[i]!, name, this.#add(`${v.path.replaceAll("/", "_")}_${name}`, zeros));
        }
      });
    if (this.#settings.useEma) each(["average"], (p, _name, at) => p.average = at);
    if (this.#settings.gradientAccumulationSteps !== null) {
      each(["gradient_accumulator"], (p, _name, at) => p.accumulator = at);
    }
    for (const group of this.slotNames()) each(group, (p, name, at) => p.slots[name] = at);
  }

  /** Beside float64 weights the learning rate is a float64 too. */
  #widenRate(): void {
    const old = this.#variables.pop()!;
    this.#add(
      "learning_rate",
      this.#given === null ? old.value.astype("float64") : literal(this.#given, "float64"),
    );
  }

  #checkVariables(variables: readonly Variable[]): Variable[] {
    if (!Array.isArray(variables)) {
      throw new TypeError(
        `Cannot build ${this.#kind} for ${formatValue(variables)}: wanted a list of Variables`,
      );
    }
    if (variables.length === 0) {
      throw new RangeError(
        `Cannot build ${this.#kind} for no variables: a model has them once it is built; call ` +
          `model.apply(x) on a batch before`,
      );
    }
    variables.forEach((v: unknown, i) => {
      if (!(v instanceof Variable)) {
        throw new TypeError(
          `Cannot build ${this.#kind}: variables[${i}] is ${formatValue(v)}, not a Variable; ` +
            `give model.trainableVariables`,
        );
      }
      if (!isFloat(v.dtype)) {
        throw new TypeError(
          `Cannot build ${this.#kind}: the variable "${v.path}" is ${v.dtype}, and only ` +
            `floating-point variables have gradients`,
        );
      }
    });
    if (new Set(variables).size !== variables.length) {
      throw new RangeError(`Cannot build ${this.#kind}: a variable is given twice`);
    }
    return [...variables];
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
    this.#checkGradients(grads, targets, "apply(grads, variables)").forEach((g, i) => {
      const at = this.#index.get(targets[i]!);
      if (at === undefined) {
        throw new RangeError(
          `Cannot apply gradients with ${this.#kind} to the variable "${targets[i]!.path}": ` +
            `it was not built for it; make a new optimizer for other variables`,
        );
      }
      all[at] = g;
    });
    const state = this.#variables.map((v) => v.value);
    const [weights, next] = this.#advance(state, all, own.map((v) => v.value));
    const assign = (list: readonly Variable[], before: readonly (Tensor | null)[], now: Tensor[]) =>
      list.forEach((v, i) => {
        if (now[i] !== before[i]) v.assign(now[i]!);
      });
    assign(own, own.map((v) => v.value), weights);
    assign(this.#variables, state, next);
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
      pairUp(list, x, action, name, FORM).map(([v, t]) => toTensor(t).astype(v.dtype));
    const state = values(this.#variables, optimizerVariables, "optimizerVariables");
    const weights = values(own, trainableVariables, "trainableVariables");
    const gradients = this.#checkGradients(grads, own, FORM);
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

  #checkGradients(
    grads: readonly (TensorLike | null)[],
    variables: readonly Variable[],
    form: string,
  ): (Tensor | null)[] {
    const action = `apply gradients with ${this.#kind}`;
    const known = Array.isArray(grads) && grads.length === variables.length
      ? variables.filter((_, i) => grads[i] !== null)
      : variables;
    const given = Array.isArray(grads) && known !== variables
      ? grads.filter((g) => g !== null)
      : grads;
    const pairs = pairUp(known, given as readonly TensorLike[], action, "grads", form);
    if (pairs.length === 0 && variables.length > 0) {
      throw new RangeError(`Cannot ${action}: no variable has a gradient; call ${form}`);
    }
    const found = new Map(pairs);
    return variables.map((v) => {
      const g = found.get(v);
      return g === undefined ? null : toTensor(g).astype(v.dtype);
    });
  }

  /** One step, as a pure function of lists. */
  #advance(
    state: readonly Tensor[],
    grads: readonly (Tensor | null)[],
    before: readonly Tensor[],
  ): [Tensor[], Tensor[]] {
    const { gradientAccumulationSteps: k, lossScaleFactor, weightDecay } = this.#settings;
    const next = [...state];
    const weights = [...before];
    const step = new Step(
      this.#updates(state[0]!),
      (dtype: DType) => this.#rateOf(state).astype(dtype),
    );
    const due = k === null ? null : state[0]!.add(1).mod(k).eq(0);
    const when = (now: Tensor, old: Tensor): Tensor =>
      due === null ? now : emit("where", [due, now, old]);
    let gradients = grads.map((g) =>
      g === null || lossScaleFactor === null ? g : g.div(lossScaleFactor)
    );
    if (k !== null) {
      gradients = gradients.map((g, i) => {
        if (g === null) return null;
        const at = this.#places[i]!.accumulator;
        const total = g.add(state[at]!);
        next[at] = when(total.zeros(), total);
        return total.div(k);
      });
    }
    clip(gradients, this.#settings).forEach((g, i) => {
      if (g === null) return;
      const place = this.#places[i]!.slots;
      let w = weights[i]!;
      if (weightDecay !== null && this.#decays(this.#trainable![i]!)) {
        w = w.sub(w.mul(weightDecay).mul(step.rate(w.dtype)));
      }
      const old = Object.fromEntries(
        Object.entries(place).map(([name, at]) => [name, state[at]!]),
      );
      const { value, slots } = this.rule(w, g, old, step);
      weights[i] = when(value, weights[i]!);
      for (const name of Object.keys(slots)) {
        next[place[name]!] = when(slots[name]!, old[name]!);
      }
    });
    if (this.#settings.useEma) this.#average(weights, next, step);
    next[0] = state[0]!.add(1);
    return [weights, next];
  }

  /** Moves the averages on; the first average is the weights themselves. */
  #average(weights: Tensor[], next: Tensor[], step: Step): void {
    const { emaMomentum, emaOverwriteFrequency } = this.#settings;
    weights.forEach((w, i) => {
      const at = this.#places[i]!.average;
      const keep = step.once(
        `keep ${w.dtype}`,
        () => step.isFirst(w.dtype).neg().add(1).mul(emaMomentum),
      );
      const rest = step.once(`rest ${w.dtype}`, () => keep.neg().add(1));
      const average = keep.mul(next[at]!).add(rest.mul(w));
      next[at] = average;
      if (emaOverwriteFrequency !== null) {
        weights[i] = emit("where", [step.isMultiple(emaOverwriteFrequency), average, w]);
      }
    });
  }

  /** With `useEma`, puts the averages in place of the weights: the last thing after training. */
  finalizeVariableValues(): void {
    const own = this.#builtFor("finalizeVariableValues()");
    if (!this.#settings.useEma) return;
    own.forEach((v, i) => v.assign(this.#variables[this.#places[i]!.average]!.value));
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
