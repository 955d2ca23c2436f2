/**
 * How a reduction is spread over threads: decided by its sizes, by the axis along which its loads lie
 * side by side, and by how much the device does at a time.
 *
 * @module
 */
import { type Facts, variesWithin } from "./facts.ts";
import type { Sheet } from "./launch.ts";

/** How the threads of a launch share results and points. */
export type Geometry =
  /** So many neighbouring threads, a part of a warp, share a result: 1, 2, ... 32. */
  | { readonly kind: "lanes"; readonly lanes: number }
  /** A block shares a result. */
  | { readonly kind: "block"; readonly threads: number }
  /** 32 neighbouring results; the 8 rows of the block share their points. */
  | { readonly kind: "tile" };

/** Threads of a tile: results side by side, and rows that share their points. */
export const TILE = [32, 8] as const;
/** Longest reduction that a warp does by itself. */
const WARP_POINTS = 1024;
/** Points that a thread adds in float32 before it carries the sum on in float64. */
export const BLOCK = 8;
/** A chunk of points is at least so long. */
const LEAST_CHUNK = 2048;
const LEAST_TILE_CHUNK = 64;

/** The least power of two that is not below a number. */
export const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** The axis along which most loads lie side by side; -1 where there is none. */
export function lineAxis(facts: Facts): number {
  const votes = facts.sizes.map(() => 0);
  facts.steps.forEach((s, i) => {
    if (s.op !== "load" || !facts.live[i] || !variesWithin(facts, i)) return;
    const axis = s.view.strides.findIndex((n, a) => Math.abs(n) === 1 && facts.sizes[a]! > 1);
    if (axis >= 0) votes[axis]!++;
  });
  const most = Math.max(0, ...votes);
  return most === 0 ? -1 : votes.lastIndexOf(most);
}

/** Decides how a kernel's results and points are shared. */
export function chooseGeometry(facts: Facts, sheet: Sheet): Geometry {
  const { rows, points, outer } = facts;
  const threads = 2048 * sheet.limits.multiprocessors;
  const line = lineAxis(facts);
  if (points <= 1) return { kind: "lanes", lanes: 1 };
  if (line >= 0 && line < outer) {
    if (rows >= threads || points < 16) return { kind: "lanes", lanes: 1 };
    if (facts.sizes[line]! >= 8) return { kind: "tile" };
  }
  if (points > WARP_POINTS) {
    return {
      kind: "block",
      threads: Math.min(points >= 8192 ? 512 : 256, sheet.limits.threadsPerBlock),
    };
  }
  const each = rows >= threads ? 4 : 1;
  return { kind: "lanes", lanes: Math.min(32, powerOfTwo(points / each)) };
}

/** Points of a chunk; 0 where there are results enough. */
export function chunkLength(facts: Facts, geometry: Geometry, sheet: Sheet): number {
  const { rows, points } = facts;
  const tile = geometry.kind === "tile";
  if (geometry.kind === "lanes") return 0;
  const blocks = tile ? Math.ceil(rows / TILE[0]) : rows;
  const least = tile ? LEAST_TILE_CHUNK : LEAST_CHUNK;
  const wanted = 4 * sheet.limits.multiprocessors;
  if (blocks * 2 > wanted || points < 2 * least) return 0;
  const chunks = Math.min(Math.ceil(wanted / blocks), Math.floor(points / least));
  return chunks < 2 ? 0 : Math.ceil(points / chunks);
}
