/**
 * `deno task bench [name ...]`: runs each question of bench/, or those named, one after the other
 * and each in its own process, so that none measures the memory or the warm code of another.
 * @module
 */
import { fileURLToPath } from "node:url";

const folder = new URL("../bench/", import.meta.url);
const questions = [...Deno.readDirSync(folder)]
  .filter(({ isFile, name }) => isFile && name.endsWith(".ts"))
  .map(({ name }) => name.replace(/\.ts$/, ""))
  .sort();

const unknown = Deno.args.filter((name) => !questions.includes(name));
if (unknown.length > 0) {
  console.error(`Cannot run ${unknown.join(", ")}: the questions are ${questions.join(", ")}`);
  Deno.exit(2);
}

let failed = 0;
for (const name of Deno.args.length > 0 ? Deno.args : questions) {
  console.log(`\n== ${name}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(new URL(`${name}.ts`, folder))],
  }).spawn().status;
  if (!success) failed++;
}
if (failed > 0) {
  console.error(`${failed} of them failed`);
  Deno.exit(1);
}
