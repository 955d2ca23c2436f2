/**
 * What a jitted function is called with: which leaves and settings there may be, what is known of a
 * leaf before the call, and its storage in the call.
 *
 * @module
 */
import { dtypeOf, isTypedArray, type TypedArray, type Values } from "../base/dtype.ts";
import { formatValue } from "../base/errors.ts";
import { DEVICE_NAME, type Precision } from "../base/flags.ts";
import { HostArray, valuesOf } from "../base/host_array.ts";
import {
  BOUND,
  inside,
  isLeaf,
  isTensor,
  isVariable,
  storageOn,
  type TensorLike,
  toHost,
} from "../core/mod.ts";
import type { Device } from "../device/device.ts";
import type { Storage } from "../device/heap.ts";
import { type Aval, makeAval } from "../ir/aval.ts";

const SCALAR_WEAK = makeAval([], "float32", true);
const hostAvals = new WeakMap<HostArray, Aval>();

/**
 * Whether a leaf can be an argument. A boolean cannot: traced, it would be an object, and so true in
 * every `if`; it belongs into staticArgs.
 */
export function isArgument(x: unknown): x is TensorLike {
  return typeof x !== "boolean" && isLeaf(x);
}

/** The aval of a leaf, without bringing its values in. */
export function avalOf(x: TensorLike): Aval {
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
export function hasAval(x: TensorLike, a: Aval): boolean {
  if (isTensor(x)) return x.aval === a || x.aval.key === a.key;
  if (x instanceof HostArray) {
    if (x.dtype !== a.dtype || a.weak || x.shape.length !== a.shape.length) return false;
    for (let i = 0; i < x.shape.length; i++) if (x.shape[i] !== a.shape[i]) return false;
    return true;
  }
  return avalOf(x).key === a.key;
}

const cell = new Float32Array(1);

/** Bytes of the host for one call: in place where the device takes them from there. */
function placed(values: Values, device: Device): Storage {
  const { heap } = device;
  return device.replay !== undefined && values.buffer instanceof ArrayBuffer
    ? heap.borrow(values as Values & ArrayBufferView<ArrayBuffer>)
    : heap.fromBytes(values);
}

/** The device that a leaf is bound to; null where it goes anywhere. */
export function homeOf(x: TensorLike): Device | null {
  const t = isTensor(x) ? x : isVariable(x) ? x.value : null;
  return t !== null && inside(t).id === BOUND ? inside(t).holder : null;
}

/** The storage that a leaf itself holds on a device; null where it holds none there. */
export function heldOn(x: TensorLike, device: Device): Storage | null {
  const t = isTensor(x) ? x : isVariable(x) ? x.value : null;
  return t !== null && inside(t).holder === device ? inside(t).storage : null;
}

/** A fresh storage of a leaf that holds none on a device. */
export function storageFor(x: TensorLike, device: Device): Storage {
  if (isTensor(x)) {
    return storageOn(x, device, "pass");
  }
  if (x instanceof HostArray) return placed(valuesOf(x), device);
  if (typeof x === "number") {
    if (device.replay !== undefined) return device.heap.borrow(new Float32Array([x]));
    cell[0] = x;
    return device.heap.fromBytes(cell);
  }
  if (isVariable(x)) return storageOn(x.value, device, "pass");
  return placed(toHost(x as TypedArray, "pass").values, device);
}

/** Positions of arguments as a list. */
export function positionsOf(x: number | readonly number[] | undefined, name: string): number[] {
  const all = x === undefined ? [] : Array.isArray(x) ? x : [x];
  if (all.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    throw new RangeError(
      `Cannot jit with ${name} ${formatValue(x)}: give positions of arguments, counted from 0`,
    );
  }
  return [...all];
}

/** The name of a device, or null where none was given; whether it is there is seen at the call. */
export function checkDevice(name: string | undefined): string | null {
  if (name === undefined) return null;
  if (typeof name === "string" && DEVICE_NAME.test(name)) return name;
  throw new RangeError(
    `Cannot jit for the device ${formatValue(name)}: wanted "cpu", "cuda", or "cuda:" with the ` +
      `number of a GPU`,
  );
}

/** How products may round, or null where the setting says. */
export function checkPrecision(given: Precision | undefined): Precision | null {
  if (given === undefined || given === "float32" || given === "tf32") return given ?? null;
  throw new RangeError(
    `Cannot jit with precision ${formatValue(given)}: wanted "float32" or "tf32"`,
  );
}

/** A static argument, unless it would never equal itself at the next call. */
export function checkStatic(x: unknown, position: number, label: string): unknown {
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
