/**
 * `np`: NumPy's functions over tensors, under their NumPy names in camelCase. Dtypes are promoted as
 * JAX promotes them, and all of it can be differentiated and compiled.
 *
 * @module
 */
export * from "./arithmetic.ts";
export * from "./comparison.ts";
export * from "./constants.ts";
export * from "./creation.ts";
export * from "./ranges.ts";
export * from "./einsum.ts";
export * from "./exponential.ts";
export * from "./indexing.ts";
export * from "./joining.ts";
export * from "./logic.ts";
export * from "./linear.ts";
export * from "./movement.ts";
export * from "./padding.ts";
export * from "./reductions.ts";
export * from "./rounding.ts";
export * from "./selection.ts";
export * from "./sorting.ts";
export * from "./trigonometric.ts";
export * from "./arrangement.ts";
export * from "./dtypes.ts";
export * from "./diagonals.ts";
export * from "./triangles.ts";
export * from "./differences.ts";
export * from "./interpolation.ts";
export * from "./choosing.ts";
export * from "./editing.ts";
export * from "./replacing.ts";
export * from "./stacking.ts";
export * from "./equality.ts";
export * from "./floating.ts";
export * from "./grids.ts";
export * from "./histograms.ts";
export * from "./integer_arithmetic.ts";
export * from "./nan_reductions.ts";
export * from "./polynomials.ts";
export * from "./polynomial_fits.ts";
export * from "./products.ts";
export * from "./quantiles.ts";
export * from "./sets.ts";
export * from "./unique.ts";
export * from "./statistics.ts";
export * from "./windows.ts";
export * from "./ordering.ts";
export * from "./positions.ts";
export * from "./searching.ts";
export type * from "./types.ts";
