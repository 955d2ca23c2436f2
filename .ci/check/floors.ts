/**
 * The floors of the house, bottom first, and the rule that imports only go down. Within one floor
 * the rooms are named in order: a room may use those named before it.
 * @module
 */
import { isLibraryFile, type Problem, type Tree } from "./tree.ts";

/** Every room of the house, floor by floor. A new folder is added here, at its place. */
export const floors: readonly (readonly string[])[] = [
  ["ffi"],
  ["src/base", "src/wasm", "src/x64"],
  ["src/ir"],
  ["src/compile", "src/device"],
  ["src/core"],
  ["src/numpy", "src/nn", "src/random", "src/linalg", "src/fft", "src/transform"],
  [
    "src/formats",
    "src/initializers",
    "src/activations",
    "src/losses",
    "src/metrics",
    "src/optimizers",
    "src/layers",
    "src/models",
    "src/callbacks",
    "src/optax",
    "src/data",
    "src/datasets",
    "src/io",
    "src/utils",
  ],
  ["mod.ts", "examples"],
];

/** Rooms that know HostArray and never Tensor, and the only rooms that they may import from. */
const tensorFree: readonly string[] = ["src/formats", "src/data", "src/datasets"];
const hostRooms: readonly string[] = ["ffi", "src/base", "src/wasm", "src/x64", ...tensorFree];

interface Place {
  readonly floor: number;
  readonly room: string;
  /** Position among the rooms of its floor. */
  readonly order: number;
}

/** Value imports go down, or to an earlier room of the same floor; type imports never go up. */
export function checkFloors(tree: Tree): Problem[] {
  return [...checkRooms(tree), ...checkImports(tree)];
}

function checkRooms(tree: Tree): Problem[] {
  return tree.files.filter(isLibraryFile).filter((file) => placeOf(file) === undefined).map(
    (file) => ({
      file,
      message: `Cannot place ${file}: every file lies in a room of the house: ` +
        `move it into one, or name its folder in .ci/check/floors.ts`,
    }),
  );
}

function checkImports(tree: Tree): Problem[] {
  const problems: Problem[] = [];
  for (const { from, to, kind, line } of tree.imports) {
    const here = placeOf(from);
    if (here === undefined || to === undefined) continue;
    const reason = refusal(here, placeOf(to), kind);
    if (reason !== undefined) {
      problems.push({
        file: from,
        line,
        message: `Cannot import ${to} from ${here.room}: ${reason}`,
      });
    }
  }
  return problems;
}

function refusal(
  here: Place,
  there: Place | undefined,
  kind: "value" | "type",
): string | undefined {
  if (there === undefined) return "it is no part of the house";
  if (here.room === there.room) return undefined;
  if (there.floor > here.floor) {
    return `${there.room} is on floor ${there.floor}, above floor ${here.floor}`;
  }
  if (kind === "value" && there.floor === here.floor && there.order > here.order) {
    return `${there.room} is named later on the same floor: only its types may be imported`;
  }
  if (tensorFree.includes(here.room) && !hostRooms.includes(there.room)) {
    return "pipelines know HostArray and never Tensor";
  }
  return undefined;
}

function placeOf(file: string): Place | undefined {
  for (const [floor, rooms] of floors.entries()) {
    const order = rooms.findIndex((room) => file === room || file.startsWith(room + "/"));
    if (order >= 0) return { floor, room: rooms[order]!, order };
  }
  return undefined;
}
