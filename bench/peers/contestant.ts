/**
 * The runner's side of a contestant: a long-lived process that answers one JSON object a line.
 *
 * @module
 */
import type { Start } from "./systems.ts";

/** What a contestant answers; `absent` tells why it did not do what was asked. */
export interface Answer {
  readonly versions?: Readonly<Record<string, string>>;
  readonly check?: readonly number[];
  readonly setting?: string | null;
  readonly seconds?: number;
  readonly done?: boolean;
  readonly peak?: number;
  readonly absent?: string;
}

/**
 * A process that contests. It is started by `open`, and ended by `close` or by its own death. Between
 * an answer and the next question it is stopped, where the system can: libraries' threads spin on
 * after their work, collect garbage and compile, and the next contestant must not pay for that.
 */
export class Contestant {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: { tail: string };
  #isOpen = true;

  constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#lines = lines(process.stdout);
    this.#stderr = { tail: "" };
    void keepTail(process.stderr, this.#stderr);
  }

  /** Starts a process; the answer is its greeting, with versions, or why there is none. */
  static async open(start: Start, seconds: number): Promise<[Contestant | null, Answer]> {
    let process: Deno.ChildProcess;
    try {
      process = new Deno.Command(start.command, {
        args: [...start.args],
        env: start.env,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      return [null, {
        absent: `cannot be started: ${error instanceof Error ? error.name : error}`,
      }];
    }
    const contestant = new Contestant(process);
    const greeting = await contestant.#answer(seconds);
    return [greeting.absent === undefined ? contestant : null, greeting];
  }

  /** False after it died or was ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Asks, and waits for the answer at most so long; a process that is too slow is ended. */
  async ask(request: Record<string, unknown>, seconds: number): Promise<Answer> {
    if (!this.#isOpen) return { absent: "its process is gone" };
    try {
      this.#signal("SIGCONT");
      await this.#writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    } catch {
      return await this.#dead();
    }
    return await this.#answer(seconds);
  }

  /** Ends the process and waits until it is gone. */
  async close(): Promise<void> {
    this.#isOpen = false;
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it is gone already
    }
    await this.#process.status;
    await this.#writer.abort().catch(() => {});
  }

  async #answer(seconds: number): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), seconds * 1000);
    const line = await Promise.race([this.#lines.next(), promise]);
    clearTimeout(timer);
    if (line === "late") {
      await this.close();
      return { absent: `takes longer than ${seconds} s` };
    }
    if (line.done) return await this.#dead();
    this.#signal("SIGSTOP");
    return JSON.parse(line.value) as Answer;
  }

  #signal(signal: "SIGSTOP" | "SIGCONT"): void {
    if (Deno.build.os === "windows") return;
    try {
      this.#process.kill(signal);
    } catch {
      // it has just ended: the next question finds out
    }
  }

  async #dead(): Promise<Answer> {
    await this.close();
    const last = this.#stderr.tail.trim().split("\n").at(-1) ?? "";
    return { absent: `its process ended${last === "" ? "" : `: ${last.slice(0, 200)}`}` };
  }
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}

async function keepTail(stream: ReadableStream<Uint8Array>, into: { tail: string }): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    into.tail = (into.tail + text).slice(-2000);
  }
}
