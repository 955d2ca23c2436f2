/**
 * Instructions as GNU as writes them and as the assembler is asked for them: every name with low and
 * high registers, memory operands of every kind, masks and broadcasts.
 */
import type { Assembler, Memory, Source } from "../../src/x64/x64.ts";
import * as table from "../../src/x64/instructions.ts";

/** One instruction; `constant` is the size of what it reads behind the code. */
export interface Case {
  readonly text: string;
  readonly constant?: number;
  encode(assembler: Assembler, constant: Source): void;
}

/** The operands of a name that has not the usual ones: registers, memory, broadcast element. */
interface Shape {
  readonly to?: string;
  readonly from?: string;
  readonly memory?: string;
  readonly element?: string;
}

const half: Shape = { from: "ymm", memory: "ymmword" };
const halfSingles: Shape = { ...half, element: "dword" };
const quarter: Shape = { from: "xmm", memory: "xmmword" };
const toHalf: Shape = { to: "ymm", element: "qword" };
const whole: Shape = {};

const shapes: Readonly<Record<string, Shape>> = {
  vmovups: whole,
  vmovupd: whole,
  vmovaps: whole,
  vmovapd: whole,
  vmovntps: whole,
  vmovdqu8: whole,
  vmovdqu16: whole,
  vmovdqu32: whole,
  vmovdqu64: whole,
  vmovdqa32: whole,
  vmovdqa64: whole,
  vmovss: { to: "xmm", from: "xmm", memory: "dword" },
  vmovsd: { to: "xmm", from: "xmm", memory: "qword" },
  vbroadcastss: { from: "xmm", memory: "dword" },
  vbroadcastsd: { from: "xmm", memory: "qword" },
  vpbroadcastb: { from: "xmm", memory: "byte" },
  vpbroadcastw: { from: "xmm", memory: "word" },
  vpbroadcastd: { from: "xmm", memory: "dword" },
  vpbroadcastq: { from: "xmm", memory: "qword" },
  vbroadcastf32x4: quarter,
  vbroadcastf64x4: half,
  vpmovsxbd: quarter,
  vpmovzxbd: quarter,
  vpmovsxwd: half,
  vpmovzxwd: half,
  vpmovsxdq: half,
  vpmovzxdq: half,
  vpmovdb: { to: "xmm", memory: "xmmword" },
  vpmovdw: { to: "ymm", memory: "ymmword" },
  vpmovqd: { to: "ymm", memory: "ymmword" },
  vcvtdq2pd: halfSingles,
  vcvtudq2pd: halfSingles,
  vcvtps2pd: halfSingles,
  vcvttps2qq: halfSingles,
  vcvttps2uqq: halfSingles,
  vcvtpd2dq: toHalf,
  vcvttpd2dq: toHalf,
  vcvttpd2udq: toHalf,
  vcvtpd2ps: toHalf,
  vcvtqq2ps: toHalf,
  vcvtuqq2ps: toHalf,
  vcvtph2ps: half,
  vcvtps2ph: { to: "ymm", memory: "ymmword" },
  vextractf32x4: { to: "xmm", memory: "xmmword" },
  vextractf64x2: { to: "xmm", memory: "xmmword" },
  vextractf32x8: { to: "ymm", memory: "ymmword" },
  vextractf64x4: { to: "ymm", memory: "ymmword" },
  vinsertf32x4: quarter,
  vinsertf64x2: quarter,
  vinsertf32x8: half,
  vinsertf64x4: half,
  vcvtps2dq: { element: "dword" },
  vcvttps2dq: { element: "dword" },
  vcvtps2udq: { element: "dword" },
  vcvttps2udq: { element: "dword" },
  vcvtdq2ps: { element: "dword" },
  vcvtudq2ps: { element: "dword" },
  vshuff32x4: { element: "dword" },
  vshuff64x2: { element: "qword" },
  vpcmpd: { element: "dword" },
  vpunpckldq: { element: "dword" },
  vpunpckhdq: { element: "dword" },
};

const names: readonly string[] = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15"
  .split(" ");
const dwords: readonly string[] =
  "eax ecx edx ebx esp ebp esi edi r8d r9d r10d r11d r12d r13d r14d r15d".split(" ");
const bytes: readonly string[] = "al cl dl bl spl bpl sil dil r8b r9b r10b r11b r12b r13b r14b r15b"
  .split(" ");
const vectors: readonly (readonly [number, number, number])[] = [
  [0, 7, 8],
  [15, 16, 31],
  [31, 0, 15],
  [8, 31, 16],
];
/** Bytes of what a keyword of the memory operand names. */
const sizes: Readonly<Record<string, number>> = {
  byte: 1,
  word: 2,
  dword: 4,
  qword: 8,
  xmmword: 16,
  ymmword: 32,
  zmmword: 64,
};

