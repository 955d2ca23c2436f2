/**
 * The options of a summary.
 *
 * @module
 */

/** Options of a model's `summary`. */
export interface SummaryOptions {
  /** Called with the text; default `console.log`. */
  printFn?: ((text: string) => void) | undefined;
  /** The number of characters in a line; default 80. */
  lineLength?: number | undefined;
}
