/**
 * The properties of tests/compile, tried on many programs. GLISSADE_TEST_SEED gives other programs.
 *
 * @module
 */
import {
  exactProgramsAgree,
  gradientsAgree,
  gradientsAreSlopes,
  smoothProgramsAgree,
} from "../compile/properties.ts";

Deno.test("2000 exact programs give the same bits whichever way they are run", () => {
  exactProgramsAgree(2000);
});

Deno.test("1000 programs that round give nearly the same whichever way they are run", () => {
  smoothProgramsAgree(1000);
});

Deno.test("500 gradients are the same compiled, eager, on the reference, with any pass off", () => {
  gradientsAgree(500);
});

Deno.test("2000 gradients are the slopes of the functions", () => {
  gradientsAreSlopes(2000);
});
