/**
 * What users hand to a call of a layer, and the errors that come back with the layer's name.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { isTensor, type Tensor, type TensorLike, toTensor } from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { isSymbolic, readableMessage, readableShape } from "./graph.ts";

/** Throws unless the options of a call are among the allowed ones. */
export function checkCallOptions(options: object, allowed: readonly string[], name: string): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot call layer "${name}" with ${formatValue(options)} as options: wanted an object, as ` +
        `{ training: true }`,
    );
  }
  checkOptions(options, allowed, `call layer "${name}"`);
}

/** Nested lists of numbers are one tensor each; other lists and records hold several inputs. */
export function arraysToTensors(x: unknown): unknown {
  if (Array.isArray(x)) {
    return x.some(holdsArray) ? x.map(arraysToTensors) : toTensor(x as TensorLike, "call with");
  }
  if (typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype) {
    return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, arraysToTensors(v)]));
  }
  return x;
}

function holdsArray(x: unknown): boolean {
  return Array.isArray(x) ? x.some(holdsArray) : typeof x === "object" && x !== null;
}

/** The shape that `build` is told: the batch is not known. */
export function buildShape(t: Tensor): number[] {
  if (isSymbolic(t)) return readableShape(t.shape);
  return t.shape.map((n, i) => i === 0 ? -1 : n);
}

const named = new WeakSet<object>();

/**
 * What to throw when `call` failed on a list or record of inputs: an engine's own message ("x.mul is
 * not a function") says nothing of the layer taking one tensor.
 */
export function onInputs(e: unknown, inputs: unknown): unknown {
  if (!(e instanceof TypeError) || named.has(e) || isTensor(inputs)) return e;
  if (e.message.startsWith("Cannot ") && !e.message.startsWith("Cannot read prop")) return e;
  const what = Array.isArray(inputs) ? `a list of ${inputs.length} inputs` : "a record of inputs";
  return new TypeError(
    `Cannot call it with ${what}, if it takes one tensor: its call() failed with "${e.message}"`,
    { cause: e },
  );
}

/** Says once in which layer an error arose. */
export function inLayer(e: unknown, name: string): unknown {
  if (e instanceof Error && !named.has(e)) {
    named.add(e);
    e.message = `${readableMessage(e.message)}, in layer "${name}"`;
  }
  return e;
}
