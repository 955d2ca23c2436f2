/**
 * The lanes of AVX-512's vectors: sixteen, with masks.
 *
 * @module
 */
import type { Lanes } from "../emit_code.ts";
import type { MachineCode } from "./code.ts";
import { unsupported } from "./unsupported.ts";

/** The lanes of the vectors that a builder's function works on. */
export function lanesOf(c: MachineCode): Lanes {
  return {
    count: 16,
    masks: true,
    words: (values) => {
      if (values.some((x) => x !== (x | 0))) return unsupported("a distance of 2 GiB");
      return c.pushBits(new Uint8Array(Int32Array.from(values).buffer));
    },
    narrow: () => {
      const b = c.popVector();
      const a = c.popVector();
      return c.vector([a, b], (at, def) => at.narrow(def, a, b));
    },
    join: () => {
      const b = c.popVector();
      const a = c.popVector();
      return c.vector([a, b], (at, def) => at.join(def, a, b));
    },
    upper: (x) => {
      const a = c.get(x).popVector();
      return c.vector([a], (at, def) => at.upper(def, a));
    },
    swap: (x, bytes) => {
      const a = c.get(x).popVector();
      return c.vector([a], (at, def) => at.swap(def, a, bytes));
    },
    loadBytes: ({ offset }) => {
      const { base, plus } = c.popAddress(offset);
      return c.vector([base], (at, def) => at.load("vpmovzxbd", def, base, plus));
    },
    packed: (x) => c.get(x),
    storeBytes: ({ offset }) => {
      const value = c.popVector();
      const { base, plus } = c.popAddress(offset);
      return c.effect([value, base], (at) => at.store("vpmovdb", base, plus, value));
    },
    only: (count) => void c.effect([], (at) => at.only(count)),
    onlyFirst: (local) => {
      const reg = c.get(local).popNumber();
      c.effect([reg], (at) => at.onlyFirst(reg));
    },
    loadOnly: (part, bytes, { offset }) => {
      const { base, plus } = c.popAddress(offset);
      const name = bytes === 1 ? "vpmovzxbd" : bytes === 4 ? "vmovups" : "vmovupd";
      return c.vector(
        [base],
        (at, def) => at.load(name, def, base, plus, { ...at.counting(part, bytes), zero: true }),
      );
    },
    scale: (bytes) => {
      const power = c.popVector();
      const a = c.popVector();
      const name = bytes === 4 ? "vscalefps" : "vscalefpd";
      return c.vector([a, power], (at, def) => at.three(name, def, a, power, false));
    },
    gather: (part, bytes, places, { partial, computed }, { offset }) => {
      const index = c.get(places).popVector();
      const { base, plus } = c.popAddress(offset);
      return c.vector(
        [base, index],
        (at, def) => at.gather(def, base, plus, index, part, bytes, partial, computed),
      );
    },
    storeOnly: (part, bytes, { offset }) => {
      const value = c.popVector();
      const { base, plus } = c.popAddress(offset);
      const name = bytes === 1 ? "vpmovdb" : bytes === 4 ? "vmovups" : "vmovupd";
      return c.effect(
        [value, base],
        (at) => at.store(name, base, plus, value, at.counting(part, bytes)),
      );
    },
    mask: (part, bytes) => c.vector([], (at, def) => at.countingVector(def, part, bytes)),
  };
}
