/**
 * The ground floor: what is true of numbers, shapes and trees before any tensor exists.
 *
 * @module
 */
export * from "./dtype.ts";
export * from "./errors.ts";
export * from "./exact_json.ts";
export * from "./flags.ts";
export * from "./host_array.ts";
export * from "./nested.ts";
export * from "./options.ts";
export * from "./print.ts";
export * from "./shape.ts";
export * as tree from "./tree.ts";
