/**
 * Safetensors files that carry a checksum of themselves: SHA-256 over the whole file, kept in the
 * metadata, whose 64 digits count as zeros. Any other reader sees a plain safetensors file.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";
import {
  formatSafetensors,
  parseSafetensors,
  parseSafetensorsHeader,
  type Safetensors,
} from "./safetensors.ts";

/** The header of a sealed file starts so; the digits follow. */
const START = new TextEncoder().encode('{"__metadata__":{"sha256":"');
const DIGITS = new Uint8Array(64).fill(0x30);
/** Where the digits are in the file. */
const AT = 8 + START.length;

/** The bytes of a sealed file, in parts. */
export function formatSealed({ tensors, metadata }: Safetensors): Uint8Array[] {
  const sha256 = new TextDecoder().decode(DIGITS);
  const parts = formatSafetensors({ tensors, metadata: { sha256, ...metadata } });
  parts[0]!.set(new TextEncoder().encode(digest(parts)), AT);
  return parts;
}

function digest(parts: readonly Uint8Array[]): string {
  const hash = node("crypto").createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** Whether bytes start as a sealed file does. */
export function isSealed(bytes: Uint8Array): boolean {
  return bytes.length >= AT + DIGITS.length && START.every((b, i) => bytes[8 + i] === b);
}

/**
 * Reads a sealed file.
 *
 * @param name the file's name, for messages
 * @throws {TypeError} when it does not start as a sealed file does
 * @throws {RangeError} when a byte of it was changed, or some are missing
 */
export function parseSealed(bytes: Uint8Array, name: string): Safetensors {
  if (!isSealed(bytes)) {
    throw new TypeError(
      `Cannot read ${name}: its ${bytes.length} bytes do not start with a checksum as those of a ` +
        `checkpoint do (offset ${AT}): it is damaged, truncated or another kind of file`,
    );
  }
  const end = AT + DIGITS.length;
  const wanted = new TextDecoder("latin1").decode(bytes.subarray(AT, end));
  const found = digest([bytes.subarray(0, AT), DIGITS, bytes.subarray(end)]);
  if (found !== wanted) {
    throw new RangeError(
      `Cannot read ${name}: ${lengthFault(bytes, name)}its SHA-256 is ${found} where ` +
        `${JSON.stringify(wanted)} is wanted: it is truncated or damaged`,
    );
  }
  return parseSafetensors(bytes, name);
}

/** What the length of a damaged file tells, if anything. */
function lengthFault(bytes: Uint8Array, name: string): string {
  try {
    const { length } = parseSafetensorsHeader(bytes, name);
    return length === bytes.length
      ? ""
      : `it ends at byte ${bytes.length} where ${length} are wanted; `;
  } catch {
    return "its header is damaged; ";
  }
}
