/**
 * Eager: runs each operation at once, as a compiled program of one step. There is no second
 * implementation of any op.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../base/dtype.ts";
import { exactJson } from "../base/exact_json.ts";
import { onConfig } from "../base/flags.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import type { CallbackParams } from "../ir/ops/effect.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Program } from "../ir/program.ts";
import { callHost } from "./host_call.ts";
import { BOUND, FREE, inside } from "./inside.ts";
import type { BaseInterpreter } from "./interpreter.ts";
import { Executable } from "./link.ts";
import { isObserved } from "./observe.ts";
import { FREE_BYTES, storageOn } from "./placement.ts";
import { compileAloud } from "./report.ts";
import { currentDevice } from "./runtime.ts";
import { Tensor } from "./tensor.ts";
import { noteMade } from "./temporaries.ts";

interface Entry {
  readonly executable: Executable;
  readonly avals: readonly Aval[];
}

/** Compiled one-step programs kept; the least recently made half goes when there are more. */
const KEEP = 1024;

/** The interpreter at the bottom. */
export class Eager implements BaseInterpreter {
  /** Compiled programs, and those of the device last used. */
  readonly #all = new Map<Device, Map<string, Entry>>();
  #entries = new Map<string, Entry>();
  #device: Device | null = null;
  readonly #one: { readonly [D in DType]: Values };
  readonly #scalars: { readonly [D in DType]: readonly [Aval, Aval] };

  constructor() {
    onConfig((key) => {
      if (key !== "passesOff" && key !== "precision" && key !== "native") return;
      for (const entries of this.#all.values()) entries.clear();
    });
    const names = Object.keys(DTYPES) as DType[];
    const row = <T>(f: (d: DType) => T) =>
      Object.fromEntries(names.map((d) => [d, f(d)])) as Record<DType, T>;
    this.#one = row((d) => new DTYPES[d].array(1));
    this.#scalars = row((d) => [makeAval([], d), makeAval([], d, true)] as const);
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    let key: string = op;
    let bound: Device | null = null;
    for (let i = 0; i < ins.length; i++) {
      const t = ins[i]!;
      const { owner, id, holder } = inside(t);
      if (owner !== null) {
        if (owner.recorder !== undefined) return owner.recorder.emit(op, ins, params);
      } else if (id === BOUND && bound === null) bound = holder;
      key += t.aval.key;
    }
    const device = bound ?? currentDevice();
    if (op === "broadcast") {
      const zeros = broadcastZero(ins[0]!, params, device);
      if (zeros !== null) return [zeros];
    }
    // a function of the user is no program to be kept
    if (op === "callback") return this.#call(ins, params as unknown as CallbackParams, device);
    for (const _ in params) {
      key += exactJson(params);
      break;
    }
    if (device !== this.#device) this.#select(device);
    const entry = this.#entries.get(key) ?? this.#compile(key, op, ins, params, device);
    const storages = new Array<Storage>(ins.length);
    let copied: Storage[] | null = null;
    let outs: Storage[];
    try {
      for (let i = 0; i < ins.length; i++) {
        const { storage, holder } = inside(ins[i]!);
        if (storage !== null && holder === device) storages[i] = storage;
        else (copied ??= []).push(storages[i] = storageOn(ins[i]!, device, op));
      }
      outs = entry.executable.run(storages, op);
    } finally {
      if (copied !== null) giveUp(copied, device);
    }
    const result = new Array<Tensor>(outs.length);
    for (let i = 0; i < outs.length; i++) {
      result[i] = wrap(entry.avals[i]!, outs[i]!, device, bound === null);
    }
    return result;
  }

  #select(device: Device): void {
    let entries = this.#all.get(device);
    if (entries === undefined) this.#all.set(device, entries = new Map());
    this.#entries = entries;
    this.#device = device;
  }

  #call(ins: readonly Tensor[], { call }: CallbackParams, device: Device): Tensor[] {
    const copied: Storage[] = [];
    const bytes: Uint8Array<ArrayBuffer>[] = [];
    try {
      for (const t of ins) {
        const storage = storageOn(t, device, call.name);
        if (inside(t).holder !== device) copied.push(storage);
        bytes.push(device.heap.read(storage));
      }
    } finally {
      giveUp(copied, device);
    }
    callHost(call, ins.map((t) => t.aval), bytes, call.name);
    return [];
  }

  #compile(
    key: string,
    op: OpName,
    ins: readonly Tensor[],
    params: Params,
    device: Device,
  ): Entry {
    const inAvals = ins.map((t) => t.aval);
    const outAvals = opDef(op).avals(inAvals, params);
    const inputs = ins.map((_, i) => i);
    const outs = outAvals.map((_, i) => ins.length + i);
    const program: Program = {
      avals: [...inAvals, ...outAvals],
      inputs,
      constants: [],
      steps: [{ op, ins: inputs, outs, params }],
      outputs: outs,
    };
    const entry = {
      executable: new Executable(compileAloud(program, op).plan, device),
      avals: outAvals,
    };
    if (this.#entries.size >= KEEP) {
      for (const old of [...this.#entries.keys()].slice(0, KEEP / 2)) this.#entries.delete(old);
    }
    this.#entries.set(key, entry);
    return entry;
  }

  literal(
    values: readonly number[],
    shape: readonly number[],
    dtype: DType,
    weak: boolean,
  ): Tensor {
    const device = currentDevice();
    if (shape.length === 0) {
      const one = this.#one[dtype];
      one[0] = values[0]!;
      return new Tensor(
        this.#scalars[dtype][weak ? 1 : 0],
        device.heap.fromBytes(one),
        device,
        null,
        FREE,
      );
    }
    const host = new DTYPES[dtype].array(values.length);
    host.set(values);
    return new Tensor(
      makeAval(shape, dtype, weak),
      device.heap.fromBytes(host),
      device,
      null,
      FREE,
    );
  }

  upload(values: Values, shape: readonly number[], dtype: DType): Tensor {
    const device = currentDevice();
    return new Tensor(makeAval(shape, dtype), device.heap.fromBytes(values), device, null, FREE);
  }
}

/** The tensor of a result; small ones of free operands alone are free. */
function wrap(aval: Aval, storage: Storage, device: Device, free: boolean): Tensor {
  const id = free && aval.bytes <= FREE_BYTES ? FREE : BOUND;
  const t = new Tensor(aval, storage, device, null, id);
  noteMade(t);
  return t;
}

/** Zeros of a shape, where the heap gives them without a kernel; null for other values too. */
function broadcastZero(x: Tensor, params: Params, device: Device): Tensor | null {
  const { storage, holder, id } = inside(x);
  if (storage === null || holder !== device || x.aval.size !== 1 || isObserved()) return null;
  if (!device.heap.startsZeroed || !Object.is(device.heap.readNumber(storage, x.dtype), 0)) {
    return null;
  }
  const [aval] = opDef("broadcast").avals([x.aval], params);
  const zeros = device.heap.zeros(aval!.bytes);
  if (zeros === null) return null;
  device.heap.noteOutputs(aval!.bytes);
  return wrap(aval!, zeros, device, id !== BOUND);
}

/** Gives up copies that were made for one operation, and that nothing else holds by now. */
function giveUp(copied: readonly Storage[], device: Device): void {
  for (const s of copied) if (--s.holders === 0) device.heap.dispose(s);
}
