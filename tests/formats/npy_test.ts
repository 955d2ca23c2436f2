/** npy files written by NumPy, and files that are wrong in every way. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostArray } from "../../src/base/host_array.ts";
import { formatNpy, parseNpy } from "../../src/formats/npy.ts";

// python3, NumPy 2.4.6: np.save(f, a), or np.lib.format.write_array(f, a, version=...)
const FILES: [name: string, base64: string, dtype: string, shape: number[], values: unknown[]][] = [
  [
    "bool",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAE=",
    "bool",
    [3],
    [true, false, true],
  ],
  [
    "uint8 matrix",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAU=",
    "uint8",
    [2, 3],
    [0, 1, 2, 3, 4, 5],
  ],
  [
    "int8",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr/fw==",
    "int32",
    [2],
    [-1, 127],
  ],
  [
    "int16 big-endian",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//gEs",
    "int32",
    [2],
    [-2, 300],
  ],
  [
    "uint16",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//wEA",
    "int32",
    [2],
    [65535, 1],
  ],
  [
    "int32",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr7////BwAAAA==",
    "int32",
    [2],
    [-5, 7],
  ],
  [
    "uint32",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPHU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr/////",
    "uint32",
    [1],
    [4294967295],
  ],
  [
    "int64",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAACA/////////38AAAAA",
    "int32",
    [2],
    [-2147483648, 2147483647],
  ],
  [
    "uint64 big-endian",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPnU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAACQ==",
    "int32",
    [1],
    [9],
  ],
  [
    "float32 big-endian",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/wAAAvoAAAA==",
    "float32",
    [2],
    [1.5, -0.25],
  ],
  [
    "float64",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqamZmZmZm5P5x1AIg85Dd+",
    "float64",
    [2],
    [0.1, 1e+300],
  ],
  [
    "Fortran order",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAADAAAAAQAAAAQAAAACAAAABQAAAABAAAADQAAAAUAAAARAAAACQAAABUAAAACAAAADgAAAAYAAAASAAAACgAAABYAAAADAAAADwAAAAcAAAATAAAACwAAABcAAAA=",
    "int32",
    [2, 3, 4],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  [
    "scalar",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAACBA",
    "float32",
    [],
    [2.5],
  ],
  [
    "zero size",
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=",
    "float32",
    [0, 3],
    [],
  ],
  [
    "version 2",
    "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMywpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEA=",
    "float32",
    [3],
    [0.0, 1.0, 2.0],
  ],
  [
    "version 3",
    "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMywpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEA=",
    "float32",
    [3],
    [0.0, 1.0, 2.0],
  ],
];

const decode = (base64: string) => Uint8Array.fromBase64(base64);
const file = (name: string) => decode(FILES.find(([n]) => n === name)![1]);

/** A version 1 file with any header. */
function npy(header: string, values = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  return new Uint8Array([
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8],
    ...text,
    ...values,
  ]);
}

