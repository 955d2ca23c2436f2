/**
 * Examples are read as tutorials: short, and written with nothing but what a user has.
 * @module
 */
import type { Problem, Tree } from "./tree.ts";

const mostLines = 79;

/** Each example has under 80 lines and imports only mod.ts. */
export function checkExamples(tree: Tree): Problem[] {
  return [...checkLength(tree), ...checkImports(tree)];
}

function checkLength(tree: Tree): Problem[] {
  return tree.files.filter((file) => /^examples\/.*\.ts$/.test(file)).flatMap((file) => {
    const lines = tree.read(file).trimEnd().split("\n").length;
    if (lines <= mostLines) return [];
    return [{
      file,
      message: `Cannot be read at one sitting: ${lines} lines, at most ${mostLines}`,
    }];
  });
}

function checkImports(tree: Tree): Problem[] {
  return tree.imports
    .filter(({ from, to }) => from.startsWith("examples/") && to !== "mod.ts")
    .map(({ from, specifier, line }) => ({
      file: from,
      line,
      message: `Cannot import "${specifier}": an example imports only "glissade" or "../mod.ts"`,
    }));
}
