/**
 * Brings the Python peers, pinned in requirements.txt, into a virtual environment beside this file.
 * npm peers are pinned in their contestants and fetched by Deno on first use.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { python } from "./systems.ts";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Installs what is missing. Gives what could not be installed: one line for each, empty when all is well. */
export async function installPython(): Promise<string[]> {
  const requirements = Deno.readTextFileSync(path("requirements.txt"));
  const stamp = path(".venv/installed.txt");
  if (readOrNull(stamp) === requirements) return [];
  const failures: string[] = [];
  if (readOrNull(path(".venv/pyvenv.cfg")) === null) {
    console.error("Makes a virtual environment for the Python peers");
    const why = await fails("python3", ["-m", "venv", path(".venv")]);
    if (why !== null) return [`no virtual environment: ${why}`];
  }
  const pip = [python, "-m", "pip", "install", "-q", "--no-cache-dir"];
  console.error("Installs what requirements.txt names; PyTorch alone is several gigabytes");
  if (await fails(pip[0]!, [...pip.slice(1), "-r", path("requirements.txt")]) === null) {
    Deno.writeTextFileSync(stamp, requirements);
    return [];
  }
  // one by one, so that a package that is not to be had takes no other with it
  for (const line of requirements.split("\n").filter((line) => /^\w/.test(line))) {
    const why = await fails(pip[0]!, [...pip.slice(1), line]);
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
