import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { clearNames, type Tensor } from "../../src/core/mod.ts";
import * as layers from "../../src/layers/mod.ts";
import * as models from "../../src/models/mod.ts";
import * as np from "../../src/numpy/mod.ts";

const { input, Dense } = layers;

function textOf(model: models.Model<never, unknown>, options: models.SummaryOptions = {}): string {
  let text = "";
  model.summary({ ...options, printFn: (t) => text = t });
  return text;
}

/** The cells of the lines between the head and the totals. */
function cells(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("│"))
    .map((line) => line.split("│").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("a model that is not built says so", () => {
  clearNames();
  const model = new models.Sequential([new Dense(2)]);
  assertEquals(cells(textOf(model)), [["dense (Dense)", "?", "0 (unbuilt)"]]);
  assertStringIncludes(textOf(model), " Total params: 0 (0.00 B)");
  model.apply(np.ones([3, 4]));
  assertEquals(cells(textOf(model)), [["dense (Dense)", "(None, 2)", "10"]]);
});

Deno.test("a subclassed model shows the shapes of its last call", () => {
  class Two extends models.Model {
    first = new Dense(3, { name: "first" });
    second = new Dense(1, { name: "second" });
    override call(x: Tensor): Tensor {
      return this.second.apply(this.first.apply(x));
    }
  }
  const model = new Two({ name: "two" });
  assertEquals(cells(textOf(model))[0], ["first (Dense)", "?", "0 (unbuilt)"]);
  model.apply(np.ones([5, 2]));
  assertEquals(cells(textOf(model)), [
    ["first (Dense)", "(None, 3)", "9"],
    ["second (Dense)", "(None, 1)", "4"],
  ]);
  assert(textOf(model).startsWith(`Model: "two"\n`));
});

Deno.test("operations are rows, numbered; constants are not", () => {
  const x = input({ shape: [2], name: "x" });
  const y = x.mul(2).add(np.ones([2])).mul(x);
  const rows = cells(textOf(new models.Model({ inputs: x, outputs: y })));
  assertEquals(rows.map(([name]) => name), [
    "x (InputLayer)",
    "mul (Mul)",
    "add (Add)",
    "mul_1 (Mul)",
  ]);
  assertEquals(rows[3]![3], "add[0][0], x[0][0]");
  const chain = new models.Model({ inputs: x, outputs: x.mul(2).exp() });
  assertEquals(cells(textOf(chain)).map((r) => r.length), [3, 3, 3]);
});

Deno.test("an operation does not take the name of a layer", () => {
  const x = input({ shape: [2], name: "x" });
  const y = new layers.Add({ name: "add" }).apply([x.add(1), x]);
  const rows = cells(textOf(new models.Model({ inputs: x, outputs: y })));
  assertEquals(rows[1]![0], "add_1 (Add)");
});

Deno.test("layers of several outputs list them all", () => {
  class Split extends layers.Layer<Tensor, Tensor[]> {
    override call(x: Tensor): Tensor[] {
      return [x.slice(null, [0, 1]), x.slice(null, [1])];
    }
  }
  const x = input({ shape: [4], name: "x" });
  const [left, right] = new Split({ name: "split" }).apply(x);
  const model = new models.Model({ inputs: x, outputs: [left!, new Dense(1).apply(right!)] });
  const rows = cells(textOf(model, { lineLength: 120 }));
  assertEquals(rows[1]!.slice(1), ["[(None, 1), (None, 3)]", "0", "x[0][0]"]);
  assertEquals(rows[2]![3], "split[0][1]");
});

Deno.test("lines are as long as asked, long names are cut as Keras cuts them", () => {
  const x = input({ shape: [5], name: "x" });
  const name = "averyveryverylongnamewithoutanybreakwhatsoevertoseehowitfolds";
  const a = new Dense(5, { name }).apply(x);
  for (const outputs of [a, a.add(x)]) {
    const model = new models.Model({ inputs: x, outputs });
    for (const lineLength of [60, 80, 81, 133]) {
      const lines = textOf(model, { lineLength }).split("\n").slice(1, -3);
      assertEquals([...new Set(lines.map((l) => l.length))], [lineLength]);
    }
  }
  const model = new models.Model({ inputs: x, outputs: a });
  assertEquals(cells(textOf(model)).slice(1), [
    ["averyveryverylongnamewithoutanyb…", "(None, 5)", "30"],
    ["(Dense)", "", ""],
  ]);
  for (const lineLength of [3, 20, 80.5, NaN]) {
    assertThrows(() => textOf(model, { lineLength }), RangeError, "at least 50");
  }
});

Deno.test("sizes are in units of 1024", () => {
  const x = input({ shape: [1024], name: "x" });
  const outputs = new Dense(1024, { useBias: false }).apply(x);
  const model = new models.Model({ inputs: x, outputs });
  assertStringIncludes(textOf(model), " Total params: 1,048,576 (4.00 MB)");
});

Deno.test("the text goes to the console unless a function takes it", () => {
  const printed: unknown[] = [];
  const log = console.log;
  console.log = (...args: unknown[]) => printed.push(...args);
  try {
    new models.Sequential([new Dense(1)], { name: "s" }).summary();
  } finally {
    console.log = log;
  }
  assert(String(printed[0]).startsWith(`Model: "s"`));
});
