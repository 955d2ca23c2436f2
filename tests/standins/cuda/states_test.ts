/**
 * Machines as the environment describes them, and the building of the stand-in itself.
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals, assertObjectMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { ownStandIn, standIn, standInProblem } from "./build.ts";
import { environmentOf, type MachineState, openStandIn } from "./control.ts";

const path = await standIn();
if (path === null) console.warn(`${standInProblem()}: its tests are skipped`);

async function child(script: string, args: string[], env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", fileURLToPath(new URL(script, import.meta.url)), ...args],
    env,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

const states: Readonly<Record<string, readonly [MachineState, Record<string, unknown>]>> = {
  "a plain machine": [{}, {
    init: 0,
    version: 13020,
    devices: 1,
    capability: 80,
    name: "Stand-in GPU 0",
    beyond: 101,
    tooMuch: 0,
    compiled: 0,
    cubin: 0,
    ptx: 0,
    ran: 700,
  }],
  "no device": [{ devices: 0 }, { init: 100 }],
  "a stub": [{ initCode: 34 }, { init: 34 }],
  "two small devices of a later kind": [
    { devices: 2, capability: "8.6", memory: 8 << 20, processors: 7, name: "MIG 1g.5gb" },
    {
      devices: 2,
      capability: 86,
      tooMuch: 2,
      memory: 8 << 20,
      processors: 7,
      name: "MIG 1g.5gb 0",
      cubin: 0,
    },
  ],
  "a device of another major": [{ capability: "9.0" }, { capability: 90, cubin: 209, ptx: 0 }],
  "an older driver of the same major": [
    { driver: 12040, nvrtc: "12.9" },
    { version: 12040, cubin: 0, ptx: 222 },
  ],
  "a compiler of a later major than the driver": [{ driver: 12040 }, { cubin: 200, ptx: 222 }],
  "a device that the compiler no longer knows": [{ capability: "7.0" }, { cubin: 209, ptx: 209 }],
  "a compiler without its builtins": [{ builtins: false }, { compiled: 7 }],
  "kernels without checks": [{ checked: false }, { ran: 0, report: "" }],
  "a planned failure": [{ fail: "cuMemAlloc_v2:1=2" }, { tooMuch: 2, ran: 700 }],
};

for (const [name, [state, wanted]] of Object.entries(states)) {
  Deno.test({
    name: `a process finds ${name}`,
    ignore: path === null,
    async fn() {
      const found = JSON.parse(await child("state_child.ts", [path!], environmentOf(state)));
      assertObjectMatch(found, wanted);
      if (wanted.compiled === 7) assertMatch(found.log, /failed to open libnvrtc-builtins/);
      if (wanted.ran === 700) assertMatch(found.report, /out-of-bounds: write/);
    },
  });
}

Deno.test({
  name: "copies of the library know nothing of each other",
  ignore: path === null,
  async fn() {
    const [first, second] = [
      openStandIn((await ownStandIn())!),
      openStandIn((await ownStandIn())!),
    ];
    assertNotEquals(first.path, second.path);
    const version = { cuDriverGetVersion: { parameters: ["buffer"], result: "i32" } } as const;
    Deno.dlopen(first.path, version).symbols.cuDriverGetVersion(new Int32Array(1));
    assertEquals([first.counts().calls, second.counts().calls], [1, 0]);
  },
});

Deno.test({
  name: "another process finds the library built",
  ignore: path === null,
  async fn() {
    assertEquals(await child("build_child.ts", [], {}), path);
  },
});
