/**
 * The contestants that run, each started when a row first needs it.
 *
 * @module
 */
import { Contestant } from "./contestant.ts";
import { type Start, start, type System } from "./systems.ts";

/** Contestants by system; one that could not start is not tried again. */
export class Contestants {
  readonly #running = new Map<string, Contestant>();
  readonly #start: (system: System, threads: number) => Start;
  readonly #threads: number;
  /** System -> package -> version; or why the system is absent. */
  readonly versions: Record<string, Readonly<Record<string, string>> | string> = {};

  constructor(
    threads: number,
    how: (system: System, threads: number) => Start = start,
  ) {
    this.#threads = threads;
    this.#start = how;
  }

  /** The process of a system, started if need be, or why there is none. */
  readonly take = async (system: System): Promise<Contestant | string> => {
    const running = this.#running.get(system.id);
    if (running?.isOpen) return running;
    const known = this.versions[system.id];
    if (typeof known === "string") return known;
    const threads = system.id.includes(" ") ? 1 : this.#threads;
    const [contestant, greeting] = await Contestant.open(this.#start(system, threads), 120);
    if (contestant === null) return this.versions[system.id] = greeting.absent!;
    this.versions[system.id] = { ...greeting.versions };
    this.#running.set(system.id, contestant);
    return contestant;
  };

  /** Ends the process of a system, if there is one; it is started anew when it is wanted again. */
  async close(id: string): Promise<void> {
    await this.#running.get(id)?.close();
  }

  /** Ends all. */
  async closeAll(): Promise<void> {
    for (const contestant of this.#running.values()) await contestant.close();
  }
}
