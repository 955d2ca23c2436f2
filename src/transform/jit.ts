/**
 * jit: a function recorded once per kind of arguments, compiled, and replayed.
 *
 * @module
 */
import { dtypeOf, isTypedArray, type TypedArray } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { flag } from "../base/flags.ts";
import { HostArray, valuesOf } from "../base/host_array.ts";
import { sameShape } from "../base/shape.ts";
import { explainDifference, matches } from "../base/structure.ts";
import { flatten, paths, type Structure, unflatten } from "../base/tree.ts";
import { explain, type Explanation } from "../compile/explain.ts";
import {
  compileAloud,
  currentDevice,
  Executable,
  inside,
  isEager,
  isLeaf,
  isTensor,
  isVariable,
  storageOf,
  Tensor,
  type TensorLike,
  toTensor,
  Trace,
  within,
} from "../core/mod.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Id, Program } from "../ir/program.ts";
import { badLeaf, labelOf, toTensors } from "./leaves.ts";
import type { Args, Leaf } from "./types.ts";

/** Options of {@link jit}. */
export interface JitOptions {
  /**
   * Positions of arguments whose memory the call may take over: their tensors cannot be read
   * afterwards. Give the state of a training loop here, and keep only what the call returns.
   */
  donate?: number | readonly number[];
  /**
   * Positions of arguments that are settings, not tensors: strings, booleans, numbers, null, or
   * functions and class instances (by identity). Each new value compiles anew.
   */
  staticArgs?: number | readonly number[];
}

/** A jitted function. */
export type Jitted<F> = F & {
  /** How many programs have been compiled for it. */
  readonly compiles: number;
  /**
   * Tells what the function is compiled to for such arguments: the recorded program, the plan, the
   * kernels with their arithmetic and memory traffic, and what was fused and what was not and why.
   * Compiles where that has not been done, runs nothing, and takes no donated memory.
   */
  readonly explain: F extends (...args: infer A) => unknown ? (...args: A) => Explanation : never;
};

/** Programs kept per jitted function; the least recently used goes when there are more. */
const KEEP = 64;

interface Entry {
  readonly structure: Structure;
  readonly avals: readonly Aval[];
  readonly statics: readonly unknown[];
  readonly device: Device;
  /** The compiler passes that were off. */
  readonly passesOff: readonly string[];
  /** The layout of random bits that it was recorded with. */
  readonly partitionable: boolean;
  readonly executable: Executable;
  readonly program: Program;
  readonly donated: ReadonlyMap<number, number>;
  readonly constants: readonly Storage[];
  readonly outStructure: Structure;
  readonly outAvals: readonly Aval[];
}

const SCALAR_WEAK = makeAval([], "float32", true);
const hostAvals = new WeakMap<HostArray, Aval>();

/**
 * Whether a leaf can be an argument. A boolean cannot: traced, it would be an object, and so true in
 * every `if`; it belongs into staticArgs.
 */
function isArgument(x: unknown): x is TensorLike {
  return typeof x !== "boolean" && isLeaf(x);
}

/** The aval of a leaf, without bringing its values in. */
function avalOf(x: TensorLike): Aval {
  if (isTensor(x)) return x.aval;
  if (typeof x === "number") return SCALAR_WEAK;
  if (isVariable(x)) return x.value.aval;
  if (x instanceof HostArray) {
    let a = hostAvals.get(x);
    if (a === undefined) hostAvals.set(x, a = makeAval(x.shape, x.dtype));
    return a;
  }
  const typed = x as TypedArray;
  return makeAval([typed.length], dtypeOf(typed));
}

/** Whether a leaf has this aval; compares without making one where it can. */
function hasAval(x: TensorLike, a: Aval): boolean {
  if (isTensor(x)) return x.aval === a || x.aval.key === a.key;
  if (x instanceof HostArray) {
    if (x.dtype !== a.dtype || a.weak || x.shape.length !== a.shape.length) return false;
    for (let i = 0; i < x.shape.length; i++) if (x.shape[i] !== a.shape[i]) return false;
    return true;
  }
  return avalOf(x).key === a.key;
}

