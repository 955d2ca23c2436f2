/**
 * Recipes of programs for fast-check, and how often to try them.
 *
 * @module
 */
import fc from "fast-check";
import type { DType } from "../../src/base/dtype.ts";
import { printProgram } from "../../src/ir/program.ts";
import {
  type Body,
  bodyOf,
  type Flavour,
  inputsOf,
  makerCount,
  programOf,
  type Recipe,
} from "./random_programs.ts";
import type { GoldenArray } from "../goldens/read.ts";
import { seed } from "../seed.ts";

const ALL: readonly DType[] = ["float32", "int32", "bool", "uint8", "uint32", "float64"];
const SIZES = [1, 2, 3, 4, 5, 7, 0];

/** Recipes of up to `most` operations. */
export function recipes(flavour: Flavour, most: number): fc.Arbitrary<Recipe> {
  const dtypes = flavour === "exact"
    ? ALL
    : flavour === "smooth"
    ? ["float32", "float64"] as const
    : ["float64"] as const;
  const input = fc.record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.constantFrom(...SIZES), { maxLength: 3 }),
    seed: fc.nat(999),
  });
  const step = fc.record({
    maker: fc.nat(makerCount(flavour) - 1),
    choices: fc.array(fc.nat(999), { minLength: 9, maxLength: 9 }),
  });
  return fc.record({
    inputs: fc.array(input, { minLength: 1, maxLength: 3 }).chain((list) =>
      // a second input like the first, so that they can take each other's place
      fc.nat(999).map((seed) => [...list, { ...list[0]!, seed }])
    ),
    steps: fc.array(step, { maxLength: most, size: "max" }),
    outputs: fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
    next: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  });
}

/** What a property sees of a recipe. */
export interface Case {
  readonly body: Body;
  readonly inputs: GoldenArray[];
  /** Any number that belongs to the recipe, for further choices. */
  readonly seed: number;
}

/** Asserts that `check` finds nothing wrong with any of `runs` random programs. */
export function holds(
  flavour: Flavour,
  most: number,
  runs: number,
  check: (c: Case) => string | null,
): void {
  const property = fc.property(recipes(flavour, most), (recipe) => {
    const body = bodyOf(recipe, flavour);
    const inputs = inputsOf(recipe, flavour);
    let why: string | null;
    try {
      why = check({ body, inputs, seed: recipe.inputs[0]!.seed });
    } catch (e) {
      why = String((e as Error).stack);
    }
    if (why !== null) throw new Error(`${why}\n${printProgram(programOf(body, inputs))}`);
  });
  fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: 240_000 });
}
