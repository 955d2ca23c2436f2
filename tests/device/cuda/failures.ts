/**
 * What a program does with a GPU, each thing made to fail at every native call that it makes: an
 * error of a known class comes of it, nothing is left behind, and the thing works when done again.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HostArray } from "../../../src/base/host_array.ts";
import { DeadDeviceError, NativeLibraryError, OutOfMemoryError } from "../../../src/base/errors.ts";
import { baseInterpreter, type Tensor } from "../../../src/core/mod.ts";
import { CudaError } from "../../../src/device/cuda/errors.ts";
import type { Device } from "../../../src/device/device.ts";
import * as np from "../../../src/numpy/mod.ts";
import { jit } from "../../../src/transform/jit.ts";
import { join } from "node:path";
import { removeStandIn } from "../../standins/cuda/build.ts";
import { livingNames } from "../../standins/cuda/control.ts";
import { type Rig, rig } from "./stand_in.ts";

/** A device with so little memory, much of which is filled anew for each trial. */
export const SMALL = { MEMORY: `${64 << 20}` };

/** Something that a program does with a device; done again it gives the same. */
export interface Action {
  readonly name: string;
  /** Prepares what it works on; where it is left out the action is making the device. */
  readonly ready?: (device: Device) => () => unknown;
  /** Whether the device must be as new. */
  readonly fresh?: boolean;
}

/** Times that an action is done, after which all that is kept for the next time is there. */
const TIMES = 4;

const f32 = (shape: readonly number[], values: Float32Array): Tensor =>
  baseInterpreter().upload(values, shape, "float32");

const NUMBERS = new Float32Array(1_100_000).map((_, i) => i % 7);

const count = (n: number): Float32Array => NUMBERS.slice(0, n);

/** Several launches, an input from the host, a fresh small output: what is captured as a graph. */
function step(): (x: Tensor, calls: number) => number[] {
  const f = jit((x: Tensor, y: Tensor) => {
    const z = x.matmul(x).add(y);
    return [z.exp().sum(), np.cumsum(z, 1).max(), z.sum([0])];
  });
  return (x, calls) => {
    let out: Tensor[] = [];
    for (let i = 0; i < calls; i++) {
      out = f(x, new HostArray(Float32Array.of(1, 2, 3), [3])) as Tensor[];
    }
    return out.flatMap((t) => [...t.data()]);
  };
}

/** The sum of every tenth element. */
function sumOf(t: Tensor): number {
  const data = t.data();
  let sum = 0;
  for (let i = 0; i < data.length; i += 10) sum += data[i]!;
  return sum;
}

/** Calls with an input that is copied ahead of them, on a stream of its own. */
function large(before: number): () => () => unknown {
  return () => {
    const f = jit((x: Tensor, y: Tensor) => [x.exp().sum([1]).add(y), np.cumsum(y, 0), x.max()]);
    const [x, y] = [new HostArray(count(20_000), [4, 5000]), new HostArray(count(4), [4])];
    const run = () => (f(x, y) as Tensor[]).flatMap((t) => [...t.data()]);
    for (let i = 0; i < before; i++) run();
    return run;
  };
}

/** A tensor that lies on the device. */
const square = (): Tensor => f32([3, 3], count(9).map((v) => v / 8));

/** Runs of {@linkcode step} after which it is captured at its next. */
const BEFORE_CAPTURE = 1;

function afterRuns(before: number, runs = 1): (device: Device) => () => unknown {
  return () => {
    const run = step();
    const x = square();
    if (before > 0) run(x, before);
    return () => run(x, runs);
  };
}

/** What takes long. */
export const LONG: readonly Action[] = [
  { name: "a dozen calls", ready: afterRuns(0, 12) },
  { name: "the first call with a large input", ready: large(0) },
];

const MAKING: Action = { name: "making the device" };

/** All others. */
export const ACTIONS: readonly Action[] = [
  { name: "the first jitted call", ready: afterRuns(0) },
  { name: "a call that is captured as a graph", ready: afterRuns(BEFORE_CAPTURE) },
  { name: "a call that is a graph", ready: afterRuns(BEFORE_CAPTURE + 1) },
  { name: "a later call with a large input", ready: large(6) },
  {
    name: "an operation outside jit",
    ready: () => {
      const x = square();
      return () => [...x.add(1).log().data()];
    },
  },
  {
    name: "reading",
    ready: () => {
      const x = f32([300_000], count(300_000));
      const y = x.slice([5, 6]);
      return () => [sumOf(x), y.item()];
    },
  },
  {
    name: "writing",
    fresh: true,
    ready: () => {
      const values = count(1_100_000);
      return () => {
        const x = f32([values.length], values);
        try {
          return sumOf(x);
        } finally {
          x.dispose();
        }
      };
    },
  },
  {
    name: "a product",
    ready: () => {
      const x = square();
      return () => [...x.matmul(x).data()];
    },
  },
  {
    name: "freeing what was computed",
    ready: (device) => {
      const x = square();
      return () => {
        const f = jit((t: Tensor) => [t.exp().sum(), np.cumsum(t, 0), t.sum([0]).sin()]);
        const out = [f(x), f(x), f(x)].flat() as Tensor[];
        const all = out.map((t) => [...t.data()]);
        for (const t of out) t.dispose();
        device.reconfigure();
        return all;
      };
    },
  },
];

