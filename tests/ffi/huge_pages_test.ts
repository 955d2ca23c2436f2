import { assert, assertEquals } from "@std/assert";
import { addressOf, preferHugePages } from "../../ffi/mod.ts";

const SETTING = "/sys/kernel/mm/transparent_hugepage";

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

const why = isFolder(SETTING) ? "" : " (not here: the system has no huge pages)";

/** The flags of the mapping that an address lies in, as the kernel prints them. */
function flagsOf(address: bigint): string[] {
  let isHere = false;
  for (const line of Deno.readTextFileSync("/proc/self/smaps").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range !== null) {
      isHere = BigInt(`0x${range[1]}`) <= address && address < BigInt(`0x${range[2]}`);
    } else if (isHere && line.startsWith("VmFlags:")) {
      return line.slice(8).trim().split(" ");
    }
  }
  throw new Error(`Cannot find ${address} among the mappings`);
}

Deno.test(
  `memory is marked for huge pages, and holds what it held${why}`,
  { ignore: why !== "", sanitizeResources: true },
  () => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true });
    const address = addressOf(memory.buffer);
    new Uint8Array(memory.buffer)[5000] = 42;
    assert(!flagsOf(address).includes("hg"));
    assert(preferHugePages(memory));
    assert(flagsOf(address).includes("hg"));
    assertEquals(new Uint8Array(memory.buffer)[5000], 42);
  },
);

Deno.test("memory without bytes is left alone", () => {
  assertEquals(preferHugePages(new WebAssembly.Memory({ initial: 0 })), false);
});

Deno.test("without the permission nothing is asked, and nobody is prompted", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`
    import { preferHugePages } from "${new URL("../../ffi/mod.ts", import.meta.url)}";
    console.log(preferHugePages(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })));
  `));
  await writer.close();
  const { stdout, success } = await child.output();
  assert(success);
  assertEquals(new TextDecoder().decode(stdout).trim(), "false");
});
