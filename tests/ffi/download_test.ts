/** Downloads from a loopback server, by a stand-in for plug behind an import map. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { cachedBlas, findBlas, NativeLibraryError } from "../../ffi/mod.ts";
import { here, runChild } from "./children.ts";
import { doNothing, elfLibrary } from "./elf.ts";

interface Outcome {
  readonly before?: string | null;
  readonly path?: string;
  readonly after?: string | null;
  readonly error?: string;
}

interface Place {
  readonly url: string;
  readonly directory: string;
  /** Runs the child with permissions; all unless given. */
  prefetch(downloads: readonly Record<string, string>[], flags?: string[]): Promise<Outcome[]>;
  served(): number;
}

const library = elfLibrary({ cblas_sgemm: doNothing });
const sha256 = createHash("sha256").update(library).digest("hex");
const wrong = "0".repeat(64);

/** Serves the library at `/lib.so`, and gives an empty cache folder. */
async function within(test: (place: Place) => Promise<void>): Promise<void> {
  let requests = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    requests++;
    const known = new URL(request.url).pathname === "/lib.so";
    return known ? new Response(library) : new Response("none", { status: 404 });
  });
  const root = Deno.makeTempDirSync();
  const directory = `${root}/cache`;
  Deno.mkdirSync(directory);
  const map = `${root}/import_map.json`;
  const stand = new URL("plug_stand_in.ts", import.meta.url).href;
  Deno.writeTextFileSync(
    map,
    JSON.stringify({ imports: { "jsr:@denosaurs/plug@1.1.0": stand } }),
  );
  try {
    await test({
      url: `http://127.0.0.1:${server.addr.port}/lib.so`,
      directory,
      prefetch: (downloads, flags = ["-A"]) =>
        runChild("download_child.ts", [`--import-map=${map}`, ...flags], downloads),
      served: () => requests,
    });
  } finally {
    await server.shutdown();
    Deno.removeSync(root, { recursive: true });
  }
}

function files(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name);
}

Deno.test("a download takes the name of its hash and is fetched once", () =>
  within(async ({ url, directory, prefetch, served }) => {
    const download = { url, sha256: sha256.toUpperCase(), directory };
    const [first, second] = await prefetch([download, download]);
    assertEquals(first!.before, null);
    assertStringIncludes(first!.path!, sha256);
    assertEquals(first!.after, first!.path);
    assertEquals(second!.before, first!.path);
    assertEquals(served(), 1);
    assertEquals(files(directory).length, 1);
    assertEquals(Deno.readFileSync(first!.path!), library);
  }));

Deno.test("a download with another hash is an error, and the file goes", () =>
  within(async ({ url, directory, prefetch }) => {
    const [told] = await prefetch([{ url, sha256: wrong, directory }]);
    assertStringIncludes(told!.error!, `its SHA-256 is ${sha256} and not ${wrong}`);
    assertEquals(files(directory), []);
  }));

Deno.test("a cached file that was changed is removed and fetched again", () =>
  within(async ({ url, directory, prefetch, served }) => {
    const download = { url, sha256, directory };
    const [first] = await prefetch([download]);
    Deno.writeFileSync(first!.path!, library.subarray(0, 5000));
    assertEquals(cachedBlas(download), null);
    assertEquals(files(directory), []);
    const [second] = await prefetch([download]);
    assertEquals(second!.path, first!.path);
    assertEquals(served(), 2);
    assertEquals(Deno.readFileSync(second!.path!), library);
  }));

Deno.test("a download without a hash, with a bad one or from nowhere is an error", () =>
  within(async ({ url, directory, prefetch, served }) => {
    const told = await prefetch([
      { url, directory },
      { url, sha256: "abc", directory },
      { url: "lib.so", sha256, directory },
      { url: url.replace("lib.so", "none.so"), sha256, directory },
    ]);
    assertStringIncludes(told[0]!.error!, "set GLISSADE_OPENBLAS_SHA256");
    assertStringIncludes(told[1]!.error!, "64 hexadecimal digits");
    assertStringIncludes(told[2]!.error!, "an http, https or file URL is wanted");
    assertStringIncludes(told[3]!.error!, "Could not find");
    assertEquals(served(), 1);
    assertEquals(files(directory), []);
  }));

Deno.test("a download without permission names the flags and asks for nothing", () =>
  within(async ({ url, directory, prefetch, served }) => {
    const [none, unknown] = await prefetch([{ url, sha256, directory }, { url, sha256 }], []);
    const { host } = new URL(url);
    assertStringIncludes(none!.error!, `--allow-net=${host}`);
    assertStringIncludes(none!.error!, `--allow-write=${directory}`);
    assertStringIncludes(unknown!.error!, "--allow-env=HOME");
    const flags = [`--allow-net=${host}`, `--allow-read=${directory},${here("plug_stand_in.ts")}`];
    const [enough] = await prefetch([{ url, sha256, directory }], [
      ...flags,
      `--allow-write=${directory}`,
    ]);
    assertEquals(enough!.error, undefined);
    assertStringIncludes(enough!.path!, sha256);
    assertEquals(served(), 1);
  }));

Deno.test("a search uses what was downloaded and says why not", () => {
  const url = "https://example.com/libopenblas.so";
  const reasonFor = (sha256?: string) =>
    findBlas({ mode: "auto", candidates: [], url, sha256 }).attempts[0]!;
  assertEquals(reasonFor(wrong).outcome, "missing");
  assertStringIncludes(reasonFor(wrong).reason, "not been downloaded");
  assertStringIncludes(reasonFor().reason, "set GLISSADE_OPENBLAS_SHA256");
  assertThrows(
    () => findBlas({ mode: "openblas", candidates: [], url, sha256: wrong }),
    NativeLibraryError,
    url,
  );
});

Deno.test("the search asks the downloads after paths and before bare names", () => {
  const url = "https://example.com/libopenblas.so";
  const { attempts } = findBlas({
    mode: "auto",
    candidates: ["/nowhere/liba.so", "libglissade_has_none.so"],
    url,
    sha256: wrong,
  });
  assertEquals(attempts.map((it) => it.candidate), [
    "/nowhere/liba.so",
    url,
    "libglissade_has_none.so",
  ]);
  assert(attempts.every((it) => it.outcome === "missing"));
});