const DRIVER = [1, 2, 700];
const CODES: Readonly<Record<string, readonly number[]>> = {
  cuInit: [3, 100, 999],
  cuDevicePrimaryCtxRetain: [2, 46, 101],
  cuModuleLoadDataEx: [2, 200, 209, 218, 222, 700],
  cuLaunchKernel: [1, 700, 701, 719, 900, 901],
  cuStreamBeginCapture_v2: [1, 900, 700],
  cuStreamEndCapture: [2, 719, 900, 901],
  cuStreamSynchronize: [700, 719, 900],
  cuEventSynchronize: [700, 719, 900],
  cuGraphLaunch: [1, 2, 700, 719],
  cuStreamWaitEvent: [1, 700, 901],
};

/** The codes that a call is made to give. */
function codesOf(call: string): readonly number[] {
  if (call.startsWith("nvrtc")) return [1, 5, 6, 7];
  if (call.startsWith("cublas")) return [1, 3, 13];
  const needsNoContext = /^cuDevice(Get|TotalMem)|^cuDriverGetVersion$|^cuCtxSetCurrent$/;
  if (needsNoContext.test(call)) return [1, 3, 101];
  return CODES[call] ?? DRIVER;
}

/** What happened. */
interface Outcome {
  readonly value?: unknown;
  readonly error: Error | null;
}

function outcomeOf(run: () => unknown): Outcome {
  try {
    return { value: run(), error: null };
  } catch (e) {
    assert(e instanceof Error, `${e} is no error`);
    return { error: e as Error };
  }
}

function assertKnown(e: Error, what: string): void {
  const known = e instanceof OutOfMemoryError || e instanceof CudaError ||
    e instanceof NativeLibraryError || e instanceof DeadDeviceError;
  assert(known, `${what}: ${e.name} is of no known class: ${e.message}\n${e.stack}`);
  assert(/^Cannot [^]+: [^]+/.test(e.message), `${what}: ${e.message}`);
}

/** Every use of a dead device says so. */
function assertDead(kept: Tensor, what: string): void {
  const uses: (() => unknown)[] = [
    () => kept.data(),
    () => kept.add(1),
    () => kept.matmul(kept),
    () => f32([2], count(2)),
    () => jit((x: Tensor) => x.mul(2))(kept),
  ];
  for (const [i, use] of uses.entries()) {
    const told = outcomeOf(use);
    assert(told.error !== null, `${what}: use ${i} of the dead device succeeds`);
    assert(
      told.error instanceof DeadDeviceError,
      `${what}: use ${i} says ${told.error}`,
    );
  }
}

/** What an action gives, calls and leaves alive when nothing fails. */
interface Unharmed {
  readonly value: unknown;
  readonly calls: readonly string[];
  /** After so many times. */
  readonly alive: readonly number[];
}

/** The calls that are made to fail, by number from 1, with the codes that they give. */
function trials({ calls }: Unharmed, all: boolean): [k: number, code: number][] {
  return calls.flatMap((call, i) => {
    const codes = codesOf(call);
    const chosen = all ? codes : [codes[i % codes.length]!];
    return chosen.map((code): [number, number] => [i + 1, code]);
  });
}

/** Fails every native call of an action once, with all its codes or one by turns. */
export function failEach(rig: Rig, action: Action, all: boolean): void {
  const unharmed = measure(rig, action);
  const { warn } = console;
  // that a call could not be captured is told, each time
  console.warn = () => {};
  try {
    for (const [k, code] of trials(unharmed, all)) attempt(rig, action, unharmed, k, code);
  } finally {
    console.warn = warn;
  }
}

/** The same for making a device, on a machine of its own each time: a driver is opened once. */
export async function failMaking(first: Rig): Promise<void> {
  const unharmed = measure(first, MAKING);
  for (const [k, code] of trials(unharmed, true)) {
    const own = await rig(SMALL);
    try {
      attempt(own, MAKING, unharmed, k, code);
    } finally {
      await removeStandIn(own.path);
    }
  }
}

