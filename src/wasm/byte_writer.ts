/**
 * The bytes of a WebAssembly module as they grow, with the number encodings of its format.
 *
 * @module
 */

const text = new TextEncoder();

/** A growable byte array with the encodings that WebAssembly uses. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes were written. */
  length = 0;

  /** Makes room for `capacity` bytes; it grows as needed. */
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  /** Appends one byte. */
  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** Appends bytes. */
  append(values: Uint8Array): void {
    const count = values.length;
    this.#reserve(count);
    // A call of `set` costs more than a few assignments.
    if (count > 32) this.#bytes.set(values, this.length);
    else for (let i = 0; i < count; i++) this.#bytes[this.length + i] = values[i] ?? 0;
    this.length += count;
  }

  /** Appends an unsigned integer as LEB128. */
  unsigned(value: number): void {
    if (value < 0x80) return this.byte(value);
    this.#reserve(10);
    while (value >= 0x80) {
      this.#bytes[this.length++] = (value % 0x80) | 0x80;
      // Shifts only below 31 bits: offsets into a 64-bit memory exceed them.
      value = value < 0x80000000 ? value >>> 7 : Math.floor(value / 0x80);
    }
    this.#bytes[this.length++] = value;
  }

  /** Appends a signed safe integer as LEB128. */
  signed(value: number): void {
    this.#reserve(10);
    while (value < -64 || value > 63) {
      const low = value - Math.floor(value / 0x80) * 0x80;
      this.#bytes[this.length++] = low | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#bytes[this.length++] = value & 0x7f;
  }

  /** Appends a signed integer of 64 bits as LEB128. */
  signedBig(value: bigint): void {
    this.#reserve(10);
    while (value < -64n || value > 63n) {
      this.#bytes[this.length++] = Number(value & 0x7fn) | 0x80;
      value >>= 7n;
    }
    this.#bytes[this.length++] = Number(value & 0x7fn);
  }

  /** Appends a name: its length and its UTF-8 bytes. */
  name(value: string): void {
    const encoded = text.encode(value);
    this.unsigned(encoded.length);
    this.append(encoded);
  }

  /** Appends an instruction code: one byte, or a prefix byte and a number as LEB128. */
  opcode(code: number): void {
    if (code < 0x100) {
      this.byte(code);
    } else {
      this.byte(code >>> 16);
      this.unsigned(code & 0xffff);
    }
  }

  /** What was written, without a copy. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }
}
