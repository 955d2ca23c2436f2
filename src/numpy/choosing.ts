/**
 * Choosing elements by numbers, by conditions, or by functions.
 *
 * @module
 */
import { formatValue } from "../base/mod.ts";
import { cast, promoted, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import type { Arrays } from "./joining.ts";
import { indices, listed, select, together } from "./operands.ts";
import { readOptions } from "./options.ts";
import type { Options } from "./types.ts";

/** What `choose` takes. */
export interface ChooseOptions extends Options {
  /** What is done with numbers outside: "clip" (the default) or "wrap". */
  mode?: "clip" | "wrap" | undefined;
}

/**
 * For each element, that of the array in a list which its number names; all broadcast.
 *
 * @throws {TypeError} for numbers that are no integers, or choices that are no list
 * @throws {RangeError} when the list is empty, or shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.choose([0, 1, 0], [[1, 2, 3], 9]).toArray(), [1, 9, 3]);
 * ```
 */
export function choose(numbers: TensorLike, choices: Arrays, options?: ChooseOptions): Tensor {
  const action = "choose from";
  const { mode = "clip" } = readOptions<ChooseOptions>(options, ["mode"], action);
  if (mode !== "clip" && mode !== "wrap") {
    throw new TypeError(
      `Cannot ${action} a list with mode ${formatValue(mode)}: wanted "clip" or "wrap"`,
    );
  }
  const list = together(listed(choices, action), action);
  const at = indices(numbers, action);
  const i = mode === "wrap" ? at.mod(list.length) : at.maximum(0).minimum(list.length - 1);
  return list.slice(1).reduce(
    (out, t, k) => select(i.eq(k + 1), t, out),
    list[0]!.add(i.zeros().astype(list[0]!.dtype)),
  );
}

/** What `select` takes. */
export interface SelectOptions extends Options {
  /** The value where no condition holds; default 0. */
  default?: TensorLike | undefined;
}

/**
 * For each element, that of the first array in a list whose condition holds; all broadcast.
 *
 * @throws {RangeError} when the lists differ in length or are empty, or shapes do not broadcast
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.select([[true, false]], [[1, 2]], 9).toArray(), [1, 9]);
 * ```
 */
function selectFirst(
  conditions: readonly TensorLike[],
  choices: readonly TensorLike[],
  options?: TensorLike | SelectOptions,
): Tensor {
  const action = "select";
  const plain = options !== undefined && typeof options === "object" && options !== null &&
    Object.getPrototypeOf(options) === Object.prototype;
  const { default: otherwise = 0 } = plain
    ? readOptions<SelectOptions>(options, ["default"], action)
    : { default: options as TensorLike | undefined };
  if (!Array.isArray(conditions) || !Array.isArray(choices)) {
    throw new TypeError(
      `Cannot ${action} by ${formatValue(conditions)}: wanted two lists of arrays`,
    );
  }
  if (conditions.length !== choices.length || choices.length === 0) {
    throw new RangeError(
      `Cannot ${action} by ${conditions.length} conditions among ${choices.length} arrays: ` +
        `wanted one for each, at least one`,
    );
  }
  const values = together(choices, action);
  const last = promoted(values[0]!, otherwise, action)[1];
  return conditions.reduceRight<Tensor>(
    (out, c, i) => select(cast(toTensor(c, action), "bool"), cast(values[i]!, last.dtype), out),
    last,
  );
}

/**
 * For each element, the value of the last function whose condition holds; of one function more, if
 * there is one, where none does; else 0. Every function sees all elements. Plain numbers count as
 * constant functions.
 *
 * @throws {RangeError} when there is not one function for each condition, or one more
 * @example
 * ```ts
 * import { np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * assertEquals(np.piecewise([-1, 2], [[true, false]], [0, (x) => x.mul(2)]).toArray(), [0, 4]);
 * ```
 */
export function piecewise(
  x: TensorLike,
  conditions: readonly TensorLike[],
  functions: readonly (number | ((x: Tensor) => Tensor))[],
): Tensor {
  const action = "apply pieces";
  const t = toTensor(x, action);
  if (!Array.isArray(conditions) || !Array.isArray(functions)) {
    throw new TypeError(
      `Cannot ${action} by ${formatValue(conditions)}: wanted lists of conditions and functions`,
    );
  }
  const n = conditions.length;
  if (functions.length !== n && functions.length !== n + 1) {
    throw new RangeError(
      `Cannot ${action}: ${n} conditions want ${n} functions, or one more, not ${functions.length}`,
    );
  }
  const value = (f: number | ((x: Tensor) => Tensor)): Tensor =>
    typeof f === "number" ? t.zeros().add(f).astype(t.dtype) : cast(f(t), t.dtype);
  const first = functions.length > n ? value(functions[n]!) : t.zeros();
  return conditions.reduce<Tensor>(
    (out, c, i) => select(cast(toTensor(c, action), "bool"), value(functions[i]!), out),
    first,
  );
}

export { selectFirst as select };
