/**
 * Clipping: gradients that are too large, made smaller.
 *
 * @module
 */
import { literal, type Tensor } from "../core/mod.ts";
import type { Settings } from "./options.ts";

/** The gradients, clipped as the settings say; null stays null. */
export function clip(gradients: readonly (Tensor | null)[], s: Settings): (Tensor | null)[] {
  const each = (f: (g: Tensor) => Tensor): (Tensor | null)[] =>
    gradients.map((g) => g === null ? null : f(g));
  if (s.clipnorm !== null) {
    const c = s.clipnorm;
    return each((g) => g.mul(c).div(g.mul(g).sum().sqrt().maximum(c)));
  }
  if (s.clipvalue !== null) {
    const c = s.clipvalue;
    return each((g) => g.maximum(-c).minimum(c));
  }
  if (s.globalClipnorm !== null) {
    const c = s.globalClipnorm;
    const squares = gradients.flatMap((g) => g === null ? [] : [g.mul(g).sum()]);
    if (squares.length === 0) return [...gradients];
    const norm = squares.reduce((a, b) => a.add(b)).sqrt();
    const one = literal(1, norm.dtype);
    // an infinite or NaN norm makes every gradient NaN
    const scale = norm.reciprocal().minimum(one.div(c)).mul(c).add(norm.sub(norm));
    return each((g) => g.mul(scale.astype(g.dtype)));
  }
  return [...gradients];
}
