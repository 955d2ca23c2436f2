/**
 * Deno's own tools, each given what exists of the tree.
 * @module
 */
import type { Tree } from "./tree.ts";

/** One of Deno's tools with its arguments. */
export interface Command {
  readonly name: string;
  readonly args: readonly string[];
}

/** A user's file, beside settings that are stricter than ours. */
const STRICT = ".ci/check/strict/user.ts";

const strictly = ["check", "--quiet", "--config", ".ci/check/strict/deno.json", STRICT];

/** The tools that have something to read in this tree. */
export function denoCommands(tree: Tree): Command[] {
  const code = tree.files.filter((file) =>
    /^(mod\.ts|(src|ffi|examples|tests|bench|\.ci)\/.*\.ts)$/.test(file)
  );
  return [
    { name: "fmt", args: ["fmt", "--check"] },
    { name: "lint", args: ["lint"] },
    ...code.length > 0 ? [{ name: "types", args: ["check", "--quiet", ...code] }] : [],
    ...tree.files.includes(STRICT) ? [{ name: "strict types", args: strictly }] : [],
    ...tree.files.includes("mod.ts") ? [{ name: "docs", args: ["doc", "--lint", "mod.ts"] }] : [],
  ];
}

/** Runs a tool in `root`; what it printed when it failed, else undefined. */
export async function run({ args }: Command, root: string): Promise<string | undefined> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (success) return undefined;
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).replace(/\n*Stack backtrace:[^]*$/, "")
    .trim();
}
