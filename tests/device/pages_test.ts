/**
 * The page pool: lent pages never overlap, and free neighbours become one extent again.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { PAGE, PagePool, type Region } from "../../src/device/pages.ts";
import { wasmRegion } from "../../src/device/wasm_region.ts";

function region(initial: number, maximum: number): ReturnType<typeof wasmRegion> {
  return wasmRegion(new WebAssembly.Memory({ initial, maximum }), maximum);
}

Deno.test("free neighbours coalesce, in whatever order they come back", () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1]]) {
    const pool = new PagePool(region(1, 13));
    const lent = [0, 1, 2].map(() => pool.take(4));
    assertEquals(pool.take(1), -1);
    for (const i of order) pool.give(lent[i]!, 4);
    assertEquals(pool.take(12), 1);
  }
});

Deno.test("the pool never lends page 0 nor the pages before the first", () => {
  assertEquals(new PagePool(region(1, 5)).take(1), 1);
  const pool = new PagePool(region(1, 5), 3);
  assertEquals(pool.limit, 2);
  assertEquals(pool.take(3), -1);
  assertEquals(pool.take(2), 3);
  assertThrows(() => new PagePool(region(1, 5), 0), RangeError);
});

Deno.test("growing continues the last free extent and stops at the maximum", () => {
  const memory = region(4, 10);
  const pool = new PagePool(memory);
  assertEquals(pool.take(9), 1);
  assertEquals(pool.pages, 10);
  assertEquals(memory.size, 10 * PAGE);
  assertEquals(pool.take(1), -1);
  assertEquals(memory.grow(11 * PAGE), false);
});

Deno.test("pages lent at the same time never overlap, and all come back", () => {
  const pool = new PagePool(region(1, 301));
  const owner = new Uint8Array(301);
  const lent: [number, number][] = [];
  let state = 12345;
  const pick = (n: number): number => (state = (state * 48271) % 2147483647) % n;
  const ever = new Uint8Array(owner.length);
  let refused = 0;
  for (let step = 0; step < 20_000; step++) {
    if (pick(20) < 11) {
      const count = 1 + pick(pick(2) === 0 ? 4 : 40);
      const { fresh } = pool;
      const page = pick(4) === 0 ? pool.takeFresh(count) : pool.take(count);
      assert(page < fresh || ever.subarray(page, page + count).every((o) => o === 0));
      if (page > 0) ever.fill(1, page, page + count);
      if (page < 0) refused++;
      else {
        assert(owner.subarray(page, page + count).every((o) => o === 0));
        owner.fill(1, page, page + count);
        lent.push([page, count]);
      }
    } else if (lent.length > 0) {
      const [page, count] = lent.splice(pick(lent.length), 1)[0]!;
      owner.fill(0, page, page + count);
      pool.give(page, count);
    }
  }
  assert(refused > 0);
  for (const [page, count] of lent) pool.give(page, count);
  assertEquals(pool.take(300), 1);
});

Deno.test("fresh pages are those that were never lent, wherever the free ones lie", () => {
  const pool = new PagePool(region(31, 31));
  const first = pool.take(10);
  pool.give(first, 10);
  assertEquals([pool.fresh, pool.takeFresh(5)], [11, 11]);
  assertEquals([pool.take(10), pool.fresh], [1, 16]);
  pool.give(11, 5);
  assertEquals([pool.takeFresh(3), pool.fresh], [16, 19]);
  assertEquals([pool.takeFresh(13), pool.takeFresh(12), pool.takeFresh(1)], [-1, 19, -1]);
  assertEquals([pool.take(5), pool.take(1)], [11, -1]);
  for (const [page, count] of [[1, 10], [11, 5], [16, 3], [19, 12]] as const) {
    pool.give(page, count);
  }
  assertEquals([pool.takeFresh(1), pool.take(30)], [-1, 1]);
});

/** A region that grows by pieces which lie apart, each 100 pages behind the last one's end. */
function pieces(maximum: number): Region & { readonly starts: number[] } {
  const starts: number[] = [];
  let size = PAGE;
  return {
    starts,
    apart: true,
    maximum: maximum * PAGE,
    get size() {
      return size;
    },
    grow(bytes) {
      if (bytes > maximum * PAGE) return false;
      starts.push(size / PAGE + 1);
      size = bytes;
      return true;
    },
    addressOf: (page) => page * PAGE,
    read: () => {},
    write: () => {},
    copy: () => {},
    number: () => 0,
  };
}

Deno.test("no run of pages crosses from one piece of a region into the next", () => {
  const region = pieces(400);
  const pool = new PagePool(region);
  const runs: [number, number][] = [];
  for (const count of [3, 40, 1, 90, 7, 60]) {
    const page = pool.take(count);
    assert(page > 0);
    runs.push([page, count]);
  }
  const whole = (): void => {
    for (const [page, count] of runs) {
      for (const start of region.starts) assert(!(page < start && page + count > start - 1));
    }
  };
  whole();
  for (const [page, count] of runs.splice(0)) pool.give(page, count);
  for (const count of [50, 50, 20]) {
    const page = pool.take(count);
    assert(page > 0);
    runs.push([page, count]);
  }
  whole();
  assertEquals(pool.take(400), -1);
});
