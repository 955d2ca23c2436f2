/**
 * The golden cases of optax: specifications built with glissade, and trees compared leaf by leaf.
 *
 * @module
 */
import { tree } from "../../src/base/mod.ts";
import type { Tensor } from "../../src/core/mod.ts";
import * as optax from "../../src/optax/mod.ts";
import { type GoldenArray, isGoldenArray, readGolden } from "../goldens/read.ts";
import { assertGolden, tensor } from "../losses/golden.ts";

/** A tree whose leaves are golden arrays. */
export type GoldenTree = unknown;

/** One transformation over several steps. */
export interface Case {
  readonly tx: unknown;
  readonly dtype: "float32" | "float64";
  readonly params: GoldenTree;
  readonly state: GoldenTree;
  readonly lookahead?: boolean;
  readonly steps: readonly {
    readonly grads: GoldenTree;
    readonly updates: GoldenTree;
    readonly params: GoldenTree;
    readonly state: GoldenTree;
  }[];
  readonly rtol: number;
  readonly atol: number;
  readonly note?: string;
}

/** One schedule at several counts. */
export interface ScheduleCase {
  readonly schedule: unknown;
  readonly dtype: "float32" | "float64";
  readonly counts: readonly number[];
  readonly want: GoldenArray;
}

const golden = readGolden("optax");
/** The transformations. */
export const cases = golden.cases as unknown as Case[];
/** The schedules. */
export const schedules = golden.more.schedules as unknown as ScheduleCase[];

/** The tree with a tensor for each golden array. */
export function tensors(x: GoldenTree): unknown {
  if (isGoldenArray(x)) return tensor(x);
  if (Array.isArray(x)) return x.map(tensors);
  if (typeof x === "object" && x !== null) {
    return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, tensors(v)]));
  }
  return x;
}

interface Spec {
  readonly fn: string;
  readonly args?: readonly unknown[];
  readonly options?: Record<string, unknown>;
}

const functions = optax as unknown as Record<string, (...args: unknown[]) => unknown>;

/** What a specification says, built with glissade. */
export function build(x: unknown): unknown {
  if (Array.isArray(x)) return x.map(build);
  if (typeof x !== "object" || x === null) return x;
  if ("inject" in x) {
    const { of, inject } = x as unknown as { of: string; inject: Record<string, unknown> };
    const make = functions[of]!;
    const all = build(inject) as Record<string, optax.Scalar>;
    return optax.injectHyperparams(({ learningRate, ...options }) =>
      make(learningRate, options) as optax.GradientTransformation
    )(all);
  }
  if (!("fn" in x)) return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, build(v)]));
  const { fn, args = [], options = {} } = x as Spec;
  const given = args.map(build);
  const named = build(options) as Record<string, unknown>;
  if (fn === "noisySgd" || Object.keys(named).length > 0) given.push(named);
  if (fn === "adafactor" && args.length === 0) given.unshift(null);
  if (fn === "MultiSteps") {
    return new optax.MultiSteps(...given as ConstructorParameters<typeof optax.MultiSteps>);
  }
  return functions[fn]!(...given);
}

/** The names of the functions that a specification calls. */
export function called(x: unknown): string[] {
  if (typeof x !== "object" || x === null) return [];
  const inside = Object.values(x).flatMap(called);
  if ("inject" in x) return ["injectHyperparams", (x as unknown as { of: string }).of, ...inside];
  return "fn" in x ? [(x as Spec).fn, ...inside] : inside;
}

/** Throws unless a tree of tensors is a golden one. */
export function compare(
  got: unknown,
  want: GoldenTree,
  near: { rtol: number; atol: number },
  label: string,
): void {
  // golden arrays are plain objects, which trees would walk into
  const known = tensors(want);
  const [leaves, shape] = tree.flatten<Tensor>(got);
  const [wanted, wantedShape] = tree.flatten<Tensor>(known);
  if (shape.key !== wantedShape.key) {
    throw new Error(`${label}: the tree is ${shape.key}, wanted ${wantedShape.key}`);
  }
  const names = tree.paths(got);
  leaves.forEach((x, i) => {
    const w = wanted[i]!;
    const array = { dtype: w.dtype, shape: w.shape, data: w.data() } as GoldenArray;
    assertGolden(x, array, near, `${label} ${names[i]}`);
  });
}
