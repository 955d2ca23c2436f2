/**
 * `deno task compatibility`: writes COMPATIBILITY.md, the names of NumPy and JAX against those that
 * `mod.ts` exports. What differs or is missing is explained in `compatibility/notes.ts`; a name without
 * an explanation, and an explanation without a use, is an error.
 * @module
 */
import { notes, type SystemNotes } from "./compatibility/notes.ts";

const root = new URL("..", import.meta.url);
const names = new URL("tests/goldens/data/names.json", root);

/** What a row says of one name. */
interface Row {
  readonly name: string;
  readonly ours: string;
  readonly words: string;
}

/** The names of a Python module, and where ours are looked for. */
interface System {
  readonly title: string;
  readonly modules: readonly string[];
  readonly space: string;
  readonly notes: SystemNotes;
}

const systems: readonly System[] = [
  {
    title: "NumPy and jax.numpy",
    modules: ["numpy", "jax.numpy"],
    space: "np",
    notes: notes.numpy,
  },
  { title: "jax.random", modules: ["jax.random"], space: "random", notes: notes.random },
  { title: "jax.nn", modules: ["jax.nn"], space: "nn", notes: notes.nn },
  {
    title: "jax.nn.initializers",
    modules: ["jax.nn.initializers"],
    space: "initializers",
    notes: notes.initializers,
  },
  { title: "jax.tree", modules: ["jax.tree"], space: "tree", notes: notes.tree },
  { title: "Control flow of jax.lax", modules: ["jax.lax"], space: "", notes: notes.lax },
  { title: "The functions of jax", modules: ["jax"], space: "", notes: notes.jax },
];

/** The page, made of the exports of a module and of the names of NumPy and JAX. */
export function render(exports: object, listed: Record<string, unknown>): string {
  const { jax, numpy } = listed.versions as Record<string, string>;
  const lines = [
    "# Names of NumPy and JAX",
    "",
    ...wrapped(
      `Made by \`deno task compatibility\`: do not edit. Names are those of NumPy ${numpy} and JAX ` +
        `${jax}: functions and constants, no types. Ours are the same in camelCase, and take options ` +
        `as one object behind the required arguments.`,
    ),
  ];
  for (const system of systems) {
    const { there, differing, missing } = compare(system, exports, listed);
    const count = there.length + differing.length + missing.length;
    lines.push(
      "",
      `## ${system.title}`,
      "",
      ...wrapped(
        `Of ${count} names ${there.length + differing.length} are there, ${differing.length} of ` +
          `them differing; ${missing.length} are missing.`,
      ),
      "",
      ...wrapped("**There:** " + there.map((r) => `\`${r.name}\``).join(" ")),
    );
    if (differing.length > 0) lines.push("", ...table(["differing", "glissade", "how"], differing));
    if (missing.length > 0) lines.push("", ...table(["missing", "instead, or why"], missing));
  }
  return lines.join("\n") + "\n";
}

/** A paragraph in lines of at most 100 characters, as the formatter has it. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 100) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function table(head: readonly string[], rows: readonly Row[]): string[] {
  const cells = rows.map((r) =>
    head.length === 3 ? [`\`${r.name}\``, `\`${r.ours}\``, r.words] : [`\`${r.name}\``, r.words]
  );
  const widths = head.map((h, i) => Math.max(3, h.length, ...cells.map((c) => c[i]!.length)));
  const line = (c: readonly string[]) => `| ${c.map((x, i) => x.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head), line(widths.map((w) => "-".repeat(w))), ...cells.map(line)];
}

function compare(system: System, exports: object, listed: Record<string, unknown>) {
  const all = system.modules.map((m) => listed[m] as string[]);
  const union = [...new Set(all.flat())].sort();
  const { differs, elsewhere, missing: reasons } = system.notes;
  const why = new Map(
    Object.entries(reasons).flatMap(([words, list]) => list.split(" ").map((n) => [n, words])),
  );
  const used = new Set<string>();
  const out = { there: [] as Row[], differing: [] as Row[], missing: [] as Row[] };
  for (const name of union) {
    const only = all.length > 1 && !all[0]!.includes(name)
      ? ` (${system.modules[1]} only)`
      : all.length > 1 && !all[1]!.includes(name)
      ? ` (${system.modules[0]} only)`
      : "";
    const ours = [system.space, camel(name)].filter((x) => x !== "").join(".");
    const other = elsewhere[name];
    const found = lookUp(exports, ours);
    if (other !== undefined) {
      used.add(name);
      const path = other.split(" ", 1)[0]!;
      if (found) throw new Error(`Cannot place ${name} elsewhere: ${ours} is exported`);
      if (!lookUp(exports, path)) {
        throw new Error(`Cannot find ${path} for ${name}: it is not exported`);
      }
      out.differing.push({
        name,
        ours: path,
        words: (other.slice(path.length + 1) || "another place") + only,
      });
    } else if (found) {
      if (why.has(name)) throw new Error(`Cannot miss ${name}: ${ours} is exported`);
      const words = differs[name];
      if (words !== undefined) used.add(name);
      const row = { name, ours, words: (words ?? "") + only };
      out[words === undefined ? "there" : "differing"].push(row);
    } else {
      const words = why.get(name);
      if (words === undefined) {
        throw new Error(
          `Cannot tell why ${system.title} has ${name} and we do not: explain it in notes.ts`,
        );
      }
      used.add(name);
      out.missing.push({ name, ours, words: words + only });
    }
  }
  const idle = [...Object.keys(differs), ...Object.keys(elsewhere), ...why.keys()].filter((n) =>
    !used.has(n)
  );
  if (idle.length > 0) {
    throw new Error(`Cannot use the notes on ${idle.join(", ")}: ${system.title} has no such name`);
  }
  return out;
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}

function lookUp(exports: object, path: string): boolean {
  let at: unknown = exports;
  for (const part of path.split(".")) {
    if (typeof at !== "object" || at === null || !(part in at)) return false;
    at = (at as Record<string, unknown>)[part];
  }
  return true;
}

/** The page as it should be. */
export async function compatibility(): Promise<string> {
  const exports = await import("../mod.ts") as object;
  return render(exports, JSON.parse(Deno.readTextFileSync(names)));
}

if (import.meta.main) {
  Deno.writeTextFileSync(new URL("COMPATIBILITY.md", root), await compatibility());
}
