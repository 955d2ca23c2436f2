import { assert, assertEquals } from "@std/assert";
import { here, runDeno, smallProgram, type Trained } from "./children.ts";

const root = here("../..");

/** Serves the tree on a loopback port while `use` runs, with an empty cache and another folder. */
async function served(
  use: (place: { origin: string; folder: string; cache: string }) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (req) => {
    const { pathname } = new URL(req.url);
    if (!/^\/(mod\.ts|(src|ffi)\/[\w./]+\.ts)$/.test(pathname) || pathname.includes("..")) {
      return new Response("not published", { status: 404 });
    }
    const text = await Deno.readTextFile(root + pathname).catch(() => null);
    return text === null
      ? new Response("missing", { status: 404 })
      : new Response(text, { headers: { "content-type": "application/typescript" } });
  });
  const folder = await Deno.makeTempDir();
  const cache = await Deno.makeTempDir();
  try {
    await use({ origin: `http://127.0.0.1:${server.addr.port}`, folder, cache });
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(cache, { recursive: true });
  }
}

/** What a folder holds; nothing where there is none. */
function names(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch {
    return [];
  }
}

Deno.test("imported from a URL, with nothing else within reach, it trains", async () => {
  await served(async ({ origin, folder, cache }) => {
    await Deno.writeTextFile(`${folder}/script.ts`, smallProgram(`${origin}/mod.ts`));
    const start = { cwd: folder, env: { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" } };
    const allow = `--allow-import=${new URL(origin).host}`;
    const ended = await runDeno({ args: ["run", "--quiet", allow, "script.ts"], ...start });
    assertEquals([ended.code, ended.stderr], [0, ""]);
    const { blas, first, last } = JSON.parse(ended.stdout) as Trained;
    assertEquals(blas, "builtin");
    assert(last < first / 4, `the loss went from ${first} to ${last}`);

    // no package was fetched, and no other host was asked
    assertEquals([names(`${cache}/npm`), names(`${cache}/remote`)], [[], ["http"]]);
    assertEquals(names(`${cache}/remote/http`).length, 1);

    const checked = await runDeno({ args: ["check", "--quiet", allow, "script.ts"], ...start });
    assertEquals([checked.code, checked.stderr], [0, ""]);
  });
});

Deno.test("every room loads from a URL, with no bare specifier anywhere", async () => {
  const rooms: string[] = [];
  const visit = (folder: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(`${root}/${folder}`)) {
      if (isDirectory) visit(`${folder}/${name}`);
      else if (name === "mod.ts") rooms.push(`${folder}/${name}`);
    }
  };
  for (const folder of ["src", "ffi"]) visit(folder);
  assert(rooms.length >= 15, rooms.join());
  await served(async ({ origin, folder, cache }) => {
    const lines = rooms.map((room) => `await import(${JSON.stringify(`${origin}/${room}`)});`);
    await Deno.writeTextFile(`${folder}/script.ts`, lines.join("\n") + `\nconsole.log("all");`);
    const { code, stdout, stderr } = await runDeno({
      args: ["run", "--quiet", `--allow-import=${new URL(origin).host}`, "script.ts"],
      cwd: folder,
      env: { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" },
    });
    assertEquals([code, stdout, stderr], [0, "all\n", ""]);
  });
});

Deno.test("what is loaded when it is first used has come with the rest, and serves without a network", async () => {
  const script = (origin: string): string => `
    import { data, io } from "${origin}/mod.ts";
    if (Deno.args.length > 0) {
      await io.saveNpy("x.npy", [1, 2, 3]);
      await io.saveCheckpoint("x.safetensors", { x: [1, 2, 3] });
      const packed = new Blob(["a\\n1\\n2\\n"]).stream().pipeThrough(new CompressionStream("gzip"));
      await Deno.writeFile("x.csv.gz", packed);
      const rows = await data.Dataset.csv("x.csv.gz").reduce(0, (sum, { a }) => sum + a.item());
      const all = await data.Dataset.fromArrayFile("x.npy");
      console.log(rows, all.cardinality, await io.loadCheckpoint("x.safetensors"));
    }`;
  await served(async ({ origin, folder, cache }) => {
    await Deno.writeTextFile(`${folder}/script.ts`, script(origin));
    const args = ["run", "--quiet", "-A", "script.ts"];
    const start = { cwd: folder, env: { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" } };
    const first = await runDeno({ args, ...start });
    assertEquals([first.code, first.stdout, first.stderr], [0, "", ""]);
    const { code, stdout, stderr } = await runDeno({
      args: ["run", "--quiet", "-A", "--cached-only", "script.ts", "use"],
      ...start,
    });
    assertEquals([code, stdout, stderr], [0, "3 3 { x: [ 1, 2, 3 ] }\n", ""]);
  });
});
