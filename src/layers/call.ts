/**
 * What users hand to a layer and what its `call` gives back, checked; errors that come back with the
 * layer's name.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { flatten, type Structure } from "../base/tree.ts";
import {
  isLeaf,
  isTensor,
  snakeCase,
  type Tensor,
  type TensorLike,
  toTensor,
  uniqueName,
} from "../core/mod.ts";
import { checkOptions } from "../numpy/options.ts";
import { isSymbolic, readableMessage, readableShape } from "./graph.ts";
import type { LayerOptions } from "./types.ts";

/** The name that a layer is given, or one made from its kind. */
export function layerName(options: LayerOptions, kind: string): string {
  if (
    typeof options !== "object" || options === null || Array.isArray(options) || isTensor(options)
  ) {
    throw new TypeError(
      `Cannot make a ${kind} with ${
        formatValue(options)
      } as options: give an object, as { name: "first" }`,
    );
  }
  const name = options.name ?? uniqueName(snakeCase(kind));
  if (typeof name === "string" && name !== "" && !name.includes("/")) return name;
  throw new TypeError(`Cannot name a layer ${formatValue(name)}: a name is a text without "/"`);
}

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

/**
 * The tensors of an input, and its structure.
 *
 * @param takesList whether nested lists of numbers in a list are one input each
 */
export function inputsOf(
  x: unknown,
  takesList: boolean,
  name: string,
): { readonly tensors: readonly Tensor[]; readonly structure: Structure } {
  const [leaves, structure] = flatten(
    takesList && Array.isArray(x) ? x.map(arraysToTensors) : arraysToTensors(x),
  );
  if (leaves.length === 0) leaves.push(undefined);
  const tensors = leaves.map((leaf) => {
    if (isLeaf(leaf)) return toTensor(leaf, `call layer "${name}" with`);
    throw new TypeError(
      `Cannot call layer "${name}" with ${formatValue(leaf)}: give a tensor, array or number`,
    );
  });
  return { tensors, structure };
}

/** The tensors that `call` returned. */
export function outputsOf(y: unknown): readonly Tensor[] {
  const outputs = flatten(y)[0];
  const odd = outputs.length === 0 ? y : outputs.find((t) => !isTensor(t));
  if (outputs.length > 0 && odd === undefined && !outputs.includes(undefined)) {
    return outputs as Tensor[];
  }
  throw new TypeError(
    `Cannot use what call() returned: ${formatValue(odd)}; it must return a tensor, or a list or ` +
      `record of tensors`,
  );
}

/** Nested lists of numbers are one tensor each; other lists and records hold several inputs. */
function arraysToTensors(x: unknown): unknown {
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

/** Where a layer says that it takes a list of several inputs. Internal. */
export const TAKES_LIST: unique symbol = Symbol("takesList");
