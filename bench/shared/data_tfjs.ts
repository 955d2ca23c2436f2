/**
 * The loaders and parsers of TensorFlow.js that bench/data.ts and bench/data_files.ts stand beside; it
 * talks as data_peers.py does. Of an epoch it makes the first batches only: it would take a minute.
 *
 * @module
 */
import { linesOf } from "./peer.ts";

const VERSION = "4.22.0";
const ROWS = 60_000, ROW = 784, BATCH = 32, BATCHES = 200, FILE_BATCH = 256;

interface Disposable {
  dispose(): void;
}

interface TfDataset {
  shuffle(size: number): TfDataset;
  batch(size: number): TfDataset;
  take(count: number): TfDataset;
  forEachAsync(f: (batch: Record<string, Disposable>) => void): Promise<void>;
}

interface TfData {
  array(rows: readonly unknown[]): TfDataset;
  csv(url: string, options: { columnConfigs: Record<string, { dtype: string }> }): TfDataset;
}

type Works = Record<string, () => TfDataset>;

function images(data: TfData): Works {
  const works: Works = {};
  for (const dtype of ["uint8", "float32"]) {
    const x = dtype === "uint8" ? new Uint8Array(ROWS * ROW) : new Float32Array(ROWS * ROW);
    const rows = Array.from({ length: ROWS }, (_, i) => ({
      x: x.subarray(i * ROW, (i + 1) * ROW),
      y: i % 10,
    }));
    works[`${dtype} tfjs-data`] = () => data.array(rows).shuffle(1024).batch(BATCH).take(BATCHES);
  }
  return works;
}

function files(data: TfData, csv: string): Works {
  const names = "a,b,c,d,e,f,g,h,i,label".split(",");
  const columnConfigs = Object.fromEntries(
    names.map((name) => [name, { dtype: name === "label" ? "int32" : "float32" }]),
  );
  return { "csv tfjs-data": () => data.csv(`file://${csv}`, { columnConfigs }).batch(FILE_BATCH) };
}

let works: Works = {};
const absent: Record<string, string> = {};
try {
  const tf = await import(`npm:@tensorflow/tfjs-core@${VERSION}`);
  await import(`npm:@tensorflow/tfjs-backend-cpu@${VERSION}`);
  const data = await import(`npm:@tensorflow/tfjs-data@${VERSION}`) as TfData;
  await tf.setBackend("cpu");
  works = Deno.args[0] === "images" ? images(data) : files(data, Deno.args[1]!);
} catch (e) {
  absent["tfjs-data"] = (e as Error).message.split("\n")[0]!;
}
console.log(JSON.stringify({ works: Object.keys(works), absent }));
for await (const name of linesOf(Deno.stdin.readable)) {
  const start = performance.now();
  let batches = 0;
  await works[name]!().forEachAsync((batch) => {
    batches++;
    for (const x of Object.values(batch)) x.dispose();
  });
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, batches }));
}
