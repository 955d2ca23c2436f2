/**
 * The section of README that a run rewrites.
 *
 * @module
 */
import type { Results } from "./results.ts";
import { conditions, shortTable } from "./table.ts";

const OPEN = "<!-- bench:peers -->";
const CLOSE = "<!-- /bench:peers -->";

/**
 * The text with what stands between the markers replaced.
 *
 * @throws {Error} when the markers are not there, once and in order
 */
export function replaceSection(text: string, section: string): string {
  const [before, rest, more] = text.split(OPEN);
  const [, after, tooMany] = rest?.split(CLOSE) ?? [];
  if (after === undefined || more !== undefined || tooMany !== undefined) {
    throw new Error(`Cannot rewrite the section: it stands between ${OPEN} and ${CLOSE}, once`);
  }
  return `${before}${OPEN}\n\n${section.trim()}\n\n${CLOSE}${after}`;
}

/** What README shows of a run. */
export function section(results: Results): string {
  return `![Peer time / glissade time for each work](bench/results/ratios.svg)

Peer time / glissade time, above 1 where glissade is faster; medians of ${results.rounds} rounds in
which all systems took turns.

${shortTable(results)}
${conditions(results)} All times and notes: [table.md](bench/results/table.md), raw samples beside
it.`;
}
