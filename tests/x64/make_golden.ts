/**
 * Asks GNU as for the bytes of every case of `cases.ts`:
 * `deno run -A tests/x64/make_golden.ts` with binutils installed.
 */
import { cases } from "./cases.ts";

const folder = Deno.makeTempDirSync();
const all = cases();

// Each begins at a multiple of 64, as code does, with its constant where the assembler puts it.
const lines = all.map(({ text, constant }, i) => {
  const size = constant === undefined ? 0 : constant;
  const behind = size === 0 ? "" : `\n.balign ${size}, 0xcc\nc${i}: .zero ${size}`;
  return `.balign 64\nb${i}: ${text.replace("constant", `c${i}`)}\ne${i}:${behind}`;
});

function run(command: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(command, { args, cwd: folder }).outputSync();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot run ${command}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

Deno.writeTextFileSync(`${folder}/cases.s`, `.intel_syntax noprefix\n${lines.join("\n")}\n`);
run("as", "-o", "cases.o", "cases.s");
run("objcopy", "-O", "binary", "-j", ".text", "cases.o", "cases.bin");
const code = Deno.readFileSync(`${folder}/cases.bin`);
const places = new Map(
  run("nm", "cases.o").trim().split("\n").map((line) => {
    const [place, , name] = line.split(" ");
    return [name!, parseInt(place!, 16)];
  }),
);
const golden = {
  made_by: run("as", "--version").split("\n")[0],
  instructions: Object.fromEntries(
    all.map(({ text }, i) => [text, code.slice(places.get(`b${i}`), places.get(`e${i}`)).toHex()]),
  ),
};
Deno.writeTextFileSync(
  new URL("../goldens/data/x64.json", import.meta.url),
  JSON.stringify(golden, null, 1) + "\n",
);
Deno.removeSync(folder, { recursive: true });
