import { assertEquals, assertNotEquals } from "@std/assert";
import { CubinCache } from "../../../src/device/cuda/cubin_cache.ts";

/** Runs with a folder of its own. */
function inFolder(use: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "glissade-cubins-" });
  try {
    use(folder);
  } finally {
    Deno.chmodSync(folder, 0o700);
    Deno.removeSync(folder, { recursive: true });
  }
}

const image = (n: number, size = 100): Uint8Array => new Uint8Array(size).fill(n);
const files = (folder: string): string[] => [...Deno.readDirSync(folder)].map((f) => f.name);

Deno.test("an image comes back, in another process too, and by its key alone", () => {
  inFolder((folder) => {
    const cache = new CubinCache(`${folder}/new/deep`);
    const key = cache.key(["13.2", "sm_90", "source"]);
    assertEquals(cache.get(key), null);
    cache.set(key, image(7));
    const other = new CubinCache(`${folder}/new/deep`);
    assertEquals(other.key(["13.2", "sm_90", "source"]), key);
    assertEquals(other.get(key), image(7));
    assertNotEquals(other.key(["13.2", "sm_80", "source"]), key);
    assertNotEquals(other.key(["13.2s", "m_90", "source"]), key);
    other.delete(key);
    assertEquals(cache.get(key), null);
  });
});

Deno.test("a file that was cut, changed or written by another is as good as none, and goes", () => {
  inFolder((folder) => {
    const cache = new CubinCache(folder);
    const key = cache.key(["x"]);
    const path = `${folder}/${key}.cubin`;
    cache.set(key, image(1, 1000));
    const whole = Deno.readFileSync(path);
    const wrongs = [whole.slice(0, 0), whole.slice(0, 20), whole.slice(0, 900), image(3, 5000)];
    for (const at of [0, 20, 40, 999]) {
      const wrong = whole.slice();
      wrong[at]! ^= 1;
      wrongs.push(wrong);
    }
    for (const wrong of wrongs) {
      Deno.writeFileSync(path, wrong);
      assertEquals(cache.get(key), null);
      assertEquals(files(folder), []);
    }
    cache.set(key, image(1));
    assertEquals(cache.get(key), image(1));
  });
});

Deno.test("an image under the name of another is none", () => {
  inFolder((folder) => {
    const cache = new CubinCache(folder);
    const [one, other] = [cache.key(["one"]), cache.key(["other"])];
    cache.set(one, image(1));
    Deno.renameSync(`${folder}/${one}.cubin`, `${folder}/${other}.cubin`);
    assertEquals(cache.get(other), null);
  });
});

Deno.test("the folder is bounded, and what was used last stays", () => {
  inFolder((folder) => {
    const cache = new CubinCache(folder, 10_000);
    const keys = Array.from({ length: 30 }, (_, i) => cache.key([`${i}`]));
    keys.forEach((key, i) => {
      cache.set(key, image(i, 1000));
      // the files of one test are of one moment
      Deno.utimeSync(`${folder}/${key}.cubin`, 1000 + i, 1000 + i);
    });
    const bytes = files(folder).reduce((n, name) => n + Deno.statSync(`${folder}/${name}`).size, 0);
    assertEquals(bytes <= 10_000 && bytes > 2000, true, `${bytes} bytes`);
    assertEquals(cache.get(keys[0]!), null);
    assertEquals(cache.get(keys[29]!), image(29, 1000));
  });
});

Deno.test("where nothing can be written nothing is kept, and nothing is left behind", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "no folder");
    const cache = new CubinCache(`${folder}/file`);
    const key = cache.key(["x"]);
    cache.set(key, image(1));
    assertEquals(cache.get(key), null);
    assertEquals(files(folder), ["file"]);
  });
});

Deno.test("an image that may be read and not touched comes back", () => {
  inFolder((folder) => {
    const cache = new CubinCache(folder);
    const key = cache.key(["x"]);
    cache.set(key, image(1));
    const { utimeSync } = Deno;
    try {
      Deno.utimeSync = () => {
        throw new Deno.errors.PermissionDenied("another's");
      };
      assertEquals(cache.get(key), image(1));
    } finally {
      Deno.utimeSync = utimeSync;
    }
    assertEquals(files(folder).length, 1);
  });
});

Deno.test({
  name: "without permission to write there is no cache, and nobody is asked",
  permissions: { read: true, write: false, env: true },
  fn() {
    const cache = new CubinCache("/nowhere/at/all");
    const key = cache.key(["x"]);
    cache.set(key, image(1));
    assertEquals(cache.get(key), null);
  },
});