/** Memory operands, their displacements in units of what an instruction reads. */
const forms: readonly ((unit: number) => Memory)[] = [
  () => ({ base: 0, disp: 0 }),
  (unit) => ({ base: 3, disp: unit }),
  (unit) => ({ base: 7, disp: -128 * unit }),
  (unit) => ({ base: 8, disp: 127 * unit }),
  (unit) => ({ base: 9, disp: 128 * unit }),
  (unit) => ({ base: 6, disp: -129 * unit }),
  () => ({ base: 15, disp: 513 }),
  () => ({ base: 4, disp: 0 }),
  (unit) => ({ base: 12, disp: 2 * unit }),
  () => ({ base: 5, disp: 0 }),
  () => ({ base: 13, disp: 0 }),
  () => ({ base: 0, index: 1, disp: 0 }),
  () => ({ base: 13, index: 9, scale: 8, disp: 0 }),
  (unit) => ({ base: 4, index: 15, scale: 2, disp: 3 * unit }),
  () => ({ base: 5, index: 5, scale: 4, disp: 0x12345678 }),
  () => ({ base: 12, index: 12, scale: 8, disp: -0x80000000 }),
];

/** The memory operand as GNU as writes it. */
function address({ base, index, scale, disp }: Memory, indices = names): string {
  const times = index === undefined ? "" : `+${indices[index]}*${scale ?? 1}`;
  return `[${names[base]}${times}${disp < 0 ? "-" : "+"}${Math.abs(disp)}]`;
}

function elementOf(name: string): string | undefined {
  const shape = shapes[name];
  if (shape !== undefined) return shape.element;
  return /(ps|d)$/.test(name) && !/pd$/.test(name) ? "dword" : "qword";
}

/** What a vector instruction does with the case's last operand and masking. */
type Encode = (
  assembler: Assembler,
  dst: number,
  a: number,
  b: Source,
  masking: { mask?: number; zero?: boolean; broadcast?: boolean },
) => void;

let turn = 0;
function nextForm(unit: number): Memory {
  return forms[turn++ % forms.length]!(unit);
}

/** Cases of one name: registers, memory, masks, broadcasts, a constant. */
function* vectorCases(
  name: string,
  options: { three: boolean; mask: boolean; value?: number; registers?: boolean; memory?: boolean },
  encode: Encode,
): Generator<Case> {
  const { to = "zmm", from = "zmm", memory = "zmmword" } = shapes[name] ?? whole;
  const tail = options.value === undefined ? "" : `, ${options.value}`;
  const evex = to === "xmm" && from === "xmm" ? "{evex} " : "";
  const line = (dst: number, a: number, source: string, mask = ""): string =>
    `${evex}${name} ${options.mask ? `k${dst & 7}` : `${to}${dst}`}${mask}, ` +
    `${options.three ? `zmm${a}, ` : ""}${source}${tail}`;
  // A mask as the destination is not zeroed.
  const zeroes = options.mask ? "" : "{z}";
  for (const [dst, a, b] of options.registers === false ? [] : vectors) {
    yield {
      text: line(dst, a, `${from}${b}`),
      encode: (assembler) => encode(assembler, dst, a, b, {}),
    };
    yield {
      text: line(dst, a, `${from}${b}`, `{k${1 + a % 7}}${b === 31 ? zeroes : ""}`),
      encode: (assembler) =>
        encode(assembler, dst, a, b, {
          mask: 1 + a % 7,
          ...(b === 31 && !options.mask ? { zero: true } : {}),
        }),
    };
  }
  if (options.memory === false) return;
  const unit = sizes[memory]!;
  for (const [dst, a] of vectors) {
    const m = nextForm(unit);
    yield {
      text: line(dst, a, `${memory} ptr ${address(m)}`),
      encode: (assembler) => encode(assembler, dst, a, m, {}),
    };
  }
  yield {
    text: line(17, 30, `${memory} ptr [rip+constant]`, "{k1}"),
    constant: Math.max(4, unit),
    encode: (assembler, constant) => encode(assembler, 17, 30, constant, { mask: 1 }),
  };
  const element = elementOf(name);
  if (element === undefined) return;
  // How many elements the operand has, which is half the number where it has half the size.
  const times = `{1to${unit / sizes[element]!}}`;
  const m = nextForm(sizes[element]!);
  yield {
    text: line(9, 18, `${element} ptr ${address(m)}${times}`, `{k7}${zeroes}`),
    encode: (assembler) =>
      encode(assembler, 9, 18, m, { mask: 7, zero: !options.mask, broadcast: true }),
  };
  yield {
    text: line(2, 3, `${element} ptr [rip+constant]${times}`),
    constant: sizes[element]!,
    encode: (assembler, constant) => encode(assembler, 2, 3, constant, { broadcast: true }),
  };
}

