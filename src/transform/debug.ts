/**
 * Debugging: where do the NaN come from? `config({ checkNans: true })` asks it of every call,
 * `checkNans` of one function.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { inside, literal, nanCheck, observe } from "../core/mod.ts";
import { during } from "./during.ts";

/** Whether operations are being recorded, under whatever other transformation. */
function isRecording(): boolean {
  return inside(literal(0, "float32")).storage === null;
}

/**
 * Checks what a function computes for NaN: the first step whose result holds one, while nothing that
 * it read did, is an error that names it. NaN in the arguments is let pass. Steps are the eager
 * operations, and the kernels of jitted functions; give the jitted function itself, since one inside
 * of it is recorded and not run. Results are looked at after each step, which takes time.
 *
 * @param f a function of anything; one that returns a promise is checked until that is settled
 * @returns the same function, checked
 * @throws {TypeError} at a call while another function is being recorded
 * @throws {RangeError} at a call, when a step makes NaN of numbers
 *
 * @example
 * ```ts
 * import { debug, jit, np } from "glissade";
 * import { assertEquals, assertThrows } from "@std/assert";
 * const f = debug.checkNans(jit((x) => x.sub(1).log().mul(0).sum()));
 * assertEquals(f(np.array([2, 3])).item(), 0);
 * // log 0 is -Infinity, and -Infinity times 0 is not a number
 * assertThrows(() => f(np.array([1, 3])), RangeError, "Cannot accept NaN from sub+log+mul+sum");
 * ```
 */
export function checkNans<A extends readonly unknown[], R>(
  f: (...args: A) => R,
): (...args: A) => R {
  if (typeof f !== "function") {
    throw new TypeError(`Cannot check ${formatValue(f)} for NaN: give a function`);
  }
  return (...args) => {
    if (isRecording()) {
      throw new TypeError(
        `Cannot check for NaN inside a jitted function: it is recorded, and nothing runs: ` +
          `write debug.checkNans(jit(f))`,
      );
    }
    return during(observe(nanCheck()), () => f(...args));
  };
}
