/**
 * Whether whole arrays are equal, as JavaScript booleans.
 *
 * @module
 */
import { broadcastShapes, ConcretizationError, sameShape } from "../base/mod.ts";
import { emit, inside, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./types.ts";

/** What `arrayEqual` takes. */
export interface ArrayEqualOptions extends Options {
  /** Whether NaN equals NaN; default false. */
  equalNan?: boolean | undefined;
}

function answer(equal: Tensor, name: string): boolean {
  if (inside(equal).storage === null) {
    throw new ConcretizationError(
      `Cannot answer ${name} of a traced value: it has no value yet: ` +
        `return np.equal(a, b).all() and read it outside`,
    );
  }
  return equal.item() === 1;
}

/**
 * Whether two arrays have one shape and equal elements.
 *
 * @throws {ConcretizationError} inside `jit`, where there is no boolean yet
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.arrayEqual([1, 2], [1, 2]), true);
 * ```
 */
export function arrayEqual(a: TensorLike, b: TensorLike, options?: ArrayEqualOptions): boolean {
  const action = "compare";
  const { equalNan = false } = readOptions<ArrayEqualOptions>(options, ["equalNan"], action);
  const [x, y] = [toTensor(a, action), toTensor(b, action)];
  if (!sameShape(x.shape, y.shape)) return false;
  const equal = x.eq(y);
  return answer(
    (equalNan ? emit("or", [equal, emit("and", [x.isnan(), y.isnan()])]) : equal).all(),
    "arrayEqual",
  );
}

/**
 * Whether two arrays broadcast against each other and have equal elements then.
 *
 * @throws {ConcretizationError} inside `jit`, where there is no boolean yet
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.arrayEquiv([1, 1], 1), true);
 * ```
 */
export function arrayEquiv(a: TensorLike, b: TensorLike): boolean {
  const [x, y] = [toTensor(a, "compare"), toTensor(b, "compare")];
  try {
    broadcastShapes("compare", x.shape, y.shape);
  } catch {
    return false;
  }
  return answer(x.eq(y).all(), "arrayEquiv");
}
