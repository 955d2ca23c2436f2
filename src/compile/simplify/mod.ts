/**
 * Simplification: passes from program to program, each with one job. They are here so that lowering
 * sees as few steps as the function needs.
 *
 * @module
 */
export { algebra } from "./algebra.ts";
export { shareCommon } from "./common.ts";
export { removeDead } from "./dead.ts";
export { settleLoops } from "./loops.ts";
export { fold } from "./fold.ts";
