/**
 * How long until the first finished training step? Milliseconds from process start to process end,
 * best of seven: of an empty script, of importing mod.ts, and of the guide's first step on data of
 * MNIST's size that lies on the disk. Under a second is wanted.
 *
 * Run with `deno run -A bench/startup.ts`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { writeIdxFiles } from "../tests/whole/idx_files.ts";

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Milliseconds of one run. */
function run(args: readonly string[], env: Record<string, string> = {}): number {
  const started = performance.now();
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...args],
    env,
    stdin: "null",
  }).outputSync();
  const milliseconds = performance.now() - started;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return milliseconds;
}

const folder = Deno.makeTempDirSync();
try {
  writeIdxFiles(folder);
  Deno.writeTextFileSync(`${folder}/empty.ts`, "export {};\n");
  const child = file("../tests/whole/startup_child.ts");
  const rows: [string, string[], Record<string, string>?][] = [
    ["an empty script", [`${folder}/empty.ts`]],
    ["import mod.ts", [file("../mod.ts")]],
    ["first guide step, auto", ["-A", child, folder]],
    ["first guide step, builtin", ["-A", child, folder], { GLISSADE_BLAS: "builtin" }],
  ];
  for (const [what, args, env] of rows) {
    const times = Array.from({ length: 8 }, () => run(args, env)).slice(1);
    console.log(`${what.padEnd(26)} ${Math.min(...times).toFixed(0).padStart(5)} ms`);
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}
