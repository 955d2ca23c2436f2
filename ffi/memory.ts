/**
 * Addresses of JavaScript memory, and C strings. Works under a bare `--allow-ffi`, and also under a
 * scoped one when that covers the C library.
 *
 * @module
 */

import { NativeLibraryError } from "./errors.ts";
import { type Libc, libc } from "./libc.ts";
import { granted } from "./permissions.ts";

/**
 * The address of the first byte of a buffer or view, for a parameter declared `usize`. Ask once and
 * keep it: a question costs ~300 ns. The buffer must stay referenced while native code uses it.
 *
 * @throws {RangeError} if the buffer is empty
 * @throws {NativeLibraryError} if the `ffi` permission does not allow it
 */
export function addressOf(memory: ArrayBufferLike | ArrayBufferView): bigint {
  if (memory.byteLength === 0) {
    throw new RangeError("Cannot take the address of an empty buffer: at least one byte is wanted");
  }
  // Deno's types leave out shared memory, which works.
  const bytes = memory as ArrayBufferView<ArrayBuffer>;
  if (granted({ name: "ffi" })) {
    return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
  }
  const c = requireLibc();
  return BigInt(c.addressOf(bytes, bytes, 0n));
}

/**
 * The memory of another library at an address, as bytes; nobody frees it or keeps it alive.
 *
 * @throws {NativeLibraryError} if the `ffi` permission does not allow it
 */
export function bytesAt(address: bigint, length: number): Uint8Array<ArrayBuffer> {
  const pointer = granted({ name: "ffi" }) ? Deno.UnsafePointer.create(address) : null;
  if (pointer === null) {
    throw new NativeLibraryError(
      "Cannot reach memory of another library: a bare --allow-ffi is wanted: run with it",
    );
  }
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, length));
}

/** The zero-terminated string at an address; "" for a null address. */
export function cString(address: bigint): string {
  if (address === 0n) return "";
  if (granted({ name: "ffi" })) {
    const pointer = Deno.UnsafePointer.create(address);
    return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
  }
  const c = requireLibc();
  const length = Number(c.strlen(address));
  if (length === 0) return "";
  const bytes = new Uint8Array(length);
  c.copyFrom(bytes, address, BigInt(length));
  return new TextDecoder().decode(bytes);
}

function requireLibc(): Libc<"memory"> {
  const c = libc("memory");
  if (c === null) {
    throw new NativeLibraryError(
      "Cannot take an address under a scoped ffi permission: " +
        "the C library is not in its scope: run with a bare --allow-ffi",
    );
  }
  return c;
}
