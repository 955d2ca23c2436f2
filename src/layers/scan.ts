/**
 * Finding state in the properties of a layer.
 *
 * @module
 */
import { isTensor, Variable } from "../core/mod.ts";
import { SeedGenerator } from "../random/mod.ts";

/** How deep arrays and records are looked into. */
const DEPTH = 8;

/** What a layer holds in its own properties, each once, in their order. */
export interface Found<L> {
  readonly layers: L[];
  readonly variables: Variable[];
  readonly generators: SeedGenerator[];
}

/** Looks through an object's own properties, arrays and plain records in them included. */
export function scan<L extends object>(root: L, isLayer: (x: object) => x is L): Found<L> {
  const found: Found<L> = { layers: [], variables: [], generators: [] };
  const seen = new Set<object>([root]);
  const visit = (x: unknown, depth: number): void => {
    if (typeof x !== "object" || x === null || isTensor(x) || seen.has(x)) return;
    const nested = Array.isArray(x) || Object.getPrototypeOf(x) === Object.prototype;
    if (nested && depth === DEPTH) return;
    seen.add(x);
    if (nested) Object.values(x).forEach((y) => visit(y, depth + 1));
    else if (isLayer(x)) found.layers.push(x);
    else if (x instanceof Variable) found.variables.push(x);
    else if (x instanceof SeedGenerator) found.generators.push(x);
  };
  for (const value of Object.values(root)) visit(value, 0);
  return found;
}

/** Where a model says which layers it holds beside those in its properties. Internal. */
export const SUBLAYERS: unique symbol = Symbol("sublayers");
