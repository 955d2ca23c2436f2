/**
 * The public face of a module as `deno doc --json` tells it: every exported name, members of
 * namespaces included, with what its documentation lacks.
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** One exported name. */
export interface PublicName {
  /** With its namespace: `np.sum`. */
  readonly name: string;
  /** Where it is declared, as `src/numpy/sum.ts:12`. */
  readonly place: string;
  /** What its documentation lacks, in words; empty when nothing. */
  readonly lacks: readonly string[];
}

interface Doc {
  nodes: Record<string, { symbols: DocSymbol[] }>;
}

interface DocSymbol {
  name: string;
  declarations: Declaration[];
}

interface Declaration {
  kind: string;
  location: Location;
  jsDoc?: { doc?: string; tags?: { kind: string; doc?: string }[] };
  def?: { elements?: DocSymbol[]; target?: Location };
}

interface Location {
  filename: string;
  /** Counted from 0. */
  line: number;
  col: number;
}

/** Every public name of `mod.ts` in `root`, in the order of the documentation. */
export async function publicNames(root: string): Promise<PublicName[]> {
  const doc = await readDoc(root);
  const symbols = Object.values(doc.nodes).flatMap((node) => flatten(node.symbols, ""));
  const declared = new Map(
    symbols.flatMap(({ declarations }) => declarations)
      .filter(({ kind }) => kind !== "reference")
      .map((declaration) => [key(declaration.location), declaration] as const),
  );
  return symbols.map(({ name, declarations }) => {
    const meant = declarations.map((declaration) => resolve(declaration, declared));
    return { name, place: placeOf(meant[0]!.location, root), lacks: lacksOf(meant) };
  });
}

async function readDoc(root: string): Promise<Doc> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts"],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot read the documentation: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

function flatten(symbols: readonly DocSymbol[], prefix: string): DocSymbol[] {
  return symbols.flatMap(({ name, declarations }) => {
    const members = declarations.flatMap(({ def }) => def?.elements ?? []);
    return [{ name: prefix + name, declarations }, ...flatten(members, `${prefix}${name}.`)];
  });
}

/** A name that is exported again under another one is documented where it is declared. */
function resolve(
  declaration: Declaration,
  declared: ReadonlyMap<string, Declaration>,
): Declaration {
  const target = declaration.kind === "reference" ? declaration.def?.target : undefined;
  return (target && declared.get(key(target))) ?? declaration;
}

function key({ filename, line, col }: Location): string {
  return `${filename}:${line}:${col}`;
}

/** Overloads share their documentation. Types and namespaces need words, values an example too. */
function lacksOf(declarations: readonly Declaration[]): string[] {
  const comments = declarations.flatMap(({ jsDoc }) => jsDoc ?? []);
  const examples = comments.flatMap(({ tags }) => tags ?? []).filter(({ kind }) =>
    kind === "example"
  );
  const lacks: string[] = [];
  if (!comments.some(({ doc }) => doc?.trim())) lacks.push("a description");
  const isValue = declarations.some(({ kind }) =>
    !["interface", "typeAlias", "namespace"].includes(kind)
  );
  if (isValue && !examples.some(({ doc }) => /\bassert\w*\(/.test(doc ?? ""))) {
    lacks.push("an @example that asserts");
  }
  return lacks;
}

function placeOf({ filename, line }: Location, root: string): string {
  const top = pathToFileURL(join(root, "/")).href;
  return `${filename.startsWith(top) ? filename.slice(top.length) : filename}:${line + 1}`;
}