function list(x: number | readonly number[] | undefined, name: string): number[] {
  const all = x === undefined ? [] : Array.isArray(x) ? x : [x];
  if (all.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    throw new RangeError(
      `Cannot jit with ${name} ${formatValue(x)}: give positions of arguments, counted from 0`,
    );
  }
  return [...all];
}

const cell = new Float32Array(1);

/** The storage of a leaf; a fresh one where the leaf is neither tensor nor Variable. */
function storageFor(x: TensorLike, device: Device): Storage {
  if (isTensor(x)) {
    const s = storageOf(x, "pass");
    if (inside(x).holder !== device) {
      throw new TypeError(
        `Cannot pass a tensor of device "${x.device}" to a call on "${device.name}": ` +
          `rebuild it there from its data()`,
      );
    }
    return s;
  }
  if (x instanceof HostArray) return device.heap.fromBytes(valuesOf(x));
  if (typeof x === "number") {
    cell[0] = x;
    return device.heap.fromBytes(cell);
  }
  return storageFor(toTensor(x), device);
}

class Compiled {
  readonly #f: (...args: unknown[]) => unknown;
  readonly #donate: readonly number[];
  readonly #statics: readonly number[];
  readonly #entries: Entry[] = [];
  readonly label: string;
  compiles = 0;
  #warned = false;

  constructor(f: (...args: unknown[]) => unknown, options: JitOptions) {
    this.#f = f;
    this.#donate = list(options.donate, "donate");
    this.#statics = list(options.staticArgs, "staticArgs");
    this.label = labelOf(f, "jit");
    const both = this.#donate.find((n) => this.#statics.includes(n));
    if (both !== undefined) {
      throw new RangeError(`Cannot jit with argument ${both} both donated and static`);
    }
  }

  /** What a call with these arguments would run. */
  explain(args: readonly unknown[]): Explanation {
    if (!isEager()) {
      throw new TypeError(
        `Cannot explain ${this.label} inside another transformed function: explain the outermost`,
      );
    }
    const { program, donated } = this.#entryFor(args, this.#withoutStatics(args), []);
    return explain(this.label, program, donated);
  }

  call(args: readonly unknown[]): unknown {
    const dynamic = this.#withoutStatics(args);
    if (!isEager()) {
      const given = toTensors(dynamic, `call ${this.label}`, "args") as unknown[];
      const returned = this.#f(...this.#withStatics(given, args));
      refusePromise(returned, this.label);
      return toTensors(returned, `return from ${this.label}`, "result");
    }
    const leaves: TensorLike[] = [];
    const entry = this.#entryFor(args, dynamic, leaves);
    const { device } = entry;
    const count = leaves.length;
    const storages = new Array<Storage>(count + entry.constants.length);
    const temporary: Storage[] = [];
    try {
      for (let i = 0; i < count; i++) {
        const leaf = leaves[i]!;
        const s = storages[i] = storageFor(leaf, device);
        if (!isTensor(leaf) && !isVariable(leaf)) temporary.push(s);
      }
    } catch (e) {
      for (const s of temporary) device.heap.dispose(s);
      throw e;
    }
    for (let i = 0; i < entry.constants.length; i++) storages[count + i] = entry.constants[i]!;
    let outs: Storage[];
    try {
      outs = entry.executable.run(storages, this.label);
    } finally {
      // host arguments were copied in for this call alone, unless an output holds them now
      for (const s of temporary) if (--s.holders === 0) device.heap.dispose(s);
    }
    const results = new Array<Tensor>(outs.length);
    for (let i = 0; i < outs.length; i++) {
      results[i] = new Tensor(entry.outAvals[i]!, outs[i]!, device, null, -1);
    }
    return unflatten(entry.outStructure, results);
  }

