/** Workers in a pipeline: order, keys, failures, resuming. @module */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import type { HostArray } from "../../../src/base/host_array.ts";
import { Dataset, MapWorkerError } from "../../../src/data/mod.ts";

const square = new URL("./slow_square.ts", import.meta.url);
const failing = new URL("./failing.ts", import.meta.url);
type Pair = [HostArray, HostArray];

const squares = (workers: number, seed = 3) =>
  Dataset.range(12).parallelMap<Pair>(square, { workers, seed });
const plain = ([x, key]: Pair) => [x.item(), key.item()];

Deno.test("workers give elements in order, and the same keys whatever their number", async () => {
  const one = (await Array.fromAsync(squares(1))).map(plain);
  const three = (await Array.fromAsync(squares(3))).map(plain);
  assertEquals(one, three);
  assertEquals(one.map(([x]) => x), Array.from({ length: 12 }, (_, i) => i * i));
  assertEquals(new Set(one.map(([, key]) => key)).size, 12);
});

Deno.test("keys differ between epochs and seeds, and equal those of map", async () => {
  const build = () => Dataset.range(6);
  const inWorkers = await Array.fromAsync(
    build().parallelMap<Pair>(square, { seed: 3 }).repeat(2),
    (p) => p[1].item(),
  );
  const here = build().map((_, { key }) => key.at(0), { seed: 3 }).repeat(2);
  assertEquals(inWorkers, [...here].map((x) => x.item()));
  assertEquals(new Set(inWorkers).size, 12);
  const other = [...build().map((_, { key }) => key.at(0), { seed: 4 })].map((x) => x.item());
  assert(!other.some((x) => inWorkers.includes(x)));
});

Deno.test("a pass with workers resumes at every position", async () => {
  const build = () => squares(2).batch(2).repeat(2);
  const whole = (await Array.fromAsync(build())).map((p) => p.map((x) => x.toArray()));
  const it = build().iterate();
  let position = 0;
  for await (const _ of it) {
    if (++position % 4 !== 1) continue;
    const state = JSON.parse(JSON.stringify(it.state()));
    const rest = await Array.fromAsync(build().iterate({ state }));
    assertEquals(rest.map((p) => p.map((x) => x.toArray())), whole.slice(position));
  }
});

Deno.test("a failure in a worker surfaces at its element with its type", async () => {
  const seen: number[] = [];
  const error = await assertRejects(
    async () => {
      const d = Dataset.range(3).parallelMap(failing, { workers: 2 });
      for await (const x of d) seen.push(x.item());
    },
    Error,
    "Cannot compute element 1 in parallelMap(failing.ts, { workers: 2 }) (stage 1): Out of tape",
  );
  assertEquals((error.cause as Error).name, "RangeError");
  assertEquals(seen, [0]);
});

Deno.test("a worker that dies or hangs is an error at its element", async () => {
  for (const [element, reason] of [[2, "it ended"], [3, "it gave no answer in 700 ms"]] as const) {
    const d = Dataset.range(element, element + 1).parallelMap(failing, { timeout: 700 });
    const error = await assertRejects(() => Array.fromAsync(d), Error, reason);
    assertInstanceOf(error.cause, MapWorkerError);
    const start =
      "Cannot compute element 0 in parallelMap(failing.ts, { timeout: 700 }) (stage 1): ";
    assert(error.message.startsWith(`${start}Cannot compute in a worker of file:`), error.message);
    assert(error.message.includes(failing.href), error.message);
  }
});

Deno.test("what else a worker can do wrong is an error at its element", async () => {
  const wrong: [code: string, message: string][] = [
    ["() => undefined", "Cannot use undefined: elements are arrays"],
    ["() => () => 1", "elements are arrays, numbers, texts, and lists"],
    ["() => new Map()", "elements are arrays, numbers, texts, and lists"],
    ["() => { throw 7; }", "7"],
    ["() => { throw undefined; }", "undefined"],
    ["() => Promise.reject(new TypeError('later'))", "later"],
    ["() => new Promise(() => {})", "it gave no answer in 700 ms"],
    ["() => Deno.exit(3)", "it ended"],
    ["{", ""],
  ];
  for (const [code, message] of wrong) {
    const module = `data:text/javascript,${encodeURIComponent(`export default ${code};`)}`;
    const d = Dataset.range(1).parallelMap(module, { workers: 1, timeout: 700 });
    const error = await assertRejects(() => Array.fromAsync(d), Error, message, code);
    const start = "Cannot compute element 0 in parallelMap(data:, { workers: 1, timeout: 700 }) " +
      "(stage 1): ";
    assert(error.message.startsWith(start), error.message);
  }
});

Deno.test("leaving the loop ends workers that still compute", async () => {
  const d = Dataset.range(4).map((x) => x.item() === 0 ? 0 : 3).parallelMap(failing);
  const start = performance.now();
  for await (const _ of d) break;
  assert(performance.now() - start < 5000);
});

Deno.test("a module that is missing, or exports no function, is named", async () => {
  const missing = Dataset.range(1).parallelMap(new URL("./workers/none.ts", import.meta.url));
  await assertRejects(() => Array.fromAsync(missing), Error, "none.ts");
  const wrong = Dataset.range(1).parallelMap("data:text/javascript,export default 3");
  await assertRejects(() => Array.fromAsync(wrong), Error, "default export must be a function");
  assertThrows(() => Dataset.range(1).parallelMap("./x.ts"), TypeError, "give a URL");
  assertThrows(
    () => [...Dataset.range(1).parallelMap(square)],
    TypeError,
    "its workers answer later: use for await",
  );
});

Deno.test("a script that leaves workers idle ends by itself", async () => {
  const script = `import { Dataset } from "${new URL("../../../src/data/mod.ts", import.meta.url)}";
    const it = Dataset.range(9).parallelMap("${square}", { seed: 1 }).iterate();
    console.log((await it.next()).value[0].item());`;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", script],
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  assertEquals(
    [code, new TextDecoder().decode(stdout)],
    [0, "0\n"],
    new TextDecoder().decode(stderr),
  );
});
