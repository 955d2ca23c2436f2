import { assert, assertEquals } from "@std/assert";
import { here, runDeno } from "./children.ts";
import { writeIdxFiles } from "./idx_files.ts";

Deno.test("from process start to the first finished guide step takes less than a second, or 25 empty starts where the machine is busy", async () => {
  const folder = await Deno.makeTempDir();
  try {
    writeIdxFiles(folder);
    const empty = `${folder}/empty.ts`;
    await Deno.writeTextFile(empty, "");
    const timed = async (...args: string[]): Promise<[ms: number, stdout: string]> => {
      const started = performance.now();
      const { code, stdout, stderr } = await runDeno({
        args: ["run", "--no-check", "-A", ...args],
      });
      assertEquals([code, stderr], [0, ""]);
      return [performance.now() - started, stdout];
    };
    // A quiet machine starts an empty program in some 35 ms. Tests run beside this one: one moment
    // in which both get their share is enough. The first run fills Deno's cache of transpiled files.
    const told: string[] = [];
    for (let i = 0; i < 12; i++) {
      const [least] = await timed(empty);
      const [ms, loss] = await timed(here("startup_child.ts"), folder);
      assert(Number(loss) > 0, loss);
      if (i > 0 && (ms < 1000 || ms < 25 * least)) return;
      told.push(`${ms.toFixed(0)} ms (an empty program ${least.toFixed(0)} ms)`);
    }
    throw new Error(told.join(", "));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The files that importing one file loads, as Deno tells. */
async function loadedBy(file: string): Promise<Set<string>> {
  const { code, stdout, stderr } = await runDeno({ args: ["info", "--json", file] });
  assertEquals(code, 0, stderr);
  interface Dependency {
    code?: { specifier?: string };
    isDynamic?: boolean;
  }
  const { roots, modules } = JSON.parse(stdout) as {
    roots: string[];
    modules: { specifier: string; dependencies?: Dependency[] }[];
  };
  const known = new Map(modules.map((m) => [m.specifier, m.dependencies ?? []]));
  const loaded = new Set<string>();
  const visit = (specifier: string | undefined): void => {
    if (specifier === undefined || loaded.has(specifier)) return;
    loaded.add(specifier);
    for (const { code, isDynamic } of known.get(specifier) ?? []) {
      if (isDynamic !== true) visit(code?.specifier);
    }
  };
  for (const root of roots) visit(root);
  return loaded;
}

Deno.test("what only asynchronous functions need is loaded when they are called", async () => {
  const loaded = [...await loadedBy(here("../../mod.ts"))];
  assert(loaded.some((file) => file.endsWith("/src/data/dataset.ts")));
  const late =
    /\/(npy|npz|idx|safetensors|sealed|array_file|parquet_\w*reader|hyparquet|remote_stream|unpacked_stream|image_set|npm_package)\.ts$/;
  assertEquals(loaded.filter((file) => late.test(file)), []);
});
