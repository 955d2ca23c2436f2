/**
 * The value that a rule of a custom derivative returns: it must be of the kind that the function itself
 * returns, because the rule stands in its place.
 *
 * @module
 */
import { formatShape } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference } from "../base/structure.ts";
import { paths, type Structure, unflatten } from "../base/tree.ts";
import { cast, meet, Shapes, StatelessScope, type Tensor, within } from "../core/mod.ts";
import type { Aval } from "../ir/aval.ts";
import { type Flat, flatResult } from "./leaves.ts";

/** A rule in messages: what it is called, and what it must return. */
export interface RuleNames {
  readonly rule: string;
  readonly pair: string;
}

/** What a function returns for one kind of arguments. */
interface Returned {
  readonly structure: Structure;
  readonly avals: readonly Aval[];
}

/** Kinds of arguments that are remembered per function. */
const KEEP = 256;

/**
 * What a function returns, for each kind of its arguments: seen when it runs, else asked for by its
 * shapes alone, once. Null where they do not tell, because it looks at values.
 */
export class Returns {
  readonly #label: string;
  readonly #call: (ins: readonly Tensor[]) => unknown;
  readonly #fixed: (k: number) => boolean;
  readonly #known = new Map<string, Returned | null>();

  /** `fixed` tells which tensors are settings, whose values the function may look at. */
  constructor(
    label: string,
    call: (ins: readonly Tensor[]) => unknown,
    fixed: (k: number) => boolean,
  ) {
    this.#label = label;
    this.#call = call;
    this.#fixed = fixed;
  }

  /** Runs the function. */
  run(ins: readonly Tensor[]): Flat {
    const out = flatResult(this.#call(ins), "call", this.#label);
    const kind = kindOf(ins);
    if (!this.#known.has(kind)) this.#remember(kind, returned(out));
    return out;
  }

  /**
   * What a rule returned as the value, taken apart, numbers in the dtype of what they stand for; a
   * TypeError where the function returns something else.
   */
  check(ins: readonly Tensor[], value: unknown, names: RuleNames): Flat {
    const out = flatResult(value, "call", this.#label);
    const kind = kindOf(ins);
    let wanted = this.#known.get(kind);
    // what is remembered may be out of date, where the function depends on more than its arguments
    if (wanted === undefined || (wanted !== null && !fits(out, wanted))) {
      this.#remember(kind, wanted = this.#ask(ins));
    }
    if (wanted === null) return out;
    if (!fits(out, wanted)) this.#refuse(out, wanted, names);
    const { avals } = wanted;
    if (out.tensors.every((t, i) => t.dtype === avals[i]!.dtype)) return out;
    return {
      structure: out.structure,
      tensors: out.tensors.map((t, i) =>
        t.dtype === avals[i]!.dtype ? t : cast(t, avals[i]!.dtype)
      ),
    };
  }

  #remember(kind: string, what: Returned | null): void {
    if (this.#known.size >= KEEP) this.#known.clear();
    this.#known.set(kind, what);
  }

  #ask(ins: readonly Tensor[]): Returned | null {
    const shapes = new Shapes(this.#label);
    const ask = () => {
      const given = ins.map((x, k) => this.#fixed(k) ? x : shapes.any(x.aval));
      return returned(flatResult(this.#call(given), "call", this.#label));
    };
    try {
      // what it assigns to variables on the way is forgotten
      return new StatelessScope([]).run(() => within(shapes, ask));
    } catch {
      return null;
    } finally {
      shapes.end();
    }
  }

  #refuse(out: Flat, wanted: Returned, { rule, pair }: RuleNames): never {
    const from = `from ${rule} of ${this.#label}`;
    const remedy = `return ${pair} with a value like that`;
    if (out.structure.key !== wanted.structure.key) {
      throw new TypeError(
        `Cannot accept a value of another structure ${from}: it must have that of what the function ` +
          `itself returns, but ${explainDifference(out.structure, wanted.structure)}: ${remedy}`,
      );
    }
    const k = out.tensors.findIndex((t, i) => !yields(t, wanted.avals[i]!));
    const path = paths(unflatten(out.structure, [...out.tensors]), "value")[k];
    const text = ({ dtype, shape }: Pick<Aval, "dtype" | "shape">) =>
      `${dtype}${formatShape(shape)}`;
    throw new TypeError(
      `Cannot accept ${text(out.tensors[k]!)} as ${path} ${from}: it must be ` +
        `${text(wanted.avals[k]!)}, as what the function itself returns: ${remedy}`,
    );
  }
}

const kindOf = (ins: readonly Tensor[]): string => ins.map((x) => x.aval.key).join(" ");

const returned = ({ structure, tensors }: Flat): Returned => ({
  structure,
  avals: tensors.map((t) => t.aval),
});

function fits(out: Flat, wanted: Returned): boolean {
  return out.structure.key === wanted.structure.key &&
    out.tensors.every((t, i) => yields(t, wanted.avals[i]!));
}

/** Whether a value is of the wanted kind, or made of numbers that take its dtype. */
function yields(t: Tensor, wanted: Aval): boolean {
  return sameShape(t.shape, wanted.shape) &&
    (t.dtype === wanted.dtype ||
      (t.aval.weak && meet(t, { dtype: wanted.dtype, aval: wanted }) === wanted.dtype));
}
