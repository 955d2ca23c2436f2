import { assertEquals, assertRejects } from "@std/assert";
import { Connection } from "../../src/formats/connection.ts";

/** A server that writes these texts to whoever connects, and then is silent; its URL. */
function silentAfter(...texts: string[]): { url: URL } & Disposable {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const connections: Deno.Conn[] = [];
  const served = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      for (const text of texts) await connection.write(new TextEncoder().encode(text));
    }
  })().catch(() => {});
  const { port } = listener.addr as Deno.NetAddr;
  return {
    url: new URL(`http://127.0.0.1:${port}/file`),
    [Symbol.dispose]() {
      listener.close();
      for (const c of connections) {
        try {
          c.close();
        } catch { /* the other side has closed it */ }
      }
      void served;
    },
  };
}

const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";

Deno.test("a server that never answers is given up", async () => {
  using server = silentAfter();
  await assertRejects(
    () => Connection.open(server.url, {}, 50),
    Error,
    "The server has sent nothing for 0.05 s",
  );
});

Deno.test("a server that falls silent within a body is given up, after the pieces it sent", async () => {
  using server = silentAfter(HEAD, "half");
  const connection = await Connection.open(server.url, {}, 1000);
  assertEquals(connection.length, 10);
  assertEquals(new TextDecoder().decode((await connection.read())!), "half");
  await assertRejects(() => connection.read(), Error, "The server has sent nothing for 1 s");
  await connection.close();
});

Deno.test("a slow reader is not a silent server", async () => {
  using server = silentAfter(HEAD, "0123456789");
  const connection = await Connection.open(server.url, {}, 1000);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assertEquals(new TextDecoder().decode((await connection.read())!), "0123456789");
  assertEquals(await connection.read(), null);
  await connection.close();
});