const header = (descr: string, shape: string, order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

for (const [name, base64, dtype, shape, values] of FILES) {
  Deno.test(`parseNpy reads NumPy's file: ${name}`, () => {
    const x = parseNpy(decode(base64), "a.npy");
    assertEquals([x.dtype, x.shape], [dtype, shape]);
    const flat = x.reshape([-1]).toArray();
    assertEquals(shape.length === 2 && shape[0] === 0 ? [] : flat, values);
  });

  Deno.test(`parseNpy notices every truncation: ${name}`, () => {
    const bytes = decode(base64);
    for (let n = 0; n < bytes.length; n++) {
      assertThrows(() => parseNpy(bytes.slice(0, n), "a.npy"), RangeError, `ends at byte ${n}`);
    }
    const longer = new Uint8Array([...bytes, 0]);
    assertThrows(() => parseNpy(longer, "a.npy"), RangeError, `the file has ${longer.length}`);
  });
}

Deno.test("parseNpy reads values at an odd address", () => {
  const bytes = file("float64");
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assertEquals(parseNpy(shifted.subarray(3), "a.npy").toArray(), [0.1, 1e300]);
});

Deno.test("parseNpy refuses another magic and unknown versions", () => {
  const bytes = file("bool");
  for (let i = 0; i < 6; i++) {
    const wrong = bytes.slice();
    wrong[i]! ^= 1;
    assertThrows(() => parseNpy(wrong, "a.npy"), TypeError, "a.npy: it does not start with");
  }
  const version = bytes.slice();
  version[6] = 9;
  assertThrows(() => parseNpy(version, "a.npy"), TypeError, "version 9");
});

Deno.test("parseNpy refuses types without a counterpart", () => {
  for (const descr of ["'|O'", "'<c8'", "'<U4'", "'<M8[s]'", "'<f3'", "'f4'", "'?'", "''"]) {
    assertThrows(
      () => parseNpy(npy(header(descr, "(0,)")), "a.npy"),
      TypeError,
      "its elements are",
    );
  }
  assertThrows(() => parseNpy(npy(header("'|O'", "(1,)")), "a.npy"), TypeError, "Python objects");
});

Deno.test("parseNpy refuses headers that are not the dictionary", () => {
  const good = header("'|u1'", "(2,)");
  assertEquals(parseNpy(npy(good, new Uint8Array([3, 4])), "a.npy").toArray(), [3, 4]);
  const reordered = "{'shape': (2,), 'fortran_order': False, 'descr': '|u1'}";
  assertEquals(parseNpy(npy(reordered, new Uint8Array([3, 4])), "a.npy").toArray(), [3, 4]);
  const bad = [
    "",
    "{}",
    good.slice(1),
    good.replace("False", "0"),
    good.replace("(2,)", "(2)"),
    good.replace("(2,)", "(-2,)"),
    good.replace("(2,)", "(2.5,)"),
    good.replace("(2,)", "[2]"),
    good.replace("(2,)", "(,)"),
    good.replace("(2,)", "(2,,)"),
    good.replace("(2,)", "(exit(),)"),
    good.replace("'shape'", "'sharp'"),
    good.replace("'fortran_order': False, ", ""),
    good.replace("}", "'shape': (2,), }"),
    good.replace("}", "'more': 1, }"),
    good.replace("'|u1'", "[('a', '|u1')]"),
  ];
  for (const text of bad) {
    assertThrows(() => parseNpy(npy(text, new Uint8Array(2)), "a.npy"), TypeError, "its header");
  }
});

Deno.test("parseNpy allocates nothing for sizes that the file does not hold", () => {
  const huge = (shape: string) => () => parseNpy(npy(header("'<f8'", shape)), "a.npy");
  assertThrows(huge("(1000000000,1000)"), RangeError, "truncated");
  assertThrows(huge("(9007199254740993,9007199254740993)"), RangeError, "more than any file can");
  assertThrows(huge(`(${"9".repeat(400)},)`), RangeError, "more than any file can");
  const long = npy("");
  long[8] = long[9] = 0xff;
  assertThrows(() => parseNpy(long, "a.npy"), RangeError, "its header claims 65535 bytes");
});

Deno.test("parseNpy refuses 64-bit integers beyond int32", () => {
  const values = new Uint8Array(new BigInt64Array([2n ** 31n]).buffer);
  const bytes = npy(header("'<i8'", "(1,)"), values);
  assertThrows(() => parseNpy(bytes, "a.npy"), RangeError, "2147483648 does not fit int32");
});

Deno.test("parseNpy never crashes, and reads nothing past the end, whatever bit is changed", () => {
  for (const [name, base64] of FILES) {
    const bytes = decode(base64);
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const wrong = bytes.slice();
      wrong[bit >> 3]! ^= 1 << (bit & 7);
      try {
        const x = parseNpy(wrong, "a.npy");
        assert(x.size <= bytes.length, name);
      } catch (e) {
        assert(e instanceof TypeError || e instanceof RangeError, `${name}, bit ${bit}: ${e}`);
        assert(String(e).includes(": Cannot read npy file a.npy: "), `bit ${bit}: ${e}`);
      }
    }
  }
});

Deno.test("formatNpy writes what parseNpy reads, up to the axes that a header holds", () => {
  const x = (axes: number) => new HostArray([7], new Array<number>(axes).fill(1));
  const [header, values] = formatNpy(x(3000));
  const back = parseNpy(new Uint8Array([...header, ...values]), "a.npy");
  assertEquals([back.ndim, [...back.values]], [3000, [7]]);
  assertThrows(() => formatNpy(x(4000)), RangeError, "an array of 4000 axes");
});
