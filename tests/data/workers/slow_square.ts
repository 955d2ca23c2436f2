/** A module for `parallelMap`: squares, later for some elements, with a word of the record's key. @module */
import type { data, HostArray } from "../../../mod.ts";

/** The square of a number and the first word of its key. */
export default async function square(
  x: HostArray,
  { key }: data.RecordContext,
): Promise<readonly [number, HostArray]> {
  await new Promise<void>((done) => setTimeout(done, x.item() % 3 === 0 ? 4 : 0));
  return [x.item() ** 2, key.at(0)];
}
