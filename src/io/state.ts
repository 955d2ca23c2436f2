/**
 * The state of a training as it stands in a checkpoint: a nest written as JSON in which tensors are
 * names of arrays, and the way back into what the user has made anew.
 *
 * Every node of the JSON has one key that tells its kind: `t` a tensor, `v` the variables of an object
 * as pairs of their name and the array's, `a` a list, `o` a record, `c` an instance of a class that
 * is registered as a node of trees, `n` a number that JSON lacks, `j` plain JSON.
 *
 * @module
 */
import { isTypedArray } from "../base/dtype.ts";
import { formatShape, formatValue } from "../base/errors.ts";
import { HostArray } from "../base/host_array.ts";
import { sameShape } from "../base/shape.ts";
import { registered } from "../base/structure.ts";
import { isTensor, isVariable, type TensorLike, toTensor, type Variable } from "../core/mod.ts";
import { assignAll, hostOf, matchVariables, namesOf } from "../models/weights.ts";

/** A node of the JSON. */
export type Node =
  | { readonly t: string }
  | { readonly v: readonly (readonly [variable: string, array: string])[] }
  | { readonly a: readonly Node[] }
  | { readonly o: Readonly<Record<string, Node>> }
  | { readonly c: { readonly aux: unknown; readonly children: readonly Node[] } }
  | { readonly n: string }
  | { readonly j: unknown };

/** Deeper nests most likely hold themselves. */
const DEEPEST = 1000;

type Leaf = Exclude<TensorLike, number | boolean | readonly unknown[]>;

const isArrayLeaf = (x: unknown): x is Leaf =>
  isTensor(x) || isVariable(x) || x instanceof HostArray || isTypedArray(x);

function isPlainObject(x: object): x is Record<string, unknown> {
  const proto = Object.getPrototypeOf(x);
  return proto === Object.prototype || proto === null;
}

/** The variables that an object holds: a model, an optimizer, a metric, a seed generator. */
function variablesOf(x: object, path: string): readonly Variable[] | null {
  if ("variables" in x && Array.isArray(x.variables) && x.variables.every(isVariable)) {
    if (!("built" in x) || x.built === true) return x.variables;
    throw new TypeError(
      `Cannot save or restore ${path || "it"}: it does not have all its variables yet: build it ` +
        `first: call the model once, call optimizer.build(model.trainableVariables)`,
    );
  }
  return "state" in x && isVariable(x.state) ? [x.state] : null;
}

const below = (path: string, key: string): string => path === "" ? key : `${path}.${key}`;

/** Writes a nest down. */
export class Encoder {
  /** The arrays met so far, by name. */
  readonly tensors: Record<string, HostArray> = Object.create(null);