function keys<T extends object>(record: T): (keyof T & string)[] {
  return Object.keys(record) as (keyof T & string)[];
}

function* vectorInstructions(): Generator<Case> {
  for (const name of keys(table.V3)) {
    yield* vectorCases(name, { three: true, mask: false }, (assembler, dst, a, b, masking) => {
      assembler.v3(name, dst, a, b, masking);
    });
  }
  for (const name of keys(table.V2)) {
    const shape = shapes[name] ?? whole;
    const options = {
      three: false,
      mask: false,
      registers: (table.V2[name] & table.MEMORY_ONLY) === 0,
      memory: shape.to === undefined || shape.element !== undefined || shape.from !== undefined,
    };
    yield* vectorCases(name, options, (assembler, dst, _, b, masking) => {
      assembler.v2(name, dst, b, masking);
    });
  }
  for (const name of keys(table.V3I)) {
    yield* vectorCases(
      name,
      { three: true, mask: false, value: 1 },
      (assembler, dst, a, b, masking) => assembler.v3i(name, dst, a, b, 1, masking),
    );
  }
  for (const name of keys(table.V2I)) {
    const options = {
      three: false,
      mask: false,
      value: 1,
      memory: shapes[name] === undefined,
    };
    yield* vectorCases(name, options, (assembler, dst, _, b, masking) => {
      assembler.v2i(name, dst, b, 1, masking);
    });
  }
  for (const name of keys(table.COMPARISONS)) {
    yield* vectorCases(
      name,
      { three: true, mask: true, value: 5 },
      (assembler, dst, a, b, masking) =>
        assembler.compareVectors(name, dst & 7, a, b, 5, { ...masking, zero: false }),
    );
  }
  for (const name of keys(table.TESTS)) {
    yield* vectorCases(name, { three: true, mask: true }, (assembler, dst, a, b, masking) => {
      assembler.testVectors(name, dst & 7, a, b, { ...masking, zero: false });
    });
  }
}

function* stores(): Generator<Case> {
  for (const name of keys(table.STORES)) {
    const { to = "zmm", memory = "zmmword" } = shapes[name] ?? whole;
    const register = memory === "dword" || memory === "qword" ? to : "zmm";
    const evex = register === "xmm" ? "{evex} " : "";
    for (const [src, mask] of [[0, 0], [15, 1], [16, 7], [31, 0]] as const) {
      // vmovntps has no mask.
      const k = name === "vmovntps" ? 0 : mask;
      const m = nextForm(sizes[memory]!);
      yield {
        text: `${evex}${name} ${memory} ptr ${address(m)}${k ? `{k${k}}` : ""}, ${register}${src}`,
        encode: (assembler) => assembler.store(name, m, src, k ? { mask: k } : {}),
      };
    }
  }
  for (const name of keys(table.STORES_I)) {
    const { memory } = shapes[name]!;
    for (const [src, mask] of [[7, 2], [24, 0]] as const) {
      const m = nextForm(sizes[memory!]!);
      yield {
        text: `${name} ${memory} ptr ${address(m)}${mask ? `{k${mask}}` : ""}, zmm${src}, 1`,
        encode: (assembler) => assembler.storeI(name, m, src, 1, mask ? { mask } : {}),
      };
    }
  }
}

