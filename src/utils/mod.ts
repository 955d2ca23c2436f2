/**
 * Small helpers around training: labels, seeds, a progress bar.
 *
 * @module
 */
export * from "../base/progress_bar.ts";
export * from "./random_seed.ts";
export * from "./to_categorical.ts";
