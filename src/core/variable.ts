/**
 * Variable: a named place for a tensor that changes, and the scope in which changes are recorded
 * instead of made.
 *
 * @module
 */
import { checkDType, type DType } from "../base/dtype.ts";
import { formatShape } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { cast } from "./arithmetic.ts";
import { type TensorLike, toTensor, VARIABLE } from "./convert.ts";
import { BOUND, inside } from "./inside.ts";
import { isEager } from "./interpreter.ts";
import { uniqueName } from "./names.ts";
import { isFree, mixed } from "./placement.ts";
import { copied, keep, letGo, type Tensor } from "./tensor.ts";

/** What a variable can be made with. */
export interface VariableOptions {
  /** Its element type; default: that of the initial value. */
  dtype?: DType | undefined;
  /** Whether optimizers may change it; default true. */
  trainable?: boolean | undefined;
  /** Its name, without "/"; default "variable", made unique by a number. */
  name?: string | undefined;
}

/**
 * A named place for a tensor that changes: a weight, a counter, a moving average. It is accepted
 * wherever a tensor is, also in the arguments of jitted functions.
 *
 * @example
 * ```ts
 * import { Variable } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const v = new Variable([1, 2], { name: "v" });
 * v.assign(v.value.mul(10));
 * assertEquals(v.value.toArray(), [10, 20]);
 * assertEquals(v.path, "v");
 * ```
 */
export class Variable {
  /** Internal: tells variables apart from other objects. */
  readonly [VARIABLE] = true;
  /** Its name. */
  readonly name: string;
  /** Its name after the names of the layers it belongs to, joined by "/". */
  readonly path: string;
  /** Whether optimizers may change it. */
  trainable: boolean;
  #stored: Tensor;

