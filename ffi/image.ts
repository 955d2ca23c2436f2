/**
 * Checks the headers of a shared library (ELF, Mach-O, PE) against this machine and against the
 * file's length. A loader maps what the headers promise: a file that is shorter kills the process
 * with SIGBUS at the first touch of a missing page, and nothing can catch that.
 *
 * Layouts: System V ABI (gabi), Apple's `mach-o/loader.h` and `fat.h`, Microsoft's PE format.
 *
 * @module
 */

import { Refusal } from "./errors.ts";

/** Bytes that can be read at any place. `read` is only called within `length`. */
export interface ImageBytes {
  readonly length: number;
  read(offset: number, count: number): Uint8Array<ArrayBuffer>;
}

/** The machine a library must be made for; `Deno.build` is one. */
export interface ImageTarget {
  readonly os: string;
  readonly arch: string;
}

/**
 * Returns when the image may be given to this system's loader.
 *
 * @throws {Refusal} `corrupt`, `foreign` or `truncated`, with the reason
 */
export function checkImage(image: ImageBytes, target: ImageTarget): void {
  if (image.length === 0) throw new Refusal("corrupt", "its file is empty");
  const head = view(image, 0, Math.min(4, image.length));
  const magic = head.byteLength === 4 ? head.getUint32(0) : 0;
  const format = formatOf(magic);
  if (format === undefined) throw new Refusal("corrupt", "its file is not a shared library");
  const wanted = target.os === "darwin" ? "Mach-O" : target.os === "windows" ? "PE" : "ELF";
  if (format !== wanted) {
    throw new Refusal("foreign", `it is a ${format} library and ${target.os} wants ${wanted}`);
  }
  if (format === "ELF") checkElf(image, target.arch);
  else if (format === "PE") checkPe(image, target.arch);
  else checkMachO(image, target.arch, magic);
}

function formatOf(magic: number): "ELF" | "Mach-O" | "PE" | undefined {
  if (magic === 0x7f454c46) return "ELF";
  if (magic >>> 16 === 0x4d5a) return "PE";
  const machO = [0xcffaedfe, 0xcefaedfe, 0xfeedfacf, 0xfeedface, 0xcafebabe, 0xcafebabf];
  return machO.includes(magic) ? "Mach-O" : undefined;
}