function* betweenRegisters(): Generator<Case> {
  for (const name of keys(table.GATHERS)) {
    const wide = /pd$|q$/.test(name);
    const indices = Array.from({ length: 32 }, (_, i) => `${wide ? "ymm" : "zmm"}${i}`);
    const size = wide ? "qword" : "dword";
    for (const [dst, index, mask] of [[0, 7, 1], [15, 4, 2], [16, 31, 7], [31, 12, 3]] as const) {
      const m = { base: [0, 5, 12, 13][mask & 3]!, index, scale: 4 as const, disp: mask * 8 };
      yield {
        text: `${name} zmm${dst}{k${mask}}, ${size} ptr ${address(m, indices)}`,
        encode: (assembler) => assembler.gather(name, dst, m, mask),
      };
    }
  }
  for (const [dst, , other] of vectors) {
    for (const src of [0, 7, 8, 15]) {
      for (const name of keys(table.FROM_GENERAL)) {
        const move = name.startsWith("vmov");
        const from = (name.endsWith("q") ? names : dwords)[src];
        const mask = move || other === 8 ? 0 : 3;
        yield {
          text: `${move ? "{evex} " : ""}${name} ${move ? "xmm" : "zmm"}${dst}${
            mask ? `{k${mask}}{z}` : ""
          }, ${from}`,
          encode: (assembler) =>
            assembler.fromGeneral(name, dst, src, mask ? { mask, zero: true } : {}),
        };
      }
      for (const name of keys(table.TO_GENERAL)) {
        yield {
          text: `{evex} ${name} ${(name === "vmovq" ? names : dwords)[src]}, xmm${dst}`,
          encode: (assembler) => assembler.toGeneral(name, src, dst),
        };
      }
    }
    for (const k of [0, 1, 7]) {
      for (const name of keys(table.FROM_MASK)) {
        yield {
          text: `${name} zmm${dst}, k${k}`,
          encode: (assembler) => assembler.fromMask(name, dst, k),
        };
      }
      for (const name of keys(table.TO_MASK)) {
        yield {
          text: `${name} k${k}, zmm${dst}`,
          encode: (assembler) => assembler.toMask(name, k, dst),
        };
      }
    }
  }
}

function* masks(): Generator<Case> {
  for (const gpr of [0, 7, 8, 15]) {
    for (const k of [1, 7]) {
      yield { text: `kmovd k${k}, ${dwords[gpr]}`, encode: (a) => a.maskFrom(k, gpr) };
      yield { text: `kmovd ${dwords[gpr]}, k${k}`, encode: (a) => a.maskTo(gpr, k) };
    }
  }
  for (const [k, x, y] of [[0, 1, 7], [7, 2, 3], [4, 7, 0]] as const) {
    yield { text: `kmovw k${k}, k${x}`, encode: (a) => a.maskMove(k, x) };
    yield { text: `knotw k${k}, k${x}`, encode: (a) => a.maskNot(k, x) };
    yield { text: `kandw k${k}, k${x}, k${y}`, encode: (a) => a.maskAnd(k, x, y) };
    yield { text: `kandnw k${k}, k${x}, k${y}`, encode: (a) => a.maskAndNot(k, x, y) };
    yield { text: `korw k${k}, k${x}, k${y}`, encode: (a) => a.maskOr(k, x, y) };
    yield { text: `kxorw k${k}, k${x}, k${y}`, encode: (a) => a.maskXor(k, x, y) };
    yield { text: `kxnorw k${k}, k${x}, k${y}`, encode: (a) => a.maskEqual(k, x, y) };
    yield { text: `kunpckbw k${k}, k${x}, k${y}`, encode: (a) => a.maskJoin(k, x, y) };
    yield { text: `kshiftrw k${k}, k${x}, 8`, encode: (a) => a.maskShiftRight(k, x, 8) };
    yield { text: `kshiftlw k${k}, k${x}, 15`, encode: (a) => a.maskShiftLeft(k, x, 15) };
    yield { text: `kortestw k${k}, k${x}`, encode: (a) => a.maskTest(k, x) };
  }
}

