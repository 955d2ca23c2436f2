/**
 * The random generator of Python's `random.Random`: the Mersenne Twister MT19937. TensorFlow draws
 * from it the seed of each operation that was given none after a global seed was set.
 *
 * Formula: Matsumoto and Nishimura, "Mersenne Twister" (ACM TOMACS 8, 1998), with the 2002
 * initialization by array.
 *
 * @module
 */

const N = 624;
const M = 397;

/** `random.Random(seed)` of Python, for integer seeds. */
export class PythonRandom {
  readonly #state = new Uint32Array(N);
  #at = N;

  /** @param seed a safe integer; Python seeds with its absolute value */
  constructor(seed: number) {
    const size = Math.abs(seed);
    const key = [size >>> 0];
    if (size >= 2 ** 32) key.push(Math.floor(size / 2 ** 32));
    const s = this.#state;
    s[0] = 19650218;
    for (let i = 1; i < N; i++) s[i] = Math.imul(1812433253, s[i - 1]! ^ (s[i - 1]! >>> 30)) + i;
    let i = 1;
    const step = (): void => {
      if (++i === N) {
        s[0] = s[N - 1]!;
        i = 1;
      }
    };
    const mixed = (factor: number): number =>
      s[i]! ^ Math.imul(s[i - 1]! ^ (s[i - 1]! >>> 30), factor);
    for (let k = 0; k < N; k++) {
      const j = k % key.length;
      s[i] = mixed(1664525) + key[j]! + j;
      step();
    }
    for (let k = 1; k < N; k++) {
      s[i] = mixed(1566083941) - i;
      step();
    }
    s[0] = 0x80000000;
  }

  /** The next 32 random bits: `getrandbits(32)`. */
  bits32(): number {
    if (this.#at === N) this.#twist();
    let y = this.#state[this.#at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** A number in 0..2^31-1: `randint(0, 2**31 - 1)`. */
  int31(): number {
    for (;;) {
      const r = this.bits32();
      if (r < 2 ** 31) return r;
    }
  }

  #twist(): void {
    const s = this.#state;
    for (let i = 0; i < N; i++) {
      const y = (s[i]! & 0x80000000) | (s[(i + 1) % N]! & 0x7fffffff);
      s[i] = s[(i + M) % N]! ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df);
    }
    this.#at = 0;
  }
}
