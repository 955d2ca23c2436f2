/**
 * The few functions of the C library that stand in for Deno's own where a permission other than
 * `ffi` is missing: files are looked at before they are opened as libraries, and addresses are
 * learnt under a scoped `ffi` permission. `setenv` speaks to libraries in this process,
 * and `flockfile` is a lock that all its threads know.
 *
 * @module
 */

import { granted } from "./permissions.ts";

/** What is opened together. */
const tables = {
  files: {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
    pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  },
  environment: {
    getenv: { parameters: ["buffer"], result: "usize" },
    setenv: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
    unsetenv: { parameters: ["buffer"], result: "i32" },
  },
  lock: {
    flockfile: { parameters: ["usize"], result: "void" },
    funlockfile: { parameters: ["usize"], result: "void" },
    stderr: { type: "usize", optional: true },
  },
  memory: {
    strlen: { parameters: ["usize"], result: "usize" },
    addressOf: { name: "memmove", parameters: ["buffer", "buffer", "usize"], result: "usize" },
    copyFrom: { name: "memmove", parameters: ["buffer", "usize", "usize"], result: "usize" },
  },
} as const satisfies Record<string, Deno.ForeignLibraryInterface>;

type Tables = typeof tables;

/** Some of the C library's functions; `addressOf` and `copyFrom` are both `memmove`. */
export type Libc<Part extends keyof Tables> = Deno.DynamicLibrary<Tables[Part]>["symbols"];

/** Functions of the C library, and the name or path that it was opened by. */
export interface OpenedLibc<S extends Deno.ForeignLibraryInterface> {
  readonly library: string;
  readonly symbols: Deno.DynamicLibrary<S>["symbols"];
}

const opened = new Map<keyof Tables, unknown>();

/**
 * Some functions of the C library, bound when they are first asked for; null where it may not be
 * opened or has no POSIX calls (Windows).
 */
export function libc<Part extends keyof Tables>(part: Part): Libc<Part> | null {
  if (!opened.has(part)) {
    opened.set(part, openLibc<Deno.ForeignLibraryInterface>(tables[part])?.symbols ?? null);
  }
  return opened.get(part) as Libc<Part> | null;
}

/**
 * Opens the C library for functions of one's own, or gives null as {@linkcode libc} does. Each
 * symbol costs 0.1 ms: do it once, and not before it is needed.
 */
export function openLibc<const S extends Deno.ForeignLibraryInterface>(
  wanted: S,
): OpenedLibc<S> | null {
  const opened = open(wanted);
  return opened && { library: opened.library, symbols: opened.handle.symbols };
}

/** Opens the C library for one use and closes it again; null where {@linkcode libc} gives null. */
export function withLibc<const S extends Deno.ForeignLibraryInterface, T>(
  wanted: S,
  use: (symbols: Deno.DynamicLibrary<S>["symbols"]) => T,
): T | null {
  const opened = open(wanted);
  if (opened === null) return null;
  try {
    return use(opened.handle.symbols);
  } finally {
    opened.handle.close();
  }
}

function open<const S extends Deno.ForeignLibraryInterface>(
  wanted: S,
): { library: string; handle: Deno.DynamicLibrary<S> } | null {
  for (const library of candidates()) {
    const allowed = library.startsWith("/")
      ? granted({ name: "ffi", path: library })
      : granted({ name: "ffi" });
    if (!allowed) continue;
    try {
      return { library, handle: Deno.dlopen(library, wanted) };
    } catch {
      continue;
    }
  }
  return null;
}

function candidates(): string[] {
  const { arch, os } = Deno.build;
  switch (os) {
    case "windows":
      return [];
    case "darwin":
      return ["/usr/lib/libSystem.B.dylib"];
    case "linux":
    case "android": {
      const names = ["libc.so.6", `libc.musl-${arch}.so.1`, "libc.so"];
      const folders = [`/lib/${arch}-linux-gnu`, `/usr/lib/${arch}-linux-gnu`, "/lib64"];
      folders.push("/usr/lib64", "/lib", "/usr/lib");
      // `libc.so` in a folder is usually a linker script, so only its bare name is tried.
      return [...names, ...folders.flatMap((f) => names.slice(0, 2).map((n) => `${f}/${n}`))];
    }
    default:
      return ["libc.so.7", "/lib/libc.so.7", "libc.so"];
  }
}
