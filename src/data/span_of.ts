/**
 * Finding which of many spans of rows, one behind the other, holds a row.
 *
 * @module
 */

/** The last span that begins at the row or before it; the first begins before all rows. */
export function spanOf<S extends { readonly first: number }>(spans: readonly S[], row: number): S {
  let low = 0, high = spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (spans[middle]!.first <= row) low = middle;
    else high = middle - 1;
  }
  return spans[low]!;
}