  /** The compiled program for these arguments, compiled now if need be, and their leaves. */
  #entryFor(args: readonly unknown[], dynamic: readonly unknown[], leaves: TensorLike[]): Entry {
    for (const n of this.#donate) {
      if (n >= args.length) {
        throw new RangeError(
          `Cannot donate argument ${n} of ${this.label}: it was called with ${args.length}`,
        );
      }
    }
    const statics = this.#statics.map((i) => checkStatic(args[i], i, this.label));
    const device = currentDevice();
    return this.#find(dynamic, statics, device, leaves) ??
      this.#compile(args, dynamic, statics, device, leaves);
  }

  /** The arguments with null, a tree without leaves, in the place of static ones. */
  #withoutStatics(args: readonly unknown[]): readonly unknown[] {
    if (this.#statics.length === 0) return args;
    return args.map((x, i) => this.#statics.includes(i) ? null : x);
  }

  /** What the function is called with: the static arguments as they were given, tensors else. */
  #withStatics(tensors: readonly unknown[], args: readonly unknown[]): readonly unknown[] {
    return tensors.map((x, i) => this.#statics.includes(i) ? args[i] : x);
  }

  #find(
    dynamic: readonly unknown[],
    statics: readonly unknown[],
    device: Device,
    leaves: TensorLike[],
  ): Entry | null {
    const entries = this.#entries;
    const passesOff = flag("passesOff");
    const partitionable = flag("threefryPartitionable");
    for (let k = entries.length - 1; k >= 0; k--) {
      const e = entries[k]!;
      leaves.length = 0;
      if (e.device !== device || e.passesOff !== passesOff) continue;
      if (e.partitionable !== partitionable) continue;
      if (!statics.every((v, i) => Object.is(v, e.statics[i]))) continue;
      if (!matches(e.structure, dynamic, leaves)) continue;
      let same = true;
      for (let i = 0; i < leaves.length && same; i++) {
        same = isArgument(leaves[i]) && hasAval(leaves[i]!, e.avals[i]!);
      }
      if (!same) continue;
      if (k !== entries.length - 1) {
        entries.splice(k, 1);
        entries.push(e);
      }
      return e;
    }
    leaves.length = 0;
    return null;
  }

  #compile(
    args: readonly unknown[],
    dynamic: readonly unknown[],
    statics: readonly unknown[],
    device: Device,
    leaves: TensorLike[],
  ): Entry {
    const started = performance.now();
    const [flat, structure] = flatten<TensorLike>(dynamic);
    flat.forEach((x, i) => {
      if (!isArgument(x)) badLeaf(dynamic, i, `call ${this.label}`, "args");
    });
    leaves.push(...flat);
    const avals = flat.map(avalOf);
    const before = this.#entries[this.#entries.length - 1];

    const trace = new Trace(this.label);
    const inputs = avals.map((a) => trace.input(a));
    let returned: unknown;
    let results: Tensor[];
    let outStructure: Structure;
    let finished: ReturnType<Trace["finish"]>;
    try {
      const full = this.#withStatics(unflatten(structure, inputs) as unknown[], args);
      returned = within(trace, () => this.#f(...full));
      refusePromise(returned, this.label);
      const [outs, s] = flatten<TensorLike>(returned);
      outStructure = s;
      results = within(trace, () =>
        outs.map((x, i) => {
          if (!isLeaf(x)) badLeaf(returned, i, `return from ${this.label}`, "result");
          return toTensor(x);
        }));
      finished = trace.finish(inputs, results);
    } catch (e) {
      trace.abandon();
      throw e;
    }
    const { constants } = finished;
    const { program, plan, donated } = compileAloud(
      finished.program,
      this.label,
      this.#donate.length === 0 ? undefined : (p) => this.#matchDonated(dynamic, p, returned),
    );
    const executable = new Executable(plan, device);
    for (const c of constants) inside(c).storage!.holders++;
    const entry: Entry = {
      structure,
      avals,
      statics,
      device,
      passesOff: flag("passesOff"),
      partitionable: flag("threefryPartitionable"),
      executable,
      program,
      donated,
      constants: constants.map((t) => storageOf(t, "capture")),
      outStructure,
      outAvals: results.map((t) => makeAval(t.shape, t.dtype, t.aval.weak)),
    };
    this.compiles++;
    if (flag("debug") >= 1) {
      const ms = (performance.now() - started).toFixed(1);
      console.error(
        `glissade: compiled ${this.label} in ${ms} ms: ${this.#why(before, dynamic, entry)}`,
      );
    }
    this.#keep(entry);
    return entry;
  }

  #keep(entry: Entry): void {
    if (this.#entries.length >= KEEP) {
      const old = this.#entries.shift()!;
      for (const s of old.constants) s.holders--;
      old.executable.dispose();
      if (!this.#warned) {
        this.#warned = true;
        console.warn(
          `glissade: ${this.label} has been compiled for more than ${KEEP} kinds of arguments, so ` +
            `old programs are dropped: pad inputs to few shapes, or batch with dropRemainder`,
        );
      }
    }
    this.#entries.push(entry);
  }

  /**
   * Matches donated inputs with outputs: the same path first, then the first of equal aval. An input
   * that is itself an output gives its memory to that output only, or, returned twice, to none.
   */
  #matchDonated(
    dynamic: readonly unknown[],
    program: Program,
    returned: unknown,
  ): Map<number, number> {
    const pairs = new Map<number, number>();
    const inputs: { index: number; path: string }[] = [];
    let at = 0;
    dynamic.forEach((x, n) => {
      const names = paths(x);
      if (this.#donate.includes(n)) {
        names.forEach((path, i) => inputs.push({ index: at + i, path }));
      }
      at += names.length;
    });
    const taken = new Set<number>();
    const { outputs } = program;
    const known = new Set([...program.inputs, ...program.constants]);
    const times = new Map<Id, number>();
    for (const id of outputs) times.set(id, (times.get(id) ?? 0) + 1);
    const fits = (i: number, k: number): boolean => {
      const id = program.inputs[i]!;
      const out = outputs[k]!;
      if (taken.has(k)) return false;
      if (times.has(id) || known.has(out)) return out === id && times.get(id) === 1;
      const [a, b] = [program.avals[id]!, program.avals[out]!];
      return a.dtype === b.dtype && sameShape(a.shape, b.shape);
    };
    const outPaths = paths(returned);
    const left: number[] = [];
    for (const { index, path } of inputs) {
      // the state is either the whole result or one entry of it
      const k = outPaths.findIndex((p, j) =>
        fits(index, j) && (p === path || p.replace(/^\[\d+\]/, "") === path)
      );
      if (k < 0) left.push(index);
      else {
        taken.add(k);
        pairs.set(index, k);
      }
    }
    for (const index of left) {
      const k = outputs.findIndex((_, j) => fits(index, j));
      if (k < 0) continue;
      taken.add(k);
      pairs.set(index, k);
    }
    return pairs;
  }

  #why(before: Entry | undefined, dynamic: readonly unknown[], now: Entry): string {
    if (before === undefined) return "first call";
    if (before.structure.key !== now.structure.key) {
      return `the structure changed: ${explainDifference(before.structure, now.structure)}`;
    }
    const k = now.avals.findIndex((a, i) => a.key !== before.avals[i]!.key);
    if (k >= 0) {
      return `${paths(dynamic, "args")[k]} changed from ${before.avals[k]!.key} to ${
        now.avals[k]!.key
      }`;
    }
    const s = now.statics.findIndex((v, i) => !Object.is(v, before.statics[i]));
    if (s >= 0) {
      return `static argument ${this.#statics[s]} changed from ${
        formatValue(before.statics[s])
      } to ${formatValue(now.statics[s])}`;
    }
    if (now.partitionable !== before.partitionable) return "config.threefryPartitionable changed";
    return now.device === before.device
      ? `the passes switched off changed from [${before.passesOff}] to [${now.passesOff}]`
      : "the device changed";
  }
}

