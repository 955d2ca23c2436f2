/**
 * What an initializer is, and what all factories of them share.
 *
 * @module
 */
import { checkDType, checkShape, type DType, formatValue, isFloat } from "../base/mod.ts";
import { isLeaf, literal, releasing, type Tensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { truncatedNormal as drawTruncated } from "../random/normal.ts";
import { rawKey, seedOr } from "../random/seeds.ts";
import { jit } from "../transform/mod.ts";
import type { Initializer, SeedOptions } from "./types.ts";

/** Checks the options of a factory; a shape in their place is a common slip. */
export function checkFactory(name: string, options: object, allowed: readonly string[]): void {
  if (isLeaf(options) || Array.isArray(options)) {
    throw new TypeError(
      `Cannot make ${name} of ${formatValue(options)}: it takes options and gives a function of ` +
        `the shape: call initializers.${name}()(shape)`,
    );
  }
  checkOptions(options, allowed, `make ${name}`);
}

/** Names a function and checks the arguments of its calls. */
export function initializer(
  name: string,
  value: (shape: number[], dtype: DType) => Tensor,
): Initializer {
  const f: Initializer = (shape, options = {}) => {
    const action = `initialize with ${name}`;
    const sizes = checkShape(shape, action);
    checkOptions(options, ["dtype"], action);
    const dtype = checkDType(options.dtype ?? "float32", action);
    return releasing(() => value(sizes, dtype));
  };
  Object.defineProperty(f, "name", { value: name });
  return f;
}

/**
 * An initializer that draws with a key; its seed is fixed here. A draw is one compiled program, so that
 * none of the arrays between key and weight takes memory. The spread is given to it beside the key:
 * written in the program, it would make each layer's kernels others than the last one's.
 *
 * @param draw the numbers of a shape, from the key and a scalar that holds the spread
 * @param spread how wide the numbers of a shape shall lie
 */
export function randomInitializer(
  name: string,
  { seed }: SeedOptions,
  draw: (key: Tensor, shape: number[], dtype: DType, spread: Tensor) => Tensor,
  spread: (shape: readonly number[]) => number = () => 1,
): Initializer {
  const fixed = seedOr(seed, `make ${name}`);
  return initializer(name, (shape, dtype) => {
    const by = literal(spread(shape), isFloat(dtype) ? dtype : "float32");
    const program = jit((key: Tensor, by: Tensor) => draw(key, shape, dtype, by));
    return program(rawKey(fixed, 0), by);
  });
}

/** Checks that an option is a finite number, and returns it. */
export function finite(x: number, option: string, name: string): number {
  if (typeof x !== "number") {
    throw new TypeError(`Cannot make ${name} with ${option} ${formatValue(x)}: wanted a number`);
  }
  if (!Number.isFinite(x)) {
    throw new RangeError(`Cannot make ${name} with ${option} ${x}: wanted a finite number`);
  }
  return x;
}

/** Standard normal numbers within two standard deviations. */
export function withinTwo(key: Tensor, shape: number[], dtype: DType): Tensor {
  return drawTruncated(key, -2, 2, { shape, dtype });
}
