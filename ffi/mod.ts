/**
 * The lowest floor: native symbols. It finds and opens libraries and binds their functions; it knows
 * no tensor and imports nothing from the floors above.
 *
 * @module
 */

export { type Blas, type BlasOptions, type BlasSearch, findBlas } from "./openblas.ts";
export { cachedBlas, type Download, prefetchBlas } from "./download.ts";
export { type Attempt, describeAttempts, NativeLibraryError, type Outcome } from "./errors.ts";
export { addressOf, cString } from "./memory.ts";
export { granted } from "./permissions.ts";
