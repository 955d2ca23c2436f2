/**
 * A WebAssembly memory as the region of a heap: the CPU's and the reference device's.
 *
 * @module
 */
import type { DType } from "../base/dtype.ts";
import { PAGE, type Region } from "./pages.ts";

/** A region whose bytes the host reaches in place. */
class WasmRegion implements Region {
  readonly maximum: number;
  readonly zeroed = true;
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #data: DataView;

  constructor(memory: WebAssembly.Memory, maximumPages: number) {
    this.maximum = maximumPages * PAGE;
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#data = new DataView(memory.buffer);
  }

  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  grow(bytes: number): boolean {
    const missing = Math.ceil((bytes - this.size) / PAGE);
    if (missing > 0) {
      if (bytes > this.maximum) return false;
      try {
        this.#memory.grow(missing);
      } catch {
        return false;
      }
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#data = new DataView(this.#memory.buffer);
    return true;
  }

  addressOf(page: number): number {
    return page * PAGE;
  }

  read(address: number, to: Uint8Array): void {
    to.set(this.#bytes.subarray(address, address + to.length));
  }

  write(address: number, from: Uint8Array): void {
    this.#bytes.set(from, address);
  }

  copy(from: number, to: number, bytes: number): void {
    this.#bytes.copyWithin(to, from, from + bytes);
  }

  number(address: number, dtype: DType): number {
    return numberAt(this.#data, address, dtype);
  }
}

/** The region of a WebAssembly memory, which may grow to `maximumPages` pages of 64 KiB. */
export function wasmRegion(memory: WebAssembly.Memory, maximumPages: number): Region {
  return new WasmRegion(memory, maximumPages);
}

/** The element of type `dtype` at a byte offset, as a number (a bool as 0 or 1). */
export function numberAt(data: DataView, at: number, dtype: DType): number {
  switch (dtype) {
    case "float32":
      return data.getFloat32(at, true);
    case "float64":
      return data.getFloat64(at, true);
    case "int32":
      return data.getInt32(at, true);
    case "uint32":
      return data.getUint32(at, true);
    case "bool":
    case "uint8":
      return data.getUint8(at);
    default:
      return dtype satisfies never;
  }
}
