/**
 * tf.train.Example records turned into elements, as tf.io.parse_single_example does.
 *
 * @module
 */
import { allocate, type DType, DTYPES } from "../../base/dtype.ts";
import { formatShape, formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { checkShape, sizeOf } from "../../base/shape.ts";
import { ExampleColumns } from "./example_columns.ts";
import { type FeatureList, readExample } from "./example_wire.ts";
import { setJoined } from "../joined_results.ts";

/** What a feature of an Example is turned into. */
export interface Feature {
  /**
   * The type wanted. Lists of floats become "float32" or "float64", lists of int64s any type that
   * holds their values, lists of bytes "string" (texts) or "bytes" (uint8 vectors).
   */
  readonly dtype: DType | "string" | "bytes";
  /** The shape of a feature of fixed length, [] for a single value; not given: any length. */
  readonly shape?: readonly number[] | undefined;
  /** Stands where the feature is missing; one value, or as many as the shape holds. */
  readonly default?: number | string | readonly number[] | undefined;
}

/** The value that a feature is turned into. */
export type FeatureValue<F extends Feature> = F["dtype"] extends DType ? HostArray
  : F["dtype"] extends "string" ? F["shape"] extends readonly [] ? string : string[]
  : F["shape"] extends readonly [] ? HostArray
  : HostArray[];

/** The element that an Example is turned into. */
export type ParsedExample<F extends Readonly<Record<string, Feature>>> = {
  -readonly [K in keyof F]: FeatureValue<F[K]>;
};

/**
 * Makes a function that parses serialized tf.train.Examples, for `map` behind
 * `Dataset.tfRecord`. Where a batch comes right behind that map and all features are numbers of
 * fixed shape, many Examples are parsed at once: put a shuffle before the map.
 *
 * @param features what is wanted: a record by name; other features are passed over
 * @returns a function from the bytes of an Example to an element
 * @throws {TypeError} when a feature is asked for as a type that cannot be; while parsing, when the
 * record holds another kind of list
 * @throws {RangeError} while parsing: when a feature is missing without a default, has another
 * length, holds a value that does not fit, or the bytes are no Example
 *
 * @example
 * ```ts
 * import { data, HostArray } from "glissade";
 * import { assertEquals } from "@std/assert";
 * // Example { features { feature { key: "x" value { int64_list { value: 7 } } } } }
 * const bytes = [10, 12, 10, 10, 10, 1, 120, 18, 5, 26, 3, 10, 1, 7];
 * const parse = data.parseExample({
 *   x: { dtype: "int32", shape: [] },
 *   w: { dtype: "float32", shape: [2], default: 0.5 },
 * });
 * const { x, w } = parse(new HostArray(new Uint8Array(bytes)));
 * assertEquals(x.item(), 7);
 * assertEquals(w.toArray(), [0.5, 0.5]);
 * ```
 */
export function parseExample<const F extends Readonly<Record<string, Feature>>>(
  features: F,
): (example: HostArray | Uint8Array) => ParsedExample<F> {
  if (typeof features !== "object" || features === null || Array.isArray(features)) {
    throw new TypeError(
      `Cannot parse Examples by ${formatValue(features)}: give a record of features, as ` +
        `{ x: { dtype: "float32", shape: [] } }`,
    );
  }
  const wanted = new Map(Object.entries(features));
  for (const [name, feature] of wanted) checkFeature(name, feature);
  if (wanted.has("__proto__")) {
    throw new TypeError(`Cannot parse a feature named "__proto__": an element cannot have it`);
  }
  const columns = ExampleColumns.of(wanted);
  const parse = (example: HostArray | Uint8Array): ParsedExample<F> => {
    const bytes = example instanceof HostArray ? example.values : example;
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot parse ${formatValue(example)} as tf.train.Example: give its bytes, as uint8`,
      );
    }
    const found = readExample(bytes, wanted);
    const element: Record<string, unknown> = {};
    for (const [name, feature] of wanted) element[name] = take(name, feature, found.get(name));
    return element as ParsedExample<F>;
  };
  if (columns !== null) setJoined(parse, (examples) => columns.parse(examples));
  return parse;
}

function checkFeature(name: string, feature: Feature): void {
  const action = `parse feature ${formatValue(name)}`;
  checkOptions(feature, ["dtype", "shape", "default"], action);
  if (feature.shape !== undefined) checkShape(feature.shape, action);
  const { dtype, shape, default: value } = feature;
  if (dtype !== "string" && dtype !== "bytes" && !Object.hasOwn(DTYPES, dtype)) {
    throw new TypeError(
      `Cannot ${action} as ${formatValue(dtype)}: it is one of ` +
        `${[...Object.keys(DTYPES), "string", "bytes"].join(", ")}`,
    );
  }
  if (value === undefined) return;
  const texts = dtype === "string";
  const fits = texts
    ? typeof value === "string"
    : dtype === "bytes"
    ? false
    : typeof value === "number" ||
      (Array.isArray(value) && value.length === sizeOf(shape ?? [value.length]));
  if (!fits) {
    throw new TypeError(
      `Cannot ${action} with default ${formatValue(value)}: it must be ${
        texts
          ? "a text"
          : dtype === "bytes"
          ? "left out for bytes"
          : "a number, or as many as the shape holds"
      }`,
    );
  }
}

function take(name: string, feature: Feature, list: FeatureList | undefined): unknown {
  const { dtype, shape } = feature;
  const n = shape === undefined ? null : sizeOf(shape);
  if (list === undefined || (list.values.length === 0 && n !== 0)) {
    if (feature.default !== undefined) return byDefault(feature, n);
    if (n !== null) {
      throw new RangeError(
        `Cannot parse feature ${formatValue(name)}: the Example has none of that name: ` +
          `give it a default, or leave out its shape`,
      );
    }
    return dtype === "string" || dtype === "bytes" ? [] : new HostArray(allocate(dtype, 0));
  }
  if (n !== null && list.values.length !== n) {
    throw new RangeError(
      `Cannot parse feature ${formatValue(name)}: it holds ${list.values.length} values ` +
        `where shape ${formatShape(shape!)} holds ${n}`,
    );
  }
  if ((list.kind === "bytes") !== (dtype === "string" || dtype === "bytes")) {
    throw wrongKind(name, dtype, list.kind);
  }
  if (list.kind === "bytes") {
    const values = list.values.map((b) => dtype === "string" ? text(name, b) : new HostArray(b));
    return shape?.length === 0 ? values[0] : values;
  }
  const type = dtype as DType;
  const float = type === "float32" || type === "float64";
  if (list.kind === "float" && !float) throw wrongKind(name, dtype, list.kind);
  if (list.kind === "float" && type === "float32") {
    return new HostArray(list.values, shape ?? [list.values.length]);
  }
  const values = allocate(type, list.values.length);
  for (let i = 0; i < values.length; i++) {
    const x = list.values[i]!;
    values[i] = x;
    const kept = type === "bool" ? x === 0 || x === 1 : float ? true : values[i] === x;
    if (!kept || (list.kind === "int64" && type === "float64" && !list.exact)) {
      throw new RangeError(
        `Cannot parse feature ${formatValue(name)} as ${dtype}: value ${i} is ${x}, ` +
          `which does not fit; ask for a wider type`,
      );
    }
  }
  return new HostArray(values, shape ?? [values.length], type);
}

function byDefault(feature: Feature, n: number | null): unknown {
  const { default: value, dtype } = feature;
  if (dtype === "string") {
    return feature.shape?.length === 0 ? value : new Array(n ?? 1).fill(value);
  }
  const list = Array.isArray(value)
    ? value as number[]
    : new Array<number>(n ?? 1).fill(value as number);
  const values = allocate(dtype as DType, list.length);
  values.set(list);
  return new HostArray(values, feature.shape ?? [list.length], dtype as DType);
}

function wrongKind(name: string, dtype: string, kind: FeatureList["kind"]): TypeError {
  const wanted = { bytes: "string or bytes", float: "float32", int64: "an integer type" }[kind];
  return new TypeError(
    `Cannot parse feature ${formatValue(name)} as ${dtype}: it is a list of ${kind}: ` +
      `ask for ${wanted}`,
  );
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function text(name: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new RangeError(
      `Cannot parse feature ${formatValue(name)} as string: it is not UTF-8; ask for bytes`,
    );
  }
}
