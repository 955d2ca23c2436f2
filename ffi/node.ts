/**
 * Node's own modules, each loaded when it is first asked for: naming them in imports costs every start
 * of a script 30 ms.
 *
 * @module
 */

interface Modules {
  readonly buffer: typeof import("node:buffer");
  readonly crypto: typeof import("node:crypto");
  readonly fs: typeof import("node:fs");
  readonly path: typeof import("node:path");
  readonly stream: typeof import("node:stream");
  readonly url: typeof import("node:url");
  readonly worker_threads: typeof import("node:worker_threads");
  readonly zlib: typeof import("node:zlib");
}

/** One of Node's modules. */
export function node<Name extends keyof Modules>(name: Name): Modules[Name] {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): Modules[Name] };
  };
  return process.getBuiltinModule(`node:${name}`);
}
