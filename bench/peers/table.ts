/**
 * The Markdown tables that a run becomes.
 *
 * @module
 */
import { columnTimes, peers, type Results, type Row } from "./results.ts";
import { fastestOf, geometricMean, judge, type Judgement } from "./stats.ts";
import { type Column, columns } from "./systems.ts";

/** A time or a number of bytes, in the unit that gives it few digits. */
export function formatValue(value: number, unit: "seconds" | "bytes"): string {
  if (unit === "bytes") return `${Math.round(value / 2 ** 20)} MiB`;
  const [scale, name] = value < 1e-3 ? [1e6, "us"] : value < 1 ? [1e3, "ms"] : [1, "s"];
  const scaled = value * scale;
  return `${scaled >= 100 ? scaled.toFixed(0) : Number(scaled.toPrecision(3))} ${name}`;
}

/** A ratio with as many digits as it deserves. */
export function formatRatio(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2);
}

const titleOf = (id: string, shown: readonly Column[] = columns): string =>
  shown.find((column) => column.id === id)?.title ?? id;

function markdown(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map((_, i) => i === 0 ? "---" : "--:")) + body.map(line).join("");
}

/** Every time, and its ratio to glissade's. */
export function fullTable(
  { rows }: Pick<Results, "rows">,
  shown: readonly Column[] = columns,
): string {
  const body = rows.map((row) => {
    const times = columnTimes(row);
    const own = times.get("glissade");
    const cells = shown.map(({ id }) => {
      const time = times.get(id);
      if (time === undefined) return reasonCell(row, id);
      const ratio = own === undefined ? "" : ` (${formatRatio(time / own)})`;
      return formatValue(time, row.unit) + ratio;
    });
    const ownCell = own === undefined ? reasonCell(row, "glissade") : formatValue(own, row.unit);
    return [`${row.id}: ${row.title}`, ownCell, ...cells];
  });
  return markdown(["work", "glissade", ...shown.map(({ title }) => title)], body);
}

function reasonCell(row: Row, column: string): string {
  const entries = row.entries.filter((entry) => entry.column === column);
  if (entries.some(({ wrong }) => wrong !== null)) return "**wrong**";
  return entries.some(({ absent }) => absent !== null && absent !== "does not apply")
    ? "absent"
    : "";
}

/** One line for each promise: the ratio that was wanted, the one that was reached. */
export function targetTable(
  { rows }: Pick<Results, "rows">,
  shown: readonly Column[] = columns,
): string {
  const rivals = shown.filter(({ isPeer }) => isPeer).map(({ id }) => id);
  const body = rows.flatMap((row) => {
    const times = columnTimes(row);
    return row.targets.map((target) => {
      const judged = judge(target, times, rivals);
      const of = target.of === undefined ? "" : `, ${titleOf(target.of, shown)}`;
      return [
        `${row.id}: ${row.title}${of}`,
        wanted(judged, shown),
        ratioCell(judged),
        metCell(judged),
      ];
    });
  });
  const mean = rowMean(rows, "W6");
  if (mean !== null) {
    body.push([
      "W6: geometric mean",
      "1.00 against the fastest peers",
      formatRatio(mean),
      yes(mean >= 1),
    ]);
  }
  return markdown(["work", "wanted", "reached", "met"], body);
}

function wanted({ target, against }: Judgement, shown: readonly Column[] = columns): string {
  const who = target.against === "fastest"
    ? `the fastest peer${against === null ? "" : ` (${titleOf(against, shown)})`}`
    : titleOf(target.against, shown);
  const grace = target.grace === undefined ? "" : ` + ${formatValue(target.grace, "seconds")}`;
  return `${formatRatio(target.atLeast)} against ${who}${grace}`;
}

const yes = (is: boolean): string => is ? "yes" : "no";
const ratioCell = ({ ratio }: Judgement): string => ratio === null ? "?" : formatRatio(ratio);
const metCell = ({ isMet }: Judgement): string => isMet === null ? "?" : yes(isMet);

/** Geometric mean of fastest peer / glissade over the rows of a family; null without any. */
export function rowMean(rows: readonly Row[], family: string): number | null {
  const ratios = rows.filter(({ id }) => id.startsWith(`${family} `)).flatMap((row) => {
    const times = columnTimes(row);
    const best = fastestOf(times, peers);
    return best === null || !times.has("glissade")
      ? []
      : [times.get(best)! / times.get("glissade")!];
  });
  return ratios.length === 0 ? null : geometricMean(ratios);
}