function refusePromise(returned: unknown, label: string): void {
  if (!(returned instanceof Promise)) return;
  returned.catch(() => {});
  throw new TypeError(
    `Cannot jit an async function (${label}): it is traced once and must return at once; ` +
      `await before the call`,
  );
}

function checkStatic(x: unknown, position: number, label: string): unknown {
  if (
    (typeof x === "object" && x !== null &&
      (Array.isArray(x) || Object.getPrototypeOf(x) === Object.prototype)) || isLeafArray(x)
  ) {
    throw new TypeError(
      `Cannot use ${
        formatValue(x)
      } as static argument ${position} of ${label}: static arguments are ` +
        `compared by identity, and this one would compile at every call; pass strings, numbers, ` +
        `booleans, or an instance of a class that is kept outside of the loop`,
    );
  }
  return x;
}

function isLeafArray(x: unknown): boolean {
  return isTensor(x) || x instanceof HostArray || isTypedArray(x) || isVariable(x);
}

/**
 * Compiles a function over trees of tensors. The first call with each kind of arguments (tree
 * structure, shapes, dtypes, static arguments, device) records what the function does to tensors and
 * compiles the record; later calls replay it without running the function. Side effects therefore
 * happen once. Under `grad` or another `jit` the function is simply called.
 *
 * @param f a function of trees of tensors (arrays, plain objects) that returns such a tree; it must
 * not read values (`item()`, `data()`) nor be async
 * @param options `donate`, `staticArgs`: see {@link JitOptions}
 * @throws {TypeError} at a call, when a leaf of the arguments is no tensor-like or number, or the function is
 * async or returns something else than tensors
 *
 * @example
 * ```ts
 * import { jit, np } from "glissade";
 * import { assertEquals } from "@std/assert";
 * const f = jit((x, y) => x.matmul(y).sum());
 * assertEquals(f(np.ones([2, 3]), np.ones([3, 4])).item(), 24);
 * assertEquals(f.compiles, 1);
 * const { flops, kernels } = f.explain(np.ones([2, 3]), np.ones([3, 4]));
 * assertEquals([flops, kernels.length], [2 * 2 * 3 * 4 + 8, 2]); // the product, and a sum of 8
 * ```
 */
