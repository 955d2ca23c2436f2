/**
 * Calls of users' functions from programs: values go to them as copies, in ordinary memory.
 *
 * @module
 */
import { DTYPES, type Values } from "../base/dtype.ts";
import { HostArray } from "../base/host_array.ts";
import type { HostStep } from "../compile/plan.ts";
import type { Device, Slots } from "../device/device.ts";
import type { Aval } from "../ir/aval.ts";
import type { HostFunction } from "../ir/ops/effect.ts";

/** A host array of bytes that nobody else holds. */
function arrayOf({ shape, dtype, size }: Aval, bytes: Uint8Array<ArrayBuffer>): HostArray {
  const values: Values = new DTYPES[dtype].array(bytes.buffer, bytes.byteOffset, size);
  return new HostArray(values, shape, dtype);
}

/**
 * Calls a user's function with copies of values.
 *
 * @param where the call it happens in, for the message
 * @throws {Error} what the function throws, as the cause of an error that says where
 */
export function callHost(
  call: HostFunction,
  avals: readonly Aval[],
  bytes: readonly Uint8Array<ArrayBuffer>[],
  where: string,
): void {
  try {
    call.run(avals.map((a, i) => arrayOf(a, bytes[i]!)));
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new Error(
      `Cannot go on with ${where}: the function of ${call.name} threw ${why}: ` +
        `catch within it what must not end the call`,
      { cause },
    );
  }
}

/** A closure that makes the call with what then lies at the addresses in `slots`. */
export function linkHost(
  { call, avals, args }: HostStep,
  slots: Slots,
  device: Device,
  label: () => string,
): () => void {
  return () => {
    const bytes = args.map((slot, i) => device.heap.readAt(slots[slot]!, avals[i]!.bytes));
    callHost(call, avals, bytes, label());
  };
}