function* general(): Generator<Case> {
  const two = { add: "add", or: "or", and: "and", sub: "sub", xor: "xor", cmp: "compare" } as const;
  const immediates = {
    add: "addImmediate",
    and: "andImmediate",
    sub: "subImmediate",
    cmp: "compareImmediate",
  } as const;
  const shifts = { shl: "shiftLeft", shr: "shiftRight", sar: "shiftRightArithmetic" } as const;
  const values = [0, 1, -1, 127, -128, 128, -129, 0x7fffffff, -0x80000000];
  for (const [d, s] of [[0, 7], [8, 3], [4, 15], [13, 12], [5, 0]] as const) {
    const [dst, src] = [names[d], names[s]];
    yield { text: `mov ${dst}, ${src}`, encode: (a) => a.move(d, s) };
    yield { text: `imul ${dst}, ${src}`, encode: (a) => a.multiply(d, s) };
    yield { text: `test ${dst}, ${src}`, encode: (a) => a.test(d, s) };
    yield { text: `push ${dst}`, encode: (a) => a.push(d) };
    yield { text: `pop ${dst}`, encode: (a) => a.pop(d) };
    for (const name of keys(two)) {
      yield { text: `${name} ${dst}, ${src}`, encode: (a) => a[two[name]](d, s) };
      const m = nextForm(1);
      yield { text: `${name} ${dst}, ${address(m)}`, encode: (a) => a[two[name]](d, m) };
    }
    for (const condition of keys(table.CONDITIONS)) {
      yield { text: `cmov${condition} ${dst}, ${src}`, encode: (a) => a.moveIf(condition, d, s) };
    }
    for (const value of values) {
      for (const name of keys(immediates)) {
        yield { text: `${name} ${dst}, ${value}`, encode: (a) => a[immediates[name]](d, value) };
      }
      yield {
        text: `imul ${dst}, ${src}, ${value}`,
        encode: (a) => a.multiplyImmediate(d, s, value),
      };
      const m = nextForm(1);
      yield {
        text: `add qword ptr ${address(m)}, ${value}`,
        encode: (a) => a.addMemoryImmediate(m, value),
      };
    }
    for (const name of keys(shifts)) {
      for (const count of [1, 2, 63]) {
        yield { text: `${name} ${dst}, ${count}`, encode: (a) => a[shifts[name]](d, count) };
      }
    }
    for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      yield { text: `mov ${dwords[d]}, ${value}`, encode: (a) => a.moveImmediate(d, value) };
    }
    for (const value of [-1, -0x80000000]) {
      yield { text: `mov ${dst}, ${value}`, encode: (a) => a.moveImmediate(d, value) };
    }
    for (const value of [0x100000000, -0x80000001, 2 ** 53 - 1, -(2 ** 53) + 1]) {
      yield { text: `movabs ${dst}, ${value}`, encode: (a) => a.moveImmediate(d, value) };
    }
    for (const form of forms) {
      const m = form(1);
      const at = address(m);
      yield { text: `mov ${dst}, ${at}`, encode: (a) => a.load64(d, m) };
      yield { text: `mov ${dwords[d]}, ${at}`, encode: (a) => a.load32(d, m) };
      yield { text: `movsxd ${dst}, dword ptr ${at}`, encode: (a) => a.load32Signed(d, m) };
      yield { text: `movzx ${dwords[d]}, byte ptr ${at}`, encode: (a) => a.load8(d, m) };
      yield { text: `mov ${at}, ${dst}`, encode: (a) => a.store64(m, d) };
      yield { text: `mov ${at}, ${dwords[d]}`, encode: (a) => a.store32(m, d) };
      yield { text: `mov ${at}, ${bytes[d]}`, encode: (a) => a.store8(m, d) };
      if (d === 0) yield { text: `prefetcht1 ${at}`, encode: (a) => a.prefetch(m) };
      yield { text: `lea ${dst}, ${at}`, encode: (a) => a.lea(d, m) };
      yield { text: `add ${at}, ${dst}`, encode: (a) => a.addMemory(m, d) };
      yield { text: `imul ${dst}, ${at}`, encode: (a) => a.multiply(d, m) };
    }
  }
  for (const name of ["ret", "vzeroupper", "cpuid", "xgetbv", "sfence"] as const) {
    yield { text: name, encode: (a) => a[name]() };
  }
}

/** Every operand of memory, with one instruction of each size that displacements count in. */
function* operands(): Generator<Case> {
  for (const form of forms) {
    const [zmm, ymm, xmm, dword] = [form(64), form(32), form(16), form(4)];
    yield {
      text: `vaddps zmm1, zmm2, zmmword ptr ${address(zmm)}`,
      encode: (a) => a.v3("vaddps", 1, 2, zmm),
    };
    yield {
      text: `vaddps zmm1, zmm2, dword ptr ${address(dword)}{1to16}`,
      encode: (a) => a.v3("vaddps", 1, 2, dword, { broadcast: true }),
    };
    yield {
      text: `vcvtps2pd zmm20, ymmword ptr ${address(ymm)}`,
      encode: (a) => a.v2("vcvtps2pd", 20, ymm),
    };
    yield {
      text: `vpmovzxbd zmm8, xmmword ptr ${address(xmm)}`,
      encode: (a) => a.v2("vpmovzxbd", 8, xmm),
    };
    yield {
      text: `vpmovdb xmmword ptr ${address(xmm)}{k2}, zmm28`,
      encode: (a) => a.store("vpmovdb", xmm, 28, { mask: 2 }),
    };
    yield {
      text: `vpsrad zmm30, zmmword ptr ${address(zmm)}, 31`,
      encode: (a) => a.v2i("vpsrad", 30, zmm, 31),
    };
    yield {
      text: `{evex} vmovss dword ptr ${address(dword)}, xmm5`,
      encode: (a) => a.store("vmovss", dword, 5),
    };
  }
}

/** Every case; the same list at each call. */
export function cases(): Case[] {
  turn = 0;
  const all = [
    ...vectorInstructions(),
    ...stores(),
    ...betweenRegisters(),
    ...masks(),
    ...general(),
    ...operands(),
  ];
  return [...new Map(all.map((one) => [one.text, one])).values()];
}
