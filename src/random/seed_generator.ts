/**
 * SeedGenerator: a state that gives another key each time, for layers that draw random numbers.
 *
 * @module
 */
import { HostArray } from "../base/mod.ts";
import { type Tensor, toTensor, uniqueName, Variable, withNameScope } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { seedOr } from "./seeds.ts";

/** Options of {@link SeedGenerator}. */
export interface SeedGeneratorOptions {
  /** An integer in 0..2^32-1; default a fresh one, or the next of `utils.setRandomSeed`. */
  seed?: number | undefined;
  /** Its name; default "seed_generator", made unique by a number. */
  name?: string | undefined;
}

/**
 * Gives another key at each call. Its state is a variable, `[seed, count]`, so that a stateless call
 * of a model hands the new state back as any other non-trainable value.
 *
 * @example
 * ```ts
 * import { random } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const generator = new random.SeedGenerator({ seed: 7 });
 * assertEquals(generator.next().toArray(), [7, 0]);
 * assertEquals(generator.next().toArray(), [7, 1]);
 * ```
 */
export class SeedGenerator {
  /** Its name. */
  readonly name: string;
  /** The state: a uint32 variable of shape [2]. */
  readonly state: Variable;

  /**
   * Makes the state.
   *
   * @param options options, or just the seed
   * @throws {TypeError} when the seed is no integer
   * @throws {RangeError} when it is outside of 0..2^32-1
   */
  constructor(options: SeedGeneratorOptions | number = {}) {
    if (typeof options !== "number") {
      checkOptions(options, ["seed", "name"], "make a SeedGenerator");
    }
    const { seed, name } = typeof options === "number" ? { seed: options } : options;
    const first = seedOr(seed, "make a SeedGenerator");
    this.name = name ?? uniqueName("seed_generator");
    const pair = new HostArray(Uint32Array.of(first, 0), [2], "uint32");
    this.state = withNameScope(
      this.name,
      () => new Variable(pair, { name: "seed_generator_state", trainable: false }),
    );
  }

  /** The current key; the state moves on by one. */
  next(): Tensor {
    const key = this.state.value;
    const one = toTensor(new HostArray(Uint32Array.of(0, 1), [2], "uint32"));
    this.state.assign(key.add(one));
    return key;
  }
}
