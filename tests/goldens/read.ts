/**
 * Reads the golden files that the Python scripts beside it write, so that a test meets arrays and
 * numbers and never the encoding. It imports nothing from src: what it returns cannot be wrong in
 * the same way as the code under test.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The element types that golden arrays have. */
export type GoldenDtype = "bool" | "uint8" | "int32" | "uint32" | "float32" | "float64";

/** Flat elements in row-major order; booleans are 0 and 1 in a Uint8Array. */
export type GoldenData = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** An array of a golden file. */
export interface GoldenArray {
  readonly dtype: GoldenDtype;
  readonly shape: readonly number[];
  readonly data: GoldenData;
}

/** Whatever stands in a golden file: "NaN", "Infinity" and "-Infinity" have become numbers. */
export type GoldenValue =
  | GoldenArray
  | number
  | string
  | boolean
  | null
  | GoldenValue[]
  | { [key: string]: GoldenValue };

/** A record of a golden file. */
export type GoldenRecord = { [key: string]: GoldenValue };

/** A golden file: who made it, and its cases. Other members, if any, are in `more`. */
export interface Golden {
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: readonly GoldenRecord[];
  readonly more: GoldenRecord;
}

const folder = new URL("./data/", import.meta.url);
const constructors = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};
const nonFinite: Record<string, number> = {
  "NaN": NaN,
  "Infinity": Infinity,
  "-Infinity": -Infinity,
};

/**
 * Reads data/<name>, gunzipped when the name ends in .gz.
 *
 * @throws {Error} If there is no such file.
 */
export function readBytes(name: string): Uint8Array<ArrayBuffer> {
  const bytes = readFileSync(new URL(name, folder));
  const plain = name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  return new Uint8Array(plain);
}

/**
 * Reads a golden file by its topic ("numpy", "nn", "losses" ...), gzipped or not.
 *
 * @throws {Error} If there is no such topic.
 */
export function readGolden(topic: string): Golden {
  const { versions, cases = [], ...more } = readJson(topic);
  return {
    versions: versions as Record<string, string>,
    cases: cases as GoldenRecord[],
    more,
  };
}

/** True where a golden value is an array with dtype, shape and data. */
export function isGoldenArray(value: unknown): value is GoldenArray {
  return typeof value === "object" && value !== null && "data" in value &&
    ArrayBuffer.isView(value.data);
}

function readJson(topic: string): GoldenRecord {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(`${topic}.json.gz`);
  } catch {
    bytes = readBytes(`${topic}.json`);
  }
  return JSON.parse(new TextDecoder().decode(bytes), revive);
}

function revive(_key: string, value: GoldenValue): GoldenValue {
  if (typeof value === "string") return nonFinite[value] ?? value;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    if ("dtype" in value && "shape" in value && Array.isArray(value.data)) {
      const dtype = value.dtype as GoldenDtype;
      const data = constructors[dtype].from(value.data as number[]);
      return { dtype, shape: value.shape as number[], data };
    }
  }
  return value;
}

/** Everything the optimizer and the model hold before or after one step, in Keras' order. */
export interface GuideState {
  /** Kernel and bias of dense, dense_1 and predictions. */
  readonly trainable: readonly GoldenArray[];
  /** iteration, learning_rate, then momentum and velocity of each trainable, interleaved. */
  readonly optimizer: readonly GoldenArray[];
}

/** One recorded float32 step. */
export interface GuideStep {
  readonly loss: number;
  readonly before: GuideState;
  readonly gradients: readonly GoldenArray[];
  readonly after: GuideState;
}

/** The trajectory of the guide's model over real MNIST batches; see README.md. */
export interface Guide {
  readonly versions: Readonly<Record<string, string>>;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  /** The 6 trainable variables, then the 14 of Adam. */
  readonly variables: readonly { path: string; shape: number[]; dtype: string }[];
  /** The weights that both runs start from. */
  readonly initial: readonly GoldenArray[];
  /** Batch number t: pixels [32, 784] in 0..255 and class ids [32], both uint8. */
  images(t: number): { pixels: GoldenArray; labels: GoldenArray };
  /** The free-running float64 run. */
  readonly float64: {
    readonly losses: Float64Array;
    /** Gradients of the first step. */
    readonly firstGradients: readonly GoldenArray[];
    /** Full weights after so many steps. */
    readonly weights: readonly { step: number; trainable: readonly GoldenArray[] }[];
    /** Sums over all weights after so many steps. */
    readonly checks: readonly { step: number; sum: number; sumOfMagnitudes: number }[];
  };
  /** The recorded float32 steps, decoded one after the other. */
  float32(): Generator<GuideStep, void, void>;
}

/**
 * Reads the guide's trajectory.
 *
 * @throws {Error} From `float32()` after the last step, if the decoded bits are not those recorded.
 */
