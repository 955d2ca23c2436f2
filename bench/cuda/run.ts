/**
 * `deno task bench:cuda`: what glissade promises on a GPU, each against its yardstick in turns; with
 * `--stand-in` the same without a GPU, to see that it runs. See `--help`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDriver, readDevice } from "../../ffi/mod.ts";
import { config, flag } from "../../src/base/flags.ts";
import { currentDevice } from "../../src/core/mod.ts";
import { installPython } from "../peers/install.ts";
import { readMachine, slug } from "../peers/machine.ts";
import { type Effort, measureWork } from "../peers/measure.ts";
import { Contestants } from "../peers/pool.ts";
import { measureProcesses } from "../peers/processes.ts";
import type { Row } from "../peers/results.ts";
import { isAsked } from "../peers/works.ts";
import { ownStandIn, standInProblem } from "../../tests/standins/cuda/build.ts";
import { type GpuInfo, type GpuResults, MEANINGLESS, report, tables } from "./report.ts";
import { forgetful, type Setting, systemsOn, visible } from "./systems.ts";
import { processWorks, tiny, works } from "./works.ts";

const help = `deno task bench:cuda [flags]
  --stand-in      the project's stand-in for CUDA's libraries in the place of a GPU, tiny sizes;
                  it takes g++ and Linux, and its times mean nothing
  --only W2,chain some rows: ${[...works, ...processWorks].map(({ id }) => id).join(", ")}
  --no-peers      without PyTorch and JAX, which are installed otherwise (several gigabytes)
  --rounds n      rounds of turns (default 7)
  --quick         2 short rounds
  --json path     where raw samples go as well
The GPU is that of GLISSADE_DEVICE, cuda:0 by default. Only a run of all rows on a real GPU that is not
quick writes bench/results/cuda-<device>.json and .md.`;

const { values: flags } = parseArgs({
  options: {
    "stand-in": { type: "boolean", default: false },
    only: { type: "string" },
    "no-peers": { type: "boolean", default: false },
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

const only = flags.only?.split(",") ?? [];
const rounds = Number(flags.rounds ?? (flags.quick ? 2 : 7));
if (!Number.isInteger(rounds) || rounds < 1) {
  throw new RangeError(`Cannot use ${flags.rounds}: a count is wanted`);
}
const asked = works.filter(({ id }) => isAsked(id, only));
const askedProcesses = processWorks.filter(({ id }) => isAsked(id, only));
if (asked.length + askedProcesses.length === 0) {
  throw new RangeError(`Cannot find the rows ${only}: see --help`);
}

/** Points this process and those it starts at the libraries and the GPU; why not, where it cannot. */
async function choose(): Promise<Record<string, string> | string> {
  if (flags["stand-in"]) {
    const path = await ownStandIn();
    if (path === null) return standInProblem()!;
    // without the checks of every access, which are other tests'
    return {
      GLISSADE_CUDA: path,
      GLISSADE_NVRTC: path,
      GLISSADE_CUBLAS: path,
      STANDIN_CHECKED: "0",
    };
  }
  const wanted = flag("device");
  const ordinal = wanted === "auto" || wanted === "cpu" ? 0 : Number(wanted.split(":")[1] ?? 0);
  const variable = "CUDA_VISIBLE_DEVICES";
  return { [variable]: visible(ordinal, Deno.env.get(variable)) };
}

/** The GPU, as this process finds it. */
function readGpu(): GpuInfo {
  const { name, capability, bytes, attribute } = readDevice(
    openDriver({ path: flag("cuda") }).value!,
    0,
  );
  const { reason } = currentDevice().describe();
  return {
    name,
    capability,
    multiprocessors: attribute("multiprocessors"),
    memoryGiB: Math.round(bytes / 2 ** 30),
    libraries: reason.replaceAll(/ at [^ ;,]+/g, ""),
  };
}

const env = await choose();
if (typeof env === "string") {
  console.error(env);
  Deno.exit(1);
}
for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
let gpu: GpuInfo;
try {
  const { GLISSADE_CUDA: cuda, GLISSADE_NVRTC: nvrtc, GLISSADE_CUBLAS: cublas } = env;
  if (cuda !== undefined) config({ cuda, nvrtc, cublas });
  config({ device: "cuda:0" });
  gpu = readGpu();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error("Without a GPU, deno task bench:cuda --stand-in shows that the rows can be run");
  Deno.exit(1);
}
const isStandIn = flags["stand-in"];
if (isStandIn) console.log(MEANINGLESS);

const folder = Deno.makeTempDirSync();
Deno.writeTextFileSync(`${folder}/file`, "");
const setting: Setting = {
  env,
  cache: `${folder}/cubins`,
  noCache: `${folder}/file/none`,
  hasPeers: !isStandIn && !flags["no-peers"],
};
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
if (setting.hasPeers) {
  const failures = await installPython(Deno.readTextFileSync(requirements), "installed-cuda.txt");
  for (const failure of failures) console.error(`Absent: ${failure}`);
}

const machine = readMachine();
const effort: Effort = isStandIn
  ? { rounds, sample: 1e-3, budget: 0.1 }
  : flags.quick
  ? { rounds, sample: 0.02, budget: 1 }
  : { rounds, sample: 0.06, budget: 4 };
const sized = isStandIn ? tiny : <W>(work: W): W => work;
const systems = systemsOn(setting);
const contestants = new Contestants(machine.cores);
const began = performance.now();
const [load] = Deno.loadavg();
const date = new Date().toISOString();
const rows: Row[] = [];
function keep(row: Row): void {
  rows.push(row);
  console.error(`[${((performance.now() - began) / 60000).toFixed(1)} min] ${row.id}`);
}
try {
  for (const work of asked) {
    keep(await measureWork(sized(work), systems, contestants.take, effort));
  }
  await contestants.closeAll();
  for (const work of askedProcesses) {
    const taking = work.kind === "context"
      ? systems.slice(0, 1)
      : [...systems.filter(({ id }) => id !== "glissade-yardsticks"), forgetful(setting)];
    keep(await measureProcesses(sized(work), taking, machine.cores, Math.min(rounds, 5)));
  }
} finally {
  await contestants.closeAll();
  Deno.removeSync(folder, { recursive: true });
  if (isStandIn) Deno.removeSync(env.GLISSADE_CUDA!);
}

const { versions } = contestants;
const threads = machine.cores;
const results: GpuResults = {
  ...{ date, machine, load: load!, threads, rounds, versions, rows },
  ...{ gpu, isStandIn },
};
console.log(tables(results));
if (isStandIn) console.log(MEANINGLESS);
const json = `${JSON.stringify(results, null, 1)}\n`;
if (flags.json !== undefined) Deno.writeTextFileSync(flags.json, json);
if (!isStandIn && !flags.quick && only.length === 0) {
  const at = (ending: string): string =>
    fileURLToPath(new URL(`../results/cuda-${slug(gpu.name)}.${ending}`, import.meta.url));
  Deno.writeTextFileSync(at("json"), json);
  Deno.writeTextFileSync(at("md"), report(results));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", at("json"), at("md")] }).output();
  console.log(`Written: bench/results/cuda-${slug(gpu.name)}.json and .md`);
}
Deno.exit();
