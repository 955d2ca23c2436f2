/**
 * The memory that the CPU computes in, made so that V8 does not take its 4 GiB for bytes in use and
 * collect garbage late because of them.
 *
 * @module
 */

import { preferHugePages } from "../../../ffi/mod.ts";
import { PAGE } from "../pages.ts";

/** The whole address space of 32-bit WebAssembly, in pages: 4 GiB. */
export const MAXIMUM_PAGES = 65536;

const INITIAL_PAGES = 64;
const LIMITS = { maximum: MAXIMUM_PAGES, shared: true } as const;

/**
 * A shared memory, as large from the start as it can ever be: nothing is used before it is touched,
 * checks of bounds are cheapest, and its pages are huge where the system has some. Where the system
 * does not give that, it grows.
 */
export function createMemory(): WebAssembly.Memory {
  const memory = whole();
  if (memory === null) return new WebAssembly.Memory({ initial: INITIAL_PAGES, ...LIMITS });
  preferHugePages(memory);
  return memory;
}

function whole(): WebAssembly.Memory | null {
  try {
    return uncharged() ?? new WebAssembly.Memory({ initial: MAXIMUM_PAGES, ...LIMITS });
  } catch {
    return null;
  }
}

/**
 * A memory of full size for which V8 charges nothing, or null where there is none.
 *
 * V8 charges the handle that makes or grows a memory, and collects garbage when all that is charged
 * has grown by so many percent: with 4 GiB charged, it lets 600 MiB of dropped arrays lie. So one
 * clone of an empty memory grows it and is garbage at the first collection, the other one is used.
 * Where there is one clone only, the handle that grows was seen to outlive that collection.
 */
function uncharged(): WebAssembly.Memory | null {
  try {
    const empty = new WebAssembly.Memory({ initial: 0, ...LIMITS });
    const memory = structuredClone(empty);
    structuredClone(empty).grow(MAXIMUM_PAGES);
    return memory.buffer.byteLength === MAXIMUM_PAGES * PAGE ? memory : null;
  } catch {
    return null;
  }
}