  /** The nest as a node. */
  encode(x: unknown, path = "", depth = 0): Node {
    const refuse = (what: string) =>
      new TypeError(`Cannot save ${path || "the state"}: it is ${formatValue(x)}: ${what}`);
    if (depth > DEEPEST) {
      throw new RangeError(
        `Cannot save a state of more than ${DEEPEST} levels: look for a list or object that holds ` +
          `itself`,
      );
    }
    if (x === null || typeof x === "string" || typeof x === "boolean") return { j: x };
    if (typeof x === "number") {
      return Number.isFinite(x) && !Object.is(x, -0)
        ? { j: x }
        : { n: Object.is(x, -0) ? "-0" : `${x}` };
    }
    if (typeof x !== "object") {
      throw refuse("a checkpoint holds tensors, numbers, texts, booleans, null and nests of them");
    }
    if (isArrayLeaf(x)) return { t: this.#keep(path || "value", snapshot(x)) };
    if (Array.isArray(x)) {
      return joinList(Array.from(x, (e, i) => this.encode(e, `${path}[${i}]`, depth + 1)));
    }
    if ("state" in x && typeof x.state === "function") {
      return this.encode(x.state(), path, depth + 1);
    }
    if (isPlainObject(x)) {
      return joinRecord(
        Object.entries(x).filter(([, e]) => e !== undefined)
          .map(([key, e]) => [key, this.encode(e, below(path, key), depth + 1)]),
      );
    }
    const variables = variablesOf(x, path);
    if (variables !== null) {
      const names = namesOf(variables);
      const prefix = path === "" ? "" : `${path}/`;
      return {
        v: variables.map((v, i) => [names[i]!, this.#keep(prefix + names[i]!, snapshot(v))]),
      };
    }
    const type = registered.get(x.constructor);
    if (type !== undefined) {
      const { children, aux = null } = type.flatten(x);
      return {
        c: {
          aux,
          children: children.map((e, i) => this.encode(e, `${path}[${i}]`, depth + 1)),
        },
      };
    }
    throw refuse("it has no variables and no state() to keep");
  }

  #keep(name: string, x: HostArray): string {
    let free = name;
    for (let n = 2; free in this.tensors || free === "__metadata__"; n++) free = `${name}#${n}`;
    this.tensors[free] = x;
    return free;
  }
}

/** A list of nodes; one of plain JSON where all are. */
function joinList(nodes: readonly Node[]): Node {
  return nodes.every((node) => "j" in node)
    ? { j: nodes.map((node) => (node as { j: unknown }).j) }
    : { a: nodes };
}

function joinRecord(entries: readonly (readonly [string, Node])[]): Node {
  return entries.every(([, node]) => "j" in node)
    ? { j: Object.fromEntries(entries.map(([key, node]) => [key, (node as { j: unknown }).j])) }
    : { o: Object.fromEntries(entries) };
}

/** Reads a nest that was written down, into the user's objects where some are given. */
export class Decoder {
  readonly #file: string;
  readonly #tensors: Readonly<Record<string, HostArray>>;
  readonly #assignments: [Variable, HostArray][] = [];

  /** Reads from the arrays of a file. */
  constructor(file: string, tensors: Readonly<Record<string, HostArray>>) {
    this.#file = file;
    this.#tensors = tensors;
  }

  /** Puts the values that were met into the variables: the last thing to do. */
  assign(): void {
    assignAll(this.#assignments);
  }

  /** The nest of a node, in the structure of the target where one is given. */
  decode(node: Node, target: unknown, path = ""): unknown {
    if (target === undefined || target === null) return this.#plain(node);
    if (typeof target !== "object") return this.#scalar(node, target, path);
    if (isArrayLeaf(target)) return this.#tensor(node, target, path);
    if (Array.isArray(target)) return this.#list(node, target, path);
    if (isPlainObject(target) && !("state" in target && typeof target["state"] === "function")) {
      return this.#record(node, target, path);
    }
    const variables = variablesOf(target, path);
    if (variables !== null) {
      if (!("v" in node)) throw this.#unlike(path, "the variables of an object", node);
      const values = new Map(node.v.map(([name, array]) => [name, this.#array(array)]));
      const kept = { file: this.#file, values, ordered: true };
      this.#assignments.push(...matchVariables(variables, kept, path || "the target"));
      return target;
    }
    const type = registered.get(target.constructor);
    if (type !== undefined) {
      const { children, aux = null } = type.flatten(target);
      if (
        !("c" in node) || node.c.children.length !== children.length ||
        JSON.stringify(node.c.aux) !== JSON.stringify(aux)
      ) throw this.#unlike(path, `a ${type.name} of ${children.length} parts`, node);
      const parts = node.c.children.map((e, i) => this.decode(e, children[i], `${path}[${i}]`));
      return type.unflatten(parts, aux);
    }
    throw new TypeError(
      `Cannot restore into ${path || "the target"}: it is ${
        formatValue(target)
      }: give null there, ` +
        `and make it of the state that comes back, as dataset.iterate({ state })`,
    );
  }

  #array(name: string): HostArray {
    return this.#tensors[name]!;
  }

  #plain(node: Node): unknown {
    if ("j" in node) return node.j;
    if ("n" in node) return Number(node.n);
    if ("t" in node) return toTensor(this.#array(node.t));
    if ("a" in node) return node.a.map((e) => this.#plain(e));
    if ("c" in node) return node.c.children.map((e) => this.#plain(e));
    const entries = "v" in node
      ? node.v.map(([name, array]) => [name, toTensor(this.#array(array))] as const)
      : Object.entries(node.o).map(([key, e]) => [key, this.#plain(e)] as const);
    return Object.fromEntries(entries);
  }

  #scalar(node: Node, target: unknown, path: string): unknown {
    const value = "j" in node || "n" in node ? this.#plain(node) : undefined;
    if (typeof value === typeof target) return value;
    throw this.#unlike(path, `a ${typeof target}`, node);
  }

  #tensor(node: Node, target: Leaf, path: string): unknown {
    const shape = isTypedArray(target) ? [target.length] : target.shape;
    const like = isTypedArray(target) ? new HostArray(target) : target;
    const wanted = `${like.dtype}${formatShape(shape)}`;
    if (!("t" in node)) throw this.#unlike(path, wanted, node);
    const x = this.#array(node.t);
    if (!sameShape(x.shape, shape) || x.dtype !== like.dtype) {
      throw this.#unlike(path, wanted, node);
    }
    if (isVariable(target)) {
      this.#assignments.push([target, x]);
      return target;
    }
    return isTensor(target) ? toTensor(x) : target instanceof HostArray ? x : x.values;
  }

  #list(node: Node, target: readonly unknown[], path: string): unknown {
    if ("j" in node && Array.isArray(node.j) && target.every(isJson)) return node.j;
    const parts = "a" in node
      ? node.a
      : "j" in node && Array.isArray(node.j)
      ? node.j.map((j) => ({ j }))
      : null;
    if (parts === null || parts.length !== target.length) {
      throw this.#unlike(path, `a list of ${target.length}`, node);
    }
    return parts.map((e, i) => this.decode(e, target[i], `${path}[${i}]`));
  }

  #record(node: Node, target: Readonly<Record<string, unknown>>, path: string): unknown {
    const record = "j" in node && typeof node.j === "object" && !Array.isArray(node.j)
      ? node.j as Record<string, unknown> | null
      : null;
    // Below the top a record of plain JSON, as the state of an iterator, comes back as it was.
    if (path !== "" && record !== null && isJson(target)) return record;
    const parts: ReadonlyMap<string, Node> | null = "o" in node
      ? new Map(Object.entries(node.o))
      : record === null
      ? null
      : new Map(Object.entries(record).map(([key, j]) => [key, { j }]));
    if (parts === null) throw this.#unlike(path, "a record", node);
    const wanted = Object.keys(target).filter((key) => target[key] !== undefined);
    const missing = wanted.find((key) => !parts.has(key));
    if (missing !== undefined) {
      throw new RangeError(
        `Cannot restore ${below(path, missing)} from ${this.#file}: it is not in it: it holds ` +
          ([...parts.keys()].map((key) => below(path, key)).join(", ") || "nothing"),
      );
    }
    const over = path === "" ? undefined : [...parts.keys()].find((key) => !(key in target));
    if (over !== undefined) {
      throw new RangeError(
        `Cannot restore ${path} from ${this.#file}: it holds ${below(path, over)}, for which the ` +
          `target has no place`,
      );
    }
    return Object.fromEntries(
      Object.keys(target).filter((key) => parts.has(key))
        .map((key) => [key, this.decode(parts.get(key)!, target[key], below(path, key))]),
    );
  }

  #unlike(path: string, wanted: string, node: Node): RangeError {
    return new RangeError(
      `Cannot restore ${path || "the state"} from ${this.#file}: ${wanted} is wanted, found ` +
        `${this.#describe(node)}: give a target made as it was when it was saved`,
    );
  }

  #describe(node: Node): string {
    if ("t" in node) {
      const x = this.#array(node.t);
      return `${x.dtype}${formatShape(x.shape)}`;
    }
    if ("v" in node) return `${node.v.length} variables`;
    if ("a" in node) return `a list of ${node.a.length}`;
    if ("o" in node) return `a record of ${Object.keys(node.o).join(", ")}`;
    if ("c" in node) return `an instance of ${node.c.children.length} parts`;
    if ("n" in node) return node.n;
    return Array.isArray(node.j) ? `a list of ${node.j.length}` : formatValue(node.j);
  }
}

/** Whether a target is plain JSON, to be replaced as a whole. */
function isJson(x: unknown): boolean {
  if (typeof x !== "object" || x === null) return true;
  if (Array.isArray(x)) return x.every(isJson);
  return !isArrayLeaf(x) && isPlainObject(x) && Object.values(x).every(isJson);
}

/** A copy of the values: what was given may change while the file is written. */
export function snapshot(x: TensorLike): HostArray {
  return x instanceof HostArray
    ? new HostArray(x.data(), x.shape, x.dtype)
    : hostOf(toTensor(x, "save"));
}
