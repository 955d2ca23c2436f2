/**
 * The programs behind a jitted function: found by the kind of their arguments, compiled where there
 * is none, run, and dropped when there are too many.
 *
 * @module
 */
import { formatValue } from "../base/errors.ts";
import { flag, type Precision } from "../base/flags.ts";
import { explainDifference, matches } from "../base/structure.ts";
import { flatten, paths, type Structure, unflatten } from "../base/tree.ts";
import { explain, type Explanation } from "../compile/explain.ts";
import {
  BOUND,
  compileAloud,
  currentDevice,
  deviceNamed,
  deviceOf,
  deviceOfCall,
  Executable,
  inside,
  isEager,
  isLeaf,
  isTensor,
  isVariable,
  mixed,
  onDevice,
  storageOn,
  Tensor,
  type TensorLike,
  toTensor,
  Trace,
  within,
} from "../core/mod.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Program } from "../ir/program.ts";
import {
  avalOf,
  checkDevice,
  checkPrecision,
  checkStatic,
  hasAval,
  heldOn,
  homeOf,
  isArgument,
  positionsOf,
  storageFor,
} from "./arguments.ts";
import { matchDonated } from "./donation.ts";
import type { JitOptions } from "./jit.ts";
import { badLeaf, labelOf, nameStatic, refusePromise, toTensors } from "./leaves.ts";

/** Programs kept per jitted function; the least recently used goes when there are more. */
const KEEP = 64;

/** One program, and the arguments that it is for. */
interface Entry {
  readonly structure: Structure;
  readonly avals: readonly Aval[];
  readonly statics: readonly unknown[];
  readonly device: Device;
  /** The compiler passes that were off. */
  readonly passesOff: readonly string[];
  /** The layout of random bits that it was recorded with. */
  readonly partitionable: boolean;
  /** How its float32 products may round. */
  readonly precision: Precision;
  /** Whether its kernels were to be machine code. */
  readonly native: boolean;
  readonly executable: Executable;
  readonly program: Program;
  readonly donated: ReadonlyMap<number, number>;
  readonly constants: readonly Storage[];
  readonly outStructure: Structure;
  readonly outAvals: readonly Aval[];
}

/** The arguments of a call: as given, without static ones, and what is known of the leaves. */
interface Call {
  readonly args: readonly unknown[];
  readonly dynamic: readonly unknown[];
  readonly structure: Structure;
  readonly avals: readonly Aval[];
}

/** The programs of one jitted function. */
export class Compiled {
  readonly #f: (...args: unknown[]) => unknown;
  readonly #donate: readonly number[];
  readonly #statics: readonly number[];
  readonly #device: string | null;
  readonly #precision: Precision | null;
  readonly #entries: Entry[] = [];
  /** Its name in messages. */
  readonly label: string;
  /** How many programs have been compiled. */
  compiles = 0;
  #warned = false;

  constructor(f: (...args: unknown[]) => unknown, options: JitOptions) {
    this.#f = f;
    this.#donate = positionsOf(options.donate, "donate");
    this.#statics = positionsOf(options.staticArgs, "staticArgs");
    this.#device = checkDevice(options.device);
    this.#precision = checkPrecision(options.precision);
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
    const entry = this.#entryToExplain(args);
    return explain(this.label, entry.program, entry.donated, entry.precision);
  }

