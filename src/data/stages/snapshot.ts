/**
 * Snapshots: all elements of a pipeline in a file, and a pipeline of a file's elements.
 *
 * @module
 */
import { failure, toPath } from "../../formats/files.ts";
import { ElementReader, ElementWriter } from "../element_file.ts";
import { iterateAsync } from "../iterate.ts";
import { readSpec } from "../spec.ts";
import { type Cursor, END, type Stage, type State } from "../stage.ts";

/** Writes the elements of one pass; the file has its name only when it is whole. */
export async function save<T>(stage: Stage<T>, path: string | URL): Promise<void> {
  if (stage.cardinality === Infinity) {
    throw new RangeError(`Cannot save a dataset without end to ${path}: take a number of elements`);
  }
  const writer = new ElementWriter(path);
  try {
    for await (const x of iterateAsync(stage)) writer.add(x);
    writer.finish({ spec: stage.spec });
  } finally {
    writer.abort();
  }
}

/** Makes a source of the elements of a file that `save` wrote. */
export function load(path: string | URL): Stage<unknown> {
  const file = toPath(path);
  const reader = new ElementReader(file);
  let ending: { count: number; about: unknown };
  try {
    ending = reader.about();
  } finally {
    reader.close();
  }
  const spec = (ending.about as { spec?: unknown } | null)?.spec;
  return {
    label: `load(${JSON.stringify(file)})`,
    inputs: [],
    cardinality: ending.count,
    spec: readSpec(spec ?? null),
    rows: null,
    open: (_run, state) => new LoadCursor(file, state as number | undefined),
  };
}

class LoadCursor implements Cursor<unknown> {
  readonly #reader: ElementReader;
  #at: number;

  constructor(path: string, at = 0) {
    try {
      this.#reader = new ElementReader(path);
      this.#reader.skip(at);
    } catch (e) {
      if (e instanceof RangeError) throw e;
      throw failure("read", path, "", e);
    }
    this.#at = at;
  }

  next(): unknown {
    const x = this.#reader.next();
    if (x === undefined) return END;
    this.#at++;
    return x;
  }

  state(): State {
    return this.#at;
  }

  close(): void {
    this.#reader.close();
  }
}
