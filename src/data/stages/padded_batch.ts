/**
 * Batches of arrays of unequal sizes: each is padded to the largest of its batch, or to a size that
 * is given.
 *
 * @module
 */
import { allocate, type DType } from "../../base/dtype.ts";
import { formatShape, formatValue } from "../../base/errors.ts";
import { HostArray, valuesOf } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { sizeOf } from "../../base/shape.ts";
import * as tree from "../../base/tree.ts";
import { batchCount, BatchCursor } from "./batch.ts";
import { checkCount } from "../check.ts";
import { columns, textColumn } from "../join.ts";
import { describeStage, type Stage } from "../stage.ts";

/** A shape to pad to: null or -1 is the largest size of each batch. */
export type PaddedShape = readonly (number | null)[];

/** Options of `paddedBatch`. */
export interface PaddedBatchOptions {
  /** One shape for all arrays of an element, or a nest of shapes; default: the largest sizes. */
  paddedShapes?: PaddedShape | { readonly [key: string]: unknown } | readonly unknown[] | undefined;
  /** One number for all arrays of an element, or a nest of numbers; default 0. */
  paddingValues?: number | { readonly [key: string]: unknown } | readonly unknown[] | undefined;
  /** Whether a last batch that is not full is left out; default false. */
  dropRemainder?: boolean | undefined;
}

/**
 * Makes a stage that pads and joins `size` elements at a time.
 *
 * @param bound what open sizes are padded to, and the first of each array where no shape is given;
 * null: the largest of each batch
 */
export function paddedBatch<T>(
  input: Stage<T>,
  size: number,
  options: PaddedBatchOptions,
  bound: number | null = null,
): Stage<T> {
  checkCount(size, "make padded batches of", 1);
  checkOptions(options, ["paddedShapes", "paddingValues", "dropRemainder"], "paddedBatch");
  const drop = options.dropRemainder ?? false;
  const label = `paddedBatch(${size}${drop ? ", { dropRemainder: true }" : ""})`;
  const stage = describeStage(label, [input]);
  return {
    label,
    inputs: [input],
    cardinality: batchCount(input.cardinality, size, drop),
    spec: null,
    rows: null,
    open: (run, state) =>
      new BatchCursor<T, T>(
        input.open(run, state),
        size,
        drop,
        (list) => padAndJoin(list, options, bound, stage) as T,
      ),
  };
}

/** Pads elements and joins them leaf by leaf. */
function padAndJoin(
  elements: readonly unknown[],
  options: PaddedBatchOptions,
  bound: number | null,
  stage: string,
): unknown {
  const { columns: lists, structure } = columns(elements, stage);
  const paths = tree.paths(elements[0]);
  const shapes = perLeaf(options.paddedShapes, isShape, elements[0], lists.length, stage);
  const values = perLeaf(
    options.paddingValues,
    (x): x is number => typeof x === "number",
    elements[0],
    lists.length,
    stage,
  );
  const joined = lists.map((list, k) => {
    const at = paths[k] === "" || paths[k] === undefined ? "" : ` at ${paths[k]}`;
    const texts = textColumn(list, () => stage + at);
    if (texts !== null) return texts;
    const arrays = list as readonly HostArray[];
    return padColumn(arrays, boundShape(arrays[0]!, shapes[k], bound), values[k] ?? 0, stage + at);
  });
  return tree.unflatten(structure, joined);
}

function boundShape(
  x: HostArray,
  shape: PaddedShape | undefined,
  bound: number | null,
): PaddedShape | undefined {
  if (bound === null) return shape;
  if (shape === undefined) return x.shape.map((_, axis) => axis === 0 ? bound : null);
  return shape.map((n) => n === null || n === -1 ? bound : n);
}

function isShape(x: unknown): x is PaddedShape {
  return Array.isArray(x) && x.every((n) => n === null || typeof n === "number");
}

/** What is given for each leaf: one for all, or a nest that follows the element. */
function perLeaf<V>(
  given: unknown,
  isOne: (x: unknown) => x is V,
  element: unknown,
  count: number,
  stage: string,
): (V | undefined)[] {
  if (given === undefined) return Array(count).fill(undefined);
  if (isOne(given)) return Array(count).fill(given);
  const found: (V | undefined)[] = [];
  const visit = (x: unknown, g: unknown): void => {
    if (x === null) return;
    if (typeof x === "string") {
      found.push(undefined);
      return;
    }
    if (x instanceof HostArray) {
      if (!isOne(g)) {
        throw new TypeError(`Cannot pad with ${formatValue(g)} in ${stage}: follow the element`);
      }
      found.push(g);
      return;
    }
    // in the order of tree.flatten: keys of plain objects sorted
    for (const key of Array.isArray(x) ? x.keys() : Object.keys(x as object).sort()) {
      visit((x as Record<string, unknown>)[key], (g as Record<string, unknown> | undefined)?.[key]);
    }
  };
  visit(element, given);
  return found;
}

function padColumn(
  list: readonly HostArray[],
  wanted: PaddedShape | undefined,
  value: number,
  stage: string,
): HostArray {
  const { dtype, ndim } = list[0]!;
  for (const [i, x] of list.entries()) {
    if (x.dtype === dtype && x.ndim === ndim) continue;
    throw new RangeError(
      `Cannot pad elements of different rank or dtype in ${stage}: element 0 of the batch is ` +
        `${dtype}${formatShape(list[0]!.shape)} and element ${i} is ` +
        `${x.dtype}${formatShape(x.shape)}: make them equal with map`,
    );
  }
  if (wanted !== undefined && wanted.length !== ndim) {
    throw new RangeError(
      `Cannot pad ${dtype}${formatShape(list[0]!.shape)} to ${formatValue(wanted)} in ${stage}: ` +
        `give a size, or null, for each of its ${ndim} axes`,
    );
  }
  const shape = Array.from({ length: ndim }, (_, axis) => {
    const most = list.reduce((n, x) => Math.max(n, x.shape[axis]!), 0);
    const want = wanted?.[axis] ?? -1;
    if (want < 0) return most;
    if (most <= want) return want;
    throw new RangeError(
      `Cannot pad an array of size ${most} to ${want} (axis ${axis}) in ${stage}: ` +
        `give a larger size, or null for the largest of each batch`,
    );
  });
  return padTo(list, shape, dtype, value);
}

function padTo(
  list: readonly HostArray[],
  shape: readonly number[],
  dtype: DType,
  value: number,
): HostArray {
  const size = sizeOf(shape);
  const out = allocate(dtype, size * list.length);
  if (value !== 0) out.fill(value);
  for (const [i, x] of list.entries()) copyInto(valuesOf(x), x.shape, out, shape, i * size);
  return new HostArray(out, [list.length, ...shape], dtype);
}

/** Copies an array into a corner of a larger one, run by run of the last axis. */
function copyInto(
  from: ArrayLike<number> & { subarray(a: number, b: number): ArrayLike<number> },
  shape: readonly number[],
  to: { set(values: ArrayLike<number>, at: number): void },
  outer: readonly number[],
  start: number,
): void {
  const run = shape[shape.length - 1] ?? 1;
  const visit = (axis: number, source: number, target: number): number => {
    if (axis >= shape.length - 1) {
      to.set(from.subarray(source, source + run), target);
      return source + run;
    }
    const step = sizeOf(outer.slice(axis + 1));
    for (let i = 0; i < shape[axis]!; i++) source = visit(axis + 1, source, target + i * step);
    return source;
  };
  if (from.length > 0) visit(0, 0, start);
}
