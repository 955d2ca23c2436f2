/**
 * The golden cases of layers and models, with arrays as tensors and comparisons.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { clearNames, type Tensor, type Variable } from "../../src/core/mod.ts";
import type * as layers from "../../src/layers/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";
import { assertGolden, tensor } from "../losses/golden.ts";

export { assertGolden, tensor };

/** What a golden says of a variable. */
export interface GoldenVariable {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** One call of a layer. */
export interface GoldenCall {
  readonly training: boolean | null;
  readonly inputs: readonly GoldenArray[];
  readonly output: GoldenArray;
  readonly losses: readonly GoldenArray[];
  readonly nonTrainable: readonly GoldenArray[];
  readonly cotangent?: GoldenArray;
  readonly inputGradients?: readonly GoldenArray[];
  readonly trainableGradients?: readonly GoldenArray[];
}

/** A case of any kind; which members there are depends on it. */
export interface GoldenCase {
  readonly kind: "layer" | "regularizer" | "model" | "summary";
  readonly fn: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly dtype: "float32" | "float64";
  readonly trainableVariables: readonly GoldenVariable[];
  readonly nonTrainableVariables: readonly GoldenVariable[];
  readonly variables: readonly string[];
  readonly trainable: readonly GoldenArray[];
  readonly nonTrainable: readonly GoldenArray[];
  readonly calls: readonly GoldenCall[];
  readonly input: GoldenArray;
  readonly output: GoldenArray;
  readonly losses: readonly GoldenArray[];
  readonly modelName: string;
  readonly layers: readonly { readonly class: string; readonly name: string }[];
  readonly inputs: GoldenArray | readonly GoldenArray[];
  readonly outputs: GoldenArray | readonly GoldenArray[];
  readonly training: boolean;
  readonly nonTrainableAfter: readonly GoldenArray[];
  readonly parameters: number;
  readonly summary: string;
  readonly note?: string;
  readonly rtol: number;
  readonly atol: number;
}

/** All cases of a kind. */
export function casesOf(kind: GoldenCase["kind"]): GoldenCase[] {
  const both = [...readGolden("layers").cases, ...readGolden("conv").cases];
  const all = both as unknown as GoldenCase[];
  return all.filter((c) => c.kind === kind);
}

/** Compares lists of tensors with golden arrays. */
export function assertAll(
  got: readonly Tensor[],
  want: readonly GoldenArray[],
  tolerance: { rtol: number; atol: number },
  label: string,
): void {
  assertEquals(got.length, want.length, `${label}: the number of tensors`);
  got.forEach((t, i) => assertGolden(t, want[i]!, tolerance, `${label}[${i}]`));
}

/** Compares variables with what a golden says of them. */
export function assertVariables(
  got: readonly Variable[],
  want: readonly GoldenVariable[],
  label: string,
): void {
  const described = got.map(({ path, shape, dtype }) => ({ path, shape: [...shape], dtype }));
  assertEquals(described, want, label);
}

/** Makes the layer of a case, names counted from the start. */
export function makeLayer(c: GoldenCase, room: typeof layers): layers.Layer {
  clearNames();
  const make = room[c.fn as "Dense"] as unknown as new (...args: unknown[]) => layers.Layer;
  return new make(...c.args, { ...c.options, dtype: c.dtype ?? "float32" });
}
