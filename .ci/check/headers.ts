/**
 * A reader who opens any file of the library learns first why it exists, and each room has one file
 * that says why the room exists.
 * @module
 */
import { isLibraryFile, type Problem, type Tree } from "./tree.ts";

const fewestWords = 4;

/** Every file opens with a doc comment; each room has a mod.ts, or a file named like it, with `@module`. */
export function checkHeaders(tree: Tree): Problem[] {
  const files = tree.files.filter(isLibraryFile);
  const bare = files.filter((file) => !isSentence(header(tree.read(file)))).map((file) => ({
    file,
    message:
      "Cannot tell why this file exists: open it with a doc comment that says so in a sentence",
  }));
  return [...bare, ...checkRoomHeaders(tree, files)];
}

function checkRoomHeaders(tree: Tree, files: readonly string[]): Problem[] {
  const rooms = new Set(files.flatMap((file) => /^(src\/[^/]+|ffi)\//.exec(file)?.[1] ?? []));
  return [...rooms].flatMap((room) => {
    const doors = [`${room}/mod.ts`, `${room}/${room.split("/").at(-1)}.ts`];
    if (doors.some((door) => files.includes(door) && header(tree.read(door)).includes("@module"))) {
      return [];
    }
    return [{
      file: room,
      message: `Cannot tell why this room exists: ${doors.join(" or ")} opens with a doc comment ` +
        `that says so and holds @module`,
    }];
  });
}

function header(text: string): string {
  return /^\/\*\*([^]*?)\*\//.exec(text)?.[1] ?? "";
}

function isSentence(comment: string): boolean {
  const prose = comment.replaceAll(/^\s*\*|@\w+/gm, " ").trim();
  return prose.split(/\s+/).length >= fewestWords;
}
