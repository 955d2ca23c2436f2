/**
 * One GPU as the driver shows it: its context, the stream that all work is ordered on, the stream for
 * copies ahead, and calls that are checked. Whoever calls the driver calls it through here.
 *
 * @module
 */
import type { CudaDevice, CudaSymbols, Driver } from "../../../ffi/mod.ts";
import { DeadDeviceError } from "../../base/errors.ts";
import { errorOf, isOutOfMemory, isSticky, NOT_READY } from "./errors.ts";

/** What a device is, as kernels and reports need it. */
export interface Traits {
  readonly name: string;
  /** Compute capability, as 90 for 9.0. */
  readonly capability: number;
  readonly multiprocessors: number;
  readonly threadsPerBlock: number;
  /** Bytes of shared memory that a block has without asking for more. */
  readonly sharedPerBlock: number;
  /** Bytes of memory in all. */
  readonly memory: number;
}

const NON_BLOCKING = 1;
const DISABLE_TIMING = 2;
/** Launches that are named when the device dies. */
const SUSPECTS = 8;

type Name = keyof CudaSymbols;
type Args<N extends Name> = Parameters<NonNullable<CudaSymbols[N]>>;

/**
 * What a device is, as the driver told it.
 *
 * @throws {CudaError} when the driver did not tell the device's kind
 */
export function traitsOf(driver: Driver, device: CudaDevice): Traits {
  const { failure } = device;
  if (failure !== null) {
    throw errorOf({
      device: `cuda:${device.ordinal}`,
      ...failure,
      text: driver.errorText(failure.code),
      doing: "look at the device",
      suspects: [],
      room: "",
    });
  }
  return {
    name: device.name || "a GPU",
    capability: device.capability,
    multiprocessors: Math.max(1, device.attribute("multiprocessors")),
    threadsPerBlock: device.attribute("threadsPerBlock") || 1024,
    sharedPerBlock: device.attribute("sharedPerBlock") || 49152,
    memory: device.bytes,
  };
}

/** The device whose context is current on this thread. */
let active: Gpu | null = null;

/** A GPU that this process uses. */
export class Gpu {
  readonly driver: Driver;
  readonly name: string;
  readonly traits: Traits;
  /** All kernels, products and copies are in order on this stream. */
  readonly stream: bigint;
  /** Copies to the device that may run beside the kernels. */
  readonly copyStream: bigint;
  /** Whether to wait after every launch, so that the right one is blamed. */
  waits = false;
  /** Whether the stream is being captured, when nothing may be asked of it. */
  isCapturing = false;
  readonly #handle: number;
  readonly #context: bigint;
  readonly #out = new BigUint64Array(2);
  readonly #free = new BigUint64Array(1);
  readonly #total = new BigUint64Array(1);
  readonly #launched: string[] = [];
  #launches = 0;
  #dead: DeadDeviceError | null = null;
  readonly #caches: (() => boolean)[] = [];

