/**
 * Files behind URLs, read as they arrive.
 *
 * @module
 */
import { PieceStream } from "./piece_stream.ts";

/** The bytes behind a URL from an offset on, whether or not its server serves parts of files. */
export class RemoteStream extends PieceStream {
  readonly #url: URL;
  readonly #offset: number;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #length: number | null = null;
  #received = 0;

  constructor(url: URL, offset: number) {
    super(offset);
    this.#url = url;
    this.#offset = offset;
  }

  protected async pull(): Promise<Uint8Array | null> {
    this.#reader ??= await this.#connect();
    if (this.#reader === null) return null;
    const { value, done } = await this.#reader.read();
    if (!done) {
      this.#received += value.length;
      return value;
    }
    if (this.#length !== null && this.#received < this.#length) {
      throw new RangeError(
        `The connection ended after ${this.#received} of ${this.#length} bytes`,
      );
    }
    return null;
  }

  async #connect(): Promise<ReadableStreamDefaultReader<Uint8Array> | null> {
    const { state } = await Deno.permissions.query({ name: "net", host: this.#url.host });
    if (state !== "granted") {
      throw new Deno.errors.NotCapable(
        `No permission: run again with --allow-net=${this.#url.host}`,
      );
    }
    const headers = this.#offset > 0 ? { Range: `bytes=${this.#offset}-` } : undefined;
    const response = await fetch(this.#url, { headers });
    if (response.status === 416) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`The server answered ${response.status} ${response.statusText}`);
    }
    if (response.status === 206) this.skipped(this.#offset);
    const length = response.headers.get("content-length");
    const encoded = response.headers.has("content-encoding");
    this.#length = length === null || encoded ? null : Number(length);
    return response.body?.getReader() ?? null;
  }

  async close(): Promise<void> {
    // a connection that has failed fails again, and the first time was told
    await this.#reader?.cancel().catch(() => {});
  }
}
