/** Arrays kept in files through the public face; what NumPy and safetensors read is still written so. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { HostArray, io, np, Variable } from "../../mod.ts";
import { readGolden } from "../goldens/read.ts";
import { inFolder } from "./folder.ts";
import { writeSamples } from "./samples.ts";

Deno.test("files that NumPy and safetensors read right are written so to this day", () =>
  inFolder(async (folder) => {
    const readBack = readGolden("io").more.readBack as Record<string, string>;
    const files = await writeSamples(folder);
    assertEquals(files, Object.keys(readBack).sort());
    for (const name of files) {
      if (name === "packed.npz") continue; // its bytes are those of the runtime's deflate
      const bytes = await Deno.readFile(join(folder, name));
      assertEquals(createHash("sha256").update(bytes).digest("hex"), readBack[name], name);
    }
  }));

Deno.test("all that is accepted where a tensor is wanted can be saved", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.safetensors");
    await io.saveSafetensors(path, {
      tensor: np.arange(3),
      host: new HostArray(new Float64Array([1.5])),
      variable: new Variable([[1, 2]]),
      typed: new Uint32Array([7]),
      narrow: new Int8Array([-3]),
      nested: [[true], [false]],
      number: 2,
    });
    const { tensors } = await io.loadSafetensors(path);
    const seen = Object.entries(tensors).map(([n, x]) => [n, x.dtype, x.toArray()]);
    assertEquals(seen.sort((a, b) => a[0]! < b[0]! ? -1 : 1), [
      ["host", "float64", [1.5]],
      ["narrow", "int32", [-3]],
      ["nested", "bool", [[true], [false]]],
      ["number", "float32", 2],
      ["tensor", "int32", [0, 1, 2]],
      ["typed", "uint32", [7]],
      ["variable", "float32", [[1, 2]]],
    ]);
  }));

Deno.test("the values are those at the time of the call", () =>
  inFolder(async (folder) => {
    const values = new Float32Array([1, 2]);
    const x = new HostArray(values);
    const saves = [
      io.saveNpy(join(folder, "a.npy"), x),
      io.saveNpz(join(folder, "a.npz"), { x }),
      io.saveSafetensors(join(folder, "a.safetensors"), { x }),
      io.saveCheckpoint(join(folder, "c.safetensors"), { x }),
    ];
    values.fill(9);
    await Promise.all(saves);
    assertEquals((await io.loadNpy(join(folder, "a.npy"))).toArray(), [1, 2]);
    assertEquals((await io.loadNpz(join(folder, "a.npz"))).x!.toArray(), [1, 2]);
    const { tensors } = await io.loadSafetensors(join(folder, "a.safetensors"));
    assertEquals(tensors.x!.toArray(), [1, 2]);
    const kept = await io.loadCheckpoint(join(folder, "c.safetensors"), { x });
    assertEquals(kept.x.toArray(), [1, 2]);
  }));

Deno.test("what cannot be saved or read is told with the name of the file", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.npz");
    const wrong = [[1], new Float32Array(1), np.zeros([1]), null, 3];
    for (const x of wrong) {
      await assertRejects(() => io.saveNpz(path, x as never), TypeError, "a record of arrays");
    }
    await assertRejects(() => io.saveNpz(path, { "": [1] }), TypeError, "without a name");
    await assertRejects(() => io.saveNpz(path, {}, { level: 1 } as never), TypeError, '"level"');
    await assertRejects(() => io.loadNpy(path), Deno.errors.NotFound, `Cannot read ${path}: `);
    await assertRejects(() => io.loadSafetensors(folder), Error, `Cannot read ${folder}: `);
    await Deno.writeTextFile(path, "what is this");
    await assertRejects(() => io.loadNpy(path), TypeError, `Cannot read npy file ${path}: `);
    await assertRejects(() => io.loadNpz(path), RangeError, path);
    await assertRejects(() => io.loadSafetensors(path), RangeError, path);
    await assertRejects(() => io.loadCheckpoint(path), TypeError, path);
  }));
