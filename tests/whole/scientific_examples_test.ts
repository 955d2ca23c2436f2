/**
 * The examples that fit and derive find what is known of their data.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { here, runDeno } from "./children.ts";

async function output(example: string): Promise<string> {
  const ended = await runDeno({
    args: ["run", "-A", "--no-check", here(`../../examples/${example}`)],
  });
  assertEquals([ended.code, ended.stderr], [0, ""]);
  return ended.stdout;
}

Deno.test("the Laplace fit finds the published coefficients of the O-ring data", async () => {
  const text = await output("laplace_fit.ts");
  assertStringIncludes(text, "logit = 15.0429 + -0.2322 * t");
  assertStringIncludes(text, "standard error of the slope: 0.1082");
});

Deno.test("the ODE fit finds the rates that the counts were made with", async () => {
  const text = await output("ode_fit.ts");
  const found = /rates \[([^\]]*)\]/.exec(text)![1]!.trim().split(/\s+/).map(Number);
  [1.1, 0.4, 0.3, 0.8].forEach((want, i) => {
    assert(Math.abs(found[i]! / want - 1) < 0.02, text);
  });
});

Deno.test("the wrong labels are among the largest gradients", async () => {
  const text = await output("per_example_gradients.ts");
  const found = Number(/(\d+) of the 16 wrong labels/.exec(text)?.[1]);
  assert(found >= 14, text);
});
