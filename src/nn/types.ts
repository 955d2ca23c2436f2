/**
 * How sizes and padding of windows are given.
 *
 * @module
 */

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/**
 * What lies around the spatial axes: nothing ("valid"), as much as gives one output for every
 * `stride` inputs ("same", more of it after than before), all of it before ("causal", one spatial
 * axis), or so many cells [before, after] each axis.
 */
export type Padding = "valid" | "same" | "causal" | readonly (readonly [number, number])[];
