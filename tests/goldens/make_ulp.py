"""Writes data/ulp.json.gz: scalar functions at inputs that try them, with correctly rounded results.

A case is {name, dtype, inputs, want}. Transcendental results come from mpmath; mod and floorDiv
from NumPy; erfinv of float32 is the formula that random normal numbers are defined by (M. Giles,
"Approximating the erfinv function", 2011) with a correctly rounded log1p and fused Horner steps.
"""

import math

import mpmath as mp
import numpy as np

import golden

mp.mp.prec = 160

BITS = {np.float32: (24, -126, 127), np.float64: (53, -1022, 1023)}


def rounded(x, t):
    """The number of type t nearest to x, halves to even, also where it is denormal."""
    if mp.isnan(x):
        return t(math.nan)
    if mp.isinf(x):
        return t(math.inf if x > 0 else -math.inf)
    if x == 0:
        return t(0)
    bits, low, high = BITS[t]
    sign = 1 if x > 0 else -1
    if abs(x) >= mp.ldexp(1, high + 2):
        return t(sign * math.inf)
    if abs(x) <= mp.ldexp(1, low - bits - 2):
        return t(sign * 0.0)
    e = max(int(mp.floor(mp.log(abs(x), 2))) - bits, low - bits) + 1
    if abs(x) >= mp.mpf(2) ** (e + bits):
        e += 1
    n = int(mp.nint(mp.ldexp(x, -e)))
    if abs(mp.ldexp(mp.mpf(n), e)) >= mp.mpf(2) ** (high + 1):
        return t(sign * math.inf)
    # two exact products: the first stays normal
    half = e // 2
    return t(math.ldexp(n, e)) if t is np.float64 else t(math.ldexp(math.ldexp(n, half), e - half))


def erfinv(x):
    if abs(x) >= 1:
        return mp.inf * x if abs(x) == 1 else mp.nan
    return mp.erfinv(x)


def real(f, low=None, high=None):
    """f on [low, high], NaN outside."""
    return lambda x: (
        mp.nan if (low is not None and x < low) or (high is not None and x > high) else f(x)
    )


def log(f, zero):
    return lambda x: mp.nan if x < zero else -mp.inf if x == zero else mp.inf if x == mp.inf else f(x)


def at_infinity(f, minus, plus):
    return lambda x: minus if x == -mp.inf else plus if x == mp.inf else f(x)


inf, nan, pi = mp.inf, mp.nan, mp.pi
# name: function, whether f(-0) = -0, intervals that are sampled evenly, points that are approached
UNARY = {
    "exp": (at_infinity(mp.exp, mp.mpf(0), inf), False, [1, 20, 90, 110, 720, 750], [0]),
    "expm1": (at_infinity(mp.expm1, mp.mpf(-1), inf), True, [0.5, 1, 20, 90, 720], [0]),
    "log": (log(mp.log, 0), False, [2, 100], [1]),
    "log1p": (log(mp.log1p, -1), True, [0.5, 1, 2, 100], [0, -1]),
    "sin": (at_infinity(mp.sin, nan, nan), True, [1, 8, 100, 1e5, 1.5e9], [0]),
    "cos": (at_infinity(mp.cos, nan, nan), False, [1, 8, 100, 1e5, 1.5e9], [0]),
    "tan": (at_infinity(mp.tan, nan, nan), True, [1, 8, 100, 1e5, 1.5e9], [0]),
    "asin": (real(mp.asin, -1, 1), True, [0.6, 1.01], [0, 1, -1, 0.5625]),
    "acos": (real(mp.acos, -1, 1), False, [0.6, 1.01], [0, 1, -1, 0.5625]),
    "atan": (at_infinity(mp.atan, -pi / 2, pi / 2), True, [1, 3, 100], [0, 1, -1]),
    "sinh": (at_infinity(mp.sinh, -inf, inf), True, [1, 5, 90, 720], [0, 1]),
    "cosh": (at_infinity(mp.cosh, inf, inf), False, [1, 5, 90, 720], [0]),
    "tanh": (at_infinity(mp.tanh, mp.mpf(-1), mp.mpf(1)), True, [0.6, 2, 10, 25], [0, 0.55]),
    "asinh": (at_infinity(mp.asinh, -inf, inf), True, [1, 5, 100], [0, 1]),
    "acosh": (at_infinity(real(mp.acosh, 1), nan, inf), False, [5, 100], [1, 2]),
    "atanh": (real(lambda x: inf * x if abs(x) == 1 else mp.atanh(x), -1, 1), True, [0.5, 1.01], [0, 1, -1]),
    "erf": (at_infinity(mp.erf, mp.mpf(-1), mp.mpf(1)), True, [1, 2, 4.2, 6.5], [0, 1]),
    "erfinv": (erfinv, True, [0.5, 1.01], [0, 1, -1, 0.9987]),
    "sigmoid": (
        at_infinity(lambda x: 1 / (1 + mp.exp(-x)), mp.mpf(0), mp.mpf(1)), False, [1, 20, 90, 110, 750], [0],
    ),
    "rsqrt": (
        lambda x: nan if x < 0 else inf if x == 0 else mp.mpf(0) if x == inf else 1 / mp.sqrt(x),
        False, [2, 100], [1],
    ),
}
# Where glissade's reduction by parts of pi/2 ends.
LIMIT = {np.float32: 1.02e5, np.float64: 1.6e9}


