/**
 * Another system in a process of its own, which does works by name and says how long they took, so
 * that its rounds and ours take turns.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** What a work took. */
export interface Took {
  readonly seconds: number;
  readonly batches: number;
}

/** One process of works. */
export class Peer {
  /** The works that it can do. */
  readonly works: readonly string[];
  /** Of what there is nothing, and why. */
  readonly absent: Readonly<Record<string, string>>;
  readonly #child: Deno.ChildProcess | null;
  readonly #lines: AsyncIterator<string> | null;

  /** Use `start`. */
  constructor(
    works: readonly string[],
    absent: Readonly<Record<string, string>>,
    child: Deno.ChildProcess | null,
    lines: AsyncIterator<string> | null,
  ) {
    this.works = works;
    this.absent = absent;
    this.#child = child;
    this.#lines = lines;
  }

  /** Starts one; where it does not start, it has no works. */
  static async start(name: string, command: string, args: string[]): Promise<Peer> {
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "null" })
        .spawn();
    } catch (e) {
      return new Peer([], { [name]: (e as Error).message }, null, null);
    }
    const lines = linesOf(child.stdout);
    // libraries may say something of their own before
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      if (!line.value.startsWith("{")) continue;
      const { works, absent } = JSON.parse(line.value);
      return new Peer(works, absent, child, lines);
    }
    return new Peer([], { [name]: "it ended before it began" }, null, null);
  }

  /** Does a work. */
  async run(work: string): Promise<Took> {
    const writer = this.#child!.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${work}\n`));
    writer.releaseLock();
    const { value } = await this.#lines!.next();
    if (value === undefined) throw new Error(`The peer ended at ${work}`);
    return JSON.parse(value);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child === null) return;
    await this.#child.stdin.close();
    await this.#child.status;
  }
}

/** The lines of a stream. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let said = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    said += piece;
    const lines = said.split("\n");
    said = lines.pop()!;
    yield* lines;
  }
}

/**
 * The Python peers and TensorFlow.js, with what both are to measure. The Python is that of
 * `deno task bench:peers`, or of `--python PATH`.
 */
export function startPeers(...args: string[]): Promise<Peer[]> {
  const given = Deno.args.indexOf("--python");
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const python = given >= 0 ? Deno.args[given + 1]! : path("../peers/.venv/bin/python");
  return Promise.all([
    Peer.start("Python, which deno task bench:peers brings", python, [
      path("data_peers.py"),
      ...args,
    ]),
    Peer.start("TensorFlow.js", Deno.execPath(), [
      "run",
      "-A",
      "--no-lock",
      path("data_tfjs.ts"),
      ...args,
    ]),
  ]);
}

/** Prints what is absent. */
export function printAbsent(peers: readonly Peer[]): void {
  for (const { absent } of peers) {
    for (const [name, why] of Object.entries(absent)) console.log(`  ${name}: absent (${why})`);
  }
}
