/**
 * The checkout as the rules see it: its files, their text, and who imports whom. Rules are pure
 * functions over this, so each one can be shown to fail on a small tree in a temporary folder.
 * @module
 */
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** One import or re-export of one file, as `deno info` reads it. */
export interface Import {
  /** The importing file, relative to the root, with forward slashes. */
  readonly from: string;
  /** The imported file, relative to the root; undefined when it lies elsewhere or is not found. */
  readonly to: string | undefined;
  /** As written in the source. */
  readonly specifier: string;
  /** A value import is in the running program; a type import is erased. */
  readonly kind: "value" | "type";
  /** Counted from 1. */
  readonly line: number;
}

/** What every rule is given. */
export interface Tree {
  /** Every file, relative to the root, with forward slashes, sorted. */
  readonly files: readonly string[];
  /** Imports found in mod.ts, ffi, src and examples. */
  readonly imports: readonly Import[];
  /** The text of one of the files. */
  read(file: string): string;
}

/** One thing that breaks a rule. */
export interface Problem {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

/** Finds what is wrong in a tree; an empty list means that the rule holds. */
export type Rule = (tree: Tree) => Problem[];

/** Reads the tree at `root`: one walk over the folders and one `deno info`. */
export async function readTree(root: string): Promise<Tree> {
  const top = await Deno.realPath(root);
  const files = [...walk(top, "")].sort();
  return {
    files,
    imports: await readImports(top, files.filter(isLibraryFile)),
    read: (file) => Deno.readTextFileSync(join(top, file)),
  };
}

/** True for the TypeScript files that users of the module load, and the examples. */
export function isLibraryFile(file: string): boolean {
  return file.endsWith(".ts") && (file === "mod.ts" || /^(src|ffi|examples)\//.test(file));
}

function* walk(top: string, folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(join(top, folder))) {
    const path = folder + entry.name;
    if (entry.isDirectory) {
      const hidden = entry.name.startsWith(".") && entry.name !== ".ci";
      if (!hidden && !["node_modules", "coverage", "__pycache__"].includes(entry.name)) {
        yield* walk(top, path + "/");
      }
    } else if (entry.isFile) {
      yield path;
    }
  }
}

/** The part of `deno info --json` that is read here. */
interface Info {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: Target; type?: Target }[];
  }[];
}

interface Target {
  specifier?: string;
  span?: { start: { line: number } };
}

async function readImports(top: string, files: readonly string[]): Promise<Import[]> {
  if (files.length === 0) return [];
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const urls = files.map((file) => pathToFileURL(join(top, file)).href);
    await Deno.writeTextFile(entry, urls.map((url) => `import "${url}";\n`).join(""));
    const info = await denoInfo(top, entry);
    return info.modules.flatMap((module) => importsOf(module, top));
  } finally {
    await Deno.remove(entry);
  }
}

function importsOf(module: Info["modules"][number], top: string): Import[] {
  const from = inside(module.specifier, top);
  if (from === undefined) return [];
  return (module.dependencies ?? []).flatMap(({ specifier, code, type }) =>
    ([["value", code], ["type", type]] as const).flatMap(([kind, target]) =>
      target === undefined ? [] : [{
        from,
        to: inside(target.specifier, top),
        specifier,
        kind,
        line: (target.span?.start.line ?? 0) + 1,
      }]
    )
  );
}

function inside(specifier: string | undefined, top: string): string | undefined {
  if (specifier === undefined || !specifier.startsWith("file:")) return undefined;
  const path = relative(top, fileURLToPath(specifier));
  return path.startsWith("..") ? undefined : path.replaceAll(sep, "/");
}

async function denoInfo(top: string, entry: string): Promise<Info> {
  const config = join(top, "deno.json");
  const hasConfig = await Deno.stat(config).then(() => true, () => false);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "info",
      "--json",
      "--no-lock",
      ...hasConfig ? ["--config", config] : ["--no-config"],
      entry,
    ],
    cwd: top,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot read the imports: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}
