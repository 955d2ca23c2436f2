/**
 * Reading what layers are made with: the names of options, and regularizers.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { literalBeside, type Tensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import type { Regularizer, RegularizerLike } from "./types.ts";

/** The names of what every layer takes. */
export const LAYER_OPTIONS: readonly string[] = [
  ...["name", "trainable", "dtype", "autocast", "activityRegularizer"],
];

/** Throws unless every option is one that all layers have, or one of the layer's own. */
export function checkLayerOptions(options: object, own: readonly string[], kind: string): void {
  checkOptions(
    options,
    [...own, ...LAYER_OPTIONS],
    `make ${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind} layer`,
  );
}

/** A regularizer from what users write; null for none. */
export function getRegularizer(
  like: RegularizerLike | null | undefined,
  action: string,
): Regularizer | null {
  if (like === null || like === undefined) return null;
  if (typeof like === "function") return like;
  if (like === "l1" || like === "l2") return norms({ [like]: 0.01 });
  const factors = typeof like === "object" ? Object.entries(like) : [];
  for (const [key, factor] of factors) {
    if ((key !== "l1" && key !== "l2") || (typeof factor !== "number") || !(factor >= 0)) {
      throw new RangeError(
        `Cannot ${action} with the penalty ${key}: ${formatValue(factor)}: there are l1 and l2, ` +
          `numbers >= 0`,
      );
    }
  }
  if (factors.length === 0) {
    throw new TypeError(
      `Cannot ${action} with the penalty ${formatValue(like)}: give { l1, l2 }, "l1", "l2" or a ` +
        `function of the tensor`,
    );
  }
  return norms(like as { l1?: number | undefined; l2?: number | undefined });
}

/** `l1 * sum |x| + l2 * sum x^2`; factors of 0 cost nothing. */
function norms(
  { l1 = 0, l2 = 0 }: { l1?: number | undefined; l2?: number | undefined },
): Regularizer {
  return (x) => {
    const terms: Tensor[] = [];
    if (l1 !== 0) terms.push(x.abs().sum().mul(l1));
    if (l2 !== 0) terms.push(x.mul(x).sum().mul(l2));
    return terms.reduce(
      (a: Tensor | null, b) => a === null ? b : a.add(b),
      null,
    ) ?? literalBeside(x, [0], [], x.dtype);
  };
}
