/**
 * Small trees in temporary folders, on which the rules of the house are shown to fail.
 * @module
 */
import { dirname, join } from "node:path";
import { type Problem, readTree, type Rule } from "../../.ci/check/tree.ts";

/** File name to content. */
export type Files = Readonly<Record<string, string>>;

/** Calls `use` with a folder that holds `files`, and removes it afterwards. */
export async function withFiles<R>(files: Files, use: (root: string) => Promise<R>): Promise<R> {
  const root = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(join(root, dirname(name)), { recursive: true });
      await Deno.writeTextFile(join(root, name), text);
    }
    return await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** What `rule` finds in a tree of `files`. */
export function problemsOf(rule: Rule, files: Files): Promise<Problem[]> {
  return withFiles(files, async (root) => rule(await readTree(root)));
}

/** The places of the problems, as `file` or `file:line`. */
export async function placesOf(rule: Rule, files: Files): Promise<string[]> {
  const problems = await problemsOf(rule, files);
  return problems.map(({ file, line }) => line === undefined ? file : `${file}:${line}`);
}
