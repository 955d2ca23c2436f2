/**
 * Builder: appends scalar steps to a list, so that an expanded function reads like its formula.
 * Equal pure steps become one; steps that the emitter lacks are expanded in turn.
 *
 * @module
 */
import { type DType, isFloat } from "../../base/dtype.ts";
import type { ScalarStep } from "../../ir/kernel.ts";
import { type ScalarName, scalarRow } from "../../ir/scalar.ts";

/** A step that was built: its number in the kernel and its type. */
export interface Value {
  readonly id: number;
  readonly dtype: DType;
}

/** A value, or a number that takes the type of the value beside it. */
export type Operand = Value | number;

/** How a scalar function is written in simpler ones; `dtype` is that of the result. */
export type Expansion = (b: Builder, args: readonly Value[], dtype: DType) => Value;

/** The float types, by which tables of coefficients are keyed. */
export type FloatType = "float32" | "float64";

/** Finds how to expand an operation that is not native; undefined where it is native. */
export type Resolve = (op: ScalarName, dtype: DType) => Expansion | undefined;

/** Builds a list of steps; see the module comment. */
export class Builder {
  /** The steps so far; their numbers start at `first`. */
  readonly steps: ScalarStep[] = [];
  readonly #first: number;
  readonly #resolve: Resolve;
  readonly #known = new Map<string, Value>();

  constructor(first: number, resolve: Resolve) {
    this.#first = first;
    this.#resolve = resolve;
  }

  /** Appends a step as it is. */
  push(step: ScalarStep): Value {
    this.steps.push(step);
    return { id: this.#first + this.steps.length - 1, dtype: step.dtype };
  }

  #share(step: ScalarStep, key: string): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.push(step);
    this.#known.set(key, made);
    return made;
  }

  const(dtype: DType, value: number): Value {
    const v = dtype === "float32" ? Math.fround(value) : value;
    const key = `${dtype} ${Object.is(v, -0) ? "-0" : v}`;
    return this.#share({ op: "const", dtype, value: v }, key);
  }

