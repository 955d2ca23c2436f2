/**
 * makeProgram: the list of operations that a function is recorded as, to be read.
 *
 * @module
 */
import { flatten, unflatten } from "../base/tree.ts";
import {
  currentDevice,
  deviceOf,
  isLeaf,
  onDevice,
  type Tensor,
  toTensor,
  Trace,
  within,
} from "../core/mod.ts";
import type { Aval } from "../ir/aval.ts";
import { printProgram } from "../ir/program.ts";
import { checkCall } from "./check_call.ts";
import { badLeaf, flatResult, labelOf } from "./leaves.ts";
import type { Args, Leaf } from "./types.ts";

/** The recorded operations of a function. Prints as one operation a line. */
export interface RecordedProgram {
  /** Shapes and dtypes of the arguments' leaves. */
  readonly inputs: readonly Aval[];
  /** Shapes and dtypes of the tensors that it captured. */
  readonly constants: readonly Aval[];
  /** Shapes and dtypes of the leaves of the result. */
  readonly outputs: readonly Aval[];
  /** The names of the operations, in order. */
  readonly ops: readonly string[];
  /** The text. */
  toString(): string;
}

/**
 * A function that records `f` instead of running it, and returns the operations as they come, before
 * any simplification (`jit(f).explain` shows what is left of them). Derivatives and batches are
 * operations like others.
 *
 * @param f a function of trees of tensors that returns such a tree
 * @throws {TypeError} at the call, when a leaf is no array or number
 *
 * @example
 * ```ts
 * import { grad, makeProgram } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const program = makeProgram((x) => x.sin())(1);
 * assertEquals(`${program}`, "inputs %0:f32~[]\n%1:f32~[] = sin %0\noutputs %1");
 * assertEquals(makeProgram(grad((x) => x.sin()))(1).ops, ["same", "sin", "literal", "cos", "mul"]);
 * ```
 */
export function makeProgram<R>(
  f: (...args: Tensor[]) => R,
): (...args: Leaf[]) => RecordedProgram;
/** For functions of typed arguments. */
export function makeProgram<A extends readonly unknown[], R>(
  f: (...args: A) => R,
): (...args: Args<A>) => RecordedProgram;
export function makeProgram(
  f: (...args: never[]) => unknown,
): (...args: never[]) => RecordedProgram {
  checkCall(f, {}, [], "make a program of");
  const label = labelOf(f, "makeProgram");
  return (...args: unknown[]) => {
    const [leaves, structure] = flatten(args);
    const tensors = leaves.map((x, i) => {
      if (!isLeaf(x) || typeof x === "boolean") badLeaf(args, i, `call ${label}`, "args");
      return toTensor(x);
    });
    const avals = tensors.map((t) => t.aval);
    const device = deviceOf(tensors, `call ${label} with`) ?? currentDevice();
    const trace = new Trace(label);
    try {
      const inputs = avals.map((a) => trace.input(a));
      const given = unflatten(structure, inputs) as never[];
      const call = () => flatResult(f(...given), "make a program of", label);
      const out = onDevice(device, () => within(trace, call));
      const { program } = trace.finish(inputs, out.tensors);
      const of = (ids: readonly number[]) => ids.map((id) => program.avals[id]!);
      const text = printProgram(program);
      return {
        inputs: of(program.inputs),
        constants: of(program.constants),
        outputs: of(program.outputs),
        ops: program.steps.map((s) => s.op),
        toString: () => text,
        [Symbol.for("Deno.customInspect")]: () => text,
      };
    } catch (e) {
      trace.abandon();
      throw e;
    }
  };
}
