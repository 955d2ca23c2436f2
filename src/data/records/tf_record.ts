/**
 * The source of TensorFlow's TFRecord files: records framed by their length, with checksums of the
 * length and of the data.
 *
 * Format: https://www.tensorflow.org/tutorials/load_data/tfrecord.
 *
 * @module
 */
import { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { type ByteWindow, FileFault } from "../bytes/byte_window.ts";
import { maskedCrc32c } from "../bytes/crc32c.ts";
import type { Files } from "../bytes/files.ts";
import { byteSources, type Framer, NOTHING, records } from "./records.ts";
import { ArraySpec } from "../spec.ts";
import type { Stage } from "../stage.ts";
import type { FileOptions } from "./text_lines.ts";

/** Makes a source of the records of TFRecord files, each a uint8 vector. */
export function tfRecord(files: Files, options: FileOptions): Stage<HostArray> {
  checkOptions(options, ["compression"], "read TFRecords");
  const sources = byteSources(files, options.compression ?? "auto", "read TFRecords");
  return records("tfRecord", sources, new ArraySpec("uint8", [null]), () => new TfRecordFramer());
}

/** The bytes before the data: its length and the checksum of the length. */
const HEAD = 12;
const CHECKSUM = 4;

class TfRecordFramer implements Framer<HostArray> {
  record: HostArray | typeof NOTHING = NOTHING;
  /** The length that has been checked; -1 before. */
  #length = -1;

  frame(window: ByteWindow): number {
    const { bytes, start, end, last } = window;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (this.#length < 0) {
      if (end - start < HEAD) {
        if (last) throw truncated(window, HEAD, "length");
        return 0;
      }
      const low = view.getUint32(start, true), high = view.getUint32(start + 4, true);
      if (maskedCrc32c(bytes, start, start + 8) !== view.getUint32(start + 8, true)) {
        throw new FileFault(
          "the checksum of its length is wrong: the file is damaged, packed or no TFRecord file",
          start,
        );
      }
      const length = low + high * 2 ** 32;
      const { size } = window;
      if (!Number.isSafeInteger(length) || (size !== null && window.offset() + length > size)) {
        throw new FileFault(
          `it is truncated: its length is ${length}, beyond the ${size ?? "possible"} bytes ` +
            `of the file`,
          start,
        );
      }
      this.#length = length;
    }
    const length = this.#length;
    const whole = HEAD + length + CHECKSUM;
    if (end - start < whole) {
      if (last) throw truncated(window, whole, "data");
      return 0;
    }
    this.#length = -1;
    const from = start + HEAD, to = from + length;
    if (maskedCrc32c(bytes, from, to) !== view.getUint32(to, true)) {
      throw new FileFault("the checksum of its data is wrong: the file is damaged", from);
    }
    this.record = new HostArray(bytes.slice(from, to));
    return whole;
  }
}

function truncated(window: ByteWindow, wanted: number, part: string): FileFault {
  return new FileFault(
    `it is truncated: ${
      window.end - window.start
    } bytes are left where its ${part} needs ${wanted}`,
    window.end,
  );
}