  /** The number that a value is, where it is a constant. */
  numberOf(x: Value): number | undefined {
    const step = this.steps[x.id - this.#first];
    return step?.op === "const" ? step.value : undefined;
  }

  #operands(x: Value, op: ScalarName): readonly number[] | undefined {
    const step = this.steps[x.id - this.#first];
    return step?.op === op ? step.args : undefined;
  }

  /** Whether a value is known to be at least 0, or NaN: squares and magnitudes are. */
  isNotNegative(x: Value): boolean {
    const factors = this.#operands(x, "mul");
    return factors !== undefined && factors[0] === factors[1] ||
      this.#operands(x, "abs") !== undefined;
  }

  /** Whether a value is known to be at most 0, or NaN. */
  isNotPositive(x: Value): boolean {
    const negated = this.#operands(x, "neg")?.[0];
    return negated !== undefined && this.isNotNegative({ ...x, id: negated });
  }

  /** An operation on values: one step where it is native, else its expansion. */
  op(op: ScalarName, dtype: DType, args: readonly Value[]): Value {
    const expansion = this.#resolve(op, dtype);
    if (expansion === undefined) return this.native(op, dtype, args);
    let key = `${op} ${dtype}`;
    for (let i = 0; i < args.length; i++) key += ` ${args[i]!.id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = expansion(this, args, dtype);
    this.#known.set(key, made);
    return made;
  }

  /** One step of a native operation. */
  native(op: ScalarName, dtype: DType, args: readonly Value[]): Value {
    const ids: number[] = [];
    let key = `${op} ${dtype}`;
    for (let i = 0; i < args.length; i++) {
      ids.push(args[i]!.id);
      key += ` ${args[i]!.id}`;
    }
    return this.#share({ op, dtype, args: ids }, key);
  }

  #apply(op: ScalarName, x: Operand, y?: Operand, z?: Operand): Value {
    const { dtype } = (typeof x !== "number" ? x : typeof y !== "number" ? y : z) as Value;
    const args = [this.#value(x, dtype)];
    if (y !== undefined) args.push(this.#value(y, dtype));
    if (z !== undefined) args.push(this.#value(z, dtype));
    return this.op(op, scalarRow(op).bool ? "bool" : dtype, args);
  }

  #value(x: Operand, dtype: DType): Value {
    return typeof x === "number" ? this.const(dtype, x) : x;
  }

  add(x: Operand, y: Operand): Value {
    return this.#apply("add", x, y);
  }
  sub(x: Operand, y: Operand): Value {
    return this.#apply("sub", x, y);
  }
  mul(x: Operand, y: Operand): Value {
    return this.#apply("mul", x, y);
  }
  div(x: Operand, y: Operand): Value {
    return this.#apply("div", x, y);
  }
  rem(x: Operand, y: Operand): Value {
    return this.#apply("rem", x, y);
  }
  /** x * y + z, rounded once or twice. */
  fma(x: Operand, y: Operand, z: Operand): Value {
    return this.#apply("fma", x, y, z);
  }
  neg(x: Value): Value {
    return this.#apply("neg", x);
  }
  abs(x: Value): Value {
    return this.#apply("abs", x);
  }
  min(x: Operand, y: Operand): Value {
    return this.#apply("min", x, y);
  }
  max(x: Operand, y: Operand): Value {
    return this.#apply("max", x, y);
  }
  sqrt(x: Value): Value {
    return this.#apply("sqrt", x);
  }
  floor(x: Value): Value {
    return this.#apply("floor", x);
  }
  round(x: Value): Value {
    return this.#apply("round", x);
  }
  and(x: Operand, y: Operand): Value {
    return this.#apply("and", x, y);
  }
  or(x: Operand, y: Operand): Value {
    return this.#apply("or", x, y);
  }
  xor(x: Operand, y: Operand): Value {
    return this.#apply("xor", x, y);
  }
  not(x: Value): Value {
    return this.#apply("not", x);
  }
  eq(x: Operand, y: Operand): Value {
    return this.#apply("eq", x, y);
  }
  ne(x: Operand, y: Operand): Value {
    return this.#apply("ne", x, y);
  }
  lt(x: Operand, y: Operand): Value {
    return this.#apply("lt", x, y);
  }
  gt(x: Operand, y: Operand): Value {
    return this.#apply("gt", x, y);
  }
  ge(x: Operand, y: Operand): Value {
    return this.#apply("ge", x, y);
  }
  exp(x: Value): Value {
    return this.#apply("exp", x);
  }
  log(x: Value): Value {
    return this.#apply("log", x);
  }
  log1p(x: Value): Value {
    return this.#apply("log1p", x);
  }

  /** `x` where `condition` is true, else `y`; one of the two must be a value. */
  where(condition: Value, x: Operand, y: Operand): Value {
    const { dtype } = typeof x === "number" ? y as Value : x;
    const [p, q] = [x, y].map((o) => typeof o === "number" ? this.const(dtype, o) : o);
    return this.op("where", dtype, [condition, p!, q!]);
  }

  cast(x: Value, dtype: DType): Value {
    return x.dtype === dtype ? x : this.op("cast", dtype, [x]);
  }

  /** 2^n of x = PIVOT + BIAS + n, 2^n normal. */
  pow2(x: Value): Value {
    return this.#apply("pow2", x);
  }
  /** x * 2^n of y = PIVOT + 2 BIAS + n, rounded once. */
  scale(x: Value, y: Value): Value {
    return this.#apply("scale", x, y);
  }
  /** A magnitude with the sign of `x`; both NaN or none. */
  copysign(magnitude: Value, x: Value): Value {
    return this.#apply("copysign", magnitude, x);
  }

  /** c[0] + c[1] x + c[2] x^2 + ..., by Horner's rule. */
  polynomial(x: Value, c: readonly number[]): Value {
    let p: Operand = c[c.length - 1]!;
    for (let i = c.length - 2; i >= 0; i--) p = this.fma(p, x, c[i]!);
    return p as Value;
  }

  /** A magnitude (not negative) with the sign of `x`; `x` itself where that is a zero or NaN. */
  withSign(magnitude: Value, x: Value): Value {
    const negative = this.where(this.lt(x, 0), this.neg(magnitude), x);
    return this.where(this.gt(x, 0), magnitude, negative);
  }
}

/** The type of `x`, which must be a float. */
export function floatType(x: Value): FloatType {
  if (!isFloat(x.dtype)) {
    throw new TypeError(
      `Cannot expand a transcendental function of ${x.dtype}: float32 or float64 is wanted: ` +
        `cast the operand first`,
    );
  }
  return x.dtype as FloatType;
}

/** The one operand of a function of a float. */
export type Unary = (b: Builder, x: Value, t: FloatType) => Value;

/** An expansion made of a function of one float. */
export function unary(f: Unary): Expansion {
  return (b, [x]) => f(b, x!, floatType(x!));
}
