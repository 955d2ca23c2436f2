/**
 * Schedules: hyperparameters as functions of the updates done.
 *
 * @module
 */
export * from "./cosine.ts";
export * from "./exponential.ts";
export * from "./join.ts";
export * from "./piecewise.ts";
export * from "./polynomial.ts";
