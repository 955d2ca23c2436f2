/**
 * What runs in a worker of `parallelMap`: imports the user's module and applies its default export
 * to every element that it is sent.
 *
 * @module
 */
import { toElement } from "../element.ts";
import { receive, send, type Sent } from "./message.ts";
import { config } from "../../base/flags.ts";
import { HostArray } from "../../base/host_array.ts";

interface Port {
  on(event: "message", listener: (message: Request) => void): void;
  postMessage(message: Answer, transfer: ArrayBuffer[]): void;
}

/** An element to compute. */
export interface Request {
  readonly id: number;
  readonly element: Sent;
  readonly key: Uint32Array;
}

/** What became of it. */
export type Answer =
  | { readonly id: number; readonly element: Sent }
  | { readonly id: number; readonly error: { name: string; message: string; stack: string } };

/** Answers the requests of a port, in the order in which they come. */
export function serve(port: Port, url: string): void {
  // set before the library is there: every worker would otherwise start a GPU for single elements
  config({ device: "cpu" });
  const loaded = load(url);
  // a failure to load is the answer to every request
  loaded.catch(() => {});
  let last: Promise<void> = Promise.resolve();
  port.on("message", (request) => {
    last = last.then(async () => {
      try {
        const f = await loaded;
        const context = { key: new HostArray(request.key) };
        const y = toElement(await f(receive(request.element), context), "use", "nothing");
        const { message, transfer } = send(y);
        port.postMessage({ id: request.id, element: message }, transfer);
      } catch (e) {
        const error = e instanceof Error ? e : new Error(String(e));
        const { name, message, stack = "" } = error;
        port.postMessage({ id: request.id, error: { name, message, stack } }, []);
      }
    });
  });
}

async function load(
  url: string,
): Promise<(element: unknown, context: { key: HostArray }) => unknown> {
  const { default: f } = await import(url) as { default?: unknown };
  if (typeof f === "function") return f as never;
  throw new TypeError(`Cannot map with ${url}: its default export must be a function`);
}
