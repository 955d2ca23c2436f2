/** Files behind URLs. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { Dataset } from "../../../src/data/mod.ts";

Deno.test("lines over HTTP, gone on with in the middle", async () => {
  const text = new TextEncoder().encode("a\nbb\nccc\n");
  const server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    const range = /bytes=(\d+)-/.exec(request.headers.get("range") ?? "");
    if (new URL(request.url).pathname === "/gone") return new Response("", { status: 404 });
    return range === null
      ? new Response(text)
      : new Response(text.slice(Number(range[1])), { status: 206 });
  });
  const url = `http://127.0.0.1:${server.addr.port}/lines.txt`;
  assertEquals(await Array.fromAsync(Dataset.textLines(url)), ["a", "bb", "ccc"]);
  await assertRejects(
    () => Array.fromAsync(Dataset.textLines(url.replace("lines.txt", "gone"))),
    Error,
    "404",
  );
  await assertRejects(
    () => Array.fromAsync(Dataset.parquet(url.replace("lines.txt", "gone"))),
    RangeError,
    `in parquet(${url.replace("lines.txt", "gone")}) (stage 0): It could not be fetched (`,
  );
  await server.shutdown();
});

Deno.test("a connection that ends early is told with its file and offset", async () => {
  using listener = Deno.listen({ port: 0 });
  const answered = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\na\nb";
    await connection.write(new TextEncoder().encode(answer));
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/lines.txt`;
  await assertRejects(
    () => Array.fromAsync(Dataset.textLines(url)),
    Error,
    `Cannot read record 1 of ${url} at byte 3 in textLines(${url}) (stage 0): `,
  );
  await answered;
});
