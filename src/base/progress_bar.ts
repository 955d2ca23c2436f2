/**
 * A progress bar for terminals. It stays a few lines of our own because the libraries for it would
 * have to be fetched before the first step, also on machines without a network.
 *
 * @module
 */

/** Where a progress bar is drawn. */
export interface ProgressBarOutput {
  /** Whether somebody watches; nothing is written otherwise. */
  isTerminal(): boolean;
  /** Writes encoded text at once. */
  writeSync(bytes: Uint8Array): number;
}

/** Options of a progress bar. */
export interface ProgressBarOptions {
  /** The number of steps. */
  total: number;
  /** A text before the bar. */
  label?: string | undefined;
  /** Where to draw; default: stdout. */
  output?: ProgressBarOutput | undefined;
}

const ERASE_LINE = "\r\x1b[2K";
const INTERVAL_MS = 100;
const BAR_WIDTH = 30;

/**
 * Shows how far a loop has come, on one line of a terminal, redrawn at most ten times a second and
 * erased at the end. Where the output is not a terminal it writes nothing.
 *
 * @example
 * ```ts
 * import { utils } from "glissade";
 * import { assertStringIncludes } from "@std/assert";
 * let drawn = "";
 * const output = {
 *   isTerminal: () => true,
 *   writeSync: (bytes: Uint8Array) => (drawn += new TextDecoder().decode(bytes)).length,
 * };
 * // without an output, a bar draws on the terminal
 * const bar = new utils.ProgressBar({ total: 3, label: "Epoch 1", output });
 * for (let step = 1; step <= 3; step++) bar.update(step, `loss ${1 / step}`);
 * bar.finish();
 * assertStringIncludes(drawn, "Epoch 1 ");
 * ```
 */
export class ProgressBar {
  readonly #total: number;
  readonly #label: string;
  readonly #output: ProgressBarOutput | null;
  readonly #started = performance.now();
  #drawn = -Infinity;

  /** Makes a bar; nothing is drawn before the first update. */
  constructor(options: ProgressBarOptions) {
    const { total, label = "", output = Deno.stdout } = options;
    this.#total = total;
    this.#label = label === "" ? "" : `${label} `;
    this.#output = output.isTerminal() ? output : null;
  }

  /** Tells how many steps are done, and something to show behind the bar. */
  update(done: number, text = ""): void {
    if (this.#output === null) return;
    const now = performance.now();
    if (now - this.#drawn < INTERVAL_MS) return;
    this.#drawn = now;
    const part = Math.min(1, Math.max(0, done / this.#total || 0));
    const filled = Math.round(part * BAR_WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    const seconds = (now - this.#started) / 1000;
    const left = part > 0 ? ` ${clock(seconds * (1 / part - 1))} left` : "";
    const line = `${this.#label}${bar} ${done}/${this.#total}${left}  ${text}`;
    this.#write(ERASE_LINE + line.replace(/[\r\n]/g, " ").slice(0, columns() - 1));
  }

  /** Prints a line above the bar, with `console.log`; works without a terminal as well. */
  log(text: string): void {
    this.finish();
    console.log(text);
  }

  /** Erases the bar. */
  finish(): void {
    if (this.#drawn !== -Infinity) this.#write(ERASE_LINE);
    this.#drawn = -Infinity;
  }

  #write(text: string): void {
    this.#output?.writeSync(new TextEncoder().encode(text));
  }
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}
