/**
 * The source of files with one JSON value a line.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { toElement } from "../element.ts";
import type { Files } from "../bytes/files.ts";
import { byteSources, type Framer, NOTHING, records } from "./records.ts";
import type { Stage } from "../stage.ts";
import { type FileOptions, LineFramer } from "./text_lines.ts";
import { FileFault } from "../bytes/byte_window.ts";

/** Makes a source of the values of JSON lines. Blank lines are left out. */
export function jsonLines(files: Files, options: FileOptions): Stage<unknown> {
  checkOptions(options, ["compression"], "read JSON lines");
  const sources = byteSources(files, options.compression ?? "auto", "read JSON lines");
  return records<unknown>("jsonLines", sources, null, () => new JsonFramer());
}

class JsonFramer extends LineFramer<unknown> implements Framer<unknown> {
  constructor() {
    super((line) => line.trim() === "" ? NOTHING : line);
  }

  override frame(window: Parameters<LineFramer<unknown>["frame"]>[0]): number {
    const n = super.frame(window);
    if (n === 0 || this.record === NOTHING) return n;
    let value: unknown;
    try {
      value = JSON.parse(this.record as string);
    } catch (e) {
      throw new FileFault(`the line is not JSON (${(e as Error).message})`, window.start, true);
    }
    this.record = jsonElement(value);
    return n;
  }
}

/** Numbers, booleans and lists of them become HostArrays; texts, nulls and structure stay. */
export function jsonElement(value: unknown): unknown {
  if (typeof value === "string" || value === null) return value;
  if (typeof value === "number" || typeof value === "boolean") return new HostArray(value);
  if (Array.isArray(value)) {
    return isNumeric(value) ? toElement(value, "read") : value.map(jsonElement);
  }
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, jsonElement(v)]));
  }
  throw new TypeError(`Cannot read ${formatValue(value)} as JSON: it is no value of JSON`);
}

/** Whether a list holds only numbers and booleans, at any depth, so that it may be an array. */
function isNumeric(list: readonly unknown[]): boolean {
  return list.every((v) =>
    Array.isArray(v) ? isNumeric(v) : typeof v === "number" || typeof v === "boolean"
  );
}
