/**
 * Debugging: what goes on inside of compiled programs? `print` and `callback` show values, also in
 * jitted functions. Where do the NaN come from? `config({ checkNans: true })` asks it of every call,
 * `checkNans` of one function.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import type { TypedArray } from "../base/dtype.ts";
import type { HostArray } from "../base/host_array.ts";
import { printArray } from "../base/print.ts";
import { flatten, unflatten } from "../base/tree.ts";
import {
  emitAll,
  inside,
  isLeaf,
  literal,
  nanCheck,
  observe,
  type Tensor,
  type TensorLike,
  toTensor,
  type Variable,
} from "../core/mod.ts";
import { checkCall } from "./check_call.ts";
import { during } from "./during.ts";
import { badLeaf } from "./leaves.ts";

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

/** The text of a tensor as `console.log` and NumPy show it. */
function printed(x: HostArray): string {
  return printArray(x.values, x.shape, x.dtype);
}

/** Cuts a format at its places; `{{` and `}}` are braces. */
function parseFormat(format: string, count: number): readonly string[] {
  const fail = (wanted: string): never => {
    throw new RangeError(`Cannot print with the format ${formatValue(format)}: ${wanted}`);
  };
  const parts = [""];
  for (let i = 0; i < format.length; i++) {
    const c = format[i]!;
    const pair = format.slice(i, i + 2);
    if (pair === "{{" || pair === "}}") {
      parts[parts.length - 1] += c;
      i++;
    } else if (pair === "{}") {
      parts.push("");
      i++;
    } else if (c === "{" || c === "}") {
      fail(`the brace at ${i} stands alone: write {} for a value, {{ and }} for braces`);
    } else parts[parts.length - 1] += c;
  }
  const places = parts.length - 1;
  if (places !== count) {
    const plural = (n: number) => n === 1 ? "" : "s";
    fail(
      `it has ${places} place${plural(places)} {} for ${count} value${plural(count)}: ` +
        `give one for each`,
    );
  }
  return parts;
}

/**
 * Prints values when the program runs: also inside `jit`, where `console.log` would print once,
 * while the function is recorded. The lines of one program come in the order in which its function
 * wrote them, whether or not anything uses the values; under `grad` each comes once.
 *
 * @param format a text with `{}` in the place of each value; `{{` and `}}` are braces
 * @param values tensors, or what stands for them; printed as NumPy does
 * @throws {RangeError} when the format has not one place for each value, or a brace stands alone
 *
 * @example
 * ```ts
 * import { debug, jit, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const lines: string[] = [];
 * const log = console.log;
 * console.log = (text) => lines.push(text);
 * const f = jit((x) => {
 *   const sum = x.sum();
 *   debug.print("sum of {} is {}", x, sum);
 *   return sum.mul(2);
 * });
 * f(np.array([1, 2]));
 * f(np.array([3, 4]));
 * console.log = log;
 * assertEquals(lines, ["sum of [1. 2.] is 3.0", "sum of [3. 4.] is 7.0"]);
 * ```
 */
export function print(format: string, ...values: TensorLike[]): void {
  if (typeof format !== "string") {
    throw new TypeError(
      `Cannot print with the format ${formatValue(format)}: wanted a text with {} for each value`,
    );
  }
  const parts = parseFormat(format, values.length);
  const ins = values.map((v) => toTensor(v, "print"));
  emitAll("callback", ins, {
    call: {
      name: "debug.print",
      run: (args) => {
        console.log(parts.map((text, i) => i === 0 ? text : printed(args[i - 1]!) + text).join(""));
      },
      toJSON: () => `print ${JSON.stringify(format)}`,
    },
  });
}

/** What a function receives in the place of arguments: trees of copies. */
export type OnHost<T> = T extends Tensor | Variable | TypedArray | number | boolean ? HostArray
  : T extends HostArray | null | undefined ? T
  : T extends readonly unknown[] ? { -readonly [K in keyof T]: OnHost<T[K]> }
  : T extends object ? { -readonly [K in keyof T]: OnHost<T[K]> }
  : T;

/** The number of each function that was given, so that equal texts mean one function. */
const numbers = new WeakMap<object, number>();
let given = 0;

/**
 * Calls a function with values when the program runs: also inside `jit`. It is called for each run,
 * in the order in which the recorded function wrote it, whether or not anything uses the values;
 * under `grad` once, and no gradient flows through it.
 *
 * @param f receives each argument with a HostArray, a copy, in the place of every leaf; what it
 * returns is not used
 * @param args trees of tensors, or of what stands for them
 * @throws {TypeError} when `f` is no function, or a leaf is no array or number
 * @throws {Error} from the call in which `f` throws: that call fails, its donated arguments are gone,
 * and the error has what `f` threw as its cause
 *
 * @example
 * ```ts
 * import { debug, jit, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const seen: number[] = [];
 * const f = jit((x) => {
 *   debug.callback((y) => seen.push(y.values[0]!), x.sum());
 *   return x.mul(2);
 * });
 * f(np.array([1, 2]));
 * f(np.array([3, 4]));
 * assertEquals(seen, [3, 7]);
 * ```
 */
export function callback<A extends readonly unknown[]>(
  f: (...args: OnHost<A>) => unknown,
  ...args: A
): void {
  checkCall(f, {}, [], "call back");
  const [leaves, structure] = flatten(args);
  const ins = leaves.map((x, i) =>
    isLeaf(x) ? toTensor(x) : badLeaf(args, i, "call back", "arguments")
  );
  let number = numbers.get(f);
  if (number === undefined) numbers.set(f, number = ++given);
  const text = `${f.name === "" ? "function" : f.name} #${number} of ${structure.key}`;
  emitAll("callback", ins, {
    call: {
      name: f.name === "" ? "debug.callback" : `debug.callback(${f.name})`,
      run: (values) => {
        const returned = (f as (...a: unknown[]) => unknown)(
          ...unflatten(structure, values) as unknown[],
        );
        if (returned instanceof Promise) {
          returned.catch(() => {});
          throw new TypeError("Cannot await in a callback: the program goes on at once");
        }
      },
      toJSON: () => text,
    },
  });
}
