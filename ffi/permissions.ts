/**
 * Looks at a permission without ever asking for it: a library that prompts is a library that hangs.
 *
 * @module
 */

/** Whether a permission is granted in full (not in part, not "would prompt"). */
export function granted(descriptor: Deno.PermissionDescriptor): boolean {
  const status = Deno.permissions.querySync(descriptor);
  return status.state === "granted" && !status.partial;
}

/** An environment variable, or undefined where it is unset, empty or may not be read. */
export function readVariable(variable: string): string | undefined {
  return granted({ name: "env", variable }) ? Deno.env.get(variable) || undefined : undefined;
}
