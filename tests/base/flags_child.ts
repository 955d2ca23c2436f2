/**
 * A child of flags_test.ts: prints the settings, or the error that reading them gives.
 *
 * @module
 */
import { config } from "../../src/base/flags.ts";

try {
  console.log(JSON.stringify(config()));
} catch (e) {
  console.log(String(e));
}
