/**
 * Asked for by `states_test.ts`: builds the stand-in and tells where it is.
 * @module
 */
import { standIn } from "./build.ts";

console.log(await standIn());
