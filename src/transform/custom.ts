/**
 * Functions of trees as calls that interpreters treat as a whole.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { flatten, type Structure, unflatten } from "../base/tree.ts";
import {
  callCustom,
  type CustomCall,
  isLeaf,
  type Tensor,
  type TensorLike,
  toTensor,
} from "../core/mod.ts";
import { Returns, type RuleNames } from "./custom_value.ts";
import type { Flat } from "./leaves.ts";

/** Any function. */
export type Fn = (...args: unknown[]) => unknown;

/** How to put the arguments of a call together again; it holds no tensor of them. */
export interface Shape {
  /** The arguments, with `tensors` in the places of arrays, and settings as they were. */
  rebuild(tensors: readonly Tensor[]): unknown[];
  /** For each argument, the first of its tensors in the list of all; behind them their number. */
  readonly starts: readonly number[];
}

/** Arguments taken apart into tensors and what is not a tensor. */
export function takeApart(
  args: readonly unknown[],
): { tensors: Tensor[]; shape: Shape; key: string | null } {
  const starts = [0];
  const all: unknown[] = [];
  const structures = args.map((arg) => {
    const [leaves, structure] = flatten(arg);
    all.push(...leaves);
    starts.push(all.filter(isArray).length);
    return structure;
  });
  const settings = all.map((x) => isArray(x) ? null : { x });
  const texts = settings.map((s) => s === null ? "" : JSON.stringify(s.x));
  const plain = settings.every((s) => s === null || ["string", "boolean"].includes(typeof s.x));
  return {
    tensors: all.filter(isArray).map((x) => toTensor(x)),
    key: plain ? `${structures.map((s) => s.key)} ${texts}` : null,
    shape: {
      starts,
      rebuild: (tensors) => {
        let next = 0;
        let at = 0;
        const full = settings.map((s) => s === null ? tensors[next++] : s.x);
        return structures.map((s) => unflatten(s, full.slice(at, at += s.size)));
      },
    },
  };
}

/** Whether a leaf is an array or a number, and no setting. */
function isArray(x: unknown): x is TensorLike {
  return isLeaf(x) && typeof x !== "boolean";
}

/** The value that a rule returned for such arguments, if it fits; see {@link Returns}. */
export type Accept = (ins: readonly Tensor[], value: unknown, names: RuleNames) => Flat;

/** The rules of a call for arguments of such a shape; `accept` is asked of each value they return. */
export type Rules = (shape: Shape, accept: Accept) => Pick<CustomCall, "forward" | "reverse">;

interface Made {
  readonly call: CustomCall;
  /** What the function returned last. */
  structure: Structure | null;
}

/** Calls kept per function; those with functions among their arguments are made anew each time. */
const KEEP = 256;
let count = 0;

/** A function with derivatives of its own, as a function of trees. */
export function customFunction(
  label: string,
  f: Fn,
  nondiff: ReadonlySet<number>,
  rules: Rules,
): Fn {
  const known = new Map<string, Made>();
  const make = (shape: Shape): Made => {
    const name = `${label}#${count++}`;
    const returns = new Returns(
      label,
      (ins) => f(...shape.rebuild(ins)),
      (k) => nondiff.has(shape.starts.findLastIndex((start) => start <= k)),
    );
    const accept: Accept = (ins, value, names) => {
      const out = returns.check(ins, value, names);
      made.structure = out.structure;
      return out;
    };
    const made: Made = {
      structure: null,
      call: {
        label,
        toJSON: () => name,
        run: (ins) => {
          const { structure, tensors } = returns.run(ins);
          made.structure = structure;
          return [...tensors];
        },
        ...rules(shape, accept),
      },
    };
    return made;
  };
  const run = (...args: unknown[]): unknown => {
    const { tensors, shape, key } = takeApart(args);
    let made = key === null ? undefined : known.get(key);
    if (made === undefined) {
      made = make(shape);
      if (known.size >= KEEP) known.clear();
      if (key !== null) known.set(key, made);
    }
    const outs = callCustom(made.call, tensors);
    return unflatten(made.structure!, outs);
  };
  Object.defineProperty(run, "name", { value: f.name });
  return run;
}

/** Throws unless all are positions of arguments; `of` names the function. */
export function checkNondiff(argnums: readonly number[], of: string): ReadonlySet<number> {
  if (!Array.isArray(argnums) || argnums.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    throw new TypeError(
      `Cannot make ${of} with nondiffArgnums ${formatValue(argnums)}: give a list of positions, ` +
        `counted from 0`,
    );
  }
  return new Set(argnums);
}

/** The arguments that are differentiated, and the others, each in order. */
export function split<T>(
  args: readonly T[],
  nondiff: ReadonlySet<number>,
): { diff: T[]; rest: T[] } {
  return {
    diff: args.filter((_, k) => !nondiff.has(k)),
    rest: args.filter((_, k) => nondiff.has(k)),
  };
}
