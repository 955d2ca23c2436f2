/**
 * Different transformations for different parameters.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import type { Gradients } from "../transform/types.ts";
import { transformation } from "./check.ts";
import { member } from "./leaves.ts";
import { maskedBy, type MaskedState } from "./masked.ts";
import { type Labels, spread } from "./prefix.ts";
import type { GradientTransformation, OptState } from "./types.ts";

/** A tree of names like the parameters, in which one may stand for a whole branch. */
export type LabelTree =
  | string
  | null
  | readonly LabelTree[]
  | { readonly [key: string]: LabelTree };

/** The state of {@link multiTransform}. */
export type PartitionState = {
  /** The states of the transformations, by their labels. */
  innerStates: Record<string, MaskedState<OptState>>;
};

const NAMES: Labels<string> = {
  is: (x): x is string => typeof x === "string",
  words: "names",
  root: "labels",
};

/**
 * Applies to each parameter the transformation of its label.
 *
 * @param transforms transformations by label
 * @param paramLabels a tree of labels, or a function that gives it for a tree of parameters or
 * updates
 * @throws {TypeError} when the labels do not fit a tree; it names the path
 * @throws {RangeError} for a label without a transformation
 *
 * @example
 * ```ts
 * import { np, optax } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const tx = optax.multiTransform(
 *   { train: optax.sgd(0.5), keep: optax.setToZero() },
 *   { head: "train", body: "keep" },
 * );
 * const params = { head: np.array([2]), body: [np.array([3])] };
 * const [updates] = tx.update(params, tx.init(params), params);
 * assertEquals([updates.head.toArray(), updates.body[0]!.toArray()], [[-1], [0]]);
 * ```
 */
export function multiTransform(
  transforms: Readonly<Record<string, GradientTransformation<OptState>>>,
  paramLabels: LabelTree | ((tree: unknown) => LabelTree),
): GradientTransformation<PartitionState> {
  const kind = "multiTransform";
  if (typeof transforms !== "object" || transforms === null || Array.isArray(transforms)) {
    throw new TypeError(
      `Cannot make ${kind} of ${formatValue(transforms)}: wanted transformations by label, ` +
        `as { train: optax.adam(0.001), keep: optax.setToZero() }`,
    );
  }
  const names = Object.keys(transforms);
  for (const name of names) transformation(transforms[name], name, kind);
  const labelsOf = (tree: unknown, action: string): string[] => {
    const given = typeof paramLabels === "function" ? paramLabels(tree) : paramLabels;
    const labels = spread(given, tree, NAMES, action);
    const unknown = labels.find((label) => !names.includes(label));
    if (unknown === undefined) return labels;
    throw new RangeError(
      `Cannot ${action}: there is no transformation for the label ${formatValue(unknown)}: ` +
        `there are ${names.join(", ")}`,
    );
  };
  const groups = names.map((name) =>
    maskedBy(
      transforms[name]!,
      kind,
      (tree, action) => labelsOf(tree, action).map((label) => label === name),
    )
  );
  return {
    init(params: unknown): PartitionState {
      labelsOf(params, `initialize ${kind}`);
      return {
        innerStates: Object.fromEntries(names.map((name, i) => [name, groups[i]!.init(params)])),
      };
    },
    update<U>(
      updates: U,
      state: PartitionState,
      params?: unknown,
    ): [Gradients<U>, PartitionState] {
      const action = `update with ${kind}`;
      const old = member(state, "innerStates", action);
      const innerStates: Record<string, MaskedState> = {};
      let now: unknown = updates;
      names.forEach((name, i) => {
        const inner = member(old, name, action) as MaskedState;
        [now, innerStates[name]] = groups[i]!.update(now, inner, params);
      });
      return [now as Gradients<U>, { innerStates }];
    },
  };
}
