/**
 * Linearity: an interpreter that looks on while a forward rule of the user is run, and tells where the
 * tangent that it returns cannot be linear in the tangents that it is given. Such a rule has no
 * transpose: its gradient would be wrong without a word.
 *
 * @module
 */
import { type DType, isFloat } from "../base/dtype.ts";
import type { Params } from "../ir/def.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { CustomCall } from "./custom.ts";
import { inside } from "./inside.ts";
import type { Interpreter } from "./interpreter.ts";
import type { Tensor } from "./tensor.ts";

/**
 * What is known of a value: a constant that is zero, that is not all zeros, that is surely computed
 * and not zeros on purpose; linear in the tangents; nothing. Or why it is not linear.
 */
type Known = "zero" | "nonzero" | "constant" | "linear" | "anything" | { readonly why: string };

/** Ops that hand on what is known of their only operand. */
const SAME = new Set<OpName>(["neg", "cast", "same", "stop", "reshape", "transpose", "broadcast"]);
/** Elementwise ops of tangents that decide nothing: a test for NaN, and what is made of its answer. */
const HARMLESS = new Set<OpName>(["eq", "ne", "and", "or", "xor", "not", "shl", "shr"]);
/** Ops that are not elementwise and not linear. */
const NOT_LINEAR = new Set<OpName>([
  "prod",
  "max",
  "min",
  "argmax",
  "argmin",
  "windowArgmax",
  "cumprod",
  "recurrence",
  "sort",
]);
/** Classes of ops that run functions: what they give is not looked into. */
const OPAQUE = new Set(["control", "library", "effect"]);

/** Looks at one run of a forward rule and passes everything on. */
export class Linearity implements Interpreter {
  readonly #below: Interpreter;
  readonly #known = new WeakMap<Tensor, Known>();

  constructor(below: Interpreter, tangents: readonly Tensor[]) {
    this.#below = below;
    for (const t of tangents) this.#known.set(t, "linear");
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    const outs = this.#below.emit(op, ins, params);
    const known = ins.map((x) => this.#of(x));
    const wrong = known.find((k) => typeof k === "object");
    const result = wrong ??
      (known.includes("linear") ? moving(op, known, outs[0]) : resting(op, ins, known));
    for (const y of outs) this.#known.set(y, result);
    return outs;
  }

  #of(x: Tensor): Known {
    return this.#known.get(x) ?? "constant";
  }

  literal(
    values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    const out = this.#below.literal(values, shape, dtype, weak);
    this.#known.set(out, values.every((x) => x === 0) ? "zero" : "nonzero");
    return out;
  }

  custom(call: CustomCall, ins: readonly Tensor[]): Tensor[] {
    return this.#unknown(this.#below.custom?.(call, ins) ?? call.run(ins));
  }

  remat(run: () => Tensor[]): Tensor[] {
    return this.#unknown(this.#below.remat?.(run) ?? run());
  }

  #unknown(outs: Tensor[]): Tensor[] {
    for (const y of outs) this.#known.set(y, "anything");
    return outs;
  }

  /** Why a tangent that was returned is surely not linear; null where it may be. */
  fault(tangent: Tensor): string | null {
    const known = this.#of(tangent);
    if (typeof known === "object") return known.why;
    if (known !== "constant" && known !== "nonzero") return null;
    if (inside(tangent).storage !== null && isZero(tangent)) return null;
    return "it does not depend on them, and is not zero";
  }
}

function isZero(x: Tensor): boolean {
  for (const value of x.data()) if (value !== 0) return false;
  return true;
}

/** What is known of the result of an op on values none of which is known to be linear. */
function resting(op: OpName, ins: readonly Tensor[], known: readonly Known[]): Known {
  if (SAME.has(op)) return known[0]!;
  if (OPAQUE.has(opDef(op).class) || known.includes("anything")) return "anything";
  switch (op) {
    case "mul":
    case "dot":
      return known.includes("zero") ? "zero" : "constant";
    case "div":
      return known[0] === "zero" ? "zero" : "constant";
    case "sub":
      if (ins[0] === ins[1]) return "zero";
      break;
    case "where":
      return known[1] === "zero" && known[2] === "zero" ? "zero" : "constant";
    case "add":
    case "sum":
    case "cumsum":
    case "slice":
    case "flip":
    case "concatenate":
      break;
    default:
      return "constant";
  }
  return known.every((k) => k === "zero") ? "zero" : "constant";
}

/** What is known of the result of an op some of whose operands are linear. */
function moving(op: OpName, known: readonly Known[], out: Tensor | undefined): Known {
  if (SAME.has(op)) return out !== undefined && isFloat(out.dtype) ? "linear" : "anything";
  const [a, b, c] = known;
  switch (op) {
    case "add":
    case "sub":
      return together([a, b], "adds a constant to them");
    case "where":
      return together([b, c], "puts a constant in their place");
    case "mul":
    case "dot":
      if (a === "linear" && b === "linear") return { why: "it multiplies them by one another" };
      return a === "anything" || b === "anything" ? "anything" : "linear";
    case "div":
      if (b === "linear") return { why: "it divides by them" };
      return b === "anything" ? "anything" : "linear";
  }
  const elementwise = opDef(op).class === "elementwise" && !HARMLESS.has(op);
  if (elementwise || NOT_LINEAR.has(op)) return { why: `it computes ${op} of them` };
  const arranged = opDef(op).class === "movement" && known.length === 1 && op !== "pad";
  return arranged || op === "sum" || op === "cumsum" ? "linear" : "anything";
}

function together(known: readonly (Known | undefined)[], what: string): Known {
  if (known.includes("linear") && known.includes("nonzero")) return { why: `it ${what}` };
  return known.every((k) => k === "linear" || k === "zero") ? "linear" : "anything";
}