  /**
   * Makes a variable that holds a value.
   *
   * @param initial the first value; any tensor-like
   * @throws {TypeError} when the name holds a "/"
   */
  constructor(initial: TensorLike, options: VariableOptions = {}) {
    const name = options.name ?? uniqueName("variable");
    if (name.includes("/")) {
      throw new TypeError(`Cannot name a variable "${name}": a name must not hold a "/"`);
    }
    const value = toTensor(initial, "make a variable of");
    this.name = name;
    this.path = [...nameScopes, name].join("/");
    this.trainable = options.trainable ?? true;
    const held = cast(value, checkDType(options.dtype ?? value.dtype, "make a variable"));
    const { storage, holder } = inside(held);
    if (storage === null) {
      throw new TypeError(
        `Cannot make the variable "${this.path}" from a traced value: make it before the jitted ` +
          `call, as by building the model first`,
      );
    }
    holder!.heap.check(storage);
    keep(this.#stored = held);
  }

  /** The name of the device that holds its value. */
  get device(): string {
    return this.#stored.device;
  }

  /**
   * Moves its value to a device, as {@link Tensor.to} does.
   *
   * @returns the variable itself
   * @throws {NativeLibraryError} when that device is not there
   *
   * @example
   * ```ts
   * import { Variable } from "glissade";
   * import { assertEquals } from "@std/assert";
   * assertEquals(new Variable([1, 2]).to("cpu").device, "cpu");
   * ```
   */
  to(device: string): this {
    this.#put(this.#stored.to(device));
    return this;
  }

  #put(v: Tensor): void {
    if (v === this.#stored) return;
    keep(v);
    letGo(this.#stored);
    this.#stored = v;
  }

  /** The tensor it holds now; inside a stateless scope, the one the scope gave it. */
  get value(): Tensor {
    for (let k = scopes.length - 1; k >= 0; k--) {
      const v = scopes[k]!.get(this);
      if (v !== undefined) return v;
    }
    return this.#stored;
  }

  /** The sizes of the axes. */
  get shape(): readonly number[] {
    return this.#stored.shape;
  }

  /** The element type. */
  get dtype(): DType {
    return this.#stored.dtype;
  }

  /**
   * Puts another value in its place. The dtype stays; the shape must be the same; a value without a
   * place of its own goes to the device of the present one.
   *
   * @throws {RangeError} when the shape differs
   * @throws {TypeError} when the value lies on another device; when called in a jitted function outside of a stateless call
   * @throws {DonatedError} when the value was donated; the variable keeps what it held
   * @returns the value as it is held
   */
  assign(value: TensorLike): Tensor {
    const v = fit(this, value);
    const scope = scopes[scopes.length - 1];
    if (scope !== undefined) {
      scope.set(this, v);
      return v;
    }
    if (inside(v).storage === null || !isEager()) {
      throw new TypeError(
        `Cannot assign to the variable "${this.path}" inside a traced function: the trace runs ` +
          `once, so later calls would not assign; return the new value and assign it outside`,
      );
    }
    const here = this.#beside(v);
    this.#put(here);
    return here;
  }

  /** A value on the device of the present one, unless that goes anywhere itself. */
  #beside(v: Tensor): Tensor {
    const now = inside(this.#stored);
    if (now.id !== BOUND || inside(v).holder === now.holder) return v;
    if (isFree(v)) return copied(v, now.holder!);
    throw mixed(v, now.holder!.name, `assign to the variable "${this.path}"`);
  }

  /** Adds to the value. */
  assignAdd(value: TensorLike): Tensor {
    return this.assign(this.value.add(value));
  }

  /** Subtracts from the value. */
  assignSub(value: TensorLike): Tensor {
    return this.assign(this.value.sub(value));
  }

  /** As of its tensor: `Number(v)` reads a scalar, operators throw and name the method to use. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === "string" ? this.toString() : this.value[Symbol.toPrimitive](hint);
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Variable(${this.path}, ${this.dtype}${formatShape(this.shape)}, ${this.value})`;
  }

  /** A description. */
  toString(): string {
    return `Variable(${this.path}, ${this.dtype}${formatShape(this.shape)})`;
  }
}

function fit(v: Variable, value: TensorLike): Tensor {
  const t = toTensor(value, "assign");
  const { storage, holder } = inside(t);
  if (storage !== null) holder!.heap.check(storage);
  if (!sameShape(t.shape, v.shape)) {
    throw new RangeError(
      `Cannot assign a value of shape ${formatShape(t.shape)} to the variable "${v.path}" of ` +
        `shape ${formatShape(v.shape)}: shapes must be equal`,
    );
  }
  return cast(t, v.dtype);
}

/**
 * Values of variables that hold only for a while: reads see them, assignments go to them, the
 * variables themselves stay as they are.
 */
export class StatelessScope {
  readonly #values = new Map<Variable, Tensor>();
  /** Losses that layers added; null when they are not collected. */
  readonly losses: Tensor[] | null;

  constructor(pairs: Iterable<readonly [Variable, TensorLike]>, collectLosses = false) {
    for (const [v, x] of pairs) this.#values.set(v, fit(v, x));
    this.losses = collectLosses ? [] : null;
  }

  /** The value a variable has in this scope. */
  get(v: Variable): Tensor | undefined {
    return this.#values.get(v);
  }

  /** Gives a variable a value in this scope. */
  set(v: Variable, x: Tensor): void {
    this.#values.set(v, x);
  }

  /** Runs a function in which this scope is in force. */
  run<T>(f: () => T): T {
    scopes.push(this);
    try {
      return f();
    } finally {
      scopes.pop();
    }
  }
}

const scopes: StatelessScope[] = [];

/** The innermost stateless scope, if one is open. */
export function currentScope(): StatelessScope | null {
  return scopes[scopes.length - 1] ?? null;
}

const nameScopes: string[] = [];

/** Runs a function in which variables made get `name/` in front of their paths. */
export function withNameScope<T>(name: string, f: () => T): T {
  nameScopes.push(name);
  try {
    return f();
  } finally {
    nameScopes.pop();
  }
}
