/**
 * Where the systems keep the CUDA driver, NVRTC and cuBLAS: toolkits, conda, and the wheels that pip
 * installs. Folders come in the order in which a user would mean them, bare names last.
 *
 * @module
 */

import { granted, readVariable } from "./permissions.ts";

/** What of a machine decides where libraries lie. */
export interface Surroundings {
  readonly os: typeof Deno.build.os;
  readonly arch: typeof Deno.build.arch;
  /** An environment variable. */
  variable(name: string): string | undefined;
  /** The names in a folder; null where they cannot be known. */
  list(folder: string): readonly string[] | null;
}

/** The CUDA versions of which libraries are used, newest first. */
export const MAJORS: readonly number[] = [13, 12];

/** Those that a driver of this major version runs; all of them where there is no driver. */
export function majorsFor(driver: number | null): readonly number[] {
  return MAJORS.filter((major) => driver === null || major <= driver);
}

const here: Surroundings = {
  os: Deno.build.os,
  arch: Deno.build.arch,
  variable: readVariable,
  list(folder) {
    if (!granted({ name: "read", path: folder })) return null;
    try {
      return Array.from(Deno.readDirSync(folder), ({ name }) => name);
    } catch {
      return [];
    }
  },
};

/** Where the driver may lie; nowhere on macOS, for which there is none. */
export function driverCandidates(at: Surroundings = here): string[] {
  if (at.os === "windows") {
    const system = at.variable("SystemRoot");
    return [...(system === undefined ? [] : [`${system}\\System32\\nvcuda.dll`]), "nvcuda.dll"];
  }
  if (at.os === "darwin") return [];
  const triple = `/usr/lib/${at.arch}-linux-gnu`;
  const folders = [...loaderFolders(at), "/usr/lib/wsl/lib", "/run/opengl-driver/lib", triple];
  folders.push(`${triple}/nvidia/current`, `${triple}/tegra`, "/usr/lib64", "/usr/lib");
  folders.push("/usr/local/nvidia/lib64");
  // libcuda.so is the toolkit's stub or comes with it: only the name with a number is the driver's.
  return [...folders.map((folder) => `${folder}/libcuda.so.1`), "libcuda.so.1"];
}

/** Where NVRTC of these majors may lie. */
export function nvrtcCandidates(majors: readonly number[], at: Surroundings = here): string[] {
  const names = at.os === "windows"
    ? majors.map((major) => `nvrtc64_${major}0_0.dll`)
    : majors.map((major) => `libnvrtc.so.${major}`);
  return candidates(names, "cuda_nvrtc", at);
}

/** Where cuBLAS of these majors may lie. */
export function cublasCandidates(majors: readonly number[], at: Surroundings = here): string[] {
  const names = at.os === "windows"
    ? majors.map((major) => `cublas64_${major}.dll`)
    : majors.map((major) => `libcublas.so.${major}`);
  return candidates(names, "cublas", at);
}

/** `wheel` is the folder in which wheels of CUDA 12 keep the library. */
function candidates(names: readonly string[], wheel: string, at: Surroundings): string[] {
  if (at.os === "darwin") return [];
  const windows = at.os === "windows";
  const folders = windows ? windowsFolders(wheel, at) : unixFolders(wheel, at);
  const separator = windows ? "\\" : "/";
  const paths = [...new Set(folders)].flatMap((folder) =>
    names.map((name) => `${folder}${separator}${name}`)
  );
  return [...paths, ...names];
}

/** The folders that the loader is told to look in first. */
function loaderFolders(at: Surroundings): string[] {
  return (at.variable("LD_LIBRARY_PATH") ?? "").split(/[:;]/).filter((it) => it.startsWith("/"));
}