  /** The program of these arguments; a call without any, which a function seldom means, is named. */
  #entryToExplain(args: readonly unknown[]): Entry {
    const wanted = this.#f.length;
    try {
      return this.#entryFor(args, this.#withoutStatics(args), []);
    } catch (cause) {
      if (!(cause instanceof TypeError) || args.length > 0 || wanted === 0) throw cause;
      throw new TypeError(
        `Cannot explain ${this.label} without arguments (${cause.message}): give ${
          wanted === 1 ? "the argument" : `the ${wanted} arguments`
        } of a call, because each shape and dtype has a program of its own`,
        { cause },
      );
    }
  }

  /** Runs the program for these arguments; under another interpreter the function itself. */
  call(args: readonly unknown[]): unknown {
    const dynamic = this.#withoutStatics(args);
    if (!isEager()) {
      const given = toTensors(dynamic, `call ${this.label}`, "args", nameStatic) as unknown[];
      const returned = this.#inlined(() => this.#f(...this.#withStatics(given, args)));
      refusePromise(returned, "jit", this.label);
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
        const held = heldOn(leaf, device);
        if (held !== null) storages[i] = held;
        else temporary.push(storages[i] = storageFor(leaf, device));
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
      results[i] = new Tensor(entry.outAvals[i]!, outs[i]!, device, null, BOUND);
    }
    return unflatten(entry.outStructure, results);
  }

  /** Calls the function within another's record or derivative, which may run on one device only. */
  #inlined(f: () => unknown): unknown {
    if (this.#device === null) return f();
    const device = deviceNamed(this.#device);
    const outer = deviceOfCall();
    if (outer !== null && outer !== device) {
      throw new TypeError(
        `Cannot call ${this.label} on "${device.name}" within a call on "${outer.name}": ` +
          `what is recorded runs on one device: give the outermost jit the option device`,
      );
    }
    return onDevice(device, f);
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
    const device = this.#device === null ? null : deviceNamed(this.#device);
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
    device: Device | null,
    leaves: TensorLike[],
  ): Entry | null {
    const entries = this.#entries;
    const passesOff = flag("passesOff");
    const partitionable = flag("threefryPartitionable");
    const precision = this.#precision ?? flag("precision");
    const native = flag("native");
    for (let k = entries.length - 1; k >= 0; k--) {
      const e = entries[k]!;
      leaves.length = 0;
      if (device !== null && e.device !== device || e.passesOff !== passesOff) continue;
      if (e.partitionable !== partitionable || e.precision !== precision) continue;
      if (e.native !== native) continue;
      if (!statics.every((v, i) => Object.is(v, e.statics[i]))) continue;
      if (!matches(e.structure, dynamic, leaves)) continue;
      let same = true;
      let home = device;
      for (let i = 0; i < leaves.length && same; i++) {
        const leaf = leaves[i]!;
        if (isTensor(leaf)) {
          same = leaf.aval === e.avals[i] || hasAval(leaf, e.avals[i]!);
          if (home === null && inside(leaf).id === BOUND) home = inside(leaf).holder;
        } else {
          same = isArgument(leaf) && hasAval(leaf, e.avals[i]!);
          if (same && home === null) home = homeOf(leaf);
        }
      }
      if (!same || (home ?? currentDevice()) !== e.device) continue;
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
    wanted: Device | null,
    leaves: TensorLike[],
  ): Entry {
    const started = performance.now();
    const [flat, structure] = flatten<TensorLike>(dynamic);
    flat.forEach((x, i) => {
      if (!isArgument(x)) badLeaf(dynamic, i, `call ${this.label}`, "args", nameStatic);
    });
    leaves.push(...flat);
    const avals = flat.map(avalOf);
    const device = this.#deviceFor(flat, wanted);
    const before = this.#entries[this.#entries.length - 1];
    const entry = onDevice(device, () => {
      const call = { args, dynamic, structure, avals };
      return { ...this.#made(call, device), statics };
    });
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

  /** Where a call with these arguments runs. */
  #deviceFor(leaves: readonly TensorLike[], wanted: Device | null): Device {
    const tensors = leaves.flatMap((x) => isTensor(x) ? [x] : isVariable(x) ? [x.value] : []);
    const home = deviceOf(tensors, `call ${this.label} with`);
    if (wanted !== null && home !== null && home !== wanted) {
      throw mixed(tensors.find((t) => inside(t).holder === home)!, wanted.name, "pass");
    }
    return wanted ?? home ?? currentDevice();
  }

  /** Records the function, compiles the record and links it to a device. */
  #made(
    { args, dynamic, structure, avals }: Call,
    device: Device,
  ): Omit<Entry, "statics"> {
    const trace = new Trace(this.label);
    const inputs = avals.map((a) => trace.input(a));
    let returned: unknown;
    let results: Tensor[];
    let outStructure: Structure;
    let finished: ReturnType<Trace["finish"]>;
    try {
      const full = this.#withStatics(unflatten(structure, inputs) as unknown[], args);
      returned = within(trace, () => this.#f(...full));
      refusePromise(returned, "jit", this.label);
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
    const precision = this.#precision ?? flag("precision");
    const { program, plan, donated } = compileAloud(finished.program, this.label, {
      precision,
      donate: this.#donate.length === 0
        ? undefined
        : (p) => matchDonated(this.#donate, dynamic, p, returned),
    });
    const executable = new Executable(plan, device);
    const constants = finished.constants.map((t) => {
      const s = storageOn(t, device, "capture");
      if (s === inside(t).storage) s.holders++;
      return s;
    });
    return {
      structure,
      avals,
      device,
      passesOff: flag("passesOff"),
      partitionable: flag("threefryPartitionable"),
      precision,
      native: flag("native"),
      executable,
      program,
      donated,
      constants,
      outStructure,
      outAvals: results.map((t) => makeAval(t.shape, t.dtype, t.aval.weak)),
    };
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
    if (now.native !== before.native) return "config.native changed";
    if (now.precision !== before.precision) {
      return `the precision changed from ${before.precision} to ${now.precision}`;
    }
    if (now.device !== before.device) {
      return `the device changed from ${before.device.name} to ${now.device.name}`;
    }
    return now.passesOff !== before.passesOff
      ? `the passes switched off changed from [${before.passesOff}] to [${now.passesOff}]`
      : "an earlier program was dropped";
  }
}
