/**
 * The columns of a CSV file: the arrays that cells go into.
 *
 * @module
 */
import { DTYPES, type Values } from "../../base/dtype.ts";
import { formatValue } from "../../base/errors.ts";
import { FileFault } from "../bytes/byte_window.ts";
import type { NumberForm } from "./kernel_numbers.ts";
import type { Column } from "../tables/table.ts";
import { type CsvDefault, type CsvType, describeType, NUMBER } from "./types.ts";

/** A cell without anything in it, not even quotes. */
export const MISSING = null;

/** Takes the cells of one column, chunk by chunk. */
export class ColumnBuilder {
  /** Whether cells are numbers, so that `number` may be called. */
  readonly numeric: boolean;
  /** In which form numbers are best read. */
  readonly form: NumberForm;
  readonly #name: string;
  readonly #type: CsvType;
  readonly #given: boolean;
  readonly #default: CsvDefault | undefined;
  readonly #missing: ReadonlySet<string>;
  readonly #capacity: number;
  readonly #whole: boolean;
  #numbers: Values;
  #texts: string[] = [];

  constructor(
    name: string,
    type: CsvType,
    given: boolean,
    missing: CsvDefault | undefined,
    marks: ReadonlySet<string>,
    capacity: number,
  ) {
    this.#name = name;
    this.#type = type;
    this.#given = given;
    this.#default = missing;
    this.#missing = marks;
    this.#capacity = capacity;
    this.#whole = type !== "string" && DTYPES[type].kind !== "float";
    // A mark may look like a number, as -999.
    this.numeric = type !== "string" && ![...marks].some((m) => NUMBER.test(m)) && type !== "bool";
    this.form = type === "float32" ? type : this.#whole && type !== "uint32" ? "int32" : "float64";
    this.#numbers = this.#fresh(0);
  }

  #fresh(length: number): Values {
    return new DTYPES[this.#type === "string" ? "uint8" : this.#type].array(length);
  }

  /** Starts a chunk. */
  begin(): void {
    if (this.#type === "string") this.#texts = [];
    else this.#numbers = this.#fresh(this.#capacity);
  }

  /** The first `rows` cells that were taken since. */
  end(rows: number): Column {
    if (this.#type === "string") return { dtype: null, values: this.#texts.slice(0, rows) };
    const all = this.#numbers;
    return { dtype: this.#type, values: rows === all.length ? all : all.slice(0, rows) };
  }

  /** Takes numbers of rows that follow each other; gives how many there are before one that misfits. */
  numbers(row: number, values: Values): number {
    const own = this.#numbers, rows = values.length;
    own.set(values, row);
    if (this.#type === this.form) return rows;
    let fit = 0;
    while (fit < rows && own[row + fit] === values[fit]) fit++;
    return fit;
  }

  /** Takes a number that stands at byte `at`. */
  number(row: number, x: number, at: number): void {
    this.#numbers[row] = x;
    if (this.#whole && this.#numbers[row] !== x) throw this.#misfit(String(x), at);
  }

  /** Takes a cell that is text, or missing. */
  text(row: number, cell: string | null, at: number): void {
    const nothing = cell === MISSING || (cell === "" && this.#type !== "string");
    if (nothing || (this.#missing.size > 0 && this.#missing.has(cell))) {
      this.#takeDefault(row, at);
    } else if (this.#type === "string") {
      this.#texts[row] = cell;
    } else if (this.#type === "bool") {
      const value = /^(true|1)$/i.test(cell) ? 1 : /^(false|0)$/i.test(cell) ? 0 : -1;
      if (value < 0) throw this.#misfit(cell, at);
      this.#numbers[row] = value;
    } else {
      if (!NUMBER.test(cell)) throw this.#misfit(cell, at);
      const text = cell.trim();
      const word = /^[+-]?(inf|nan)/i.test(text);
      this.number(row, word ? wordNumber(text) : Number(text), at);
    }
  }

  #takeDefault(row: number, at: number): void {
    const value = this.#default;
    if (this.#type === "string") {
      this.#texts[row] = value === undefined ? "" : value as string;
    } else if (value !== undefined) {
      this.#numbers[row] = Number(value);
    } else if (!this.#whole) {
      this.#numbers[row] = NaN;
    } else {
      throw new FileFault(
        `column ${formatValue(this.#name)} has no value, which ${this.#type} cannot say: ` +
          `give it a default, or ${
            this.#type === "bool" ? 'the type "string"' : "a float type"
          } in types`,
        at,
      );
    }
  }

  #misfit(cell: string, at: number): FileFault {
    const what = `column ${formatValue(this.#name)} holds ${
      formatValue(cell.slice(0, 40))
    }, which `;
    return new FileFault(
      this.#given
        ? `${what}does not fit the type that types gives it, ${describeType(this.#type)}: ` +
          `give it another, or name the cell in missing if it stands for nothing`
        : `${what}is no ${this.#type}, as the first rows are: say its type with types, ` +
          `or name the cell in missing if it stands for nothing`,
      at,
      true,
    );
  }
}

function wordNumber(text: string): number {
  if (/nan/i.test(text)) return NaN;
  return text.startsWith("-") ? -Infinity : Infinity;
}
