/**
 * What a run on a GPU leaves behind: the tables, and what must be said beside them.
 *
 * @module
 */
import { capabilityText } from "../../ffi/mod.ts";
import type { Results } from "../peers/results.ts";
import { fullTable, notes, targetTable } from "../peers/table.ts";
import { columns } from "./systems.ts";

/** The GPU and its libraries. */
export interface GpuInfo {
  readonly name: string;
  /** As 90 for 9.0. */
  readonly capability: number;
  readonly multiprocessors: number;
  readonly memoryGiB: number;
  /** What the driver, NVRTC and cuBLAS are, and where. */
  readonly libraries: string;
}

/** A whole run. */
export interface GpuResults extends Results {
  readonly gpu: GpuInfo;
  /** True where a program stands for the GPU. */
  readonly isStandIn: boolean;
}

/** What is printed first and last where no GPU computes. */
export const MEANINGLESS = "This is the stand-in, a program in the place of a GPU: " +
  "the rows show that each can be run, and their times mean nothing.";

function conditions({ gpu, machine, versions, date }: GpuResults): string {
  const others = Object.entries(versions).flatMap(([system, packages]) =>
    system.startsWith("glissade")
      ? []
      : typeof packages === "string"
      ? [`${system} absent (${packages})`]
      : Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  );
  return [
    `${gpu.name} (compute capability ${capabilityText(gpu.capability)}, ` +
    `${gpu.multiprocessors} multiprocessors, ${gpu.memoryGiB} GiB), ${machine.cpu}, ${machine.os}`,
    date.slice(0, 10),
    gpu.libraries,
    ...new Set(others),
  ].join("; ") + ".";
}

/** The times, and the promises with what was reached; of a stand-in the times alone. */
export function tables(results: GpuResults): string {
  const used = columns.filter(({ id }) =>
    results.rows.some(({ entries }) => entries.some(({ column }) => column === id))
  );
  const times = fullTable(results, used);
  return results.isStandIn ? times : `${times}\n${targetTable(results, columns)}`;
}

/** The whole report. */
export function report(results: GpuResults): string {
  const said = notes(results, columns);
  const hasPeers = results.rows.some(({ entries }) =>
    entries.some(({ column, samples }) =>
      samples.length > 0 && columns.some(({ id, isPeer }) => id === column && isPeer)
    )
  );
  return `# glissade on a GPU

Median times; in brackets time / glissade's time, above 1 where glissade is faster. All computed the
same numbers in turns in the same run. "Its kernels alone": each kernel of the step by itself, many
times in one graph. "cuBLAS, and copies of the bytes": the products of the step by cuBLAS, and for
each other kernel a copy of as many bytes as it must read and write, in one graph. Made by
\`deno task bench:cuda\`.
${results.isStandIn ? `\n**${MEANINGLESS}**\n` : ""}
${conditions(results)}
${hasPeers ? "" : "\nNeither PyTorch nor JAX was measured: the notes say why.\n"}
${tables(results)}${said === "" ? "" : `\n${said}`}`;
}
