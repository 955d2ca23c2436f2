/**
 * Devices: what has memory and runs the steps of a plan. The CPU computes; the reference device is
 * the oracle that it is tested against.
 *
 * @module
 */
export { createCpu } from "./cpu/mod.ts";
export type { Device, DeviceInfo, Slots } from "./device.ts";
export { Heap, type HeapStats, type Storage } from "./heap.ts";
export { createReference } from "./reference/mod.ts";
