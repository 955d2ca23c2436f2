/**
 * Specs: what is known of the elements of a pipeline before any of them is made.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import type { HostArray } from "../base/host_array.ts";
import { matches } from "../base/structure.ts";
import * as tree from "../base/tree.ts";

/**
 * The dtype and shape of one array of an element. Trees do not enter it: it is a leaf.
 *
 * @example
 * ```ts
 * import { data } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const batches = data.Dataset.range(5).batch(2);
 * assertEquals(batches.elementSpec, new data.ArraySpec("int32", [null]));
 * assertEquals(String(batches.elementSpec), "int32[?]");
 * ```
 */
export class ArraySpec {
  /** The element type. */
  readonly dtype: DType;
  /** The sizes of the axes; null where a size varies. */
  readonly shape: readonly (number | null)[];

  /** Makes the spec of one array. */
  constructor(dtype: DType, shape: readonly (number | null)[]) {
    this.dtype = dtype;
    this.shape = Object.freeze([...shape]);
  }

  /** The spec as text: `float32[?,28,28]`. */
  toString(): string {
    return `${this.dtype}[${this.shape.map((n) => n ?? "?").join(",")}]`;
  }

  /** What `console.log` shows. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** A nest of array specs, of the same structure as the elements. */
export type Spec = ArraySpec | null | readonly Spec[] | { readonly [key: string]: Spec };

/** The spec of the rows of a nest of arrays. */
export function rowSpec(nest: unknown): Spec {
  return tree.map((x: HostArray) => new ArraySpec(x.dtype, x.shape.slice(1)), nest) as Spec;
}

/** The spec of batches of elements of this spec; `size` is null where batches differ. */
export function batchSpec(spec: Spec, size: number | null): Spec {
  return tree.map((x: ArraySpec) => new ArraySpec(x.dtype, [size, ...x.shape]), spec);
}

/** The spec of the rows of batches of this spec; null where an array has no rows. */
export function unbatchSpec(spec: Spec): Spec | null {
  const arrays = tree.leaves<ArraySpec>(spec);
  if (arrays.some((x) => x.shape.length === 0)) return null;
  return tree.map((x: ArraySpec) => new ArraySpec(x.dtype, x.shape.slice(1)), spec);
}

/** The spec of one element; null where it holds texts, which have no dtype. */
export function elementSpec(element: unknown): Spec | null {
  if (tree.leaves(element).some((x) => typeof x === "string")) return null;
  return tree.map((x: HostArray) => new ArraySpec(x.dtype, x.shape), element) as Spec;
}

/**
 * The spec that covers two: sizes that differ are open. Null where they have another structure,
 * dtype or rank.
 */
export function relaxSpecs(a: Spec, b: Spec): Spec | null {
  const [list, structure] = tree.flatten<ArraySpec>(a);
  const other: ArraySpec[] = [];
  if (!matches(structure, b, other)) return null;
  const relaxed: ArraySpec[] = [];
  for (const [i, x] of list.entries()) {
    const y = other[i]!;
    if (x.dtype !== y.dtype || x.shape.length !== y.shape.length) return null;
    relaxed.push(new ArraySpec(x.dtype, x.shape.map((n, k) => n === y.shape[k] ? n : null)));
  }
  return tree.unflatten(structure, relaxed) as Spec;
}

/** The spec that JSON holds. */
export function readSpec(json: unknown): Spec {
  if (json === null || typeof json !== "object") return null;
  if (Array.isArray(json)) return json.map(readSpec);
  const { dtype, shape } = json as { dtype?: unknown; shape?: unknown };
  if (typeof dtype === "string" && Array.isArray(shape)) {
    return new ArraySpec(dtype as DType, shape as (number | null)[]);
  }
  return Object.fromEntries(Object.entries(json).map(([k, v]) => [k, readSpec(v)]));
}

/** Prints a spec on one line: `[float32[28,28], uint8[]]`. */
export function printSpec(spec: Spec): string {
  if (spec === null) return "null";
  if (spec instanceof ArraySpec) return spec.toString();
  if (Array.isArray(spec)) return `[${spec.map(printSpec).join(", ")}]`;
  const entries = Object.entries(spec as Record<string, Spec>);
  return `{ ${entries.map(([name, s]) => `${name}: ${printSpec(s)}`).join(", ")} }`;
}
