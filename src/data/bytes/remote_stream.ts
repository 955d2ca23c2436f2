/**
 * Files behind URLs, read as they arrive.
 *
 * @module
 */
import { Connection } from "../../formats/connection.ts";
import { PieceStream } from "./piece_stream.ts";

/** The bytes behind a URL from an offset on, whether or not its server serves parts of files. */
export class RemoteStream extends PieceStream {
  readonly #url: URL;
  readonly #offset: number;
  #connection: Connection | null = null;
  #received = 0;

  constructor(url: URL, offset: number) {
    super(offset);
    this.#url = url;
    this.#offset = offset;
  }

  protected async pull(): Promise<Uint8Array | null> {
    const connection = this.#connection ??= await this.#connect();
    if (connection.status === 416) return null;
    const piece = await connection.read();
    if (piece !== null) {
      this.#received += piece.length;
    } else if (connection.length !== null && this.#received < connection.length) {
      throw new RangeError(
        `The connection ended after ${this.#received} of ${connection.length} bytes`,
      );
    }
    return piece;
  }

  async #connect(): Promise<Connection> {
    const { state } = await Deno.permissions.query({ name: "net", host: this.#url.host });
    if (state !== "granted") {
      throw new Deno.errors.NotCapable(
        `No permission: run again with --allow-net=${this.#url.host}`,
      );
    }
    const headers: Record<string, string> = this.#offset > 0
      ? { Range: `bytes=${this.#offset}-` }
      : {};
    const connection = await Connection.open(this.#url, headers);
    // 416: the file ends where reading was to begin
    if (!connection.ok && connection.status !== 416) {
      await connection.close();
      throw new Error(`The server answered ${connection.statusText}`);
    }
    if (connection.status === 206) this.skipped(this.#offset);
    return connection;
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }
}
