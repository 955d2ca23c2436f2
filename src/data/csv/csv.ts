/**
 * The source of the rows of CSV files: its options, and what is wrong with them.
 *
 * @module
 */
import { DTYPES } from "../../base/dtype.ts";
import { formatValue } from "../../base/errors.ts";
import { checkOptions } from "../../base/options.ts";
import type { Compression } from "../bytes/byte_source.ts";
import { checkSelect } from "../check.ts";
import { type CsvDefault, type CsvType, defaultFault } from "./types.ts";
import { checkNames, givenDefaults, givenTypes } from "./schema.ts";
import { CsvTable } from "./table.ts";
import { fileLabel, type Files } from "../bytes/files.ts";
import { byteSources } from "../records/records.ts";
import { describeStage, type Stage } from "../stage.ts";
import { tableStage } from "../tables/stage.ts";

/** Options of `csv`. */
export interface CsvOptions {
  /** Whether the first row of each file holds the names of the columns; default true. */
  header?: boolean | undefined;
  /** Names of all columns in order, where there is no header or other names are wanted. */
  columns?: readonly string[] | undefined;
  /** The columns to give, in this order; default: all. */
  select?: readonly string[] | undefined;
  /**
   * Types of columns by name; a dtype or "string". Others are inferred from the first rows and from
   * `defaults`: int32, float32 (float64 for integers beyond int32), bool or string. Integers of which
   * some are missing there, without a default, are float32 (float64 where that would round them).
   */
  types?: Readonly<Record<string, CsvType>> | undefined;
  /**
   * What stands for missing cells, by column. A type that `types` gives must hold it; one that is
   * inferred is widened to do so, as int32 to float32 for NaN. Without one, floats become NaN and
   * texts "", and where the type is of integers or bool, given or inferred, it is an error.
   */
  defaults?: Readonly<Record<string, CsvDefault>> | undefined;
  /** Texts that mean that a cell is missing, beside nothing at all; as "NA". */
  missing?: readonly string[] | undefined;
  /** One ASCII character between cells; default ",". */
  delimiter?: string | undefined;
  /** One ASCII character around cells that hold delimiters or line ends; default '"'. */
  quote?: string | undefined;
  /** How many rows types are inferred from; default 1000. */
  sample?: number | undefined;
  /** How the files are packed; default "auto": by their endings, .gz, .zst or .zz. */
  compression?: Compression | undefined;
}

/** Makes a source of the rows of CSV files, as records by column. */
export function csv(files: Files, options: CsvOptions): Stage<Record<string, unknown>> {
  checkCsvOptions(options);
  const sources = byteSources(files, options.compression ?? "auto", "read CSV");
  const label = fileLabel("csv", sources.map((s) => s.name));
  const table = new CsvTable(sources, options, describeStage(label, []));
  return tableStage(label, table, null, table.spec());
}

function checkCsvOptions(options: CsvOptions): void {
  checkOptions(options, [
    "header",
    "columns",
    "select",
    "types",
    "defaults",
    "missing",
    "delimiter",
    "quote",
    "sample",
    "compression",
  ], "read CSV");
  const { delimiter = ",", quote = '"', header = true, columns } = options;
  for (const [name, value] of [["delimiter", delimiter], ["quote", quote]] as const) {
    if (typeof value !== "string" || !/^[\0-\x7f]$/.test(value) || /[\r\n]/.test(value)) {
      throw new TypeError(
        `Cannot read CSV with ${name} ${formatValue(value)}: it is one ASCII character`,
      );
    }
  }
  if (delimiter === quote) {
    throw new TypeError(`Cannot read CSV with ${formatValue(quote)} as delimiter and as quote`);
  }
  if (!header && columns === undefined) {
    throw new TypeError("Cannot read CSV without a header and without columns: give their names");
  }
  checkSelect(options.select, "read CSV");
  if (columns !== undefined) {
    checkNames(columns, (what) => new TypeError(`Cannot read CSV: ${what}`));
  }
  const types = givenTypes(options);
  for (const [name, type] of types) {
    if (type !== "string" && !Object.hasOwn(DTYPES, type)) {
      throw new TypeError(
        `Cannot read CSV with type ${formatValue(type)} for column ${formatValue(name)}: ` +
          `it is one of ${[...Object.keys(DTYPES), "string"].join(", ")}`,
      );
    }
  }
  for (const [name, value] of givenDefaults(options)) {
    if (!["number", "boolean", "string", "undefined"].includes(typeof value)) {
      throw new TypeError(
        `Cannot read CSV with default ${formatValue(value)} for column ${formatValue(name)}: ` +
          "it is a number, a boolean or a text",
      );
    }
    const type = types.get(name);
    const wrong = type === undefined || value === undefined
      ? null
      : defaultFault(name, type, value);
    if (wrong !== null) throw wrong.explain("Cannot read CSV");
  }
}