function unixFolders(wheel: string, at: Surroundings): string[] {
  const target = `targets/${at.arch === "aarch64" ? "sbsa" : at.arch}-linux/lib`;
  const toolkit = (root: string): string[] => [`${root}/lib64`, `${root}/lib`, `${root}/${target}`];
  const wheels = (lib: string): string[] =>
    pythons(lib, at).flatMap((python) =>
      ["site-packages", "dist-packages"].flatMap((packages) =>
        [`cu13/lib`, `${wheel}/lib`].map((inside) =>
          `${lib}/${python}/${packages}/nvidia/${inside}`
        )
      )
    );
  const folders = loaderFolders(at);
  for (const name of ["CUDA_HOME", "CUDA_PATH"]) {
    const root = at.variable(name);
    if (root !== undefined) folders.push(...toolkit(root));
  }
  const environment = at.variable("VIRTUAL_ENV");
  if (environment !== undefined) folders.push(...wheels(`${environment}/lib`));
  const conda = at.variable("CONDA_PREFIX");
  if (conda !== undefined) folders.push(`${conda}/lib`, `${conda}/${target}`);
  if (conda !== undefined) folders.push(...wheels(`${conda}/lib`));
  const roots = ["/usr/local/cuda", "/usr/local/cuda-13", "/usr/local/cuda-12", "/opt/cuda"];
  folders.push(...roots.flatMap(toolkit));
  folders.push(`/usr/lib/${at.arch}-linux-gnu`, "/usr/lib64", "/usr/lib");
  const home = at.variable("HOME");
  if (home !== undefined) folders.push(...wheels(`${home}/.local/lib`));
  folders.push(...wheels("/usr/local/lib"), ...wheels("/usr/lib"));
  return folders;
}

/** The folders of Python's versions in `lib`, newest first; the likely ones where it cannot be read. */
function pythons(lib: string, at: Surroundings): string[] {
  const names = at.list(lib);
  if (names === null) return likely.map((minor) => `python3.${minor}`);
  const minor = (name: string): number => Number(name.split(".")[1] ?? 0);
  return names.filter((name) => /^python3(?:\.\d+)?$/.test(name)).sort((a, b) =>
    minor(b) - minor(a)
  );
}

const likely: readonly number[] = [14, 13, 12, 11, 10, 9];

function windowsFolders(wheel: string, at: Surroundings): string[] {
  const toolkit = (root: string): string[] => [`${root}\\bin\\x64`, `${root}\\bin`];
  const wheels = (packages: string): string[] =>
    ["cu13\\bin\\x86_64", `${wheel}\\bin`].map((inside) => `${packages}\\nvidia\\${inside}`);
  const folders: string[] = [];
  for (const name of ["CUDA_HOME", "CUDA_PATH"]) {
    const root = at.variable(name);
    if (root !== undefined) folders.push(...toolkit(root));
  }
  const environment = at.variable("VIRTUAL_ENV");
  if (environment !== undefined) folders.push(...wheels(`${environment}\\Lib\\site-packages`));
  const conda = at.variable("CONDA_PREFIX");
  if (conda !== undefined) {
    folders.push(`${conda}\\bin`, `${conda}\\bin\\x64`, `${conda}\\Library\\bin`);
    folders.push(`${conda}\\Library\\bin\\x64`, ...wheels(`${conda}\\Lib\\site-packages`));
  }
  const programs = at.variable("ProgramFiles");
  if (programs !== undefined) {
    const root = `${programs}\\NVIDIA GPU Computing Toolkit\\CUDA`;
    for (const version of sorted(at.list(root) ?? [])) {
      folders.push(...toolkit(`${root}\\${version}`));
    }
  }
  const roaming = at.variable("APPDATA");
  const local = at.variable("LOCALAPPDATA");
  const homes: [string | undefined, string, string][] = [
    [roaming, "Python", "site-packages"],
    [local, "Programs\\Python", "Lib\\site-packages"],
  ];
  for (const [root, inside, packages] of homes) {
    if (root === undefined) continue;
    const names = at.list(`${root}\\${inside}`) ?? likely.map((minor) => `Python3${minor}`);
    for (const name of sorted(names.filter((it) => it.startsWith("Python3")))) {
      folders.push(...wheels(`${root}\\${inside}\\${name}\\${packages}`));
    }
  }
  return folders;
}

/** Newest first. */
function sorted(names: readonly string[]): string[] {
  return names.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
}
