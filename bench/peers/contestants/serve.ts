/**
 * What every contestant that runs in Deno does: reads requests, one JSON object a line, and answers
 * each; the protocol is told in serve.py.
 *
 * @module
 */
import type { Sizes } from "./inputs.ts";

/** A work that this system cannot do, with the reason. */
export class Absent extends Error {}

/** A work that is ready: `check` gives numbers to compare, once; `run` returns when all is computed. */
export interface Work {
  run(reps: number): void | Promise<void>;
  check(): number[] | Promise<number[]>;
  /** What was chosen where a system can be driven in several ways. */
  readonly setting?: string;
}

/** Makes a work, or throws. */
export type Prepare = (kind: string, sizes: Sizes, lane: string) => Work | Promise<Work>;

type Request =
  | { do: "prepare"; kind: string; sizes: Sizes; lane: string }
  | { do: "measure"; lane: string; warm: number; reps: number }
  | { do: "release" };

function say(message: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(message) + "\n"));
}

/** Most bytes of ordinary memory that the process ever held. */
function peakBytes(): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"));
  if (line === null) throw new Error("Cannot read the peak of memory: the system does not tell it");
  return Number(line[1]) * 1024;
}

async function* lines(): AsyncGenerator<string> {
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}

/** Answers until stdin ends, then ends the process, whatever still runs in it. */
export async function serve(versions: Record<string, string>, prepare: Prepare): Promise<void> {
  console.log = console.info = console.error; // libraries print; stdout is the protocol's
  const [mode, kind, sizes, lane, steps] = Deno.args;
  if (mode === "once") {
    const work = await prepare(kind!, JSON.parse(sizes!), lane!);
    await work.run(Number(steps));
    say({ done: true, peak: peakBytes() });
    Deno.exit();
  }
  say({ versions });
  const works = new Map<string, Work>();
  for await (const line of lines()) {
    const request = JSON.parse(line) as Request;
    try {
      if (request.do === "prepare") {
        const work = await prepare(request.kind, request.sizes, request.lane);
        const check = await work.check();
        works.set(request.lane, work);
        say({ check, setting: work.setting ?? null });
      } else if (request.do === "measure") {
        const work = works.get(request.lane)!;
        if (request.warm > 0) await work.run(request.warm);
        const start = performance.now();
        const running = work.run(request.reps);
        if (running !== undefined) await running;
        say({ seconds: (performance.now() - start) / 1000 });
      } else {
        works.clear();
        say({});
      }
    } catch (error) { // whatever it is, the runner reports it in this row
      const reason = error instanceof Absent ? error.message : String(error);
      say({ absent: reason.slice(0, 400) });
    }
  }
  Deno.exit();
}
