/**
 * How the result of products is cut among threads, whoever computes them: so that they are done soonest,
 * though each piece packs its part of both operands.
 *
 * @module
 */

/** What of products decides how they are cut. */
export interface Divisible {
  /** Rows and columns of one result. */
  readonly m: number;
  readonly n: number;
  /** Products one behind the other. */
  readonly batch: number;
  /** What packing a number of the left and the right operand takes, in multiplications. */
  readonly packing: readonly [left: number, right: number];
  /** Rows and columns of pieces are multiples of these. */
  readonly units: readonly [rows: number, columns: number];
  /** Whether there may be pieces of these sizes, with last ones of what is left. */
  fits(rows: number, columns: number): boolean;
}

/** Pieces that a thread finds at most, so that one that was held up does not keep the others. */
export const MOST_PIECES = 4;
/** How much longer more pieces may take than the fastest cut. */
const BALANCE = 1.025;

/** The length of the last of the pieces. */
export const lastPiece = (length: number, piece: number): number =>
  length - (Math.ceil(length / piece) - 1) * piece;

/** Rows and columns of the pieces for `lanes` threads; all of a result always fits. */
export function cutAmong(
  { m, n, batch, packing: [left, right], units: [high, wide], fits }: Divisible,
  lanes: number,
): { readonly rows: number; readonly columns: number } {
  const share = (length: number, parts: number, unit: number): number =>
    Math.min(length, Math.ceil(length / parts / unit) * unit);
  const wanted = Math.max(1, Math.ceil(lanes * MOST_PIECES / batch));
  const cuts: { rows: number; columns: number; count: number; time: number }[] = [];
  for (let down = 1; down <= wanted; down++) {
    const rows = share(m, down, high);
    for (let across = 1; across <= wanted / down; across++) {
      const columns = share(n, across, wide);
      if (down * across > 1 && !fits(rows, columns)) continue;
      const count = batch * Math.ceil(m / rows) * Math.ceil(n / columns);
      const time = Math.ceil(count / lanes) * (rows * columns + left * rows + right * columns);
      cuts.push({ rows, columns, count, time });
    }
  }
  const least = Math.min(...cuts.map(({ time }) => time));
  const good = cuts.filter(({ time }) => time <= least * BALANCE);
  const { rows, columns } = good.sort((a, b) => b.count - a.count || a.time - b.time)[0]!;
  return { rows, columns };
}