  /** Takes a device into use; what it has made by then is given back when it fails. */
  constructor(driver: Driver, device: CudaDevice, traits: Traits) {
    this.driver = driver;
    this.name = `cuda:${device.ordinal}`;
    this.traits = traits;
    this.#handle = device.handle;
    this.call("cuDevicePrimaryCtxRetain", this.#out, this.#handle);
    this.#context = this.#out[0]!;
    const made: bigint[] = [];
    try {
      this.#activate();
      for (let i = 0; i < 2; i++) {
        this.call("cuStreamCreate", this.#out, NON_BLOCKING);
        made.push(this.#out[0]!);
      }
    } catch (e) {
      for (const stream of made) driver.symbols.cuStreamDestroy_v2(stream);
      driver.symbols.cuDevicePrimaryCtxRelease_v2(this.#handle);
      active = null;
      throw e;
    }
    [this.stream, this.copyStream] = made as [bigint, bigint];
  }

  /** Gives it back; for a device that could not be made. */
  release(): void {
    const { symbols } = this.driver;
    for (const stream of [this.stream, this.copyStream]) symbols.cuStreamDestroy_v2(stream);
    symbols.cuDevicePrimaryCtxRelease_v2(this.#handle);
    active = null;
  }

  /** Makes its context the current one; throws when the device is dead. */
  use(): void {
    if (this.#dead !== null) throw this.#again(this.#dead);
    if (active !== this) this.#activate();
  }

  #activate(): void {
    this.call("cuCtxSetCurrent", this.#context);
    active = this;
  }

  #again(first: DeadDeviceError): DeadDeviceError {
    return new DeadDeviceError(first.message);
  }

  /** Whether it has failed for good. */
  get isDead(): boolean {
    return this.#dead !== null;
  }

  /** Throws the error of a code that is not 0. `doing` says in words what was to be done. */
  check(code: number, call: string, doing = ""): void {
    if (code !== 0) throw this.fault(code, call, doing);
  }

  /** The error of a code. */
  fault(code: number, call: string, doing = ""): Error {
    const text = this.driver.errorText(code);
    const error = errorOf({
      device: this.name,
      call,
      code,
      text,
      doing,
      suspects: this.#suspects(),
      room: isOutOfMemory(code) && active === this ? this.room() : "",
    });
    if (isSticky(code) && error instanceof DeadDeviceError) this.#dead ??= error;
    return error;
  }

  /** Calls a function of the driver and throws when it fails. */
  call<N extends Name>(name: N, ...args: Args<N>): void {
    const f = this.driver.symbols[name] as unknown as (...args: readonly unknown[]) => number;
    const code = f(...args);
    if (code !== 0) throw this.fault(code, name);
  }

  /** Calls a function that may want memory: when there is none, caches are freed and it is tried again. */
  insist(call: string, doing: string, attempt: () => number): void {
    const code = attempt();
    if (code === 0) return;
    if (!isOutOfMemory(code) || !this.relieve()) throw this.fault(code, call, doing);
    this.check(attempt(), call, doing);
  }

  /** Registers a function that frees what can be made anew and says whether there was any. */
  onPressure(free: () => boolean): void {
    this.#caches.push(free);
  }

  /** Frees what can be made anew; false when there was nothing. */
  relieve(): boolean {
    let any = false;
    for (const free of this.#caches) any = free() || any;
    return any;
  }

  /** Bytes that are free on the device, and all there are. */
  memory(): { free: number; total: number } {
    if (this.driver.symbols.cuMemGetInfo_v2(this.#free, this.#total) !== 0) {
      return { free: this.traits.memory, total: this.traits.memory };
    }
    return { free: Number(this.#free[0]), total: Number(this.#total[0]) };
  }

  /** How full the device is, in words. */
  room(): string {
    const { free, total } = this.memory();
    return `${free} bytes of ${total} are free`;
  }

  /** Device memory of its own, or null when there is none. */
  allocate(bytes: number): bigint | null {
    this.use();
    const { symbols } = this.driver;
    let code = symbols.cuMemAlloc_v2(this.#out, BigInt(bytes));
    if (isOutOfMemory(code) && this.relieve()) {
      code = symbols.cuMemAlloc_v2(this.#out, BigInt(bytes));
    }
    if (isOutOfMemory(code)) return null;
    this.check(code, "cuMemAlloc_v2", `reserve ${bytes} bytes`);
    return this.#out[0]!;
  }

  /** A new event, for order alone or for time as well. */
  event(isTimed = false): bigint {
    this.use();
    this.call("cuEventCreate", this.#out, isTimed ? 0 : DISABLE_TIMING);
    return this.#out[0]!;
  }

  /** Page-locked memory of the host; `doing` says what for. */
  hostAddress(bytes: number): bigint {
    this.use();
    this.insist(
      "cuMemHostAlloc",
      `reserve ${bytes} bytes of page-locked memory`,
      () => this.driver.symbols.cuMemHostAlloc(this.#out, BigInt(bytes), 0),
    );
    return this.#out[0]!;
  }

  /** Remembers what runs next, and blames it at once where every launch is waited for. */
  launched(name: string): void {
    this.#launched[this.#launches++ % SUSPECTS] = name;
    if (this.waits) this.check(this.driver.symbols.cuStreamSynchronize(this.stream), name);
  }

  /** What ran last, newest first. */
  #suspects(): string[] {
    const count = Math.min(SUSPECTS, this.#launches);
    return Array.from(
      { length: count },
      (_, i) => this.#launched[(this.#launches - 1 - i) % SUSPECTS]!,
    );
  }

  /** Waits for all that was asked for. */
  wait(): void {
    this.call("cuStreamSynchronize", this.stream);
  }

  /** Has one stream go on only when the other has come to where it is now. */
  order(after: bigint, before: bigint): void {
    const event = this.event();
    try {
      this.call("cuEventRecord", event, before);
      this.call("cuStreamWaitEvent", after, event, 0);
    } finally {
      this.driver.symbols.cuEventDestroy_v2(event);
    }
  }

  /** Whether an event has come to pass. */
  passed(event: bigint): boolean {
    const code = this.driver.symbols.cuEventQuery(event);
    if (code === NOT_READY) return false;
    this.check(code, "cuEventQuery");
    return true;
  }

  /** Whether nothing is left to do. */
  idle(): boolean {
    const code = this.driver.symbols.cuStreamQuery(this.stream);
    if (code === NOT_READY) return false;
    this.check(code, "cuStreamQuery");
    return true;
  }
}
