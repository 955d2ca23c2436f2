import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import * as glissade from "../../mod.ts";
import { withFiles } from "./plant.ts";
import { publicNames } from "./public_names.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("every public name is described, and every public value has an example", async () => {
  const names = await publicNames(root);
  assert(names.length > 0, "mod.ts exports nothing");
  const lacking = names.filter(({ lacks }) => lacks.length > 0).map(
    ({ name, place, lacks }) => `${name} (${place}) lacks ${lacks.join(" and ")}`,
  );
  assertEquals(lacking.length, 0, `${lacking.length} of ${names.length}:\n${lacking.join("\n")}`);
});

/** Namespaces that hand on names one by one, which `deno doc` drops behind a namespace. */
const BY_NAME = ["activations", "data", "optax", "nn.logsumexp"];

Deno.test("every value behind a namespace is seen by deno doc", async () => {
  const seen = new Set((await publicNames(root)).map(({ name }) => name));
  const unseen: string[] = [];
  for (const [space, values] of Object.entries(glissade)) {
    if (Object.prototype.toString.call(values) !== "[object Module]") continue;
    for (const name of Object.keys(values)) {
      const full = `${space}.${name}`;
      if (!seen.has(full) && !BY_NAME.some((x) => x === space || x === full)) unseen.push(full);
    }
  }
  assertEquals(unseen, []);
});

const example = " * @example\n * ```ts\n * assertEquals(1, 1);\n * ```\n";

Deno.test("names without words or examples are found, in namespaces too", async () => {
  const files = {
    "mod.ts": `export * from "./a.ts";\n/** Numbers. */\nexport * as np from "./np.ts";\n`,
    "a.ts": `/** A described type. */\nexport type A = 1;\nexport interface B { b: 1 }\n` +
      `/** Described.\n${example} */\nexport function good(): void {}\n` +
      `/** Described. */\nexport function bare(): void {}\n` +
      `/** Idle.\n * @example\n * \`\`\`ts\n * idle();\n * \`\`\`\n */\nexport class Idle {}\n`,
    "np.ts": `/** Sum.\n${example} */\nexport function sum(): void {}\n` +
      `export { sum as total };\nexport const silent: number = 1;\n`,
  };
  const lacking = await withFiles(files, async (root) => {
    const names = await publicNames(await Deno.realPath(root));
    assertEquals(names.length, 9);
    return names.filter(({ lacks }) => lacks.length > 0).map(({ name, place, lacks }) =>
      `${name} ${place}: ${lacks.join(", ")}`
    );
  });
  assertEquals(lacking.sort(), [
    "B a.ts:3: a description",
    "Idle a.ts:19: an @example that asserts",
    "bare a.ts:12: an @example that asserts",
    "np.silent np.ts:9: a description, an @example that asserts",
  ]);
});
