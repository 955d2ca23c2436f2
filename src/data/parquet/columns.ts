/**
 * The columns of Parquet files: which there are, and what arrays their values become.
 *
 * @module
 */
import { type DType, DTYPES } from "../../base/dtype.ts";
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import type { SchemaElement } from "./hyparquet.ts";
import { jsonElement } from "../records/json_lines.ts";
import { ParquetFault } from "./fault.ts";
import type { Column } from "../tables/table.ts";

/** The columns at the top of a schema and their dtypes; null for texts, bytes and nests. */
export function topColumns(schema: readonly SchemaElement[]): Map<string, DType | null> {
  const columns = new Map<string, DType | null>();
  let at = 1;
  const skip = (element: SchemaElement | undefined): void => {
    for (let i = 0; i < (element?.num_children ?? 0) && at < schema.length; i++) skip(schema[at++]);
  };
  while (at < schema.length) {
    const element = schema[at++]!;
    if (typeof element.name !== "string") throw new ParquetFault("A column has no name");
    columns.set(element.name, dtypeOf(element));
    skip(element);
  }
  return columns;
}

function dtypeOf({ type, converted_type: meaning, num_children }: SchemaElement): DType | null {
  if (num_children !== undefined) return null;
  if (meaning === "DECIMAL" || meaning === "DATE" || meaning?.startsWith("TIME")) return "float64";
  if (type === "BOOLEAN") return "bool";
  if (type === "FLOAT") return "float32";
  if (type === "DOUBLE") return "float64";
  if (type === "INT96") return "float64";
  if (type !== "INT32" && type !== "INT64") return null;
  return meaning === "UINT_8" ? "uint8" : meaning === "UINT_32" ? "uint32" : "int32";
}

/** The values of a column as an array of a dtype; null: each as it is. */
export function toColumn(name: string, values: readonly unknown[], dtype: DType | null): Column {
  if (dtype === null) return { dtype, values: values.map(toElementValue) };
  const out = new DTYPES[dtype].array(values.length);
  const float = DTYPES[dtype].kind === "float";
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) {
      if (!float) {
        throw new ParquetFault(
          `Column ${formatValue(name)} has no value in row ${i}, which ${dtype} cannot say: ` +
            `ask for a float type with types`,
          true,
        );
      }
      out[i] = NaN;
      continue;
    }
    const x = value instanceof Date ? value.getTime() : Number(value);
    out[i] = x;
    const fits = float ? !Number.isNaN(x) || typeof value === "number" : out[i] === x;
    const exact = typeof value !== "bigint" || Number.isSafeInteger(x);
    if (!fits || !exact || (dtype === "bool" && x > 1)) {
      throw new ParquetFault(
        `Column ${formatValue(name)} holds ${formatValue(value)} in row ${i}, which is no ` +
          `${dtype}: ask for another type with types`,
        true,
      );
    }
  }
  return { dtype, values: out };
}

/** Texts stay, bytes and lists of numbers become HostArrays. */
function toElementValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return new HostArray(Number(value));
  if (value instanceof Date) return new HostArray(new Float64Array([value.getTime()]), []);
  if (value instanceof Uint8Array) return new HostArray(value.slice());
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return jsonElement(Array.from(value as unknown as Iterable<number | bigint>, Number));
  }
  if (Array.isArray(value)) {
    return jsonElement(value.map((v) => typeof v === "bigint" ? Number(v) : v));
  }
  return jsonElement(value);
}