export function readGuide(): Guide {
  const json = readJson("guide") as unknown as {
    versions: Record<string, string>;
    steps: number;
    batch: number;
    learningRate: number;
    variables: { path: string; shape: number[]; dtype: string }[];
    float64: {
      losses: { data: Float64Array };
      weightsAfter: number[];
      checks: { step: number; sum: number; sumOfMagnitudes: number }[];
    };
    float32: { losses: { data: Float32Array }; alphas: { data: Float32Array }; sha256: string };
  };
  const { steps, batch, variables } = json;
  const shapes = variables.slice(0, 6).map((v) => v.shape);
  const sizes = shapes.map((s) => s.reduce((a, b) => a * b, 1));
  const total = sizes.reduce((a, b) => a + b, 0);
  const cut = (flat: Float32Array | Float64Array): GoldenArray[] => {
    let at = 0;
    return shapes.map((shape, i) => {
      const data = flat.slice(at, at += sizes[i]!);
      return { dtype: data instanceof Float64Array ? "float64" : "float32", shape, data };
    });
  };

  const pixels = readBytes("guide_pixels.bin.gz");
  const wide = new Float64Array(readBytes("guide_float64.bin.gz").buffer);
  const packed = readBytes("guide_float32.bin.gz");
  const start = new Float32Array(packed.buffer.slice(0, total * 4));

  return {
    ...json,
    initial: cut(start),
    images: (t) => ({
      pixels: {
        dtype: "uint8",
        shape: [batch, 784],
        data: pixels.slice(t * batch * 784, (t + 1) * batch * 784),
      },
      labels: {
        dtype: "uint8",
        shape: [batch],
        data: pixels.slice((steps * 784 + t) * batch, (steps * 784 + t + 1) * batch),
      },
    }),
    float64: {
      losses: json.float64.losses.data,
      firstGradients: cut(wide.slice(0, total)),
      weights: json.float64.weightsAfter.map((step, i) => ({
        step,
        trainable: cut(wide.slice((i + 1) * total, (i + 2) * total)),
      })),
      checks: json.float64.checks,
    },
    *float32() {
      const [losses, alphas] = [json.float32.losses.data, json.float32.alphas.data];
      const hash = createHash("sha256");
      const sections = [0, 1, 2, 3].map((k) =>
        packed.subarray(total * 4 * (1 + k * steps), total * 4 * (1 + (k + 1) * steps))
      );
      const state = (t: number, w: Float32Array, m: Float32Array, v: Float32Array): GuideState => {
        const [ms, vs] = [cut(m), cut(v)];
        return {
          trainable: cut(w),
          optimizer: [
            { dtype: "int32", shape: [], data: Int32Array.of(t) },
            { dtype: "float32", shape: [], data: Float32Array.of(json.learningRate) },
            ...ms.flatMap((a, i) => [a, vs[i]!]),
          ],
        };
      };
      let [w, m, v] = [start, new Float32Array(total), new Float32Array(total)];
      for (let t = 0; t < steps; t++) {
        const [g, rw, rm, rv] = sections.map((s) => unshuffle(s, t * total, total));
        const gradient = new Float32Array(g!.buffer);
        const next = predict(w, m, v, gradient, alphas[t]!);
        undo(next[0], rw!);
        undo(next[1], rm!);
        undo(next[2], rv!);
        for (const part of [gradient, ...next]) hash.update(new Uint8Array(part.buffer));
        yield {
          loss: losses[t]!,
          before: state(t, w, m, v),
          gradients: cut(gradient),
          after: state(t + 1, ...next),
        };
        [w, m, v] = next;
      }
      if (hash.digest("hex") !== json.float32.sha256) {
        throw new Error("Cannot read guide_float32.bin.gz: its bits are not those recorded");
      }
    },
  };
}

/** Words [from, from + n) of a section stored as four planes of bytes, lowest byte first. */
function unshuffle(planes: Uint8Array, from: number, n: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(n);
  const size = planes.length / 4;
  for (let b = 0; b < 4; b++) {
    for (let i = 0; i < n; i++) words[i]! |= planes[b * size + from + i]! << (8 * b);
  }
  return words;
}

/** Turns a prediction into what was recorded: `difference` is the exclusive or of their bits. */
function undo(prediction: Float32Array<ArrayBuffer>, difference: Uint32Array): void {
  const bits = new Uint32Array(prediction.buffer);
  for (let i = 0; i < bits.length; i++) bits[i]! ^= difference[i]!;
}

/** The twin of predict() in make_guide.py: Adam in float32, each fround one rounding. */
function predict(
  w: Float32Array,
  m: Float32Array,
  v: Float32Array,
  g: Float32Array,
  alpha: number,
): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const { fround, sqrt } = Math;
  const [c1, c2, epsilon] = [fround(1 - 0.9), fround(1 - 0.999), fround(1e-7)];
  const next = [0, 1, 2].map(() => new Float32Array(w.length)) as [
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
  ];
  for (let i = 0; i < w.length; i++) {
    const gi = g[i]!;
    const mi = next[1][i] = fround(fround(gi - m[i]!) * c1 + m[i]!);
    const vi = next[2][i] = fround(fround(gi * gi - v[i]!) * c2 + v[i]!);
    next[0][i] = fround(
      w[i]! - fround(fround(mi * alpha) / fround(fround(sqrt(vi)) + epsilon)),
    );
  }
  return next;
}