export function jit<R>(
  f: (...args: Tensor[]) => R,
  options?: { donate?: number | readonly number[]; staticArgs?: undefined },
): Jitted<(...args: Leaf[]) => R>;
/** For functions of typed arguments. */
export function jit<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: JitOptions,
): Jitted<(...args: Args<A>) => R>;
export function jit(
  f: (...args: never[]) => unknown,
  options: JitOptions = {},
): Jitted<(...args: never[]) => unknown> {
  if (typeof f !== "function") throw new TypeError(`Cannot jit ${formatValue(f)}: give a function`);
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot jit with the options ${formatValue(options)}: give an object`);
  }
  for (const key of Object.keys(options)) {
    if (key !== "donate" && key !== "staticArgs") {
      throw new TypeError(`Cannot jit with the option "${key}": there are donate and staticArgs`);
    }
  }
  const compiled = new Compiled(f as (...args: unknown[]) => unknown, options);
  const run = (...args: unknown[]): unknown => compiled.call(args);
  Object.defineProperty(run, "name", { value: f.name });
  Object.defineProperty(run, "compiles", { get: () => compiled.compiles });
  Object.defineProperty(run, "explain", {
    value: (...args: unknown[]) => compiled.explain(args),
  });
  return run as unknown as Jitted<(...args: never[]) => unknown>;
}
