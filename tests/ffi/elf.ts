/**
 * Writes small ELF libraries byte by byte, so that broken and odd libraries can be tested on machines
 * without a compiler. Layout: System V ABI.
 *
 * @module
 */

/** The machine code of one exported function. */
export type Code = readonly number[];

const PAGE = 0x10000;
const HEADERS = 64 + 4 * 56;

/** A loadable library for this machine that exports the given functions. */
export function elfLibrary(functions: Readonly<Record<string, Code>>): Uint8Array<ArrayBuffer> {
  if (Deno.build.os !== "linux") {
    throw new Error(`Cannot write a library for ${Deno.build.os}: run these tests on Linux`);
  }
  const names = Object.keys(functions);
  const count = names.length + 1;
  const strings = new TextEncoder().encode(`\0${names.map((name) => `${name}\0`).join("")}`);
  const symbols = HEADERS;
  const hash = symbols + 24 * count;
  const text = Math.ceil((hash + 4 * (3 + count) + strings.length) / 16) * 16;
  const table = hash + 4 * (3 + count);
  const bytes = new Uint8Array(PAGE + 6 * 16 + 64);
  const data = new DataView(bytes.buffer);
  const u16 = (at: number, x: number): void => data.setUint16(at, x, true);
  const u32 = (at: number, x: number): void => data.setUint32(at, x, true);
  const u64 = (at: number, x: number): void => data.setBigUint64(at, BigInt(x), true);

  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  u16(16, 3);
  u16(18, Deno.build.arch === "aarch64" ? 183 : 62);
  u32(20, 1);
  u64(32, 64);
  u64(40, PAGE + 6 * 16);
  [64, 56, 4, 64, 1, 0].forEach((x, i) => u16(52 + 2 * i, x));

  const segment = (index: number, type: number, flags: number, at: number, size: number): void => {
    const header = 64 + 56 * index;
    u32(header, type);
    u32(header + 4, flags);
    [at, at, at, size, size, type === 1 ? PAGE : 16].forEach((x, i) => u64(header + 8 + 8 * i, x));
  };
  let end = text;
  names.forEach((name, i) => {
    const code = functions[name]!;
    bytes.set(code, end);
    const symbol = symbols + 24 * (i + 1);
    u32(symbol, 1 + names.slice(0, i).reduce((sum, before) => sum + before.length + 1, 0));
    data.setUint8(symbol + 4, 0x12);
    u16(symbol + 6, 1);
    u64(symbol + 8, end);
    u64(symbol + 16, code.length);
    end += Math.ceil(code.length / 16) * 16;
  });
  if (end > PAGE) throw new Error("Cannot write a library of more than one page of code");
  [1, count, count > 1 ? 1 : 0].forEach((x, i) => u32(hash + 4 * i, x));
  for (let i = 1; i < count - 1; i++) u32(hash + 12 + 4 * i, i + 1);
  bytes.set(strings, table);
  [[4, hash], [5, table], [6, symbols], [10, strings.length], [11, 24], [0, 0]].forEach(
    ([tag, value], i) => {
      u64(PAGE + 16 * i, tag!);
      u64(PAGE + 16 * i + 8, value!);
    },
  );
  segment(0, 1, 5, 0, end);
  segment(1, 1, 6, PAGE, 6 * 16);
  segment(2, 2, 6, PAGE, 6 * 16);
  segment(3, 0x6474e551, 6, 0, 0);
  return bytes;
}

const ARM = Deno.build.arch === "aarch64";

function words(...instructions: number[]): Code {
  return instructions.flatMap((x) => [x & 255, (x >>> 8) & 255, (x >>> 16) & 255, x >>> 24]);
}

/** A function that returns at once. */
export const doNothing: Code = ARM ? words(0xd65f03c0) : [0xc3];

/** A function that returns the address of a string. */
export function returnString(text: string): Code {
  const string = [...new TextEncoder().encode(`${text}\0`)];
  // adr x0, 8; ret            lea rax, [rip + 1]; ret
  return ARM
    ? [...words(0x10000040, 0xd65f03c0), ...string]
    : [0x48, 0x8d, 0x05, 1, 0, 0, 0, 0xc3, ...string];
}

/** `sscal` of one number: returns at once if its length, read as so many bits, is not positive. */
export function scaleOne(bits: 32 | 64): Code {
  if (ARM) {
    // cmp w0|x0, 0; b.le end; ldr s1, [x1]; fmul s0, s0, s1; str s0, [x1]; end: ret
    const compare = bits === 64 ? 0xf100001f : 0x7100001f;
    return words(compare, 0x5400008d, 0xbd400021, 0x1e210800, 0xbd000020, 0xd65f03c0);
  }
  // test edi|rdi, same; jle end; mulss xmm0, [rsi]; movss [rsi], xmm0; end: ret
  const compare = bits === 64 ? [0x48, 0x85, 0xff] : [0x85, 0xff];
  return [...compare, 0x7e, 8, 0xf3, 0x0f, 0x59, 0x06, 0xf3, 0x0f, 0x11, 0x06, 0xc3];
}

/** A function that returns a number. */
export function returnNumber(value: number): Code {
  // movz w0, value; ret         mov eax, value; ret
  return ARM ? words(0x52800000 | value << 5, 0xd65f03c0) : [0xb8, ...bytes4(value), 0xc3];
}

/** A function that writes numbers of 32 bits where its first arguments point to, and returns 0. */
export function writeNumbers(first: number, second?: number): Code {
  const code: number[] = [];
  [first, second].forEach((value, i) => {
    if (value === undefined) return;
    if (ARM) {
      // movz w9, low; movk w9, high, lsl 16; str w9, [x0|x1]
      const [low, high] = [value & 0xffff, value >>> 16];
      code.push(...words(0x52800009 | low << 5, 0x72a00009 | high << 5, 0xb9000009 | i << 5));
    } else {
      // mov dword [rdi|rsi], value
      code.push(0xc7, i === 0 ? 0x07 : 0x06, ...bytes4(value));
    }
  });
  return [...code, ...returnNumber(0)];
}

/** A function that writes a number of 32 bits where its second argument points to, and returns 0. */
export function writeSecond(value: number): Code {
  // Skips the part of the first: 12 bytes on ARM, 6 on x86.
  return writeNumbers(0, value).slice(ARM ? 12 : 6);
}

function bytes4(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}
