/**
 * CSV files as a table. The columns are learnt when it is made, or, where that would have to wait,
 * before the first chunk is read.
 *
 * @module
 */
import type { ByteSource } from "../bytes/byte_source.ts";
import { ByteWindow } from "../bytes/byte_window.ts";
import type { CsvOptions } from "./csv.ts";
import { CsvRows } from "./cells.ts";
import { lineOf } from "./line.ts";
import { CsvReader } from "./reader.ts";
import { type CsvSchema, Sampler } from "./schema.ts";
import { ColumnsFault } from "./types.ts";
import { ArraySpec, type Spec } from "../spec.ts";
import type { State } from "../stage.ts";
import type { ChunkReader, Table } from "../tables/table.ts";

/** Bytes of columns kept where a chunk can be read again, and where it would have to be unpacked. */
const LIMIT = 128 << 20, LIMIT_PACKED = 1 << 30;

/** The rows of CSV files of the same columns. */
export class CsvTable implements Table {
  readonly waits: string | null;
  readonly limit: number;
  readonly sources: readonly ByteSource[];
  readonly options: CsvOptions;
  schema: CsvSchema | null = null;

  constructor(sources: readonly ByteSource[], options: CsvOptions, stage: string) {
    this.sources = sources;
    this.options = options;
    const waiting = sources.find((s) => !s.sync);
    this.waits = waiting === undefined ? null : `${waiting.name} can only be read asynchronously`;
    this.limit = waiting === undefined ? LIMIT : LIMIT_PACKED;
    if (sources[0]!.sync) this.learn(stage);
  }

  names(): readonly string[] {
    return this.schema!.selected;
  }

  spec(): Spec | null {
    if (this.schema === null) return null;
    const { types, selected } = this.schema;
    if (selected.some((name) => types.get(name) === "string")) return null;
    return Object.fromEntries(
      selected.map((name) => [name, new ArraySpec(types.get(name) as never, [])]),
    );
  }

  /** What cuts rows out of a file. */
  rows(): CsvRows {
    const { delimiter = ",", quote = '"' } = this.options;
    return new CsvRows({ delimiter: delimiter.charCodeAt(0), quote: quote.charCodeAt(0) });
  }

  /** Finds names and types from the first rows of the first file. */
  learn(stage: string): void | Promise<void> {
    const window = new ByteWindow(this.sources[0]!, 0);
    const sampler = new Sampler(this.options, this.rows(), window);
    const step = (): void | Promise<void> => {
      while (!sampler.step()) {
        const more = window.more();
        if (more instanceof Promise) return more.then(step);
      }
      this.schema = sampler.schema();
    };
    const fail = (e: unknown): never => {
      if (!(e instanceof ColumnsFault)) throw window.explain(e, stage, sampler.count, lineOf);
      throw e.explain(`Cannot read CSV of ${this.sources[0]!.name} in ${stage}`);
    };
    let done: void | Promise<void> = undefined;
    try {
      done = step();
    } catch (e) {
      window.close();
      fail(e);
    }
    if (done instanceof Promise) return done.catch(fail).finally(() => window.close());
    window.close();
  }

  open(stage: string, place: State | null): ChunkReader {
    return new CsvReader(this, stage, place);
  }
}
