/**
 * Small helpers around training: labels, seeds, a progress bar.
 *
 * @module
 */
export {
  ProgressBar,
  type ProgressBarOptions,
  type ProgressBarOutput,
} from "../base/progress_bar.ts";
export { setRandomSeed } from "./random_seed.ts";
export { toCategorical } from "./to_categorical.ts";
