/**
 * A request to a server, and its answer as it arrives. A server that falls silent is not waited for
 * without end.
 *
 * @module
 */

/** Milliseconds of silence after which a server is given up. */
const PATIENCE = 60_000;

/** An answer whose body is read piece by piece. */
export class Connection {
  readonly #abort: AbortController;
  readonly #patience: number;
  readonly #response: Response;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  /** Internal: `open` makes one. */
  constructor(response: Response, abort: AbortController, patience: number) {
    this.#response = response;
    this.#abort = abort;
    this.#patience = patience;
  }

  /**
   * Asks for what is behind a URL; resolves when the head of the answer is there.
   *
   * @param patience milliseconds of silence after which it is an error, here and in `read`
   * @throws {TypeError} when there is no connection to the server, or it breaks
   * @throws {Error} when the server is silent for too long
   */
  static async open(
    url: URL,
    headers: Record<string, string> = {},
    patience = PATIENCE,
  ): Promise<Connection> {
    const abort = new AbortController();
    const response = await inTime(fetch(url, { headers, signal: abort.signal }), abort, patience);
    return new Connection(response, abort, patience);
  }

  /** The status of the answer, as 404. */
  get status(): number {
    return this.#response.status;
  }

  /** The status of the answer in numbers and words. */
  get statusText(): string {
    return `${this.#response.status} ${this.#response.statusText}`;
  }

  /** Whether the answer is what was asked for. */
  get ok(): boolean {
    return this.#response.ok;
  }

  /** Bytes of the whole body, where the server tells and they are not packed on the way. */
  get length(): number | null {
    const { headers } = this.#response;
    const length = headers.get("content-length");
    return length === null || headers.has("content-encoding") ? null : Number(length);
  }

  /**
   * The next piece of the body; null at its end.
   *
   * @throws {Error} when the server is silent for too long
   */
  async read(): Promise<Uint8Array | null> {
    this.#reader ??= this.#response.body?.getReader() ?? null;
    if (this.#reader === null) return null;
    const { value, done } = await inTime(this.#reader.read(), this.#abort, this.#patience);
    return done ? null : value;
  }

  /** Lets go of the rest. */
  async close(): Promise<void> {
    // a connection that has failed fails again, and the first time was told
    await (this.#reader ?? this.#response.body)?.cancel().catch(() => {});
  }
}

/** Waits for the network, for as long as patience lasts. */
async function inTime<T>(work: Promise<T>, abort: AbortController, patience: number): Promise<T> {
  const timer = setTimeout(
    () => abort.abort(new Error(`The server has sent nothing for ${patience / 1000} s`)),
    patience,
  );
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
