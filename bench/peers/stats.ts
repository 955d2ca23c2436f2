/**
 * What is made of measured times: medians, ratios, agreement of results, judgements of targets.
 *
 * @module
 */
import type { Target } from "./works.ts";

/** The median of a list. NaN when it is empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The geometric mean of a list. NaN when it is empty. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Repetitions that make one sample last about `wanted` seconds. */
export function repetitions(secondsOfOne: number, wanted: number): number {
  return Math.max(1, Math.ceil(wanted / Math.max(secondsOfOne, 1e-9)));
}

/**
 * Which of the results differ from the others: their numbers are compared one by one with the median
 * over all, relative to the largest number of the result. Gives lane -> what differs.
 */
export function disagreements(
  checks: ReadonlyMap<string, readonly number[]>,
  tolerance: number,
): Map<string, string> {
  const wrong = new Map<string, string>();
  const all = [...checks].filter(([, numbers]) => numbers.length > 0);
  const length = median(all.map(([, numbers]) => numbers.length));
  const fitting = all.filter(([, numbers]) => numbers.length === length);
  for (const [lane, numbers] of all) {
    if (numbers.length !== length) wrong.set(lane, `${numbers.length} numbers, not ${length}`);
  }
  const middle = Array.from(
    { length: fitting.length > 0 ? length : 0 },
    (_, i) => median(fitting.map(([, numbers]) => numbers[i]!)),
  );
  const scale = Math.max(...middle.map(Math.abs));
  for (const [lane, numbers] of fitting) {
    const at = numbers.findIndex((value, i) =>
      !(Math.abs(value - middle[i]!) <= tolerance * (Math.abs(middle[i]!) + 0.01 * scale))
    );
    if (at >= 0) {
      wrong.set(lane, `result ${at} is ${format(numbers[at]!)}, not ${format(middle[at]!)}`);
    }
  }
  return wrong;
}

const format = (value: number): string => Number(value.toPrecision(6)).toString();

/** A target and whether it is met; `ratio` is null where one of the two was not measured. */
export interface Judgement {
  readonly target: Target;
  /** The column that "fastest" turned out to be. */
  readonly against: string | null;
  readonly ratio: number | null;
  readonly isMet: boolean | null;
}

/** Judges a target by the times of the columns. */
export function judge(
  target: Target,
  times: ReadonlyMap<string, number>,
  peers: readonly string[],
): Judgement {
  const own = times.get(target.of ?? "glissade");
  const against = target.against === "fastest" ? fastestOf(times, peers) : target.against;
  const other = against === null ? undefined : times.get(against);
  if (own === undefined || other === undefined) {
    return { target, against, ratio: null, isMet: null };
  }
  const isMet = own <= other / target.atLeast + (target.grace ?? 0);
  return { target, against, ratio: other / own, isMet };
}

/** The column with the least time among those named; null when none was measured. */
export function fastestOf(
  times: ReadonlyMap<string, number>,
  among: readonly string[],
): string | null {
  let best: string | null = null;
  for (const id of among) {
    if (times.has(id) && (best === null || times.get(id)! < times.get(best)!)) best = id;
  }
  return best;
}
