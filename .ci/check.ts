/**
 * `deno task check`: Deno's own tools and the laws of the house, in one run that prints everything
 * that is wrong at once.
 * @module
 */
import { fileURLToPath } from "node:url";
import { denoCommands, run } from "./check/commands.ts";
import { checkCycles } from "./check/cycles.ts";
import { checkExamples } from "./check/examples.ts";
import { checkFloors } from "./check/floors.ts";
import { checkHeaders } from "./check/headers.ts";
import { checkMentions } from "./check/mentions.ts";
import { checkMirror } from "./check/mirror.ts";
import { checkSpecifiers } from "./check/specifiers.ts";
import { readTree, type Rule } from "./check/tree.ts";

/** Every law of the house by the name that the report uses. */
const rules: Readonly<Record<string, Rule>> = {
  floors: checkFloors,
  cycles: checkCycles,
  specifiers: checkSpecifiers,
  headers: checkHeaders,
  examples: checkExamples,
  mirror: checkMirror,
  mentions: checkMentions,
};

const root = fileURLToPath(new URL("..", import.meta.url));
const start = performance.now();
const tree = await readTree(root);
const failures: string[] = [];

for (const [name, rule] of Object.entries(rules)) {
  for (const { file, line, message } of rule(tree)) {
    failures.push(`${name}: ${file}${line === undefined ? "" : `:${line}`}: ${message}`);
  }
}

const commands = denoCommands(tree);
const printed = await Promise.all(commands.map((command) => run(command, root)));
for (const [i, text] of printed.entries()) {
  if (text !== undefined) failures.push(`${commands[i]!.name}:\n${text}`);
}

for (const failure of failures) console.error(failure);
const names = [...Object.keys(rules), ...commands.map(({ name }) => name)];
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(
  `${failures.length === 0 ? "ok" : "FAILED"} | ${names.join(", ")} | ` +
    `${tree.files.length} files | ${seconds} s`,
);
if (failures.length > 0) Deno.exit(1);
