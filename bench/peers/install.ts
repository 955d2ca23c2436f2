/**
 * Brings the Python peers, pinned in requirements.txt, into a virtual environment beside this file.
 * npm peers are pinned in their contestants and fetched by Deno on first use.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { python } from "./systems.ts";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/**
 * Installs what is missing. Gives what could not be installed: one line for each, empty when all is
 * well.
 *
 * @param requirements packages with their versions, a line each
 * @param name the file in the environment that tells that these have been installed
 */
export async function installPython(
  requirements: string = Deno.readTextFileSync(path("requirements.txt")),
  name = "installed.txt",
): Promise<string[]> {
  const stamp = path(`.venv/${name}`);
  if (readOrNull(stamp) === requirements) return [];
  const failures: string[] = [];
  if (readOrNull(path(".venv/pyvenv.cfg")) === null) {
    console.error("Makes a virtual environment for the Python peers");
    const why = await fails("python3", ["-m", "venv", path(".venv")]);
    if (why !== null) return [`no virtual environment: ${why}`];
  }
  const pip = ["-m", "pip", "install", "-q", "--no-cache-dir"];
  console.error("Installs the Python peers; PyTorch alone is several gigabytes");
  const lines = requirements.split("\n").filter((line) => /^\w/.test(line));
  if (await fails(python, [...pip, ...lines]) === null) {
    Deno.writeTextFileSync(stamp, requirements);
    return [];
  }
  // one by one, so that a package that is not to be had takes no other with it
  for (const line of lines) {
    const why = await fails(python, [...pip, line]);
    if (why !== null) failures.push(`${line}: ${why}`);
  }
  return failures;
}

async function fails(command: string, args: string[]): Promise<string | null> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args, stdin: "null" }).output();
    if (success) return null;
    return new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "it failed";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readOrNull(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}
