/**
 * Eager: runs each operation at once, as a compiled program of one step. There is no second
 * implementation of any op.
 *
 * @module
 */
import { type DType, DTYPES, type Values } from "../base/dtype.ts";
import { exactJson } from "../base/exact_json.ts";
import { formatShape, LeakedTracerError } from "../base/errors.ts";
import { onConfig } from "../base/flags.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { type Aval, makeAval } from "../ir/aval.ts";
import type { Params } from "../ir/def.ts";
import type { CallbackParams } from "../ir/ops/effect.ts";
import { opDef, type OpName } from "../ir/ops.ts";
import type { Program } from "../ir/program.ts";
import { callHost } from "./host_call.ts";
import { inside } from "./inside.ts";
import type { BaseInterpreter } from "./interpreter.ts";
import { Executable } from "./link.ts";
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

/** The storage of a concrete tensor, or an error that names the trace it escaped from. */
export function storageOf(x: Tensor, action: string): Storage {
  const { storage, owner } = inside(x);
  if (storage !== null) return storage;
  throw new LeakedTracerError(
    `Cannot ${action} a traced ${x.dtype}${formatShape(x.shape)} of ${owner?.label ?? "jit"} ` +
      `outside of it: it escaped from the trace; return it from the function instead of keeping it`,
  );
}

/** The same for one that must lie on `device`; else an error that says how to move it. */
export function storageOn(x: Tensor, device: Device, action: string): Storage {
  const storage = storageOf(x, action);
  if (inside(x).holder === device) return storage;
  throw new TypeError(
    `Cannot ${action} a tensor of device "${x.device}" on "${device.name}": ` +
      `rebuild it there from its data()`,
  );
}

/** The interpreter at the bottom. */
export class Eager implements BaseInterpreter {
  readonly #entries = new Map<string, Entry>();
  readonly #one: { readonly [D in DType]: Values };
  readonly #scalars: { readonly [D in DType]: readonly [Aval, Aval] };

  constructor() {
    onConfig((key) => {
      if (key === "passesOff") this.#entries.clear();
    });
    const names = Object.keys(DTYPES) as DType[];
    const row = <T>(f: (d: DType) => T) =>
      Object.fromEntries(names.map((d) => [d, f(d)])) as Record<DType, T>;
    this.#one = row((d) => new DTYPES[d].array(1));
    this.#scalars = row((d) => [makeAval([], d), makeAval([], d, true)] as const);
  }

  emit(op: OpName, ins: readonly Tensor[], params: Params): Tensor[] {
    let key: string = op;
    for (let i = 0; i < ins.length; i++) {
      const t = ins[i]!;
      const recorder = inside(t).owner?.recorder;
      if (recorder !== undefined) return recorder.emit(op, ins, params);
      key += t.aval.key;
    }
    const device = currentDevice();
    // a function of the user is no program to be kept
    if (op === "callback") return this.#call(ins, params as unknown as CallbackParams, device);
    for (const _ in params) {
      key += exactJson(params);
      break;
    }
    const found = this.#entries.get(key);
    const entry = found?.executable.device === device ? found : this.#compile(key, op, ins, params);
    const storages = new Array<Storage>(ins.length);
    for (let i = 0; i < ins.length; i++) storages[i] = storageOn(ins[i]!, device, op);
    const outs = entry.executable.run(storages, op);
    const result = new Array<Tensor>(outs.length);
    for (let i = 0; i < outs.length; i++) {
      result[i] = new Tensor(entry.avals[i]!, outs[i]!, device, null, -1);
      noteMade(result[i]!);
    }
    return result;
  }

  #call(ins: readonly Tensor[], { call }: CallbackParams, device: Device): Tensor[] {
    const bytes = ins.map((t) => device.heap.read(storageOn(t, device, call.name)));
    callHost(call, ins.map((t) => t.aval), bytes, call.name);
    return [];
  }

  #compile(key: string, op: OpName, ins: readonly Tensor[], params: Params): Entry {
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
      executable: new Executable(compileAloud(program, op).plan, currentDevice()),
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
        -1,
      );
    }
    const host = new DTYPES[dtype].array(values.length);
    host.set(values);
    return new Tensor(makeAval(shape, dtype, weak), device.heap.fromBytes(host), device, null, -1);
  }

  upload(values: Values, shape: readonly number[], dtype: DType): Tensor {
    const device = currentDevice();
    return new Tensor(makeAval(shape, dtype), device.heap.fromBytes(values), device, null, -1);
  }
}
