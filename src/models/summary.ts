/**
 * The text of `model.summary()`: the table that Keras prints.
 *
 * @module
 */
import { DTYPES } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import type { Variable } from "../core/mod.ts";
import type { SummaryRow } from "./rows.ts";
import type { SummaryOptions } from "./types.ts";

/** What a summary says. */
export interface SummaryContent {
  readonly name: string;
  readonly rows: readonly SummaryRow[];
  readonly weights: readonly Variable[];
  readonly trainable: readonly Variable[];
}

interface Column {
  readonly title: string;
  /** Where it ends, as a fraction of the line. */
  readonly end: number;
  readonly right: boolean;
}

const THREE: readonly Column[] = [
  { title: "Layer (type)", end: 0.45, right: false },
  { title: "Output Shape", end: 0.8, right: false },
  { title: "Param #", end: 1, right: true },
];
const FOUR: readonly Column[] = [
  { title: "Layer (type)", end: 0.3, right: false },
  { title: "Output Shape", end: 0.56, right: false },
  { title: "Param #", end: 0.74, right: true },
  { title: "Connected to", end: 1, right: false },
];

/**
 * The table and the totals, without a line break at the end.
 *
 * @throws {RangeError} when the lines are too short for the columns
 */
export function summarize(content: SummaryContent, options: SummaryOptions): string {
  const connected = content.rows.some((row) => row.connections !== null);
  const cells = content.rows.map((row) => [
    `${row.name} (${row.type})`,
    row.shape,
    row.parameters === null ? "0 (unbuilt)" : number(row.parameters),
    ...(connected ? [row.connections!.join(", ") || "-"] : []),
  ]);
  const trainable = new Set(content.trainable);
  const [yes, no] = [true, false].map((is) =>
    content.weights.filter((v) => trainable.has(v) === is)
  );
  return [
    `Model: "${content.name}"`,
    ...table(connected ? FOUR : THREE, cells, options.lineLength ?? 80),
    ` Total params: ${amount(content.weights)}`,
    ` Trainable params: ${amount(yes!)}`,
    ` Non-trainable params: ${amount(no!)}`,
  ].join("\n");
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}

function amount(variables: readonly Variable[]): string {
  const sizes = variables.map((v) => sizeOf(v.shape));
  const count = sizes.reduce((a, b) => a + b, 0);
  let bytes = variables.reduce((sum, v, i) => sum + sizes[i]! * DTYPES[v.dtype].bytes, 0);
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${number(count)} (${bytes.toFixed(2)} ${units[unit]})`;
}

/** The lines of a table with a head; cells wrap at spaces, or where they must. */
function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  lineLength: number,
): string[] {
  const widths = widthsOf(columns, lineLength);
  const rule = ([left, line, cross, right]: string): string =>
    left! + widths.map((w) => line!.repeat(w)).join(cross) + right!;
  const lines = (cells: readonly string[], bar: string): string[] => {
    const wrapped = cells.map((text, i) => wrap(text, widths[i]! - 2));
    const height = Math.max(...wrapped.map((w) => w.length));
    return Array.from({ length: height }, (_, k) => {
      const texts = wrapped.map((w, i) => {
        const width = widths[i]! - 2;
        const text = w[k] ?? "";
        return ` ${columns[i]!.right ? text.padStart(width) : text.padEnd(width)} `;
      });
      return bar + texts.join(bar) + bar;
    });
  };
  const head = lines(columns.map((c) => c.title), "┃");
  const body = rows.flatMap((row, i) => [
    ...(i === 0 ? [] : [rule("├─┼┤")]),
    ...lines(row, "│"),
  ]);
  return [rule("┏━┳┓"), ...head, rule("┡━╇┩"), ...body, rule("└─┴┘")];
}

/** Widths between the bars: three characters of each column but one go for bars and padding, four of that. */
function widthsOf(columns: readonly Column[], lineLength: number): number[] {
  const ends = columns.map((c) => Math.trunc(c.end * lineLength));
  const wide = columns.length - 2;
  const widths = ends.map((end, i) => end - (ends[i - 1] ?? 0) - (i === wide ? 2 : 1));
  if (!Number.isSafeInteger(lineLength) || widths.some((w) => w < 6)) {
    throw new RangeError(
      `Cannot print a summary in lines of ${lineLength}: wanted a whole number of at least 50`,
    );
  }
  return widths;
}

/** Text in lines of at most `width` characters, broken at spaces; longer words are cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    if (last >= 0 && lines[last]!.length + 1 + word.length <= width) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => line.length > width ? `${line.slice(0, width - 1)}…` : line);
}
