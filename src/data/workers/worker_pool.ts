/**
 * The workers of a `parallelMap`: each computes one element at a time; they end with the loop.
 *
 * @module
 */
import type { Worker } from "node:worker_threads";
import { node } from "../../../ffi/node.ts";
import type { Answer, Request } from "./map_worker.ts";
import { receive, send } from "./message.ts";
import type { Kept } from "../run.ts";

/** A worker failed outside of the user's function: it died, hung or could not start. */
export class MapWorkerError extends Error {
  override name = "MapWorkerError";
}

interface Job {
  readonly request: Request;
  readonly transfer: ArrayBuffer[];
  readonly done: (x: unknown) => void;
  readonly failed: (e: Error) => void;
}

interface Crew {
  readonly worker: Worker;
  job: Job | null;
  timer: ReturnType<typeof setTimeout> | null;
}

/** The longest time that a timer can be set to. */
const LONGEST = 2 ** 31 - 1;

/** Workers that apply the default export of a module. */
export class WorkerPool implements Kept {
  readonly #url: string;
  readonly #size: number;
  readonly #timeout: number;
  readonly #crew: Crew[] = [];
  readonly #waiting: Job[] = [];
  #next = 0;

  constructor(url: string, size: number, timeout: number) {
    this.#url = url;
    this.#size = size;
    this.#timeout = timeout;
  }

  /** Computes an element in the first worker that is free. */
  run(element: unknown, key: Uint32Array): Promise<unknown> {
    const { message, transfer } = send(element);
    const request = { id: this.#next++, element: message, key };
    return new Promise((done, failed) => {
      this.#waiting.push({ request, transfer, done, failed });
      this.#assign();
    });
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const free = this.#crew.find((c) => c.job === null) ??
        (this.#crew.length < this.#size ? this.#start() : undefined);
      if (free === undefined) return;
      const job = this.#waiting.shift()!;
      free.job = job;
      // the timer also keeps the script alive while a worker computes; workers themselves do not
      free.timer = setTimeout(
        () => this.#lose(free, `it gave no answer in ${this.#timeout} ms`),
        Math.min(this.#timeout, LONGEST),
      );
      free.worker.postMessage(job.request, job.transfer);
    }
  }

  #start(): Crew {
    const { Worker } = node("worker_threads");
    const serve = new URL("./map_worker.ts", import.meta.url).href;
    const source = `import { parentPort } from "node:worker_threads";
      const waiting = [];
      const keep = (m) => waiting.push(m);
      parentPort.on("message", keep);
      const { serve } = await import(${JSON.stringify(serve)});
      parentPort.off("message", keep);
      serve({
        on: (event, f) => { parentPort.on(event, f); for (const m of waiting) f(m); },
        postMessage: (m, t) => parentPort.postMessage(m, t),
      }, ${JSON.stringify(this.#url)});`;
    const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const crew: Crew = { worker: new Worker(url, {}), job: null, timer: null };
    crew.worker.unref();
    crew.worker.on("message", (answer: Answer) => this.#finish(crew, answer));
    crew.worker.on("error", (e: Error) => this.#lose(crew, `it failed: ${e.message}`));
    crew.worker.on("exit", () => this.#lose(crew, "it ended"));
    this.#crew.push(crew);
    return crew;
  }

  #finish(crew: Crew, answer: Answer): void {
    const job = this.#release(crew);
    if (job === null) return;
    if ("error" in answer) {
      const { name, message, stack } = answer.error;
      job.failed(Object.assign(new Error(message), { name, stack }));
    } else {
      job.done(receive(answer.element));
    }
    this.#assign();
  }

  #release(crew: Crew): Job | null {
    const { job, timer } = crew;
    if (timer !== null) clearTimeout(timer);
    crew.job = crew.timer = null;
    return job;
  }

  /** A worker is of no use any more: its element fails, another takes its place when needed. */
  #lose(crew: Crew, reason: string): void {
    const place = this.#crew.indexOf(crew);
    if (place < 0) return;
    this.#crew.splice(place, 1);
    const job = this.#release(crew);
    void crew.worker.terminate();
    job?.failed(
      new MapWorkerError(`Cannot compute in a worker of ${this.#url}: ${reason}: see the module`),
    );
    this.#assign();
  }

  /** Ends the workers; what was asked of them fails. */
  async close(): Promise<void> {
    const gone = new MapWorkerError("Cannot compute in a worker of a loop that was left");
    for (const job of this.#waiting.splice(0)) job.failed(gone);
    const crews = this.#crew.splice(0);
    for (const crew of crews) this.#release(crew)?.failed(gone);
    await Promise.all(crews.map((c) => c.worker.terminate()));
  }
}
