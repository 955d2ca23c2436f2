/**
 * Sources of what iterables and streams give. What can be gone through only once is refused a second
 * time.
 *
 * @module
 */
import { formatValue } from "../../base/errors.ts";
import { iterating } from "./from_generator.ts";
import type { Stage } from "../stage.ts";

/** Makes a source of the elements of an iterable: a list, a Set, or anything with an iterator. */
export function fromIterable(iterable: Iterable<unknown> | AsyncIterable<unknown>): Stage<unknown> {
  const list = iterable as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null;
  const iterates = list !== null && list !== undefined && typeof list !== "string" &&
    (typeof list[Symbol.iterator] === "function" ||
      typeof list[Symbol.asyncIterator] === "function");
  if (!iterates) {
    throw new TypeError(
      `Cannot make a dataset from ${formatValue(iterable)}: give an iterable, or a function that ` +
        `returns one to fromGenerator`,
    );
  }
  return iterating("fromIterable", once(list as object, () => isOneShot(list as object)));
}

/** An iterator is an iterable that gives itself: going through it uses it up. */
function isOneShot(iterable: object): boolean {
  const x = iterable as Partial<Iterable<unknown> & AsyncIterable<unknown>>;
  return "next" in x && typeof x.next === "function";
}

/** Makes a source of the chunks of a stream, or of those of a new stream for every pass. */
export function fromStream(
  stream: ReadableStream<unknown> | (() => ReadableStream<unknown>),
): Stage<unknown> {
  if (stream instanceof ReadableStream) return iterating("fromStream", once(stream, () => true));
  if (typeof stream === "function") return iterating(`fromStream(${stream.name})`, stream);
  throw new TypeError(
    `Cannot make a dataset from ${
      formatValue(stream)
    }: give a ReadableStream, or a function that ` +
      `opens one for every epoch`,
  );
}

/** Gives the same object for every pass; only for the first where it can be used once. */
function once(source: object, isOnce: () => boolean): () => object {
  let used = false;
  return () => {
    if (used && isOnce()) {
      throw new TypeError(
        "Cannot go through an iterator or a stream a second time: it is used up: give a function " +
          "that makes a new one for every epoch",
      );
    }
    used = true;
    return source;
  };
}
