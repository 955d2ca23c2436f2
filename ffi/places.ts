/**
 * Where the systems keep a fast BLAS. Plain reference builds (libblas, libcblas) are left out: the
 * built-in kernels are faster.
 *
 * @module
 */

import { readVariable } from "./permissions.ts";

/** Absolute paths first, the most likely ones foremost, then bare names for the system's loader. */
export function blasCandidates(): string[] {
  const conda = readVariable("CONDA_PREFIX");
  switch (Deno.build.os) {
    case "darwin":
      return darwin(conda);
    case "windows":
      return windows(conda);
    default:
      return unix(conda);
  }
}

function cross(folders: readonly string[], names: readonly string[], separator = "/"): string[] {
  return names.flatMap((name) => folders.map((folder) => `${folder}${separator}${name}`));
}

function unix(conda: string | undefined): string[] {
  // Fedora's unmarked build has one thread; its "p" build has pthreads, its "o" build OpenMP.
  const names = ["libopenblasp.so.0", "libopenblas.so.0", "libopenblaso.so.0"];
  names.push("libopenblas.so.3", "libopenblas.so", "libblis.so.4", "libmkl_rt.so.2");
  // The loader's own first places, and so ours.
  const chosen = (readVariable("LD_LIBRARY_PATH") ?? "").split(/[:;]/);
  if (conda !== undefined) chosen.push(`${conda}/lib`);
  const triple = `/usr/lib/${Deno.build.arch}-linux-gnu`;
  const usual = [triple, `${triple}/openblas-pthread`, `${triple}/openblas-openmp`];
  usual.push("/usr/lib64", "/usr/lib", "/usr/local/lib", "/usr/local/lib64", "/opt/OpenBLAS/lib");
  return [
    ...cross(chosen.filter((folder) => folder.startsWith("/")), names),
    ...cross(usual, names),
    ...names,
  ];
}

function darwin(conda: string | undefined): string[] {
  const names = ["libopenblas.dylib", "libopenblas.0.dylib"];
  const folders = ["/opt/homebrew/opt/openblas/lib", "/usr/local/opt/openblas/lib"];
  folders.push("/opt/local/lib", "/usr/local/lib");
  if (conda !== undefined) folders.unshift(`${conda}/lib`);
  return [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    ...cross(folders, names),
    ...names,
  ];
}

function windows(conda: string | undefined): string[] {
  const names = ["libopenblas.dll", "openblas.dll", "mkl_rt.2.dll"];
  return [...(conda === undefined ? [] : cross([`${conda}\\Library\\bin`], names, "\\")), ...names];
}
