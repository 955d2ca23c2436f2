/**
 * Batches of sequences of similar length, so that little is padded.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { HostArray } from "../../base/host_array.ts";
import { checkOptions } from "../../base/options.ts";
import { batch } from "./batch.ts";
import { checkCount } from "../check.ts";
import { grouped } from "./group_by_window.ts";
import { paddedBatch, type PaddedBatchOptions } from "./padded_batch.ts";
import type { Stage } from "../stage.ts";
import { checkFunction } from "../user_function.ts";

/** Options of `bucketBySequenceLength`. */
export interface BucketOptions extends PaddedBatchOptions {
  /** Whether batches are padded to one less than their bucket's upper bound; default false. */
  padToBucketBoundary?: boolean | undefined;
  /** Whether nothing is padded, because all lengths in a bucket are equal; default false. */
  noPadding?: boolean | undefined;
}

/**
 * Makes a stage of batches of elements whose lengths lie in one bucket: bucket i holds lengths of at
 * least `boundaries[i - 1]` and less than `boundaries[i]`.
 */
export function bucketBySequenceLength<T>(
  input: Stage<T>,
  lengthOf: (x: T) => unknown,
  boundaries: readonly number[],
  sizes: readonly number[],
  options: BucketOptions,
): Stage<T> {
  checkFunction(lengthOf, "bucket a dataset by");
  checkOptions(options, [
    "padToBucketBoundary",
    "noPadding",
    "paddedShapes",
    "paddingValues",
    "dropRemainder",
  ], "bucketBySequenceLength");
  for (const n of sizes) checkCount(n, "make batches of", 1);
  if (sizes.length !== boundaries.length + 1) {
    throw new RangeError(
      `Cannot bucket with ${boundaries.length} boundaries and ${sizes.length} batch sizes: ` +
        `there is one bucket more than boundaries`,
    );
  }
  if (boundaries.some((b, i) => !Number.isInteger(b) || (i > 0 && b <= boundaries[i - 1]!))) {
    throw new RangeError(
      `Cannot bucket with boundaries ${formatValue(boundaries)}: give integers that grow`,
    );
  }
  const { padToBucketBoundary = false, noPadding = false, ...padding } = options;
  const bucketOf = (length: number): number => {
    let i = 0;
    while (i < boundaries.length && length >= boundaries[i]!) i++;
    if (padToBucketBoundary && i === boundaries.length) {
      throw new RangeError(
        `Cannot pad a sequence of length ${length} to a bucket boundary: ` +
          `the last is ${boundaries[boundaries.length - 1]}: give a larger one`,
      );
    }
    return i;
  };
  const { dropRemainder = false } = padding;
  return grouped<T, T>(input, {
    label: `bucketBySequenceLength([${boundaries}], [${sizes}])`,
    keyOf: bucketing(lengthOf, bucketOf),
    sizeOf: (bucket) => sizes[bucket]!,
    counts: `[${boundaries}], [${sizes}]`,
    reduce(bucket, group) {
      const size = sizes[bucket]!;
      if (noPadding) return { stage: batch(group, size, { dropRemainder }) };
      const bound = padToBucketBoundary ? boundaries[bucket]! - 1 : null;
      return { stage: paddedBatch(group, size, padding, bound) };
    },
  });
}

/** The bucket of an element, now or later. */
function bucketing<T>(lengthOf: (x: T) => unknown, bucketOf: (n: number) => number) {
  const read = (n: unknown) => bucketOf(n instanceof HostArray ? n.item() : checkLength(n));
  return (x: T): unknown => {
    const length = lengthOf(x);
    return length instanceof Promise ? length.then(read) : read(length);
  };
}

function checkLength(n: unknown): number {
  return checkCount(n, "use as the length of a sequence", 0);
}