def angles(rng, t, count):
    """Around multiples of pi/2 and around LIMIT; for each exponent, what comes nearest to a multiple."""
    k = rng.integers(1, int(LIMIT[t] / 1.6), count)
    parts = [(k * (np.longdouble(np.pi) / 2)).astype(t)]
    parts.append((rng.choice([-1.0, 1.0], count) * LIMIT[t] * rng.uniform(0.999, 1.001, count)).astype(t))
    bits, _, high = BITS[t]
    hard = []
    with mp.workprec(1400):
        for e in range(high - bits + 2):
            # n 2^e is near a multiple of pi/2 for the denominators n of the convergents of 2^e / (pi/2)
            ratio = mp.ldexp(2 / mp.pi, e)
            n, before = 1, 0
            while True:
                ratio = 1 / (ratio - mp.floor(ratio))
                following = int(mp.floor(ratio)) * n + before
                if following >= 2**bits:
                    break
                n, before = following, n
            hard.append(math.ldexp(n, e))
    assert t is np.float32 or 6381956970095103 * 2.0**797 in hard
    return np.concatenate([*parts, np.array(hard, t), np.nextafter(t(LIMIT[t]), [t(0), t(math.inf)])])


def specials(t):
    f = np.finfo(t)
    positive = [0, f.smallest_subnormal, f.smallest_normal, f.smallest_normal / 3, f.eps, 0.5, 1, 2, f.max, math.inf]
    return np.array(positive + [-x for x in positive] + [math.nan], t)


def inputs(rng, t, intervals, points, count):
    bits, low, high = BITS[t]
    parts = [specials(t)]
    each = count // (len(intervals) + len(points) + 2)
    e = rng.integers(low - bits + 2, high + 1, each)
    signs = rng.choice([-1.0, 1.0], each)
    parts.append(np.ldexp(signs * rng.uniform(1, 2, each), e).astype(t))
    e = rng.integers(-12, 4, each)
    parts.append(np.ldexp(signs * rng.uniform(1, 2, each), e).astype(t))
    parts += [rng.uniform(-s, s, each).astype(t) for s in intervals]
    for p in points:
        parts.append((p + signs * np.ldexp(rng.uniform(1, 2, each), rng.integers(-bits, -1, each))).astype(t))
    return np.concatenate(parts)


def fused(p, w, c):
    """float32(p * w + c) with one rounding."""
    p, w, c = mp.mpf(float(p)), mp.mpf(float(w)), mp.mpf(float(np.float32(c)))
    return rounded(p * w + c, np.float32)


CENTRE = [2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, .00021858087, -.00125372503, -.00417768164, .246640727, 1.50140941]
TAIL = [-.000200214257, .000100950558, .00134934322, -.00367342844, .00573950773, -.0076224613, .00943887047, 1.00167406, 2.83297682]


