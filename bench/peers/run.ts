/**
 * `deno task bench:peers`: every system on this machine in one go, in turns; writes raw samples, a
 * table, a picture and README's section. See `--help`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installPython } from "./install.ts";
import { readMachine, slug } from "./machine.ts";
import { type Effort, measureWork } from "./measure.ts";
import { picture } from "./picture.ts";
import { Contestants } from "./pool.ts";
import { measureProcesses } from "./processes.ts";
import { replaceSection, section } from "./readme.ts";
import type { Results, Row } from "./results.ts";
import { pinned, systems } from "./systems.ts";
import { fullTable, report, targetTable } from "./table.ts";
import { isAsked, processWorks, works } from "./works.ts";

const help = `deno task bench:peers [flags]
  --threads n     threads of every system (default: the cores of this machine)
  --only W1,W6    some rows
  --peers jax     some systems beside glissade: ${
  systems.filter(({ id }) => !id.startsWith("glissade")).map(({ id }) => id)
    .join(", ")
}
  --rounds n      rounds of turns (default 15)
  --quick         2 short rounds
  --json path     where raw samples go as well
Only a run of all rows and all peers that is not quick rewrites bench/results and README.`;

const { values: flags } = parseArgs({
  options: {
    threads: { type: "string" },
    only: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (flags.help) {
  console.log(help);
  Deno.exit();
}

const list = (text: string | undefined): string[] => text?.split(",") ?? [];
const count = (text: string | undefined, otherwise: number): number => {
  const n = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`Cannot use ${text}: a count is wanted`);
  return n;
};
const only = list(flags.only);
const named = list(flags.peers);
const unknown = named.filter((id) => !systems.some((system) => system.id === id));
if (unknown.length > 0) throw new RangeError(`Cannot find the peers ${unknown}: see --help`);

const machine = readMachine();
const threads = count(flags.threads, machine.cores);
const rounds = count(flags.rounds, flags.quick ? 2 : 15);
const effort: Effort = flags.quick
  ? { rounds, sample: 0.02, budget: 1 }
  : { rounds, sample: 0.06, budget: 2 };
const chosen = systems.filter(({ id }) =>
  id.startsWith("glissade") || named.length === 0 || named.includes(id)
);
const rowsWanted = works(machine.flags.includes("avx512f")).filter(({ id }) => isAsked(id, only));
const processesWanted = processWorks.filter(({ id }) => isAsked(id, only));
if (rowsWanted.length + processesWanted.length === 0) {
  throw new RangeError(
    `Cannot find the rows ${only}: they are ${works(false).map(({ id }) => id)}`,
  );
}

if (chosen.some(({ script }) => script.endsWith(".py"))) {
  for (const failure of await installPython()) console.error(`Absent: ${failure}`);
}

const contestants = new Contestants(threads);
const began = performance.now();
const [load] = Deno.loadavg();
const date = new Date().toISOString();
const rows: Row[] = [];
function keep(row: Row): void {
  rows.push(row);
  const minutes = ((performance.now() - began) / 60000).toFixed(1);
  console.error(`[${minutes} min] ${row.id}`);
  for (const { system, lane, wrong, absent } of row.entries) {
    if (wrong !== null) console.error(`  ${system} ${lane} disagrees: ${wrong}`);
    if (absent !== null && absent !== "does not apply") {
      console.error(`  ${system} ${lane}: ${absent}`);
    }
  }
}

try {
  const oneCore = threads > 1 && Deno.build.os === "linux"
    ? chosen.filter(({ isPinnable }) => isPinnable).map(pinned)
    : [];
  for (const [i, work] of rowsWanted.entries()) {
    const taking = work.isSmall ? [...chosen, ...oneCore] : chosen;
    keep(await measureWork(work, taking, contestants.take, effort));
    if (rowsWanted[i + 1]?.isSmall) continue;
    // they would only hold memory until the next small work
    for (const { id } of oneCore) await contestants.close(id);
  }
} finally {
  await contestants.closeAll();
}
for (const work of processesWanted) {
  keep(await measureProcesses(work, chosen, threads, flags.quick ? 1 : 3));
}

const { versions } = contestants;
const results: Results = { date, machine, load: load!, threads, rounds, versions, rows };
console.log(fullTable(results));
console.log(targetTable(results));

const json = JSON.stringify(results, null, 1);
if (flags.json !== undefined) Deno.writeTextFileSync(flags.json, json);
if (!flags.quick && only.length === 0 && named.length === 0) {
  const at = (name: string): string =>
    fileURLToPath(new URL(`../results/${name}`, import.meta.url));
  const readme = fileURLToPath(new URL("../../README.md", import.meta.url));
  Deno.mkdirSync(at(""), { recursive: true });
  const raw = at(`${date.slice(0, 10)}-${slug(machine.cpu)}.json`);
  Deno.writeTextFileSync(raw, json);
  Deno.writeTextFileSync(at("latest.json"), json);
  Deno.writeTextFileSync(at("table.md"), report(results));
  Deno.writeTextFileSync(at("ratios.svg"), await picture(results));
  Deno.writeTextFileSync(readme, replaceSection(Deno.readTextFileSync(readme), section(results)));
  const texts = [raw, at("latest.json"), at("table.md"), readme];
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", ...texts] }).output();
  console.log(
    `Written: bench/results and README, after ${Math.round((performance.now() - began) / 1000)} s`,
  );
}
Deno.exit();
