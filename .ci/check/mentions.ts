/**
 * What must not be written down: paths that exist on one machine only, hosts that packages happen
 * to be fetched from, and promises to finish later.
 * @module
 */
import type { Problem, Tree } from "./tree.ts";

/** The classes in brackets keep this file from matching itself. */
const refused: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?<!\w)\/(?:home|root|work|tmp|Users)\/\w/, "a path of one machine"],
  [/https?:\/\/registry|\bregistry[.](?:\w|-)+[.][a-z]/, "the host of a registry"],
  [/\b(?:T[O]DO|F[I]XME)\b/, "a promise to finish later"],
];

const textFile = /(?:\.(?:ts|js|mjs|json|jsonc|lock|md|py|sh|txt|toml|ya?ml)|(?:^|\/)[^./]+)$/;

/** One problem for each line that holds a refused mention. */
export function checkMentions(tree: Tree): Problem[] {
  return tree.files.filter((file) => textFile.test(file)).flatMap((file) =>
    tree.read(file).split("\n").flatMap((text, i) =>
      refused.filter(([pattern]) => pattern.test(text)).map(([, what]) => ({
        file,
        line: i + 1,
        message: `Cannot keep ${what}: ${text.trim().slice(0, 80)}`,
      }))
    )
  );
}