interface Prepared {
  readonly run: () => unknown;
  /** A tensor on the device. */
  readonly kept: Tensor | null;
}

/** A file, which is no folder: the compiler is asked each time. */
const nowhere = (rig: Rig): string => join(rig.path, "cubins");

/** Makes the machine as it was at first: no error is left, no work and no memory of other devices. */
function renew(rig: Rig): void {
  const { cuDevicePrimaryCtxRelease_v2: release } = Deno.dlopen(rig.path, {
    cuDevicePrimaryCtxRelease_v2: { parameters: ["i32"], result: "i32" },
  }).symbols;
  rig.standIn.revive();
  while (release(0) === 0);
  rig.standIn.report();
}

/** A device on which an action can be done, and how to do it. */
function prepare(rig: Rig, action: Action): Prepared {
  renew(rig);
  const make = () => rig.device({ cubinCache: nowhere(rig) });
  if (action.ready === undefined) {
    return { run: () => make().name, kept: null };
  }
  const device = make();
  return { kept: action.fresh ? null : square(), run: action.ready(device) };
}

/** The number of each kind of objects that live. */
function living({ standIn }: Rig): number[] {
  const counts = standIn.counts();
  return livingNames.map((name) => counts[name]);
}

function assertFaultless(rig: Rig, what: string): void {
  assertEquals(rig.faults(), [], what);
}

function measure(rig: Rig, action: Action): Unharmed {
  const { run } = prepare(rig, action);
  const { standIn } = rig;
  const before = living(rig);
  standIn.trace(true);
  const value = run();
  const calls = standIn.traced();
  standIn.trace(false);
  for (let times = 1; times < TIMES; times++) assertEquals(run(), value);
  const alive = living(rig).map((n, i) => n - before[i]!);
  assertFaultless(rig, action.name);
  assert(calls.length > 0, `${action.name} calls nothing`);
  return { value, calls, alive };
}

function attempt(rig: Rig, action: Action, unharmed: Unharmed, k: number, code: number): void {
  const { standIn } = rig;
  const call = unharmed.calls[k - 1]!;
  const what = `${action.name}, call ${k} (${call}) gives ${code}`;
  const { run, kept } = prepare(rig, action);
  const before = living(rig);
  standIn.fail(`*:${k}=${code}`);
  const first = outcomeOf(run);
  standIn.fail("");
  const report = standIn.report().split("\n").filter((line) => line !== "");
  assertEquals(report[0], `injected ${code} into ${call}`, what);
  assertEquals(report.filter((line) => !line.startsWith("injected")), [], what);
  if (first.error !== null) assertKnown(first.error, what);
  else assertEquals(first.value, unharmed.value, what);
  if (standIn.counts().sticky !== 0) {
    if (first.error !== null) {
      assert(first.error instanceof DeadDeviceError, `${what}: ${first.error.message}`);
    }
    if (kept !== null) assertDead(kept, what);
    return;
  }
  assert(
    !(first.error instanceof DeadDeviceError),
    `${what}: not for good, and yet: ${first.error?.message}`,
  );
  const done = first.error === null ? 1 : 0;
  for (let times = done; times < TIMES; times++) {
    const again = outcomeOf(run);
    if (again.error !== null) throw new Error(`${what}: not done again`, { cause: again.error });
    assertEquals(again.value, unharmed.value, `${what}, done again`);
  }
  assertFaultless(rig, what);
  const alive = living(rig).map((n, i) => n - before[i]!);
  livingNames.forEach((name, i) => {
    assert(
      alive[i]! <= unharmed.alive[i]!,
      `${what}: ${alive[i]} ${name} are left and not ${unharmed.alive[i]}`,
    );
  });
}

/** Fails each call of a wait beside the program. */
export async function failWaiting(rig: Rig): Promise<void> {
  for (const call of ["cuEventCreate", "cuEventRecord", "cuEventQuery"]) {
    for (const code of [1, 700]) {
      renew(rig);
      const device = rig.device({ cubinCache: nowhere(rig) });
      const x = square();
      await device.ready!();
      const before = living(rig);
      x.add(1);
      rig.standIn.fail(`${call}:1=${code}`);
      const told = await device.ready!().then(() => null, (e: unknown) => e as Error);
      if (told === null) throw new Error(`${call} gives ${code}, and nobody is told`);
      assertKnown(told, call);
      assertEquals(told instanceof DeadDeviceError, code === 700);
      if (code === 700) assertDead(x, call);
      else {
        await device.ready!();
        const events = livingNames.indexOf("events");
        assertEquals(living(rig)[events], before[events]);
      }
      assertFaultless(rig, call);
    }
  }
}