def giles(x):
    one = np.float32(1)
    if abs(x) >= 1 or x != x:
        return np.float32(math.copysign(math.inf, x) if abs(x) == 1 else math.nan)
    w = -rounded(mp.log1p(mp.mpf(float(-(x * x)))), np.float32)
    if w < 5:
        table, w = CENTRE, w - np.float32(2.5)
    else:
        table, w = TAIL, np.sqrt(w) - np.float32(3)
    p = np.float32(table[0])
    for c in table[1:]:
        p = fused(p, w, c)
    return one * p * x


def logaddexp(x, y):
    if mp.isnan(x) or mp.isnan(y):
        return nan
    if mp.isinf(x) or mp.isinf(y):
        return x if x == y else max(x, y)
    if abs(x - y) > 2000:
        return max(x, y)
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


def atan2(y, x):
    with np.errstate(all="ignore"):
        if y == 0 or x == 0 or not (np.isfinite(x) and np.isfinite(y)):
            if np.isnan(x) or np.isnan(y):
                return nan
            sign = math.copysign(1, y)
            if y == 0:
                return sign * (pi if math.copysign(1, x) < 0 else mp.mpf(0))
            if x == 0:
                return sign * pi / 2
            if np.isinf(y) and np.isinf(x):
                return sign * pi / 4 * (1 if x > 0 else 3)
            if np.isinf(y):
                return sign * pi / 2
            return sign * (mp.mpf(0) if x > 0 else pi)
    return mp.atan2(mp.mpf(float(y)), mp.mpf(float(x)))


def pairs(rng, t, count):
    s = specials(t)
    grid = np.array(np.meshgrid(s, s)).reshape(2, -1)
    each = count // 3
    a = inputs(rng, t, [1, 10, 100], [1], each)
    b = rng.permutation(inputs(rng, t, [1, 10, 100], [1], each))
    near = (rng.uniform(-100, 100, each)).astype(t)
    x = np.concatenate([grid[0], a, near, near])
    with np.errstate(all="ignore"):
        y = np.concatenate([grid[1], b, (near * rng.uniform(-2, 2, each)).astype(t), (near + rng.uniform(-3, 3, each)).astype(t)])
    return x, y


def main():
    cases = []
    for t, count in ((np.float32, 2000), (np.float64, 1200)):
        dtype = np.dtype(t).name
        for name, (f, odd, intervals, points) in UNARY.items():
            rng = golden.rng(f"{name} {dtype}")
            x = inputs(rng, t, intervals, points, count)
            if name in ("sin", "cos", "tan"):
                x = np.concatenate([x, angles(rng, t, count // 4)])
            if name == "erfinv" and t is np.float32:
                want = np.array([giles(v) for v in x], t)
            else:
                want = np.array(
                    [rounded(f(mp.mpf(float(v))) if v == v else nan, t) for v in x], t
                )
            if odd:
                want = np.where(want == 0, np.copysign(want, x), want)
            if name == "rsqrt":
                want = np.where(x == 0, np.copysign(t(math.inf), x), want)
            cases.append({"name": name, "inputs": [x], "want": want})
        rng = golden.rng(f"pairs {dtype}")
        x, y = pairs(rng, t, count)
        want = np.array([rounded(atan2(a, b), t) for a, b in zip(x, y)], t)
        want = np.where(want == 0, np.copysign(want, x), want)
        cases.append({"name": "atan2", "inputs": [x, y], "want": want})
        want = [rounded(logaddexp(mp.mpf(float(a)), mp.mpf(float(b))), t) for a, b in zip(x, y)]
        cases.append({"name": "logaddexp", "inputs": [x, y], "want": np.array(want, t)})
        with np.errstate(all="ignore"):
            cases.append({"name": "mod", "inputs": [x, y], "want": np.mod(x, y)})
            cases.append({"name": "floorDiv", "inputs": [x, y], "want": np.floor_divide(x, y)})
    golden.write("ulp.json.gz", ["numpy", "mpmath"], cases)


if __name__ == "__main__":
    main()