/** A view of `count` bytes at `offset`, which the file must have. */
function view(image: ImageBytes, offset: number, count: number): DataView<ArrayBuffer> {
  need(image, offset + count);
  const bytes = image.read(offset, count);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function need(image: ImageBytes, end: number): void {
  if (!(end <= image.length)) {
    throw new Refusal(
      "truncated",
      `its file has ${image.length} bytes and its headers promise ${end}`,
    );
  }
}

function wrongMachine(made: string, arch: string): Refusal {
  return new Refusal("foreign", `it is made for ${made} and this machine is ${arch}`);
}

const u64 = (data: DataView, at: number): number => Number(data.getBigUint64(at, true));

const elfMachines: Readonly<Record<number, string>> = {
  3: "x86",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  243: "riscv64",
  258: "loongarch64",
};

function checkElf(image: ImageBytes, arch: string): void {
  const ident = view(image, 0, 20);
  const little = ident.getUint8(5) === 1;
  const machine = ident.getUint16(18, little);
  const made = elfMachines[machine] ?? `ELF machine ${machine}`;
  if (made !== arch || !little) throw wrongMachine(made, arch);
  if (ident.getUint8(4) !== 2) throw wrongMachine("a 32-bit process", arch);
  if (ident.getUint16(16, little) !== 3) {
    throw new Refusal("corrupt", "it is an ELF file but not a shared library");
  }
  const header = view(image, 0, 64);
  const sections = u64(header, 0x28);
  const entry = header.getUint16(0x36, true);
  const count = header.getUint16(0x38, true);
  if (entry !== 56 || count === 0) throw new Refusal("corrupt", "it has no ELF program headers");
  const LOAD = 1;
  const table = view(image, u64(header, 0x20), entry * count);
  let loads = 0;
  for (let at = 0; at < table.byteLength; at += entry) {
    need(image, u64(table, at + 8) + u64(table, at + 32));
    if (table.getUint32(at, true) === LOAD) loads++;
  }
  if (loads === 0) throw new Refusal("corrupt", "it has nothing to load");
  if (sections !== 0) {
    need(image, sections + header.getUint16(0x3a, true) * header.getUint16(0x3c, true));
  }
}

const machOMachines: Readonly<Record<number, string>> = {
  0x7: "x86",
  0xc: "arm",
  0x1000007: "x86_64",
  0x100000c: "aarch64",
};

const machOMachine = (type: number): string => machOMachines[type] ?? `Mach-O machine ${type}`;

function checkMachO(image: ImageBytes, arch: string, magic: number): void {
  if (magic !== 0xcafebabe && magic !== 0xcafebabf) {
    return checkMachOSlice(image, 0, image.length, arch);
  }
  const wide = magic === 0xcafebabf;
  const entry = wide ? 32 : 20;
  const count = view(image, 4, 4).getUint32(0);
  if (count === 0 || count > 64) throw new Refusal("corrupt", "its file is not a shared library");
  const table = view(image, 8, entry * count);
  const made: string[] = [];
  for (let at = 0; at < table.byteLength; at += entry) {
    const machine = machOMachine(table.getUint32(at));
    if (machine !== arch) {
      made.push(machine);
      continue;
    }
    const offset = wide ? Number(table.getBigUint64(at + 8)) : table.getUint32(at + 8);
    const size = wide ? Number(table.getBigUint64(at + 16)) : table.getUint32(at + 12);
    need(image, offset + size);
    return checkMachOSlice(image, offset, size, arch);
  }
  throw wrongMachine(made.join(" and "), arch);
}

function checkMachOSlice(image: ImageBytes, start: number, size: number, arch: string): void {
  const header = view(image, start, 32);
  const machine = machOMachine(header.getUint32(4, true));
  if (header.getUint32(0, true) !== 0xfeedfacf || machine !== arch) {
    throw wrongMachine(machine, arch);
  }
  const kind = header.getUint32(12, true);
  if (kind !== 6 && kind !== 8) {
    throw new Refusal("corrupt", "it is a Mach-O file but not a shared library");
  }
  const SEGMENT_64 = 0x19;
  const commands = view(image, start + 32, header.getUint32(20, true));
  let at = 0;
  for (let left = header.getUint32(16, true); left > 0; left--) {
    const rest = commands.byteLength - at;
    const length = rest >= 8 ? commands.getUint32(at + 4, true) : 0;
    if (length < 8 || length > rest) throw new Refusal("corrupt", "its load commands are broken");
    if (commands.getUint32(at, true) === SEGMENT_64 && length >= 56) {
      const end = u64(commands, at + 40) + u64(commands, at + 48);
      need(image, start + end);
      if (end > size) throw new Refusal("truncated", "a segment reaches beyond its slice");
    }
    at += length;
  }
}

const peMachines: Readonly<Record<number, string>> = {
  0x14c: "x86",
  0x1c4: "arm",
  0x8664: "x86_64",
  0xaa64: "aarch64",
};

function checkPe(image: ImageBytes, arch: string): void {
  const start = view(image, 0, 64).getUint32(0x3c, true);
  const header = view(image, start, 24);
  if (header.getUint32(0) !== 0x50450000) {
    throw new Refusal("corrupt", "its file is not a shared library");
  }
  const machine = header.getUint16(4, true);
  const made = peMachines[machine] ?? `PE machine ${machine}`;
  if (made !== arch) throw wrongMachine(made, arch);
  const DLL = 0x2000;
  if ((header.getUint16(22, true) & DLL) === 0) {
    throw new Refusal("corrupt", "it is a program but not a shared library");
  }
  const SECTION = 40;
  const sections = view(
    image,
    start + 24 + header.getUint16(20, true),
    header.getUint16(6, true) * SECTION,
  );
  for (let at = 0; at < sections.byteLength; at += SECTION) {
    need(image, sections.getUint32(at + 20, true) + sections.getUint32(at + 16, true));
  }
}
