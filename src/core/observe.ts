/**
 * Observation: who watches compiled programs run, step by step. Where nobody does, a call pays one
 * comparison for it.
 *
 * @module
 */
import type { Plan } from "../compile/plan.ts";
import type { Device } from "../device/device.ts";

/** A call of a compiled program, as observers see it. */
export interface ObservedCall {
  /** The function, or the eager operation. */
  readonly label: string;
  readonly plan: Plan;
  readonly device: Device;
  /** The address of each slot during the call. */
  readonly slots: Float64Array;
}

/**
 * What an observer can hear; times are those of `performance.now()`, and a step ends when it began and
 * what the device itself took later. An observer that throws ends the call.
 */
export interface Observer {
  /** Before step `k`. */
  before?(call: ObservedCall, k: number): void;
  /** After step `k`. */
  after?(call: ObservedCall, k: number, start: number, end: number): void;
  /** After the last step. */
  end?(call: ObservedCall, start: number, end: number): void;
}

let observers: readonly Observer[] = [];

/** Adds an observer; the function that takes it away again. */
export function observe(o: Observer): () => void {
  observers = [...observers, o];
  return () => observers = observers.filter((other) => other !== o);
}

/** Whether anybody watches. */
export function isObserved(): boolean {
  return observers.length > 0;
}

/** Runs the steps of a call before the eyes of all observers. */
export function runObserved(call: ObservedCall, steps: readonly (() => void)[]): void {
  const watching = observers;
  const { device } = call;
  device.time?.(() => {}); // what others have asked for is not of this call
  const started = performance.now();
  for (let k = 0; k < steps.length; k++) {
    for (const o of watching) o.before?.(call, k);
    const start = performance.now();
    const end = device.time === undefined
      ? (steps[k]!(), performance.now())
      : start + device.time(steps[k]!);
    for (const o of watching) o.after?.(call, k, start, end);
  }
  const ended = performance.now();
  for (const o of watching) o.end?.(call, started, ended);
}