/** Rows that are left to the full table: one size and one type of products stand for all. */
const isShort = ({ id }: Row): boolean =>
  !id.startsWith("W7") ||
  ["W7 64 float32", "W7 512 float32", "W7 2048 float32", "W7 batched"].includes(id);

/** What README shows: glissade beside the fastest peer. */
export function shortTable({ rows }: Results): string {
  const body = rows.filter(isShort).map((row) => {
    const times = columnTimes(row);
    const own = times.get("glissade");
    const best = fastestOf(times, peers);
    const time = best === null ? undefined : times.get(best);
    const promises = row.targets.filter(({ of }) => of === undefined)
      .map((target) => judge(target, times, peers))
      .map((judged) => `${wanted(judged)}: ${ratioCell(judged)}`);
    return [
      row.title,
      own === undefined ? "?" : formatValue(own, row.unit),
      time === undefined ? "" : `${formatValue(time, row.unit)} (${titleOf(best!)})`,
      own === undefined || time === undefined ? "" : formatRatio(time / own),
      promises.join("; "),
    ];
  });
  return markdown(["work", "glissade", "fastest peer", "ratio", "wanted: reached"], body);
}

/** The machine and the versions in a sentence. */
export function conditions({ machine, load, threads, versions, date }: Results): string {
  const named = Object.entries(versions).flatMap(([system, packages]) =>
    system.includes(" ") || system === "glissade-builtin"
      ? []
      : typeof packages === "string"
      ? [`${system} absent (${packages})`]
      : Object.entries(packages).filter(([name]) => name !== "threads")
        .map(([name, version]) => name === "BLAS" ? version : `${name} ${version}`)
  );
  const vectors = machine.flags.join(", ");
  const busy = load < machine.cores / 2
    ? ""
    : ` The machine was busy with other work (load ${load.toFixed(1)}): take the times as rough.`;
  return `${machine.cpu} (${vectors}), ${machine.cores} cores, ${machine.os}; ` +
    `${threads} thread${threads === 1 ? "" : "s"} each; ${date.slice(0, 10)}; ` +
    `${[...new Set(named)].join(", ")}.${busy}`;
}

/** What is not in the tables as a number: absences, wrong results, settings that were chosen. */
export function notes(
  { rows }: Pick<Results, "rows">,
  shown: readonly Column[] = columns,
): string {
  const lines = new Map<string, string[]>();
  const add = (text: string, id: string): void => {
    lines.set(text, [...lines.get(text) ?? [], id]);
  };
  for (const row of rows) {
    for (const entry of row.entries) {
      const who = `${titleOf(entry.lane, shown)}${
        entry.system.includes(" ") ? " on one core" : ""
      }`;
      if (entry.wrong !== null) add(`**${who} disagrees**: ${entry.wrong}`, row.id);
      else if (entry.absent !== null && entry.absent !== "does not apply") {
        add(`${who} is absent: ${entry.absent}`, row.id);
      } else if (entry.setting !== null) add(`${who}: ${entry.setting}`, row.id);
    }
    for (const column of new Set(row.entries.map((entry) => entry.column))) {
      const own = row.entries.filter((entry) => entry.column === column);
      if (own.length < 2) continue;
      const best = columnTimes({ ...row, entries: own }).get(column);
      const isOneCore = own.some((entry) =>
        entry.system.includes(" ") && entry.wrong === null &&
        columnTimes({ ...row, entries: [entry] }).get(column) === best && best !== undefined
      );
      if (isOneCore) {
        add(`${titleOf(column, shown)} was faster with one thread on one core`, row.id);
      }
    }
  }
  return [...lines].map(([text, ids]) => `- ${text} (${ids.join(", ")})\n`).join("");
}

/** The whole report. */
export function report(results: Results): string {
  return `# glissade and its peers

Median times; in brackets peer time / glissade time, above 1 where glissade is faster. All systems
computed the same numbers in turns in the same run, and their results were compared. Made by
\`deno task bench:peers\`.

${conditions(results)}

## Times

${fullTable(results)}
## What was wanted

${targetTable(results)}
## Notes

Systems in WebAssembly (TensorFlow.js, jax-js) have no native library. Of a system that was also
tried with one thread on one core, the faster of the two is shown.

${notes(results)}`;
}
